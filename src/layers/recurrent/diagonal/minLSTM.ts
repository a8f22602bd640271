// The minimal LSTM.

import type { Value } from '../../../graph'
import { mul, neg, sigmoid, softplus, sub } from '../../../ops'
import { layerFactory } from '../../base/registry'
import { type StandardOptions, standardLayer } from '../cells/standard'
import type { RecurrentLayer } from '../recurrentLayer'
import type { Recurrence } from './linearCell'
import { MinimalCell } from './minGRU'
import { type MinimalCellOptions, minimalCellOptions } from './options'

/** Options of {@link minLSTM}. */
export interface MinLSTMOptions extends StandardOptions, MinimalCellOptions {}

class MinLSTMCell extends MinimalCell {
  constructor(units: number, options: MinimalCellOptions) {
    super('minLSTM', 3, units, options)
  }

  protected override get memory() {
    return { keep: 0, write: this.units }
  }

  protected override recurrence(prepared: Value): Recurrence {
    const [f, i, candidate] = this.parts(prepared)
    // σ(f) / (σ(f) + σ(i)), with d = ln σ(i) - ln σ(f), is σ(-d).
    const d = sub(softplus(neg(f)), softplus(neg(i)))
    const [forgetGate, inputGate] = [sigmoid(neg(d)), sigmoid(d)]
    return { a: forgetGate, b: mul(inputGate, candidate), noted: { forgetGate, inputGate, candidate } }
  }

  override copy(): MinLSTMCell {
    return new MinLSTMCell(this.units, this.options)
  }
}

/**
 * The minimal LSTM (Feng and others, 2024, "Were RNNs all we needed?", section 3.2): an LSTM whose gates and candidate do not look at the
 * state, whose two gates sum to 1, and that has no other state than its output, so that all steps are computed at once.
 *
 * With x the input, h the state of the step before, σ the sigmoid, φ the `activation`, and `*` element by element:
 *
 * ```
 * f = σ(x Wf + bf)                        the forget gate
 * i = σ(x Wi + bi)                        the input gate
 * g = φ(x Wh + bh)                        the candidate; φ is the identity, or with logSpace the paper's g
 * h' = f / (f + i) * h + i / (f + i) * g  the state, which is the output
 * ```
 *
 * Input `[batch, time, features]`; output `[batch, units]`, or `[batch, time, units]` with `returnSequences`; one state h,
 * `[batch, units]`, or `[numLayers, batch, units]` where `numLayers` is given. Weights: kernel `[features, 3 * units]` and bias
 * `[3 * units]`, in the order f, i, h; with `numLayers` these for each layer.
 *
 * The whole sequence is one `ops.linearScan`, with what the paper's parallel form gives. Masks, states and directions are those of `lstm`.
 *
 * @param units - the number of units of output and state.
 * @throws OptionError for an unknown option, or one with a value it cannot have.
 *
 * @example
 * ```ts
 * const y = await minLSTM(8).run(randomNormal([2, 5, 3]))
 * y.shape // [2, 8]
 * ```
 */
export const minLSTM = /* @__PURE__ */ layerFactory(
  'minLSTM',
  ['units'],
  (units: number, options: MinLSTMOptions = {}): RecurrentLayer =>
    standardLayer('minLSTM', units, options, minimalCellOptions, (n, own) => new MinLSTMCell(n, own)),
)
