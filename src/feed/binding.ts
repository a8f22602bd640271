// From what users hand to a model (tensors, arrays, records by name) to a list of tensors in the model's order.
import { isSamples, type Texts } from '../data'
import { DataError, didYouMean, ShapeError } from '../errors'
import {
  asTensor,
  type DType,
  firstLeaf,
  formatShape,
  hasNames,
  type PartialShape,
  Tensor,
  type TensorLike,
  zeros,
} from '../tensor'

/** Data for a model's inputs or outputs: one tensor, a list in order, or a record by name. */
export type ModelData = Part | readonly Part[] | Readonly<Record<string, Part>>

/** Data for one of them: numbers, or, for an input of dtype `'string'`, texts. */
export type Part = TensorLike | Texts

/** Where data goes: the names and shapes (without the batch) of a model's inputs or outputs. */
export interface Slots {
  /** `x` or `y`, for messages. */
  readonly where: string
  readonly names: readonly string[]
  /** undefined where the model is not built yet. */
  readonly shapes?: readonly PartialShape[]
  /** Which of them take texts; none by default. */
  readonly texts?: readonly boolean[]
  /** Which of them may be left out: not named in a record, null in a list. None by default. */
  readonly optional?: readonly boolean[]
}

/** Brings data into the order of the slots; what may be left out is a column of zeros. */
export function bindData(data: ModelData, slots: Slots): Tensor[] {
  requireArrays(data, slots.where)
  const bound = partsBySlot(data, slots).map(({ part, isLeftOut, where }) =>
    isLeftOut ? undefined : numbersOf(part, where),
  )
  const samples = bound.find((tensor) => tensor !== undefined)?.shape[0] ?? 0
  return bound.map((tensor) => tensor ?? zeros([samples, 1]))
}

/** The data for a slot as they were given, whether they may be and are left out, and what messages call the slot. */
interface BoundPart {
  readonly part: Part
  readonly isLeftOut: boolean
  readonly where: string
}

/** What was given for each slot. @throws DataError for what is missing, and what there is no slot for. */
export function partsBySlot(data: ModelData, { where, names, optional }: Slots): BoundPart[] {
  const isLeftOut = (given: unknown, i: number): boolean =>
    optional?.[i] === true && (given === undefined || given === null)
  const called = (name: string): string => (names.length > 1 ? `${where} (${name})` : where)
  if (isRecord(data)) {
    for (const key of Object.keys(data)) {
      if (names.includes(key)) continue
      if (where === 'y' && isOption(key, data[key])) throw targetsMissing(Object.keys(data))
      throw new DataError(`${where}: nothing is named '${key}'.${didYouMean(key, names)}`)
    }
    return names.map((name, i) => {
      const part = data[name]
      if (part === undefined && !isLeftOut(part, i))
        throw new DataError(`${where}: expected data for ${names.join(', ')}; '${name}' is missing`)
      return { part, isLeftOut: isLeftOut(part, i), where: called(name) }
    })
  }
  if (names.length === 1) {
    const isListOfOne = Array.isArray(data) && data.length === 1 && data[0] instanceof Tensor
    return [{ part: isListOfOne ? data[0] : (data as Part), isLeftOut: false, where }] // one slot: what is no record is its data
  }
  if (!Array.isArray(data) || data.length !== names.length) {
    const got = Array.isArray(data) ? `a list of ${data.length}` : 'one tensor'
    throw new DataError(`${where}: expected a list of ${names.length} (${names.join(', ')}), got ${got}`)
  }
  return data.map((part: Part, i) => ({ part, isLeftOut: isLeftOut(part, i), where: called(names[i]) }))
}

/** Whether what stands in the place of a target is an option of the call. */
function isOption(key: string, value: unknown): boolean {
  return typeof value !== 'object' || /^(callbacks|validationData|signal|classWeight|sampleWeight|truncate)$/.test(key)
}

function targetsMissing(options: readonly string[]): DataError {
  return new DataError(
    `y: expected targets, got the options { ${options.join(', ')} } in their place; options come after them: fit(x, y, { epochs })`,
  )
}

/** Data as a tensor. @throws DataError that names the slot, and for texts what makes numbers of them. */
export function numbersOf(data: Part, where: string, dtype?: DType): Tensor {
  try {
    return asTensor(data as TensorLike, dtype) // what is none shows there
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    const text = firstText(data)
    if (text === undefined) throw new DataError(error.message.replace(/^tensor/, where), { cause: error })
    const remedy = where.startsWith('y')
      ? 'data.oneHot(labels, { classes }) makes numbers of labels'
      : 'textVectorization, as the first layer, makes numbers of texts, data.oneHot of labels'
    throw new DataError(`${where}: expected numbers, got the text '${text}'; ${remedy}`, { cause: error })
  }
}

/** The first member in the depth of arrays, if it is a text; what is shown of it. */
function firstText(data: unknown): string | undefined {
  const item = firstLeaf(data)
  return typeof item === 'string' ? item.slice(0, 40) : undefined
}

/** @throws DataError for a dataset or samples, where a call takes one batch. */
export function requireArrays(data: ModelData, where: string): void {
  if (typeof data === 'function') {
    throw new DataError(
      `${where}: expected data, got a function; data.fromGenerator makes a dataset of a generator function`,
    )
  }
  if (isListOfBatches(data)) {
    throw new DataError(
      `${where}: expected arrays or tensors, got a list of batches; data.fromIterable makes a dataset of it`,
    )
  }
  if (!isSamples(data) && !(isRecord(data) && Symbol.asyncIterator in data)) return
  throw new DataError(`${where}: expected arrays or tensors, got a dataset or samples; give one batch of them`)
}

function isListOfBatches(data: unknown): boolean {
  const first: unknown = Array.isArray(data) ? data[0] : undefined
  return typeof first === 'object' && first !== null && 'x' in first && !(first instanceof Tensor)
}

/** Whether data is given by name. */
export function isRecord(data: ModelData): data is Readonly<Record<string, Part>> {
  return hasNames(data)
}

/** Checks a batch (or a whole data set) against the shapes of the slots. */
export function checkShapes(tensors: readonly Tensor[], { where, names, shapes }: Slots): void {
  tensors.forEach((tensor, i) => {
    const shape = shapes?.[i]
    if (shape === undefined) return
    const fits =
      tensor.rank === shape.length + 1 && shape.every((n, axis) => n === null || n === tensor.shape[axis + 1])
    if (!fits) {
      const isOneSample =
        tensor.rank === shape.length && shape.every((n, axis) => n === null || n === tensor.shape[axis])
      const hint = isOneSample ? `; one sample is a batch of one: ${formatShape([1, ...tensor.shape])}` : ''
      throw new ShapeError(
        `${where} (${names[i]}): expected shape ${formatShape([null, ...shape])}, got ${formatShape(tensor.shape)}${hint}`,
      )
    }
  })
}

/** All tensors have the same number of samples; that number. */
export function countSamples(tensors: readonly { readonly shape: readonly number[] }[], where: string): number {
  const counts = tensors.map((tensor) => tensor.shape[0] ?? 0)
  if (tensors.some(({ shape }) => shape.length === 0))
    throw new DataError(`${where}: expected a batch of samples, got a scalar`)
  if (counts.some((count) => count !== counts[0])) {
    throw new DataError(`${where}: expected as many samples in each, got ${counts.join(', ')}`)
  }
  return counts[0] ?? 0
}
