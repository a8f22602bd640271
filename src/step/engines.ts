// The engines of one model: that which trains, and those that predict elsewhere.

import type { BackendInfo, BackendOption } from '../backends/backend'
import type { Layer } from '../layers'
import { Engine } from './engine'
import type { TrainingEngine } from './trainingEngine'

/** What a model runs on. */
export class Engines {
  private readonly model: Layer
  private current: TrainingEngine | undefined
  /** By the backend that was asked for. */
  private readonly predicting = new Map<string, Engine>()

  constructor(model: Layer) {
    this.model = model
  }

  /** The one that trains; undefined before the model is compiled. */
  get training(): TrainingEngine | undefined {
    return this.current
  }

  /** Trains with another from here on. */
  trainWith(engine: TrainingEngine): void {
    this.current?.forget()
    this.current = engine
  }

  /** The one that predicts: on the given backend, else where the model trains. */
  predictingOn(backend?: BackendOption): Engine {
    if (backend === undefined && this.current !== undefined) return this.current
    const option = backend ?? 'auto'
    const key = JSON.stringify(option)
    const known = this.predicting.get(key) ?? new Engine(this.model, option)
    this.predicting.set(key, known)
    return known
  }

  /** What computes: the backend's name and details once it has run, the flag before. */
  get backend(): BackendInfo | Exclude<BackendOption, string> {
    const known = [...(this.current === undefined ? [] : [this.current]), ...this.predicting.values()]
    return known.find(({ info }) => info !== undefined)?.info ?? this.current?.choices.backend ?? { name: 'auto' }
  }

  async dispose(): Promise<void> {
    await this.current?.dispose()
    for (const engine of this.predicting.values()) await engine.dispose()
    this.predicting.clear()
  }
}
