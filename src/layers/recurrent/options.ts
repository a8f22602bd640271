// The options of recurrent layers: those of the cell (what happens in a step) and those of the sequence.

import { tanh } from '../../activations'
import type { ConstraintOption } from '../../constraints'
import { type InitializerOption, orthogonal } from '../../initializers'
import type { RegularizerOption } from '../../regularizers'
import type { LayerOptions } from '../base/layer'
import { type KernelOptions, kernelOptions } from '../options/kernelOptions'
import { aConstraint, anInitializer, aRate, aRegularizer, aSeed, type OwnOptions } from '../options/ownOptions'

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

/** The options in {@link CellOptions}. */
export const cellOptions = /* @__PURE__ */ (() =>
  ({
    defaults: {
      ...kernelOptions.defaults,
      activation: tanh,
      recurrentInitializer: /* @__PURE__ */ orthogonal(),
      recurrentRegularizer: undefined,
      recurrentConstraint: undefined,
      dropout: 0,
      recurrentDropout: 0,
      seed: undefined,
    },
    rules: {
      ...kernelOptions.rules,
      recurrentInitializer: anInitializer,
      recurrentRegularizer: aRegularizer,
      recurrentConstraint: aConstraint,
      dropout: aRate,
      recurrentDropout: aRate,
      seed: aSeed,
    },
  }) satisfies OwnOptions<CellOptions>)()

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
  /** Taken for those who come from Keras, and without effect: no backend is faster or slower with it. */
  readonly unroll?: boolean
}

/** The options in {@link SequenceOptions}. */
export const sequenceOptions = {
  defaults: {
    returnSequences: false,
    returnState: false,
    goBackwards: false,
    stateful: false,
    zeroOutputForMask: false,
    unroll: false,
  },
} satisfies OwnOptions<SequenceOptions>
