// The GRU over a whole sequence as one primitive, and its gradient.
import { type Operand, toValue, type Value } from '../../graph'
import { flag, numbers, operands, optional } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { add, cast, mul, sigmoid, sub, tanh } from '../elementwise/elementwise'
import { matmul } from '../matmul'
import { concatenate, reshape, slice, split } from '../shape'
import { sweepPrimitive } from './sweep'

/**
 * `gru`: a GRU (Cho et al., 2014) over a sequence. T steps, B sequences in a batch, F features, H units; sigmoid gates,
 * tanh for the candidate.
 *
 * Inputs: x[T,B,F], h0[B,H], kernel[F,3H], recurrentKernel[H,3H], bias ([2,3H] if `resetAfter`: of the inputs, then of
 * the recurrent product; else [3H]), and mask[T,B] (bool) if `masked`. The three parts of the last axis are z, r, h:
 * update gate, reset gate, candidate.
 *
 * For each step t, from 0 on, with h the state before it, W, U, b the parts of kernel, recurrentKernel and bias:
 * ```
 * resetAfter:                                     else:
 * z = sigmoid(x[t] Wz + b0z + h Uz + b1z)         z = sigmoid(x[t] Wz + h Uz + bz)
 * r = sigmoid(x[t] Wr + b0r + h Ur + b1r)         r = sigmoid(x[t] Wr + h Ur + br)
 * inner = h Uh + b1h                              inner = r * h
 * g = tanh(x[t] Wh + b0h + r * inner)             g = tanh(x[t] Wh + inner Uh + bh)
 *
 * h' = z * h + (1 - z) * g
 * ```
 * In a row where mask[t] is false h' = h.
 *
 * Outputs: ys[T,B,H] (h' of each step), hn[B,H] (the state after the last step, h0 where T is 0), gates[T,B,3H]
 * (z, r, g as activated), inner[T,B,H]. At a masked step gates and inner too are those of the formula, without effect.
 * ys, gates and inner are what `gruGradient` needs to be kept.
 *
 * `gruGradient`: the gradient of `gru`, back through time.
 *
 * Inputs: those of `gru` (x, h0, kernel, recurrentKernel, bias, mask if `masked`), then its outputs ys, gates and inner,
 * then those of the gradients of ys[T,B,H] and hn[B,H] that `upstreams` says are given; the other is 0.
 *
 * Outputs: the gradients of x[T,B,F], h0[B,H], kernel[F,3H], recurrentKernel[H,3H], bias (its shape).
 *
 * For each step t, from the last to the first, with dh the gradient of the state after it (at first that of hn) and h
 * the state before it:
 * ```
 * dh += dys[t]
 * az = dh * (h - g) * z(1 - z);  ag = dh * (1 - z) * (1 - g * g)
 * resetAfter:                                       else:
 *   ar = ag * inner * r(1 - r)                        di = ag Uh';  ar = di * h * r(1 - r)
 *   dx[t] = [az, ar, ag] W';  db0 += [az, ar, ag]     dx[t] = [az, ar, ag] W';  db += [az, ar, ag]
 *   dU += h' [az, ar, ag * r];                        dUz, dUr += h' [az, ar];  dUh += inner' ag
 *   db1 += [az, ar, ag * r]
 *   dh = dh * z + [az, ar, ag * r] U'                 dh = dh * z + [az, ar] [Uz, Ur]' + di * r
 * ```
 * In a row where mask[t] is false az, ar and ag are 0, and dh (with dys[t]) goes on to the step before unchanged.
 */
const gruPrimitive = /* @__PURE__ */ sweepPrimitive('gru', {
  states: ['state'],
  gates: 3,
  bias: (units, { resetAfter }) => (resetAfter ? [2, 3 * units] : [3 * units]),
  inputBias: (bias, { resetAfter }) => (resetAfter ? row(bias, 0) : bias),
  kept: [3, 1],
  step: ([h], input, weights, { resetAfter }) => {
    const [z, r, g, inner] = (resetAfter ? gatesResetAfter : gatesResetBefore)(h, split(input, 3), weights)
    return {
      after: [add(mul(z, h), mul(sub(1, z), g))],
      kept: () => [concatenate([z, r, g]), inner],
    }
  },
})

interface Weights {
  readonly recurrentKernel: Value
  readonly bias: Value
}

function gatesResetAfter(
  h: Value,
  [xz, xr, xg]: readonly Value[],
  { recurrentKernel, bias }: Weights,
): readonly Value[] {
  const [hz, hr, inner] = split(add(matmul(h, recurrentKernel), row(bias, 1)), 3)
  const r = sigmoid(add(xr, hr))
  return [sigmoid(add(xz, hz)), r, tanh(add(xg, mul(r, inner))), inner]
}

function gatesResetBefore(h: Value, [xz, xr, xg]: readonly Value[], { recurrentKernel }: Weights): readonly Value[] {
  const units = recurrentKernel.shape[0]
  const [hz, hr] = split(matmul(h, slice(recurrentKernel, [0, 0], [units, 2 * units])), 2)
  const r = sigmoid(add(xr, hr))
  const inner = mul(r, h)
  const candidate = tanh(add(xg, matmul(inner, slice(recurrentKernel, [0, 2 * units]))))
  return [sigmoid(add(xz, hz)), r, candidate, inner]
}

function row(matrix: Value, index: number): Value {
  return reshape(slice(matrix, [index], [1, matrix.shape[1]]), [matrix.shape[1]])
}

/** The operands of {@link gru}; shapes as its primitive gives them. */
export interface GruOperands {
  /** [time, batch, features]. */
  readonly x: Operand
  /** The state before the first step, [batch, units]. */
  readonly h0: Operand
  /** [features, 3 * units], gates in the order z, r, h. */
  readonly kernel: Operand
  /** [units, 3 * units]. */
  readonly recurrentKernel: Operand
  /** [2, 3 * units] where `resetAfter`, else [3 * units]. */
  readonly bias: Operand
  /** [time, batch]: a row of a step where it is false leaves the state as it was. */
  readonly mask?: Operand | undefined
  /** `true` by default. */
  readonly resetAfter?: boolean
}

/** What a GRU gives over a sequence. */
export interface GruResults {
  /** The state after each step, [time, batch, units]. */
  readonly ys: Value
  /** The state after the last step, [batch, units]. */
  readonly hn: Value
  /** The activated z, r and the candidate of each step, [time, batch, 3 * units]. */
  readonly gates: Value
}

/**
 * A GRU with its standard activations over a time-major sequence.
 *
 * @example
 * ```ts
 * const { ys, hn } = ops.gru({ x, h0, kernel, recurrentKernel, bias })
 * ```
 */
export const gru = /* @__PURE__ */ op(
  'gru',
  {
    operands: /* @__PURE__ */ operands({
      x: numbers,
      h0: numbers,
      kernel: numbers,
      recurrentKernel: numbers,
      bias: numbers,
      mask: /* @__PURE__ */ optional(numbers),
      resetAfter: /* @__PURE__ */ optional(flag),
    }),
  },
  ({ x, h0, kernel, recurrentKernel, bias, mask, resetAfter = true }: GruOperands): GruResults => {
    const first = toValue(x)
    const floats = [h0, kernel, recurrentKernel, bias].map((operand) => cast(operand, first.dtype))
    const masks = mask === undefined ? [] : [cast(mask, 'bool')]
    const attributes = { masked: mask !== undefined, resetAfter }
    const [ys, hn, gates] = gruPrimitive.apply([first, ...floats, ...masks], attributes)
    return { ys, hn, gates }
  },
)
