// Targets and weights of a batch as a step wants them: in the model's order, checked against the losses.

import { isRagged } from '../data'
import { DataError, didYouMean } from '../errors'
import { asTensor, castTensor, formatShape, isTypedArray, type Shape, Tensor, type TensorLike } from '../tensor'
import { acceptSequences } from './acceptInputs'
import type { ModelData } from './binding'
import { bindData, countSamples, isRecord } from './binding'
import type { FedModel } from './fedModel'
import { checkFinite } from './finite'
import { bindMasks, padTargets } from './sequences'
import type { Masks, StepData } from './stepData'

/** How much samples count. */
export interface Weighting {
  /**
   * A weight for each sample, or for each step of each sample (`[samples, time]`), for all outputs; or these by output: a
   * record, or a list of one for each. An output that a record leaves out has none.
   */
  readonly sampleWeight?: SampleWeight | undefined
  /** A weight for each class, of a model with one output; 1 for classes that are not named. Of steps each counts by its own class. */
  readonly classWeight?: Readonly<Record<number, number>> | undefined
}

/** Weights for all outputs, or by output. */
export type SampleWeight = TensorLike | readonly TensorLike[] | Readonly<Record<string, TensorLike>>

/** Which steps of a batch's sequences there are: `[samples, time]`, for a model with several inputs by name. */
export type BatchMask = TensorLike | Readonly<Record<string, TensorLike>>

/** Checks x, y and weights together and brings them into the model's order. */
export function acceptBatch(
  model: FedModel,
  x: ModelData,
  y: ModelData | undefined,
  weighting: Weighting,
  call: string,
  mask?: BatchMask,
): StepData {
  const { inputs, masks: ownMasks } = acceptSequences(model, x)
  const masks = mask === undefined ? ownMasks : bindMasks(mask, inputs, model.inputSlots)
  if (model.hasOwnStep) return freeBatch(inputs, masks, y, weighting, call)
  if (y === undefined) throw new DataError(`${call}: expected targets y, got none`)
  const slots = model.targetSlots
  const padded = padTargets(y, slots, masks)
  // A float32 model computes its loss in float32, and a backend may have no other type.
  const targets = bindData(padded.data, slots).map((target, i) =>
    target.dtype === 'float64' && model.outputs[i].dtype !== 'float64' ? castTensor(target, 'float32') : target,
  )
  checkFinite(targets, 'y')
  const n = requireAsMany(inputs, targets, call)
  const losses = model.lossesFor(call)
  const shapes = predictedShapes(model, inputs)
  losses.forEach((loss, i) => {
    loss?.checkTargets?.(targets[i].shape, shapes[i])
    loss?.checkLabels?.(targets[i], shapes[i])
  })
  const weights = weightsByOutput(weighting, slots.names, n, call).map((own, i) =>
    combinedWeight(paddedWeighting(own, masks), targets, i, shapes, call),
  )
  const paddedTargets = padded.masks.map((item) => item !== undefined)
  return { x: inputs, y: targets, weights, masks, paddedTargets }
}

/** A batch for a step of one's own: targets of any shape, as many as there are samples, or none. */
function freeBatch(
  inputs: readonly Tensor[],
  masks: Masks,
  y: ModelData | undefined,
  { sampleWeight, classWeight }: Weighting,
  call: string,
): StepData {
  if (classWeight !== undefined) {
    throw new DataError(`${call}: classWeight: expected none with a trainStep, which gets sampleWeight`)
  }
  const isList = Array.isArray(y) && y.some((item) => item instanceof Tensor)
  const numbered = (isList ? y : [y]).map((_, i) => `y${i}`)
  const names = y !== undefined && isRecord(y) ? Object.keys(y) : numbered
  const targets = y === undefined ? [] : bindData(y, { where: 'y', names })
  checkFinite(targets, 'y')
  const n = targets.length === 0 ? countSamples(inputs, 'x') : requireAsMany(inputs, targets, call)
  const weights = sampleWeight === undefined ? [] : [ownWeight(sampleWeight as TensorLike, n, call)] // one for all
  return { x: inputs, y: targets, weights, masks, paddedTargets: [] }
}

/** The number of samples. @throws DataError where there are not as many targets. */
function requireAsMany(inputs: readonly Tensor[], targets: readonly Tensor[], call: string): number {
  const [n, m] = [countSamples(inputs, 'x'), countSamples(targets, 'y')]
  if (n === m) return n
  throw new DataError(`${call}: expected x and y of the same length, got ${n} and ${m} samples`)
}

/** The weighting of each output: by its name or its place, or the same for all. */
function weightsByOutput(
  { sampleWeight, classWeight }: Weighting,
  names: readonly string[],
  samples: number,
  call: string,
): (Weighting & { readonly sampleWeight?: TensorLike | undefined })[] {
  if (sampleWeight !== undefined && isRecord(sampleWeight)) {
    const unknown = Object.keys(sampleWeight).find((name) => !names.includes(name))
    if (unknown !== undefined) {
      throw new DataError(`${call}: sampleWeight: no output is named '${unknown}'.${didYouMean(unknown, names)}`)
    }
    return names.map((name) => ({ sampleWeight: sampleWeight[name], classWeight }))
  }
  const isByOutput = names.length > 1 && isListOfWeights(sampleWeight, names.length, samples)
  return names.map((_, i) => ({
    sampleWeight: isByOutput ? sampleWeight[i] : (sampleWeight as TensorLike),
    classWeight,
  })) // neither a record nor a list
}

/** A list of one for each output, not one array of rows. Where it could be both it is the array, unless it holds tensors. */
function isListOfWeights(given: unknown, outputs: number, samples: number): given is readonly TensorLike[] {
  if (!Array.isArray(given) || given.length !== outputs) return false
  if (given.some((item) => item instanceof Tensor || isTypedArray(item))) return true
  return outputs !== samples && given.every(Array.isArray)
}

/** Weights of steps, padded like the sequences they are for. */
function paddedWeighting<T extends Weighting>(weighting: T, masks: Masks): T {
  const { sampleWeight } = weighting
  if (!isRagged(sampleWeight)) return weighting
  const { data } = padTargets(sampleWeight, { where: 'sampleWeight', names: ['sampleWeight'] }, masks)
  return { ...weighting, sampleWeight: data as TensorLike } // one slot gives one tensor
}

/** The shapes of the outputs for these inputs. */
function predictedShapes(model: FedModel, inputs: readonly Tensor[]): Shape[] {
  const known = model.outputs.map(({ shape }) => shape)
  const isOpen = known.some((shape) => shape.includes(null))
  const shapes = isOpen ? model.outputShapes(inputs.map(({ shape }) => shape.slice(1))) : known
  // All lengths follow from those of the inputs.
  return shapes.map((shape) => [inputs[0].shape[0], ...shape.map((length) => length ?? 1)])
}

/** What each sample, or each step of it, counts: by itself and by its class. */
function combinedWeight(
  { sampleWeight, classWeight }: Weighting & { readonly sampleWeight?: TensorLike | undefined },
  targets: readonly Tensor[],
  output: number,
  predicted: readonly Shape[],
  call: string,
): Tensor | undefined {
  const given = sampleWeight === undefined ? undefined : ownWeight(sampleWeight, targets[output].shape[0], call)
  if (classWeight === undefined) return given
  if (targets.length > 1)
    throw new DataError(`${call}: classWeight: expected a model with one output, got ${targets.length}`)
  if (typeof classWeight !== 'object' || classWeight === null)
    throw new DataError(`${call}: classWeight: expected weights by class such as { 0: 1, 1: 5 }, got ${classWeight}`)
  for (const [label, weight] of Object.entries(classWeight)) {
    if (!Number.isInteger(Number(label))) {
      throw new DataError(`${call}: classWeight: expected whole numbers as classes, got '${label}'`)
    }
    if (Number.isFinite(weight)) continue
    throw new DataError(`${call}: classWeight: expected a finite number for class ${label}, got ${weight}`)
  }
  const classes = classesOf(targets[0], predicted[0])
  const byClass = new Tensor(
    Float32Array.from(classes.data, (label) => classWeight[label] ?? 1),
    classes.shape,
  )
  return given === undefined ? byClass : product(given, byClass, call)
}

function ownWeight(sampleWeight: TensorLike, n: number, call: string): Tensor {
  const given = asTensor(sampleWeight, 'float32')
  if (given.shape[0] !== n) {
    throw new DataError(`${call}: sampleWeight: expected ${n} weights, got ${given.shape[0] ?? 1}`)
  }
  checkFinite([given], `${call}: sampleWeight`)
  return given
}

/** The class of each sample or step: its label, or the place of the largest number in a one-hot row. */
function classesOf({ data, shape, rank, dtype }: Tensor, predicted: Shape): Tensor {
  const width = rank === predicted.length && rank > 1 ? shape[rank - 1] : 1
  const places = width === 1 && rank < predicted.length ? shape : shape.slice(0, Math.max(1, rank - 1))
  if (width === 1) return new Tensor(data, places, dtype)
  const classes = Int32Array.from({ length: data.length / width }, (_, place) => {
    const first = place * width
    let best = 0
    for (let i = 1; i < width; i++) if (data[first + i] > data[first + best]) best = i
    return best
  })
  return new Tensor(classes, places, 'int32')
}

/** Weights of samples times weights of their steps, in either order, or of the same both times. */
function product(a: Tensor, b: Tensor, call: string): Tensor {
  const [coarse, fine] = a.size <= b.size ? [a, b] : [b, a]
  const each = fine.size / Math.max(1, coarse.size)
  if (!Number.isInteger(each)) {
    throw new DataError(
      `${call}: sampleWeight: expected a weight for each sample or for each target, got shape ${formatShape(a.shape)} for targets ${formatShape(b.shape)}`,
    )
  }
  return new Tensor(
    Float32Array.from(fine.data, (weight, i) => weight * coarse.data[Math.floor(i / each)]),
    fine.shape,
  )
}
