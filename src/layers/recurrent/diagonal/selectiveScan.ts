// The selective scan of mamba: states of channels times features, in stretches of time.

import type { Value } from '../../../graph'
import { exp, expandDims, linearScan, mul, sum, transpose } from '../../../ops'
import { sizeOf } from '../../../tensor'
import { inStretches, type Stretch } from '../stretches'
import { lastStep } from './linearCell'

/** What a selective scan goes over; time-major. */
export interface Selective {
  /** Δ, [time, batch, channels]. */
  readonly delta: Value
  /** What goes in, [time, batch, channels]. */
  readonly x: Value
  /** B, [time, batch, features]: what of it each feature of the state takes in. */
  readonly takes: Value
  /** C, [time, batch, features]: what of the state goes out. */
  readonly gives: Value
}

/** About how many numbers the states of a stretch are. */
const stretchSize = 2 ** 16

/**
 * h' = exp(Δ A) * h + (Δ x) B and y = h' C, for each channel.
 *
 * @param a - A, [channels, features].
 * @param initial - [batch, channels, features].
 * @returns y, [time, batch, channels], and the state after the last step.
 */
export function selectiveScan({ delta, x, takes, gives }: Selective, a: Value, initial: Value): Stretch {
  const length = Math.max(8, Math.floor(stretchSize / sizeOf(initial.shape)))
  // Inside, channels are the last axis: there are more of them, and what is read of a state is a sum over rows.
  const decay = transpose(a)
  const { outputs, states } = inStretches(
    [delta, x, takes, gives],
    [transpose(initial, [0, 2, 1])],
    length,
    (parts, [before]) => {
      const [step, given, into, from] = parts
      const factors = exp(mul(expandDims(step, -2), decay))
      const added = mul(expandDims(mul(step, given), -2), expandDims(into, -1))
      const found = linearScan(factors, added, { initial: before })
      return { outputs: sum(mul(found, expandDims(from, -1)), { axis: -2 }), states: [lastStep(found)] }
    },
  )
  return { outputs, states: states.map((state) => transpose(state, [0, 2, 1])) }
}
