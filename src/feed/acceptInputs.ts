// Input data for a model: in its order and types, padded where sequences differ in length; the first data build the model.

import { DataError, describeValue, ShapeError } from '../errors'
import {
  type CallSettings,
  type Front,
  type HostData,
  hostData,
  Layer,
  type NumberGraph,
  type SymbolicTensor,
} from '../layers'
import { castTensor, type DType, firstLeaf, formatShape, isFloat, type PartialShape, Tensor } from '../tensor'
import {
  bindData,
  checkShapes,
  countSamples,
  type ModelData,
  numbersOf,
  type Part,
  partsBySlot,
  type Slots,
} from './binding'
import type { FedModel } from './fedModel'
import { checkFinite } from './finite'
import { checkHiddenIndices } from './indices'
import { notForSequences, padSequencesOf } from './sequences'
import type { Masks } from './stepData'

/** Checks input data; gives them with a mask for each input whose sequences differ in length and were padded for it. */
export function acceptSequences(
  model: FedModel,
  x: ModelData,
): { readonly inputs: readonly Tensor[]; readonly masks: Masks } {
  const direct = x instanceof Tensor ? fitting(model, x) : undefined
  if (direct !== undefined) {
    requireFinite([direct])
    return { inputs: checked(model, [direct]), masks: noMask }
  }
  if (!model.built && model.beginsWithTexts) model.buildFor([shapeOfTexts(x)])
  const { data, masks } = padSequencesOf(x, model.inputSlots)
  const { front, inputSlots } = model
  if (front !== undefined)
    return {
      inputs: behindFront(model, front, data),
      masks: front.map(({ layer, from }) => (layer ? undefined : masks[from[0]])),
    }
  const tensors = bindData(data, inputSlots).map((tensor, i) => inColumn(tensor, inputSlots.shapes?.[i]))
  requireFinite(tensors)
  countSamples(tensors, 'x')
  requireSteps(tensors, inputSlots)
  if (!model.built) buildFromData(model, tensors, masks)
  checkShapes(tensors, model.inputSlots)
  return { inputs: checked(model, tensors), masks }
}

const noMask: Masks = [undefined]

/** @throws DataError where an element is NaN or infinite. */
function requireFinite(tensors: readonly Tensor[]): void {
  // Inputs may be large, and each is looked at once a step. Here rather than in `checkFinite`, which pages load at once.
  if (!tensors.every(({ data }) => data instanceof Float32Array && areFinite(data))) checkFinite(tensors, 'x')
}

/** The bits of a float32's exponent: all are set in NaN and infinities, and in nothing else. */
const exponent = 0x7f800000
/** The lowest of them: added to all of them it sets the sign. */
const lowest = 0x00800000

/** Whether no element is NaN or infinite. Whole numbers are read, four at once: that takes less time, and nothing is boxed. */
function areFinite(data: Float32Array): boolean {
  const bits = new Int32Array(data.buffer, data.byteOffset, data.length)
  const whole = bits.length - (bits.length % 4)
  let [even, odd] = [0, 0]
  for (let k = 0; k < whole; k += 4) {
    even |= (bits[k] & exponent) + lowest
    odd |= (bits[k + 1] & exponent) + lowest
    even |= (bits[k + 2] & exponent) + lowest
    odd |= (bits[k + 3] & exponent) + lowest
  }
  for (let k = whole; k < bits.length; k++) even |= (bits[k] & exponent) + lowest
  return (even | odd) >= 0
}

/** A tensor that is the whole input of a built model, and fits: of it only the elements are left to check. */
function fitting(model: FedModel, given: Tensor): Tensor | undefined {
  if (!model.built || model.front !== undefined || model.inputs.length !== 1) return undefined
  const [{ shape: expected }] = model.inputs
  const tensor = inColumn(given, expected)
  const { shape } = tensor
  const fits = shape.length === expected.length + 1 && expected.every((n, axis) => n === null || n === shape[axis + 1])
  // Without a step there is more to say.
  return fits && (shape[1] !== 0 || shape[0] === 0) ? tensor : undefined
}

/** What layers on the host make of texts, and numbers as they are: what goes into the graph. */
function behindFront(model: FedModel, front: Front, data: ModelData): readonly Tensor[] {
  const { inputSlots: slots, computed } = model
  const parts = partsBySlot(data, slots).map(({ part, where }, i) =>
    readPart(part, where, slots, i, model.inputs[i].dtype),
  )
  countSamples(parts, 'x')
  const tensors = front.map(({ layer, from }) => {
    const read = from.map((i) => parts[i])
    if (layer !== undefined) return layer.onHost(read)
    return read[0] as Tensor // what no such layer reads is none of texts
  })
  const names = front.map(({ layer, from }) =>
    layer === undefined ? slots.names[from[0]] : `${slots.names[from[0]]}: ${layer.name}`,
  )
  requireFinite(tensors)
  const graphSlots = { where: 'x', names, shapes: computed.inputs.map(({ shape }) => shape) }
  requireSteps(tensors, graphSlots)
  checkShapes(tensors, graphSlots)
  return checked(model, tensors)
}

/** The texts, or numbers, for an input. @throws DataError for the others; ShapeError for another shape. */
function readPart(part: Part, where: string, { names, shapes }: Slots, i: number, dtype: DType | 'string'): HostData {
  const shape = shapes?.[i] ?? []
  const isOfTexts = dtype === 'string'
  if (isOfTexts && typeof firstLeaf(part) !== 'string') {
    throw new DataError(`${where}: expected texts, got ${describeValue(part)}`)
  }
  const read = isOfTexts ? hostData(where, part) : numbersOf(part, where, dtype === 'int32' ? dtype : undefined)
  // One for each sample, alone or in a list.
  const [samples, columns] = read.shape
  const isColumn = read.shape.length === 1 && shape.length === 1 && shape[0] === 1
  const isSingle = read.shape.length === 2 && columns === 1 && shape.length === 0
  const given = isColumn ? [samples, 1] : isSingle ? [samples] : read.shape
  const fits = given.length === shape.length + 1 && shape.every((n, axis) => n === null || n === given[axis + 1])
  if (!fits) {
    throw new ShapeError(
      `x (${names[i]}): expected shape ${formatShape([null, ...shape])}, got ${formatShape(read.shape)}`,
    )
  }
  return read instanceof Tensor ? read.reshape(given) : { texts: read.texts, shape: given }
}

/** The shape of one sample of texts, for a model that is not built yet. */
function shapeOfTexts(x: ModelData): PartialShape {
  if (typeof firstLeaf(x) !== 'string') throw new DataError(`x: expected texts, got ${describeValue(x)}`)
  const { shape } = hostData('x', x as Part) // as its first leaf is a text
  if (shape.length === 0) throw new DataError('x: expected a batch of samples, got a single text')
  return shape.slice(1)
}

/** Data that layers have checked, in the types of the graph. */
function checked(model: FedModel, tensors: readonly Tensor[]): readonly Tensor[] {
  const { computed } = model
  const known = readers.get(computed) ?? readersOf(computed)
  readers.set(computed, known)
  for (const { layer, settings, input } of known) layer.checkData(tensors[input], settings)
  checkHiddenIndices(model, tensors)
  return tensors.map((tensor, i) => typed(tensor, computed.inputs[i].dtype))
}

/** A layer that checks the data it is called with, and the input that these are. */
interface Reader {
  readonly layer: Layer
  readonly settings: CallSettings
  readonly input: number
}

const readers = new WeakMap<NumberGraph, readonly Reader[]>()

function readersOf({ inputs: own, calls }: NumberGraph): readonly Reader[] {
  const places = new Map<SymbolicTensor, number>(own.map((input, i) => [input, i]))
  return calls.flatMap(({ layer, inputs, given: { settings } }) => {
    const input = inputs.map((each) => places.get(each)).find((place) => place !== undefined)
    return input === undefined || layer.checkData === Layer.prototype.checkData ? [] : [{ layer, settings, input }]
  })
}

/** Numbers by themselves for an input of one number each, such as the ids of an embedding: `[samples]` becomes `[samples, 1]`. */
function inColumn(tensor: Tensor, shape: PartialShape | undefined): Tensor {
  return tensor.rank === 1 && shape?.length === 1 && shape[0] === 1 ? tensor.reshape([-1, 1]) : tensor
}

/** @throws DataError for samples without a single step or feature, as an empty text gives. */
function requireSteps(tensors: readonly Tensor[], { names }: Slots): void {
  const empty = tensors.findIndex(({ shape }) => shape[0] > 0 && shape[1] === 0)
  if (empty < 0) return
  const where = tensors.length > 1 ? `x (${names[empty]})` : 'x'
  throw new DataError(
    `${where}: expected at least one step in a sample, got shape ${formatShape(tensors[empty].shape)}; an empty text has no tokens`,
  )
}

/** Builds for the shapes of data, with the length of sequences left open where the layers allow it. */
function buildFromData(model: FedModel, tensors: readonly Tensor[], masks: Masks): void {
  const shapes = tensors.map(({ shape }) => shape.slice(1))
  try {
    model.buildFor(
      shapes.map((shape, i) => (masks[i] ? [null, ...shape.slice(1)] : withOpenLength(model, shape, tensors[i].dtype))),
    )
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    if (masks.some((mask) => mask !== undefined)) throw notForSequences('x', error)
    // A layer needs the length (a flatten before a dense one, say), or the data do not fit at all.
    model.buildFor(shapes)
  }
}

/** `[time, features]`, and `[time]` of indices, with a time of any length. */
function withOpenLength({ kind, innerLayers }: FedModel, shape: PartialShape, dtype: DType): PartialShape {
  const isIndices = kind === 'sequential' ? innerLayers[0]?.inputDType === 'int32' : dtype === 'int32'
  return shape.length === (isIndices ? 1 : 2) ? [null, ...shape.slice(1)] : shape
}

function typed(tensor: Tensor, dtype: DType): Tensor {
  if (tensor.dtype === dtype || (isFloat(dtype) && !isFloat(tensor.dtype))) return tensor
  return castTensor(tensor, dtype)
}
