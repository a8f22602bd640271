// Long sequences in stretches of time: what is large within one never lies in memory for all steps at once, as the gradient computes each
// stretch again from the states before it.

import type { Value } from '../../graph'
import { concatenate, reshape, scan, slice } from '../../ops'

/** What a stretch gives: the outputs of its steps, time first, and the states after it. */
export interface Stretch {
  readonly outputs: Value
  readonly states: readonly Value[]
}

/**
 * Goes over time-major values in stretches of so many steps, and once over what is left at the end.
 *
 * @param step - one stretch, from its part of each value and the states before it.
 */
export function inStretches(
  values: readonly Value[],
  initial: readonly Value[],
  length: number,
  step: (parts: readonly Value[], states: readonly Value[]) => Stretch,
): Stretch {
  const [steps] = values[0].shape
  const count = Math.floor(steps / length)
  if (count < 2) return step(values, initial)
  const whole = count * length
  const [states, [found]] = scan(
    (before, parts) => {
      const { outputs, states: after } = step(parts, before)
      return [after, [outputs]]
    },
    initial,
    values.map((value) => reshape(slice(value, [0], [whole]), [count, length, ...value.shape.slice(1)])),
  )
  const outputs = reshape(found, [whole, ...found.shape.slice(2)])
  if (whole === steps) return { outputs, states }
  const rest = step(
    values.map((value) => slice(value, [whole])),
    states,
  )
  return { outputs: concatenate([outputs, rest.outputs], 0), states: rest.states }
}
