// The LSTM over a whole sequence as one primitive, and its gradient.
import { type Operand, toValue, type Value } from '../../graph'
import { numbers, operands, optional } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { add, cast, mul, sigmoid, tanh } from '../elementwise/elementwise'
import { matmul } from '../matmul'
import { concatenate, split } from '../shape'
import { sweepPrimitive } from './sweep'

/**
 * `lstm`: an LSTM (Hochreiter and Schmidhuber, 1997; with the forget gate of Gers et al., 2000) over a sequence. T
 * steps, B sequences in a batch, F features, H units; sigmoid gates, tanh for the candidate and the output.
 *
 * Inputs: x[T,B,F], h0[B,H], c0[B,H], kernel[F,4H], recurrentKernel[H,4H], bias[4H], and mask[T,B] (bool) if `masked`.
 * The four parts of the last axis are i, f, g, o: input gate, forget gate, candidate ("input value"), output gate.
 *
 * For each step t, from 0 on, with h and c the states before it:
 * ```
 * [i, f, g, o] = x[t] kernel + h recurrentKernel + bias;  i, f, o = sigmoid(i, f, o);  g = tanh(g)
 * c' = f * c + i * g
 * h' = o * tanh(c')
 * ```
 * In a row where mask[t] is false h' = h and c' = c.
 *
 * Outputs: ys[T,B,H] (h' of each step), hn[B,H] and cn[B,H] (the states after the last step, h0 and c0 where T is 0),
 * gates[T,B,4H] (i, f, g, o as activated; at a masked step too they are those of the formula, without effect),
 * cells[T,B,H] (c' of each step). ys, gates and cells are what `lstmGradient` needs to be kept.
 *
 * `lstmGradient`: the gradient of `lstm`, back through time.
 *
 * Inputs: those of `lstm` (x, h0, c0, kernel, recurrentKernel, bias, mask if `masked`), then its outputs ys, gates and
 * cells, then those of the gradients of ys[T,B,H], hn[B,H], cn[B,H] that `upstreams` says are given; the others are 0.
 *
 * Outputs: the gradients of x[T,B,F], h0[B,H], c0[B,H], kernel[F,4H], recurrentKernel[H,4H], bias[4H].
 *
 * For each step t, from the last to the first, with dh and dc the gradients of the states after it (at first those of
 * hn and cn), h and c the states before it, y = tanh(cells[t]):
 * ```
 * dh += dys[t]
 * dc += dh * o * (1 - y * y)
 * dz = [dc * g * i(1 - i), dc * c * f(1 - f), dc * i * (1 - g * g), dh * y * o(1 - o)]
 * dx[t] = dz kernel';  dkernel += x[t]' dz;  drecurrentKernel += h' dz;  dbias += the rows of dz
 * dh = dz recurrentKernel';  dc = dc * f
 * ```
 * In a row where mask[t] is false dz = 0, and dh (with dys[t]) and dc go on to the step before unchanged.
 */
const lstmPrimitive = /* @__PURE__ */ sweepPrimitive('lstm', {
  states: ['hidden state', 'cell state'],
  gates: 4,
  bias: (units) => [4 * units],
  kept: [4, 1],
  step: ([h, c], input, { recurrentKernel }) => {
    const parts = split(add(input, matmul(h, recurrentKernel)), 4)
    const [i, f, o] = [sigmoid(parts[0]), sigmoid(parts[1]), sigmoid(parts[3])]
    const g = tanh(parts[2])
    const cell = add(mul(f, c), mul(i, g))
    return {
      after: [mul(o, tanh(cell)), cell],
      kept: ([, next]) => [concatenate([i, f, g, o]), next],
    }
  },
})

/** The operands of {@link lstm}; shapes as its primitive gives them. */
export interface LstmOperands {
  /** [time, batch, features]. */
  readonly x: Operand
  /** The hidden state before the first step, [batch, units]. */
  readonly h0: Operand
  /** The cell state before the first step, [batch, units]. */
  readonly c0: Operand
  /** [features, 4 * units], gates in the order i, f, c, o. */
  readonly kernel: Operand
  /** [units, 4 * units]. */
  readonly recurrentKernel: Operand
  /** [4 * units]. */
  readonly bias: Operand
  /** [time, batch]: a row of a step where it is false leaves the states as they were. */
  readonly mask?: Operand | undefined
}

/** What an LSTM gives over a sequence. */
export interface LstmResults {
  /** The hidden state after each step, [time, batch, units]. */
  readonly ys: Value
  /** The hidden state after the last step, [batch, units]. */
  readonly hn: Value
  /** The cell state after the last step, [batch, units]. */
  readonly cn: Value
  /** The activated gates i, f, c, o of each step, [time, batch, 4 * units]. */
  readonly gates: Value
  /** The cell state after each step, [time, batch, units]. */
  readonly cells: Value
}

/**
 * An LSTM with its standard activations over a time-major sequence.
 *
 * @example
 * ```ts
 * const { ys, hn, cn } = ops.lstm({ x, h0, c0, kernel, recurrentKernel, bias })
 * ```
 */
export const lstm = /* @__PURE__ */ op(
  'lstm',
  {
    operands: /* @__PURE__ */ operands({
      x: numbers,
      h0: numbers,
      c0: numbers,
      kernel: numbers,
      recurrentKernel: numbers,
      bias: numbers,
      mask: /* @__PURE__ */ optional(numbers),
    }),
  },
  ({ x, h0, c0, kernel, recurrentKernel, bias, mask }: LstmOperands): LstmResults => {
    const first = toValue(x)
    const floats = [h0, c0, kernel, recurrentKernel, bias].map((operand) => cast(operand, first.dtype))
    const masks = mask === undefined ? [] : [cast(mask, 'bool')]
    const [ys, hn, cn, gates, cells] = lstmPrimitive.apply([first, ...floats, ...masks], { masked: mask !== undefined })
    return { ys, hn, cn, gates, cells }
  },
)
