// The options of recurrent layers: those of the cell (what happens in a step) and those of the sequence.

import type { ConstraintOption } from '../../constraints'
import { requireNumber } from '../../errors'
import type { InitializerOption } from '../../initializers'
import type { RegularizerOption } from '../../regularizers'
import { requireWholeNumber } from '../checks'
import { checkFlags } from '../commonOptions'
import { type KernelOptions, kernelOptionNames } from '../kernel'
import type { LayerOptions } from '../layer'

/** Options of all cells, and of the layers made of one. */
export interface CellOptions extends KernelOptions {
  /** `'orthogonal'` by default. */
  readonly recurrentInitializer?: InitializerOption
  readonly recurrentRegularizer?: RegularizerOption
  readonly recurrentConstraint?: ConstraintOption
  /** The part of the inputs that is dropped in training, the same for all steps of a sequence; 0 by default. */
  readonly dropout?: number
  /**
   * The part of the state that is dropped in training before it is multiplied, the same for all steps of a sequence
   * (Gal and Ghahramani, 2016); 0 by default. Where it is not 0, each gate drops for itself.
   */
  readonly recurrentDropout?: number
  /** Fixes what is dropped; by default it follows `setSeed`. */
  readonly seed?: number
}

/** The names of all options in {@link CellOptions} but the common ones. */
export const cellOptionNames = [
  ...kernelOptionNames,
  'recurrentInitializer',
  'recurrentRegularizer',
  'recurrentConstraint',
  'dropout',
  'recurrentDropout',
  'seed',
] as const

/** Checks the values of a cell's options. @throws OptionError for one it cannot have. */
export function checkCellOptions(where: string, options: CellOptions): void {
  requireNumber(where, 'dropout', options.dropout ?? 0, 0, 1)
  requireNumber(where, 'recurrentDropout', options.recurrentDropout ?? 0, 0, 1)
  if (options.seed !== undefined) requireWholeNumber(where, 'seed', options.seed)
  checkFlags(where, options, ['useBias', 'unitForgetBias', 'resetAfter'])
}

/** How a layer goes over a sequence, and what it gives. */
export interface SequenceOptions extends LayerOptions {
  /** Gives the output of every step instead of the last one; `false` by default. */
  readonly returnSequences?: boolean
  /** Gives the final states after the output; `false` by default. */
  readonly returnState?: boolean
  /** Goes from the last step to the first, and gives the outputs in that order; `false` by default. */
  readonly goBackwards?: boolean
  /**
   * Begins each batch with the states the batch before ended with, sample by sample, until `resetStates()`; `false` by
   * default. All batches in between have the same size.
   */
  readonly stateful?: boolean
  /** Gives zeros at masked steps instead of the output before; `false` by default. */
  readonly zeroOutputForMask?: boolean
}

/** The names of all options in {@link SequenceOptions} but the common ones. */
export const sequenceOptionNames = [
  'returnSequences',
  'returnState',
  'goBackwards',
  'stateful',
  'zeroOutputForMask',
] as const

/** Checks the values of a layer's options. @throws OptionError for one that is not true or false. */
export function checkSequenceOptions(where: string, options: SequenceOptions): void {
  checkFlags(where, options, sequenceOptionNames)
}
