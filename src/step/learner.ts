// What training, evaluating, predicting and looking inside need of a model. It stands for the class, which is built on top
// of the rooms that take this.

import type { BackendOption } from '../backends/backend'
import type { CallbackHost } from '../callbacks'
import type { FedModel } from '../feed/fedModel'
import type { Engine } from './engine'
import type { TrainingEngine } from './trainingEngine'

/** A model that can be trained and asked. */
export interface Learner
  extends FedModel,
    Omit<CallbackHost, 'getWeights' | 'setWeights' | 'namedWeights' | 'built' | 'calls'> {
  /** The layers, in order. */
  readonly layers: FedModel['innerLayers']
  /** The names of the outputs. @throws OptionError before the model is built. */
  readonly outputNames: readonly string[]
  /** The engine that trains. @throws OptionError before `compile`. */
  trainingEngine(call: string): Promise<TrainingEngine>
  /** The engine that predicts: on the given backend, else where the model trains. */
  engineFor(backend?: BackendOption): Engine | Promise<Engine>
}
