// One of the cells that race: its model, what it met in training, and its weights at moments of the past.
import { type Logs, type Model, NonFiniteError, Tensor } from 'hornbeam'
import type { CellName, Experiment } from '../state/state'
import type { ReadyTask } from '../tasks/ready'
import { makeModel } from './build'
import type { Course } from './protocol'
import { batchSeed } from './recipe'

/** Over how many steps the shares of clipping are taken. */
const recent = 100

interface Step {
  readonly loss: number
  readonly norm: number
  readonly clipped: number
}

export class Racer {
  readonly cell: CellName
  readonly model: Model
  step = 0
  failed: string | undefined
  private readonly experiment: Experiment
  private readonly task: ReadyTask
  private readonly snapshots = new Map<number, Tensor[]>()
  private viewing: { readonly model: Model; moment: number } | undefined
  private unsent: number[] = []
  private latest: Step[] = []
  private milliseconds = 0
  private counted = 0

  constructor(experiment: Experiment, task: ReadyTask, cell: CellName) {
    this.cell = cell
    this.experiment = experiment
    this.task = task
    this.model = makeModel(experiment, task, cell)
  }

  /** Trains on batches that are laid one after another. */
  async train({ x, y }: Batches, count: number): Promise<void> {
    if (this.failed !== undefined) return
    const { batch, truncate } = this.experiment
    const before = performance.now()
    // An epoch of one batch: the history has an entry for every step.
    const options = { batchSize: batch, epochs: count, stepsPerEpoch: 1, shuffle: false, verbose: 0 } as const
    try {
      const { history } = await this.model.fit(x, y, truncate > 0 ? { ...options, truncate } : options)
      this.note(history, count)
      this.step += count
    } catch (error) {
      if (!(error instanceof NonFiniteError)) throw error
      this.step += error.epoch
      this.failed = `The loss is not finite any more after step ${this.step}: the gradient exploded.`
    }
    this.milliseconds += performance.now() - before
    this.counted += count
  }

  private note(history: Readonly<Record<string, readonly number[]>>, count: number): void {
    const { loss, gradientNorm = [], clippedShare = [] } = history
    this.unsent.push(...loss)
    for (let i = 0; i < count; i++) {
      this.latest.push({ loss: loss[i], norm: gradientNorm[i] ?? 0, clipped: clippedShare[i] ?? 0 })
    }
    this.latest = this.latest.slice(-recent)
  }

  /** What happened since it was last asked. */
  course(): Course {
    const { latest, unsent, experiment } = this
    this.unsent = []
    const mean = (of: (step: Step) => number) =>
      latest.length === 0 ? 0 : latest.reduce((sum, step) => sum + of(step), 0) / latest.length
    const cut = ({ norm }: Step) => (norm > experiment.bound ? 1 - experiment.bound / norm : 0)
    const stepsPerSecond = this.milliseconds === 0 ? 0 : (1000 * this.counted) / this.milliseconds
    this.milliseconds /= 2
    this.counted /= 2
    return {
      cell: this.cell,
      params: this.model.countParams(),
      losses: unsent,
      clippedShare: mean(({ clipped }) => clipped),
      gradientNorm: mean(({ norm }) => norm),
      cut: experiment.clipping === 'norm' ? mean(cut) : 0,
      stepsPerSecond,
      ...(this.failed === undefined ? {} : { failed: this.failed }),
    }
  }

  /** Keeps the weights as they are, and lets go those of moments that are not among these. */
  async keep(moments: readonly number[], now: number): Promise<void> {
    for (const moment of this.snapshots.keys()) if (!moments.includes(moment)) this.snapshots.delete(moment)
    this.snapshots.set(now, await this.model.getWeights())
  }

  /** The model with the weights of a moment; as it is now where there are none. */
  async at(moment: number): Promise<Model> {
    const weights = moment < 0 || moment === this.step ? undefined : this.snapshots.get(moment)
    if (weights === undefined) return this.model
    this.viewing ??= { model: makeModel(this.experiment, this.task, this.cell), moment: -1 }
    if (this.viewing.moment !== moment) await this.viewing.model.setWeights(weights)
    this.viewing.moment = moment
    return this.viewing.model
  }

  /** The loss of one further batch, to warm up what computes: nothing is changed. */
  async warm({ x, y }: Batches): Promise<Logs> {
    return this.model.testOnBatch(x, y)
  }
}

/** Inputs and targets of some batches, one after another. */
export interface Batches {
  readonly x: Tensor
  readonly y: Tensor
}

/** The batches of the steps from one on. */
export function batchesOf(experiment: Experiment, task: ReadyTask, from: number, count: number): Batches {
  const { batch, length, seed } = experiment
  const made = Array.from({ length: count }, (_, i) => task.makeBatch(batch, length, batchSeed(seed, from + i)))
  return { x: joined(made.map(({ x }) => x)), y: joined(made.map(({ y }) => y)) }
}

function joined(tensors: readonly Tensor[]): Tensor {
  const [{ shape, dtype, size }] = tensors
  const data = dtype === 'int32' ? new Int32Array(size * tensors.length) : new Float32Array(size * tensors.length)
  tensors.forEach((tensor, i) => {
    data.set(tensor.data, i * size)
  })
  return new Tensor(data, [shape[0] * tensors.length, ...shape.slice(1)], dtype)
}
