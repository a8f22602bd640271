// Targets and weights of a batch as a step wants them: in the model's order, checked against the losses.

import { isRagged } from '../data'
import { DataError } from '../errors'
import { asTensor, type Shape, Tensor, type TensorLike } from '../tensor'
import { acceptSequences } from './accept-inputs'
import type { ModelData } from './binding'
import { bindData, checkFinite, countSamples } from './binding'
import type { Masks, StepData } from './engine'
import type { Model } from './model'
import { bindMasks, padTargets } from './sequences'

/** How much samples count. */
export interface Weighting {
  /** A weight for each sample, or for each step of each sample (`[samples, time]`), for all outputs. */
  readonly sampleWeight?: TensorLike | undefined
  /** A weight for each class, of a model with one output. */
  readonly classWeight?: Readonly<Record<number, number>> | undefined
}

/** Which steps of a batch's sequences there are: `[samples, time]`, for a model with several inputs by name. */
export type BatchMask = TensorLike | Readonly<Record<string, TensorLike>>

/** Checks x, y and weights together and brings them into the model's order. */
export function acceptBatch(
  model: Model,
  x: ModelData,
  y: ModelData | undefined,
  weighting: Weighting,
  call: string,
  mask?: BatchMask,
): StepData {
  const { inputs, masks: ownMasks } = acceptSequences(model, x)
  const masks = mask === undefined ? ownMasks : bindMasks(mask, inputs, model.inputSlots)
  if (y === undefined) throw new DataError(`${call}: expected targets y, got none`)
  const padded = padTargets(y, model.targetSlots, masks)
  const targets = bindData(padded.data, model.targetSlots)
  checkFinite(targets, 'y')
  const [n, m] = [countSamples(inputs, 'x'), countSamples(targets, 'y')]
  if (n !== m) throw new DataError(`${call}: expected x and y of the same length, got ${n} and ${m} samples`)
  const { losses } = model.trainingEngine(call)
  const shapes = predictedShapes(model, inputs)
  losses.forEach((loss, i) => {
    loss?.checkTargets?.(targets[i].shape, shapes[i])
    loss?.checkLabels?.(targets[i], shapes[i])
  })
  const weight = combinedWeight(paddedWeighting(weighting, masks), targets, n, call)
  const paddedTargets = padded.masks.map((item) => item !== undefined)
  return { x: inputs, y: targets, weights: targets.map(() => weight), masks, paddedTargets }
}

/** Weights of steps, padded like the sequences they are for. */
function paddedWeighting(weighting: Weighting, masks: Masks): Weighting {
  const { sampleWeight } = weighting
  if (!isRagged(sampleWeight)) return weighting
  const { data } = padTargets(sampleWeight, { where: 'sampleWeight', names: ['sampleWeight'] }, masks)
  return { ...weighting, sampleWeight: data as TensorLike } // one slot gives one tensor
}

/** The shapes of the outputs for these inputs. */
function predictedShapes(model: Model, inputs: readonly Tensor[]): Shape[] {
  const known = model.outputs.map(({ shape }) => shape)
  const isOpen = known.some((shape) => shape.includes(null))
  const shapes = isOpen ? model.outputShapes(inputs.map(({ shape }) => shape.slice(1))) : known
  // All lengths follow from those of the inputs.
  return shapes.map((shape) => [inputs[0].shape[0], ...shape.map((length) => length ?? 1)])
}

function combinedWeight(
  { sampleWeight, classWeight }: Weighting,
  targets: readonly Tensor[],
  n: number,
  call: string,
): Tensor | undefined {
  if (sampleWeight === undefined && classWeight === undefined) return undefined
  const given = sampleWeight === undefined ? undefined : asTensor(sampleWeight, 'float32')
  if (given !== undefined && given.shape[0] !== n) {
    throw new DataError(`${call}: sampleWeight: expected ${n} weights, got ${given.shape[0] ?? 1}`)
  }
  if (given !== undefined) checkFinite([given], `${call}: sampleWeight`)
  for (const [label, weight] of Object.entries(classWeight ?? {})) {
    if (Number.isFinite(weight)) continue
    throw new DataError(`${call}: classWeight: expected a finite number for class ${label}, got ${weight}`)
  }
  const weights = given === undefined ? new Float32Array(n).fill(1) : Float32Array.from(given.data)
  const each = weights.length / Math.max(1, n)
  if (classWeight !== undefined) {
    if (targets.length > 1)
      throw new DataError(`${call}: classWeight: expected a model with one output, got ${targets.length}`)
    const width = targets[0].size / Math.max(1, n)
    for (let i = 0; i < weights.length; i++) {
      weights[i] *= classWeight[classOf(targets[0], Math.floor(i / each), width)] ?? 1
    }
  }
  return new Tensor(weights, given?.shape ?? [n])
}

/** The class of a sample: its label, or the largest element of a one-hot row. */
function classOf({ data }: Tensor, sample: number, width: number): number {
  if (width === 1) return data[sample]
  let best = 0
  for (let i = 1; i < width; i++) if (data[sample * width + i] > data[sample * width + best]) best = i
  return best
}
