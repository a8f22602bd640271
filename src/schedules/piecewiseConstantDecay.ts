// The learning rate from a list, one after another.
import { OptionError } from '../errors'
import { toValue, type Value } from '../graph'
import { greater, where } from '../ops'
import { type Schedule, schedule } from './schedule'

/** Options of {@link piecewiseConstantDecay}. */
export interface PiecewiseConstantDecayOptions {
  /** The last steps of all values but the last, ascending. */
  readonly boundaries: readonly number[]
  /** The learning rates: one more than there are boundaries. */
  readonly values: readonly number[]
}

const declared = /* @__PURE__ */ schedule<PiecewiseConstantDecayOptions>('piecewiseConstantDecay', {
  defaults: { boundaries: undefined, values: undefined },
  required: ['boundaries', 'values'],
  rules: { boundaries: { numbers: 'list' }, values: { numbers: 'list', from: 0 } },
  check(options) {
    const { boundaries, values } = options
    if (values.length !== boundaries.length + 1) {
      throw new OptionError(
        `piecewiseConstantDecay: expected one value more than boundaries, got ${boundaries.length} boundaries and ${values.length} values`,
      )
    }
    if (boundaries.some((boundary, i) => i > 0 && !(boundary > boundaries[i - 1]))) {
      throw new OptionError(`piecewiseConstantDecay: expected ascending boundaries, got ${boundaries.join(', ')}`)
    }
  },
  call(step, { boundaries, values }) {
    return boundaries.reduce<Value>(
      (found, boundary, i) => where(greater(step, boundary), values[i + 1], found),
      toValue(values[0], step.dtype),
    )
  },
})

/**
 * `values[0]` up to and with step `boundaries[0]`, then `values[1]` up to and with `boundaries[1]`, and so on.
 *
 * @example
 * ```ts
 * sgd({ learningRate: schedules.piecewiseConstantDecay({ boundaries: [1000, 2000], values: [0.1, 0.03, 0.01] }) })
 * ```
 */
export const piecewiseConstantDecay: (options: PiecewiseConstantDecayOptions) => Schedule = declared
