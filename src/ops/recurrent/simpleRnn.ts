// The plain recurrent network (Elman, 1990) over a whole sequence as one primitive, and its gradient.
import { type Operand, toValue, type Value } from '../../graph'
import { numbers, oneOf, operands, optional } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { add, cast, greater, tanh, where } from '../elementwise/elementwise'
import { matmul } from '../matmul'
import { sweepPrimitive } from './sweep'

/**
 * `simpleRnn`: a plain recurrent network over a sequence. T steps, B sequences in a batch, F features, H units.
 *
 * Inputs: x[T,B,F], h0[B,H], kernel[F,H], recurrentKernel[H,H], bias[H], and mask[T,B] (bool) if `masked`.
 *
 * For each step t, from 0 on, with h the state before it: h' = activation(x[t] kernel + h recurrentKernel + bias). In a
 * row where mask[t] is false h' = h.
 *
 * Outputs: ys[T,B,H] (h' of each step), hn[B,H] (the state after the last step, h0 where T is 0).
 *
 * `simpleRnnGradient`: the gradient of `simpleRnn`, back through time.
 *
 * Inputs: those of `simpleRnn` (x, h0, kernel, recurrentKernel, bias, mask if `masked`), then its output ys, then those
 * of the gradients of ys[T,B,H] and hn[B,H] that `upstreams` says are given; the other is 0.
 *
 * Outputs: the gradients of x[T,B,F], h0[B,H], kernel[F,H], recurrentKernel[H,H], bias[H].
 *
 * For each step t, from the last to the first, with dh the gradient of the state after it (at first that of hn), h the
 * state before it, y = ys[t]:
 * ```
 * dh += dys[t]
 * dz = dh * (1 - y * y) for tanh, dh where y > 0 else 0 for relu
 * dx[t] = dz kernel';  dkernel += x[t]' dz;  drecurrentKernel += h' dz;  dbias += the rows of dz
 * dh = dz recurrentKernel'
 * ```
 * In a row where mask[t] is false dz = 0, and dh (with dys[t]) goes on to the step before unchanged.
 */
const simpleRnnPrimitive = /* @__PURE__ */ sweepPrimitive('simpleRnn', {
  states: ['state'],
  gates: 1,
  bias: (units) => [units],
  kept: [],
  step: ([h], input, { recurrentKernel }, { activation }) => {
    const z = add(input, matmul(h, recurrentKernel))
    return { after: [activation === 'tanh' ? tanh(z) : where(greater(z, 0), z, 0)], kept: () => [] }
  },
})

/** The operands of {@link simpleRnn}; shapes as its primitive gives them. */
export interface SimpleRnnOperands {
  /** [time, batch, features]. */
  readonly x: Operand
  /** The state before the first step, [batch, units]. */
  readonly h0: Operand
  /** [features, units]. */
  readonly kernel: Operand
  /** [units, units]. */
  readonly recurrentKernel: Operand
  /** [units]. */
  readonly bias: Operand
  /** [time, batch]: a row of a step where it is false leaves the state as it was. */
  readonly mask?: Operand | undefined
  /** `'tanh'` by default. */
  readonly activation?: 'tanh' | 'relu'
}

/** What a plain recurrent network gives over a sequence. */
export interface SimpleRnnResults {
  /** The state after each step, [time, batch, units]. */
  readonly ys: Value
  /** The state after the last step, [batch, units]. */
  readonly hn: Value
}

/**
 * A plain recurrent network over a time-major sequence.
 *
 * @example
 * ```ts
 * const { ys, hn } = ops.simpleRnn({ x, h0, kernel, recurrentKernel, bias, activation: 'relu' })
 * ```
 */
export const simpleRnn = /* @__PURE__ */ op(
  'simpleRnn',
  {
    operands: /* @__PURE__ */ operands({
      x: numbers,
      h0: numbers,
      kernel: numbers,
      recurrentKernel: numbers,
      bias: numbers,
      mask: /* @__PURE__ */ optional(numbers),
      activation: /* @__PURE__ */ optional(/* @__PURE__ */ oneOf(['tanh', 'relu'])),
    }),
  },
  (operands: SimpleRnnOperands): SimpleRnnResults => {
    const { x, h0, kernel, recurrentKernel, bias, mask, activation = 'tanh' } = operands
    const first = toValue(x)
    const floats = [h0, kernel, recurrentKernel, bias].map((operand) => cast(operand, first.dtype))
    const masks = mask === undefined ? [] : [cast(mask, 'bool')]
    const [ys, hn] = simpleRnnPrimitive.apply([first, ...floats, ...masks], { masked: mask !== undefined, activation })
    return { ys, hn }
  },
)
