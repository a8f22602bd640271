// The selective scan of mamba: states of channels times features, in stretches of time, so that the states of all steps never lie in
// memory at once; the gradient computes each stretch again from the state before it.

import type { Value } from '../../../graph'
import { concatenate, exp, expandDims, linearScan, mul, reshape, scan, slice, sum } from '../../../ops'
import { sizeOf } from '../../../tensor'
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
export function selectiveScan(all: Selective, a: Value, initial: Value): readonly [outputs: Value, state: Value] {
  const [steps] = all.x.shape
  const values = [all.delta, all.x, all.takes, all.gives]
  const length = Math.max(8, Math.floor(stretchSize / sizeOf(initial.shape)))
  const stretches = Math.floor(steps / length)
  if (stretches < 2) return stretch(values, a, initial)
  const cut = values.map((value) =>
    reshape(first(value, stretches * length), [stretches, length, ...value.shape.slice(1)]),
  )
  const [[state], [found]] = scan(
    ([before], slices) => {
      const [outputs, after] = stretch(slices, a, before)
      return [[after], [outputs]]
    },
    [initial],
    cut,
  )
  const outputs = reshape(found, [stretches * length, ...found.shape.slice(2)])
  if (stretches * length === steps) return [outputs, state]
  const rest = values.map((value) => slice(value, [stretches * length]))
  const [last, after] = stretch(rest, a, state)
  return [concatenate([outputs, last], 0), after]
}

function first(value: Value, steps: number): Value {
  return slice(value, [0], [steps])
}

function stretch([delta, x, takes, gives]: readonly Value[], a: Value, initial: Value): [Value, Value] {
  const factors = exp(mul(expandDims(delta, -1), a))
  const added = mul(expandDims(mul(delta, x), -1), expandDims(takes, -2))
  const states = linearScan(factors, added, { initial })
  return [sum(mul(states, expandDims(gives, -2)), { axis: -1 }), lastStep(states)]
}
