// What `fit` does with the guard: it asks now and then whether all is well, and throws if it is not.

import { NonFiniteError } from '../errors'
import type { Guard, Incident } from '../step/guard'
import type { TrainingEngine } from '../step/trainingEngine'

/** For how long training goes on without asking, in milliseconds. What is found does not depend on when it is asked for. */
const patience = 100

/** Watches one call of `fit`. */
export class GuardWatch {
  private readonly engine: TrainingEngine
  private guard: Guard
  private steps = 0
  /** The steps before those that the guard has seen: it is another one once layers were frozen or thawed. */
  private before = 0
  private epoch = 0
  /** The number of the first step of each batch of this epoch. */
  private starts: number[] = []
  private asked = performance.now()

  constructor(engine: TrainingEngine) {
    this.engine = engine
    this.guard = engine.guard
  }

  beginEpoch(epoch: number): void {
    this.epoch = epoch
    this.starts = []
  }

  beginBatch(): void {
    this.starts.push(this.steps)
  }

  /** Counts a step; from time to time it asks. @throws NonFiniteError where a step was not finite. */
  async step(): Promise<void> {
    const { guard } = this.engine
    if (guard !== this.guard) this.before = this.steps
    this.guard = guard
    this.steps++
    if (performance.now() - this.asked > patience) await this.ask()
  }

  /** @throws NonFiniteError where a step was not finite. */
  async ask(): Promise<void> {
    const incident = await this.guard.incident()
    this.asked = performance.now()
    if (incident === undefined) return
    throw this.error(incident)
  }

  private error({ step: seen, loss, weight, norm, usual }: Incident): NonFiniteError {
    const { epoch } = this
    const step = this.before + seen
    const batch = Math.max(0, this.starts.filter((start) => start <= step).length - 1)
    const what = Number.isFinite(loss) ? "a gradient's norm is not finite" : `the loss is ${loss}`
    const layer = weight?.slice(0, Math.max(0, weight.lastIndexOf('/')))
    const before = usual > 0 ? `, before it was ${short(usual)} on average` : ''
    const grew =
      weight === undefined
        ? ''
        : ` The gradient of layer ${layer} grew most (${weight}: its norm is ${short(norm)}${before}).`
    const advice = this.engine.clips
      ? 'A lower learning rate, or clipping to less, may help'
      : 'Clipping (compile({ globalClipNorm: 1 })) or a lower learning rate may help'
    const where = `epoch ${epoch}, batch ${batch} (step ${step} of this call; all are counted from 0)`
    return new NonFiniteError(
      `fit: expected finite numbers, but in ${where} ${what}.${grew} The model has the weights of the last finite step.` +
        ` ${advice}; onNonFinite: 'continue' trains on.`,
      { epoch, batch, step, layer },
    )
  }
}

function short(x: number): string {
  return Number.isFinite(x) ? String(Number(x.toPrecision(3))) : String(x)
}
