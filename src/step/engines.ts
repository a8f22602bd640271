// The engines of one model: that which trains, made when it is first needed, and those that predict.

import type { BackendInfo, BackendOption } from '../backends/backend'
import { OptionError } from '../errors'
import type { Layer } from '../layers'
import { checkBackendOption, usualProgramBytes } from '../runtime'
import type { Choices } from './compileOptions'
import type { Engine } from './engine'
import type { TrainingEngine } from './trainingEngine'

/** What a model runs on. */
export class Engines {
  private readonly model: Layer
  private readonly outputNames: () => readonly string[]
  private chosen: Choices | undefined
  private whyUncompiled = 'call compile({ optimizer, loss }) first'
  private making: Promise<TrainingEngine> | undefined
  private trainer: TrainingEngine | undefined
  /** By the backend that was asked for. */
  private readonly predicting = new Map<string, Engine>()

  /** @param outputNames - the model's outputs; none while it is not built. */
  constructor(model: Layer, outputNames: () => readonly string[]) {
    this.model = model
    this.outputNames = outputNames
  }

  /** How the model is trained; undefined before it is compiled. */
  get choices(): Choices | undefined {
    return this.chosen
  }

  /** Trains in another way from here on. @throws OptionError where that names outputs which are not there. */
  choose(choices: Choices): void {
    const names = this.outputNames()
    if (names.length > 0) {
      // A wrong output name is an error at compile, not at the first batch.
      choices.losses(names)
      choices.lossWeights(names)
      choices.metrics(names)
      choices.weightedMetrics(names)
    }
    this.trainer?.forget()
    this.chosen = choices
    this.making = undefined
    this.trainer = undefined
  }

  /** Forgets all programs: what was traced no longer holds. */
  forget(): void {
    this.trainer?.forget()
    for (const engine of this.predicting.values()) engine.forget()
  }

  /** Says why the model is not compiled, to those who need it to be. */
  leaveUncompiled(why: string): void {
    this.whyUncompiled = why
  }

  /** How the model is trained. @throws OptionError before it is compiled. */
  requireChoices(call: string): Choices {
    if (this.chosen !== undefined) return this.chosen
    throw new OptionError(`${call}: the model is not compiled yet; ${this.whyUncompiled}`)
  }

  /** The one that trains. What it is made of is loaded when first used. @throws OptionError before the model is compiled. */
  async training(call: string): Promise<TrainingEngine> {
    const choices = this.requireChoices(call)
    this.making ??= this.make(choices)
    return this.making
  }

  private async make(choices: Choices): Promise<TrainingEngine> {
    const { TrainingEngine } = await import('./trainingEngine')
    const made = new TrainingEngine(this.model, choices, this.outputNames)
    if (choices === this.chosen) this.trainer = made
    return made
  }

  /** The one that predicts: on the given backend, else where the model trains. */
  predictingOn(backend: BackendOption = this.chosen?.backend ?? 'auto'): Engine | Promise<Engine> {
    const key = keyOf(backend)
    return (
      this.predicting.get(key) ??
      import('./engine').then(({ Engine }) => {
        const known =
          this.predicting.get(key) ?? new Engine(this.model, backend, this.chosen?.maxProgramBytes ?? usualProgramBytes)
        this.predicting.set(key, known)
        return known
      })
    )
  }

  /** What computes: the backend's name and details once it has run, the flag before. */
  get backend(): BackendInfo | Exclude<BackendOption, string> {
    const { chosen, trainer } = this
    const usual = chosen === undefined ? undefined : this.predicting.get(keyOf(chosen.backend))
    const known = [trainer, usual, ...this.predicting.values()]
    return known.find((engine) => engine?.info !== undefined)?.info ?? chosen?.backend ?? { name: 'auto' }
  }

  /** Whether less or more of what is logged under a name is better; undefined where that is not known, or not yet. */
  directionOf(log: string): 'min' | 'max' | undefined {
    return this.trainer?.training.all.find(({ key }) => key === log)?.better
  }

  async dispose(): Promise<void> {
    await this.trainer?.dispose()
    for (const engine of this.predicting.values()) await engine.dispose()
    this.predicting.clear()
  }
}

function keyOf(backend: BackendOption): string {
  return JSON.stringify(checkBackendOption(backend))
}
