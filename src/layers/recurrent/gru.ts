// The GRU layer.

import { layerFactory } from '../base/registry'
import type { OverSequence } from '../options/ranks'
import { type GruCellOptions, gruCell, gruCellOptions } from './cells/gruCell'
import { type StandardOptions, standardLayer } from './cells/standard'

/** Options of {@link gru}. */
export interface GruOptions extends StandardOptions, GruCellOptions {}

/**
 * The gated recurrent unit (Cho et al., 2014, "Learning phrase representations using RNN encoder-decoder for
 * statistical machine translation").
 *
 * In each step, with x the input, h the state of the step before, σ the `recurrentActivation`, φ the `activation`, and
 * `*` element by element:
 *
 * ```
 * z = σ(x Wz + h Uz + bz)              the update gate: how much of the state stays
 * r = σ(x Wr + h Ur + br)              the reset gate: how much of it the candidate sees
 * g = φ(x Wh + r * (h Uh + dh) + bh)   the candidate, with resetAfter (as in cuDNN and PyTorch)
 * g = φ(x Wh + (r * h) Uh + bh)        the candidate, without (as in the paper)
 * h' = z * h + (1 - z) * g             the state, which is the output
 * ```
 *
 * With `resetAfter` there are two biases, b for the inputs and d for the state; dz and dr are added in z and r too.
 *
 * Input `[batch, time, features]`; output `[batch, units]`, or `[batch, time, units]` with `returnSequences`; one state
 * h, `[batch, units]`, or `[numLayers, batch, units]` where `numLayers` is given.
 *
 * Weights: kernel W `[features, 3 * units]`, recurrentKernel U `[units, 3 * units]`, bias `[2, 3 * units]` (b, then d)
 * with `resetAfter`, else `[3 * units]`, with the parts in the order z, r, h; with `numLayers` these for each layer.
 *
 * A step whose mask is false is skipped: the state stays, and the output is that of the step before (zeros before the
 * first; zeros at all such steps with `zeroOutputForMask`). With σ the sigmoid and φ tanh (the defaults) and without
 * `recurrentDropout` in training, the whole sequence is one fused instruction.
 *
 * @param units - the number of units of output and state.
 * @throws OptionError for an unknown option, or one with a value it cannot have.
 *
 * @example
 * ```ts
 * const [output, h] = await gru(8, { returnState: true }).run(randomNormal([2, 5, 3]))
 * h.shape // [2, 8]
 * ```
 */
export const gru = /* @__PURE__ */ layerFactory(
  'gru',
  ['units'],
  <All extends boolean = false, States extends boolean = false>(
    units: number,
    options: GruOptions & { readonly returnSequences?: All; readonly returnState?: States } = {},
  ): OverSequence<'gru', All, States> => {
    return standardLayer('gru', units, options, gruCellOptions, gruCell)
  },
)
