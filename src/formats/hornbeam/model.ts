// A model as one safetensors file: tensors by name, everything else as JSON in the metadata, with a format version.
import { FormatError } from '../../errors'
import { asStored, crc32, encodeSafetensors, readSafetensors, type Source, type Stored } from '../../io'
import type { Json } from '../../registry'
import { isTrainingState, optimizerPrefix, randomName } from '../../step/kept/content'
import type { Tensor } from '../../tensor'
import type { ModelFile, ModelParts, WriteOptions, Written } from '../format'
import { isObject } from '../json'
import type { SavedModel } from '../savedModel'
import { shrink } from '../shrink'
import { widenAll } from './widen'

/** Raised whenever files change in a way that older readers would misread; 2 keeps where training stands. */
const formatVersion = 2

/** What is read of the file of a model. */
export async function readModelFile({ bytes }: Source): Promise<ModelFile> {
  const { architecture, compile, run, tensors } = decodeModel(bytes)
  return {
    architecture,
    ...(compile === undefined ? {} : { compile: () => compile }),
    weights: (model) => placed(model, tensors),
    optimizer: (state) =>
      withPrefix(
        tensors,
        state.variables.map(({ name }) => name),
      ),
    random: tensors.get(randomName),
    training: { run, tensors },
  }
}

/** The weights in the file of a model. */
export function weightsIn(bytes: Uint8Array): ReadonlyMap<string, Tensor> {
  return new Map([...decodeModel(bytes).tensors].filter(([name]) => !isTrainingState(name)))
}

/** The file of a model. */
export async function writeModelFile(
  model: SavedModel,
  parts: () => Promise<ModelParts>,
  { dtype = 'float32' }: WriteOptions,
): Promise<Written> {
  const { tensors, ...texts } = await parts()
  return { bytes: encodeModel({ ...texts, tensors: shrink(tensors, model.weightPaths(), dtype) }) }
}

/** The tensors, each with a place in the model. @throws FormatError for one without. */
function placed(model: SavedModel, tensors: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor | undefined> {
  const paths = model.weightPaths()
  const lost = [...tensors.keys()].filter((name) => !isTrainingState(name) && !paths.has(name))
  // Files of version 1 have no counts of normalizations, which nothing is computed from.
  const uncounted = [...paths.keys()].filter((path) => isCountOf(path, tensors) && !tensors.has(path))
  if (lost.length === 0) return new Map([...tensors, ...uncounted.map((path) => [path, undefined] as const)])
  throw new FormatError(`model: the file holds ${lost.slice(0, 5).join(', ')}, for which its layers have no place`)
}

/** The optimizer's variables of these names. @throws FormatError where one is missing. */
function withPrefix(tensors: ReadonlyMap<string, Tensor>, names: readonly string[]): ReadonlyMap<string, Tensor> {
  return new Map(
    names.map((name) => {
      const found = tensors.get(`${optimizerPrefix}${name}`)
      if (found === undefined) throw new FormatError(`model: the file lacks ${optimizerPrefix}${name}`)
      return [name, found]
    }),
  )
}

/** The bytes of a model file. Python's `safetensors` reads them; the JSON is in the metadata. */
export function encodeModel({
  architecture,
  compile,
  run,
  tensors,
}: Omit<ModelParts, 'tensors'> & {
  readonly tensors: ReadonlyMap<string, Tensor | Stored>
}): Uint8Array<ArrayBuffer> {
  const texts = {
    architecture: JSON.stringify(architecture),
    ...(compile === undefined ? {} : { compile: JSON.stringify(compile) }),
    ...(run === undefined ? {} : { run: JSON.stringify(run) }),
  }
  const metadata = {
    format: 'hornbeam',
    version: String(formatVersion),
    ...texts,
    checksum: checksumOf(texts, tensors),
  }
  return encodeSafetensors({ tensors, metadata })
}

/**
 * Reads the bytes of a model file.
 *
 * @throws FormatError for bytes that are truncated, changed, of a newer version, or not of a hornbeam model.
 */
export function decodeModel(bytes: Uint8Array): ModelParts {
  const { tensors, metadata } = readSafetensors(bytes)
  const { format, version, checksum, architecture, compile, run } = metadata
  if (format !== 'hornbeam' || architecture === undefined) {
    throw new FormatError('model: this safetensors file holds tensors, but no model saved by hornbeam')
  }
  if (!/^[1-9][0-9]*$/.test(version ?? '') || Number(version) > formatVersion) {
    throw new FormatError(
      `model: expected a file of format version ${formatVersion} or older, got version ${version ?? 'none'}; ` +
        'a newer hornbeam wrote it',
    )
  }
  const texts = { architecture, ...(compile === undefined ? {} : { compile }), ...(run === undefined ? {} : { run }) }
  // Whoever changes tensors on purpose, in Python for instance, leaves the checksum out.
  if (checksum !== undefined && checksum !== checksumOf(texts, tensors)) {
    throw new FormatError(
      'model: the content does not match its checksum: the file is corrupt. ' +
        "If the tensors were changed on purpose, leave 'checksum' out of the metadata.",
    )
  }
  return {
    architecture:
      version === '1' ? fromVersion1(parse('architecture', architecture)) : parse('architecture', architecture),
    ...(compile === undefined ? {} : { compile: parse('compile', compile) }),
    ...(run === undefined ? {} : { run: parse('run', run) }),
    tensors: widenAll('model', tensors, true),
  }
}

/** Whether a path is that of the count beside a mean and a variance. */
function isCountOf(path: string, tensors: ReadonlyMap<string, Tensor>): boolean {
  const layer = path.replace(/\/count$/, '')
  return layer !== path && tensors.has(`${layer}/mean`) && tensors.has(`${layer}/variance`)
}

/** An architecture of version 1, in which normalizations had weights also where they were given their numbers. */
function fromVersion1(json: Json): Json {
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) return json.map(fromVersion1)
  const read = Object.fromEntries(Object.entries(json).map(([key, value]) => [key, fromVersion1(value)]))
  if (read.name !== 'normalization' || !isObject(read.options)) return read
  const { mean: _mean, variance: _variance, ...options } = read.options
  return { ...read, options }
}

/** Independent of the order in which a file holds its tensors. */
function checksumOf(texts: Readonly<Record<string, string>>, tensors: ReadonlyMap<string, Tensor | Stored>): string {
  const encoder = new TextEncoder()
  let sum = 0
  for (const text of Object.values(texts)) sum = crc32(encoder.encode(text), sum)
  for (const name of [...tensors.keys()].sort()) {
    const tensor = tensors.get(name)
    if (tensor === undefined) continue
    const { type, shape, bytes } = asStored(tensor)
    sum = crc32(encoder.encode(`${name}:${type}[${shape.join(',')}]`), sum)
    sum = crc32(bytes, sum)
  }
  return `crc32:${sum.toString(16).padStart(8, '0')}`
}

function parse(part: string, text: string): Json {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FormatError(`model: its ${part} is not JSON`, { cause })
  }
}
