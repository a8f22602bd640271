// The layer of the plain recurrent network.

import { layerFactory } from '../base/registry'
import type { OverSequence } from '../options/ranks'
import { type SimpleRNNCellOptions, simpleRNNCell } from './cells/simpleRNNCell'
import { type StandardOptions, standardLayer } from './cells/standard'
import { cellOptions } from './options'

/** Options of {@link simpleRNN}. */
export interface SimpleRNNOptions extends StandardOptions, SimpleRNNCellOptions {}

/**
 * The plain recurrent network (Elman, 1990, "Finding structure in time"): in each step, with x the input, h the state of
 * the step before and φ the `activation`,
 *
 * ```
 * h' = φ(x W + h U + b)
 * ```
 *
 * Input `[batch, time, features]`; output `[batch, units]`, or `[batch, time, units]` with `returnSequences`; one state
 * h, `[batch, units]`, or `[numLayers, batch, units]` where `numLayers` is given.
 *
 * Weights: kernel W `[features, units]`, recurrentKernel U `[units, units]`, bias b `[units]`; with `numLayers` these
 * three for each layer.
 *
 * A step whose mask is false is skipped: the state stays, and the output is that of the step before (zeros before the
 * first; zeros at all such steps with `zeroOutputForMask`). With φ tanh (the default) or relu and without
 * `recurrentDropout` in training, the whole sequence is one fused instruction.
 *
 * @param units - the number of units of output and state.
 * @throws OptionError for an unknown option, or one with a value it cannot have.
 *
 * @example
 * ```ts
 * const y = await simpleRNN(8, { activation: 'relu', returnSequences: true }).run(randomNormal([2, 5, 3]))
 * y.shape // [2, 5, 8]
 * ```
 */
export const simpleRNN = /* @__PURE__ */ layerFactory(
  'simpleRNN',
  ['units'],
  <All extends boolean = false, States extends boolean = false>(
    units: number,
    options: SimpleRNNOptions & { readonly returnSequences?: All; readonly returnState?: States } = {},
  ): OverSequence<'simpleRNN', All, States> => {
    return standardLayer('simpleRNN', units, options, cellOptions, simpleRNNCell)
  },
)
