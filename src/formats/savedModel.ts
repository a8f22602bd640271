// What formats need of a model that is written. It stands for the class, which is built on top of them.

import type { CompileOptions } from '../step/compileOptions'
import type { Learner } from '../step/learner'
import type { StreamingModel } from '../time/stream'
import type { AssembledModel, ModelJSON } from './architecture'

/** A model, as it is written to a file. */
export interface SavedModel extends Learner, AssembledModel, StreamingModel {
  readonly layers: AssembledModel['layers']
  /** The compile options as they were given; undefined before `compile`. */
  readonly compileOptions: CompileOptions | undefined
  /** The architecture as plain data, without weights. */
  toJSON(): ModelJSON
}
