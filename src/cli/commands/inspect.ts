// What is in a file: nothing of it is run.
import type { Format } from '../../formats/format'
import type { Source } from '../../io'
import { command } from '../command'
import { holdsModel } from '../modelFile'

export const inspect = command({
  name: 'inspect',
  says: 'Shows what is in a model file of any format: layers, shapes, parameters, how it was compiled. Nothing in it is run.',
  takes: 'FILE',
  count: [1, 1],
  options: {
    tensors: { kind: 'flag', says: 'list all tensors also of a file that holds a model' },
    json: { kind: 'flag', says: 'as JSON' },
  },
  examples: [
    ['hornbeam inspect forecaster.keras', 'the layers of a model of Keras'],
    ['hornbeam inspect weights.pt', 'the tensors of a state dict of PyTorch'],
    ['hornbeam inspect forecaster.safetensors --json | jq .parameters', 'how many parameters it has'],
  ],
  async run([place], { tensors: all, json }, output) {
    const [{ openPlace }, { folderFiles, formatOf }] = await Promise.all([
      import('../../io'),
      import('../../formats/formatOf'),
    ])
    const source = await openPlace(place, folderFiles)
    const format = await formatOf(source)
    const { name, what } = format
    const model = (await holdsModel(source, format)) ? await modelIn(source, format) : undefined
    const tensors = model === undefined || all === true ? await tensorsIn(source, format) : undefined
    const content: Content = {
      file: source.where,
      format: name,
      bytes: source.bytes.length,
      ...model,
      ...(tensors && { tensors }),
    }
    output.print(json === true ? JSON.stringify(content, undefined, 2) : await inWords(content, what))
  },
})

/** What is in a file, as data. */
interface Content extends Partial<ModelContent> {
  readonly file: string
  readonly format: string
  readonly bytes: number
  readonly tensors?: readonly TensorContent[]
}

interface ModelContent {
  readonly model: string
  readonly layers: readonly LayerContent[]
  /** Why shapes and parameters are not known; left out where they are. */
  readonly unknown?: string
  readonly parameters?: number
  readonly trainable?: number
  readonly compile?: unknown
  /** Where the last run of training stands. */
  readonly run?: unknown
  readonly metadata?: unknown
}

interface LayerContent {
  readonly name: string
  readonly kind: string
  readonly shape?: string
  readonly parameters?: number
}

interface TensorContent {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: string
}

async function tensorsIn(source: Source, { what, readTensors }: Format): Promise<TensorContent[]> {
  const { FormatError } = await import('../../errors')
  if (readTensors === undefined) {
    throw new FormatError(`${source.where}: ${what}: tensors are not read by name of files of this format`)
  }
  return [...(await readTensors(source))].map(([name, { shape, dtype }]) => ({ name, shape, dtype }))
}

async function modelIn(source: Source, format: Format): Promise<ModelContent> {
  const { FormatError } = await import('../../errors')
  const file = await format.readModel?.(source)
  if (file === undefined) throw new FormatError(`${source.where}: expected a model, got ${format.what}`)
  const run = file.training?.run
  return {
    ...(await layersOf(file.architecture)),
    ...(file.compile === undefined ? {} : { compile: quietly(file.compile) }),
    ...(run === undefined ? {} : { run }),
  }
}

/** What is compiled with things that are not known here is told, too. */
function quietly(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

async function layersOf(json: unknown): Promise<ModelContent> {
  const [{ modelFromJSON }, { deferInitial }, { HornbeamError }, { formatShape }] = await Promise.all([
    import('../../model'),
    import('../../layers'),
    import('../../errors'),
    import('../../tensor'),
  ])
  const architecture = json as Parameters<typeof modelFromJSON>[0] & object // checked by who makes a model of it
  try {
    // The weights get no content, so that a file cannot ask for memory.
    const model = deferInitial(() => modelFromJSON(architecture))
    const shapes = new Map(
      (model.built ? model.calls : []).map(({ layer, outputs }) => [
        layer,
        outputs.map(({ shape }) => formatShape([null, ...shape])).join(', '),
      ]),
    )
    const layers = model.layers.map((layer) => {
      const shape = shapes.get(layer)
      return {
        name: layer.name,
        kind: layer.kind,
        ...(shape === undefined ? {} : { shape }),
        ...(layer.built ? { parameters: layer.countParams() } : {}),
      }
    })
    return {
      model: model.name,
      layers,
      ...(model.built
        ? {
            parameters: model.countParams(),
            trainable: model.trainableWeights.reduce((sum, { variable }) => sum + variable.size, 0),
          }
        : {}),
      ...(Object.keys(model.metadata).length === 0 ? {} : { metadata: model.metadata }),
    }
  } catch (error) {
    if (!(error instanceof HornbeamError)) throw error
    return { ...listed(architecture), unknown: error.message }
  }
}

/** The layers as the file lists them, where no model can be made of them: one may be of a kind of the user's own. */
function listed(json: object): Pick<ModelContent, 'model' | 'layers'> {
  const { name, layers } = json as { name?: unknown; layers?: unknown }
  const list = Array.isArray(layers) ? layers : []
  return {
    model: String(name),
    layers: list.map((layer) => ({
      name: String(layer?.options?.name ?? layer?.name),
      kind: String(layer?.name),
    })),
  }
}

async function inWords({ file, format: _, bytes, tensors, ...content }: Content, what: string): Promise<string> {
  const { table } = await import('../../vis')
  const lines = [`${file}: ${what}, ${inUnits(bytes)}`]
  const { model, layers = [], unknown, parameters, trainable = 0, compile, run, metadata } = content
  if (model !== undefined) {
    const rows = layers.map(({ name, kind, shape = 'not known', parameters: own }) => [
      `${name} (${kind})`,
      shape,
      own === undefined ? 'not known' : own.toLocaleString('en'),
    ])
    lines.push(`model: ${model}`, table(['layer (kind)', 'output shape', 'parameters'], rows, [2]))
    if (unknown !== undefined) lines.push(`shapes are not known: ${unknown}`)
    if (parameters !== undefined) {
      const others = parameters - trainable
      lines.push(
        `parameters: ${parameters.toLocaleString('en')} (trainable: ${trainable.toLocaleString('en')}, others: ${others.toLocaleString('en')})`,
      )
    }
    lines.push(compile === undefined ? 'not compiled' : `compiled with ${compiledInWords(compile)}`)
    if (run !== undefined) lines.push(`trained: ${trainedInWords(run)}`)
    if (metadata !== undefined) lines.push(`metadata: ${JSON.stringify(metadata)}`)
  }
  if (tensors !== undefined) {
    const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
    const rows = tensors.map(({ name, shape, dtype }) => [
      name,
      `[${shape.join(', ')}]`,
      dtype,
      sizeOf(shape).toLocaleString('en'),
    ])
    const total = tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
    lines.push(table(['tensor', 'shape', 'type', 'numbers'], rows, [3]))
    lines.push(`${tensors.length} tensors, ${total.toLocaleString('en')} numbers`)
  }
  return lines.join('\n')
}

/** Where a run stands, which the file says as `{ epoch, step }`. */
function trainedInWords(run: unknown): string {
  const { epoch, step } = run as { epoch?: unknown; step?: unknown }
  return `${epoch} epochs${step === 0 ? '' : ` and ${step} batches of the next one`}`
}

/** `optimizer adam { learningRate: 0.001 }, loss mse, metrics mae`: options as their names and what they were given. */
function compiledInWords(compile: unknown): string {
  if (typeof compile !== 'object' || compile === null) return String(compile)
  return Object.entries(compile)
    .map(([name, value]) => `${name} ${optionInWords(value)}`)
    .join(', ')
}

function optionInWords(value: unknown): string {
  if (Array.isArray(value)) return value.map(optionInWords).join(' and ')
  if (typeof value !== 'object' || value === null) return String(value)
  const { name, options, ...rest } = value as Record<string, unknown>
  if (typeof name === 'string' && Object.keys(rest).length === 0) {
    const set = Object.entries(Object(options)).filter(
      ([, each]) => each != null && !(Array.isArray(each) && each.length === 0),
    )
    const text = set.map(([key, each]) => `${key}: ${optionInWords(each)}`).join(', ')
    return text === '' ? name : `${name} { ${text} }`
  }
  return JSON.stringify(value)
}

function inUnits(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB']
  const unit = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  return `${unit === 0 ? bytes : (bytes / 1000 ** unit).toFixed(1)} ${units[unit]}`
}
