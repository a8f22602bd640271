// What formats need of a model that is written. It stands for the class, which is built on top of them.

import { OptionError } from '../errors'
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

/** Whether a layer of this kind is a model. */
export function isModelKind(kind: string): boolean {
  return kind === 'model' || kind === 'sequential'
}

/** @throws OptionError for a model with low-rank matrices beside its kernels, in whose place a file would have to say what they add. */
export function requireMerged(where: string, { weights }: SavedModel): void {
  if (!weights.some(({ lowRank }) => lowRank)) return
  throw new OptionError(
    `${where}: expected a model without low-rank matrices beside its kernels; call mergeLora first, or save what is trained with saveLora`,
  )
}
