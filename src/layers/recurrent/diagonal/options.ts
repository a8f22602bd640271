// The options of cells whose state is not multiplied by a matrix: those of a kernel, and what is dropped of the inputs.

import type { LayerOptions } from '../../base/layer'
import { type KernelOptions, kernelOptions } from '../../options/kernelOptions'
import { aRate, aSeed, type OwnOptions } from '../../options/ownOptions'
import type { ChronoOptions } from '../cells/gateBias'

/** Options of layers that drop inputs in training. */
export interface InputDropoutOptions extends LayerOptions {
  /** The part of the inputs that is dropped in training, the same for all steps of a sequence; 0 by default. */
  readonly dropout?: number
  /** Fixes what is dropped; by default it follows `setSeed`. */
  readonly seed?: number
}

/** Options of {@link minGRU} and {@link minLSTM} that are about one step. */
export interface MinimalCellOptions extends KernelOptions, InputDropoutOptions, ChronoOptions {
  /**
   * Whether the candidate goes through g(x) = x + 1/2 for x from 0 on and σ(x) below, which keeps states positive: the paper's version
   * for computing in the space of logarithms (appendix B), with the same results as there. `false` by default.
   */
  readonly logSpace?: boolean
}

/** The options in {@link InputDropoutOptions}. */
export const inputDropoutOptions = {
  defaults: { dropout: 0, seed: undefined },
  rules: { dropout: aRate, seed: aSeed },
} satisfies OwnOptions<InputDropoutOptions>

/** The options in {@link MinimalCellOptions}. */
export const minimalCellOptions = /* @__PURE__ */ (() =>
  ({
    defaults: { ...kernelOptions.defaults, ...inputDropoutOptions.defaults, logSpace: false, chrono: undefined },
    rules: { ...kernelOptions.rules, ...inputDropoutOptions.rules },
  }) satisfies OwnOptions<MinimalCellOptions>)()
