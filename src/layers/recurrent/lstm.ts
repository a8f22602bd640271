// The LSTM layer.

import { layerFactory } from '../base/registry'
import type { OverSequence } from '../options/ranks'
import { type LstmCellOptions, lstmCell, lstmCellOptions } from './cells/lstmCell'
import { type StandardOptions, standardLayer } from './cells/standard'

/** Options of {@link lstm}. */
export interface LstmOptions extends StandardOptions, LstmCellOptions {}

/**
 * Long short-term memory (Hochreiter and Schmidhuber, 1997, "Long short-term memory"; with the forget gate of Gers,
 * Schmidhuber and Cummins, 2000, "Learning to forget").
 *
 * In each step, with x the input, h and c the hidden and the cell state of the step before, σ the
 * `recurrentActivation`, φ the `activation`, and `*` element by element:
 *
 * ```
 * f = σ(x Wf + h Uf + bf)      the forget gate: how much of the cell state is kept
 * i = σ(x Wi + h Ui + bi)      the input gate: how much is written
 * g = φ(x Wg + h Ug + bg)      the input value: what is written
 * o = σ(x Wo + h Uo + bo)      the output gate: how much is shown
 * c' = f * c + i * g           the cell state
 * h' = o * φ(c')               the hidden state, which is the output
 * ```
 *
 * Input `[batch, time, features]`; output `[batch, units]`, or `[batch, time, units]` with `returnSequences`; states
 * `[h, c]`, each `[batch, units]`, or `[numLayers, batch, units]` where `numLayers` is given.
 *
 * Weights: kernel W `[features, 4 * units]`, recurrentKernel U `[units, 4 * units]`, bias b `[4 * units]`, with the
 * parts in the order i, f, g, o (Keras calls g c); with `numLayers` these three for each layer.
 *
 * A step whose mask is false is skipped: the states stay, and the output is that of the step before (zeros before the
 * first; zeros at all such steps with `zeroOutputForMask`). With σ the sigmoid and φ tanh (the defaults) and without
 * `recurrentDropout` in training, the whole sequence is one fused instruction.
 *
 * @param units - the number of units of output and states.
 * @throws OptionError for an unknown option, or one with a value it cannot have.
 *
 * @example
 * ```ts
 * const y = await lstm(8).run(randomNormal([2, 5, 3]))
 * y.shape // [2, 8]
 * const [output, h, c] = await lstm(8, { returnSequences: true, returnState: true }).run(randomNormal([2, 5, 3]))
 * output.shape // [2, 5, 8]
 * ```
 */
export const lstm = /* @__PURE__ */ layerFactory(
  'lstm',
  ['units'],
  <All extends boolean = false, States extends boolean = false>(
    units: number,
    options: LstmOptions & { readonly returnSequences?: All; readonly returnState?: States } = {},
  ): OverSequence<'lstm', All, States> => {
    return standardLayer('lstm', units, options, lstmCellOptions, lstmCell)
  },
)
