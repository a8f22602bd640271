// The selective scan of mamba: states of channels times features, in stretches of time.

import type { Value } from '../../../graph'
import { exp, expandDims, linearScan, mul, sum } from '../../../ops'
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
const stretchSize = 2 ** 19

/**
 * h' = exp(Δ A) * h + (Δ x) B and y = h' C, for each channel.
 *
 * @param a - A, [channels, features].
 * @param initial - [batch, channels, features].
 * @returns y, [time, batch, channels], and the state after the last step.
 */
export function selectiveScan({ delta, x, takes, gives }: Selective, a: Value, initial: Value): Stretch {
  const length = Math.max(8, Math.floor(stretchSize / sizeOf(initial.shape)))
  return inStretches([delta, x, takes, gives], [initial], length, (parts, [before]) => {
    const [step, given, into, from] = parts
    const factors = exp(mul(expandDims(step, -1), a))
    const added = mul(expandDims(mul(step, given), -1), expandDims(into, -2))
    const states = linearScan(factors, added, { initial: before })
    return { outputs: sum(mul(states, expandDims(from, -2)), { axis: -1 }), states: [lastStep(states)] }
  })
}
