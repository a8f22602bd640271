// Truncated back-propagation through time: a batch of long sequences is trained on in chunks; states go on from chunk to
// chunk, gradients do not (Williams and Peng, 1990, with as many steps forward as back).

import { DataError, OptionError, ShapeError } from '../errors'
import type { Masks, StepData } from '../feed/stepData'
import { type Layer, RecurrentLayer } from '../layers'
import type { Learner } from '../step/learner'
import type { TrainingEngine } from '../step/trainingEngine'
import { allocate, formatShape, Tensor } from '../tensor'
import { type Extent, overTime } from '../time/overTime'
import type { GuardWatch } from './guardWatch'

/** What is known of the model once it is built. */
interface Known {
  readonly inputs: readonly Extent[]
  /** Whether there is a target for each step, rather than one for the whole sequence. */
  readonly perStep: boolean
  /** The layers whose states begin at zeros with each batch: all but stateful ones, which carry theirs by themselves. */
  readonly carrying: ReadonlySet<Layer>
}

/** Trains on batches in chunks of at most `length` steps. */
export class Truncation {
  private readonly model: Learner
  private readonly engine: TrainingEngine
  private readonly length: number
  private readonly watch: GuardWatch | undefined
  private known: Known | undefined

  /** @throws OptionError where the model is built already and cannot be trained in chunks. */
  constructor(model: Learner, engine: TrainingEngine, length: number, watch: GuardWatch | undefined) {
    this.model = model
    this.engine = engine
    this.length = length
    this.watch = watch
    if (model.built) this.parts()
  }

  /**
   * Trains on a batch. With targets for each step, each chunk is a step of the optimizer, the last one being shorter where
   * the length is no multiple. With one target for the whole sequence, the last `length` steps are one step of the
   * optimizer; those before only move the states on.
   */
  async train(batch: StepData): Promise<void> {
    const { perStep, carrying, inputs } = this.parts()
    const steps = this.stepsOf(batch)
    if (!perStep) requireEnds(batch.masks)
    const carried = this.engine.carriedFor(batch.x[0].shape[0], carrying)
    await carried.reset()
    const guarded = this.watch !== undefined
    for (const [from, to] of this.chunks(steps)) {
      const part = (tensor: Tensor): Tensor => cut(tensor, from, to)
      const x = batch.x.map((tensor, i) => (inputs[i] === 'sequence' ? part(tensor) : tensor))
      const masks = batch.masks?.map((mask) => mask && part(mask))
      const chunk = { ...batch, x, ...(masks === undefined ? {} : { masks }) }
      if (perStep) {
        const y = batch.y.map(part)
        const weights = batch.weights.map((weight) => (weight !== undefined && weight.rank > 1 ? part(weight) : weight))
        await this.step({ ...chunk, y, weights }, { carried, guarded, counts: to - from })
      } else if (to < steps) {
        await this.engine.pass(chunk, { carried, guarded })
      } else {
        await this.step(chunk, { carried, guarded })
      }
    }
  }

  private async step(
    chunk: StepData,
    mode: Omit<Parameters<TrainingEngine['step']>[1], 'train' | 'fresh'>,
  ): Promise<void> {
    await this.engine.step(chunk, { train: true, fresh: false, ...mode })
    await this.watch?.step()
  }

  /** The chunks as [from, to): counted from the start, or, where only the end has a target, from there. */
  private chunks(steps: number): (readonly [number, number])[] {
    const { length } = this
    const count = Math.ceil(steps / length)
    const shift = this.parts().perStep ? 0 : count * length - steps
    return Array.from({ length: count }, (_, i) => [
      Math.max(0, i * length - shift),
      Math.min(steps, (i + 1) * length - shift),
    ])
  }

  private parts(): Known {
    if (this.known !== undefined) return this.known
    const { inputs, outputs, carrying } = overTime(this.model, 'fit: truncate')
    const perStep = outputs[0] === 'sequence'
    if (outputs.some((extent) => (extent === 'sequence') !== perStep)) {
      throw new OptionError(
        'fit: truncate: expected a target for each step at every output, or one for the whole sequence at every output; the model has both',
      )
    }
    const own = [...carrying].filter((layer) => !(layer instanceof RecurrentLayer && layer.stateful))
    this.known = { inputs, perStep, carrying: new Set(own) }
    return this.known
  }

  /** The number of steps, which has to be the same wherever there are some; not those at the end that are masked everywhere. */
  private stepsOf({ x, y, masks = [] }: StepData): number {
    const { inputs, perStep } = this.parts()
    const sequences = [...x.filter((_, i) => inputs[i] === 'sequence'), ...(perStep ? y : [])]
    const [first] = sequences
    const other = sequences.find(({ shape }) => shape[1] !== first.shape[1])
    if (other !== undefined) {
      throw new ShapeError(
        `fit: truncate: expected the same number of steps in all sequences, got ${formatShape(first.shape)} and ${formatShape(other.shape)}`,
      )
    }
    const ends = inputs.flatMap((extent, i) => (extent === 'sequence' ? [endOf(masks[i], first.shape[1])] : []))
    return Math.max(1, ...ends)
  }
}

/** The number of steps up to the last one that some sequence has. */
function endOf(mask: Tensor | undefined, steps: number): number {
  if (mask === undefined) return steps
  let end = 0
  mask.data.forEach((value, i) => {
    if (value) end = Math.max(end, (i % steps) + 1)
  })
  return end
}

/** @throws DataError where sequences are padded at their ends, from which the steps to train on are counted. */
function requireEnds(masks: Masks = []): void {
  for (const mask of masks) {
    if (mask === undefined) continue
    const [rows, steps] = mask.shape
    if (Array.from({ length: rows }, (_, row) => mask.data[(row + 1) * steps - 1]).every((value) => value)) continue
    throw new DataError(
      "fit: truncate: expected sequences of one length where there is one target for each of them; data.padSequences(x, { padding: 'pre' }) and masking() bring them to one",
    )
  }
}

/** Steps [from, to) of every sequence. */
function cut(tensor: Tensor, from: number, to: number): Tensor {
  const [batch, steps, ...rest] = tensor.shape
  if (from === 0 && to === steps) return tensor
  const width = rest.reduce((product, length) => product * length, 1)
  const size = (to - from) * width
  const data = allocate(tensor.dtype, batch * size)
  for (let row = 0; row < batch; row++) {
    const start = (row * steps + from) * width
    data.set(tensor.data.subarray(start, start + size), row * size)
  }
  return new Tensor(data, [batch, to - from, ...rest], tensor.dtype)
}
