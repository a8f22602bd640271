// Normalisation of the last axis to mean 0 and variance 1 (Ba, Kiros and Hinton, 2016).
import { type Operand, onceEach, primitive, toValue, type Value } from '../../graph'
import { isFloat, type Shape } from '../../tensor'
import { number, numbers, options } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { add, cast, div, mul, neg, sqrt, sub } from '../elementwise/elementwise'
import { mean } from '../reduce'

const last = { axis: -1, keepDims: true }

/** Two results: (x - mean) * r, and r = 1 / sqrt(variance + epsilon) with the last axis kept as length 1. */
const layerNormPrimitive = /* @__PURE__ */ primitive('layerNorm', {
  work: onceEach,
  infer: ([x]) => [
    { shape: x.shape, dtype: x.dtype },
    { shape: rowsOf(x.shape), dtype: x.dtype },
  ],
  decompose: ([x], { epsilon }) => {
    const centred = sub(x, mean(x, last))
    const inverse = div(1, sqrt(add(mean(mul(centred, centred), last), epsilon)))
    return [mul(centred, inverse), inverse]
  },
  gradient: ({ inputs: [x], outputs: [y, inverse], upstreams: [g, gInverse] }) => {
    const throughY = g && layerNormGradient.one([y, inverse, g], {})
    // dr/dx = -r^2 y / n; only a second derivative asks for it.
    const throughInverse = gInverse && neg(mul(mul(gInverse, mul(inverse, inverse)), div(y, x.shape[x.rank - 1])))
    return [throughY && throughInverse ? add(throughY, throughInverse) : (throughY ?? throughInverse)]
  },
})

/** r (g - mean(g) - y mean(g y)), from the two results and the gradient of the first. */
const layerNormGradient = /* @__PURE__ */ primitive('layerNormGradient', {
  work: onceEach,
  infer: ([y]) => [{ shape: y.shape, dtype: y.dtype }],
  decompose: ([y, inverse, g]) => [mul(inverse, sub(sub(g, mean(g, last)), mul(y, mean(mul(g, y), last))))],
})

function rowsOf(shape: Shape): Shape {
  return shape.map((length, axis) => (axis === shape.length - 1 ? 1 : length))
}

/** Options of `layerNorm`. */
export interface LayerNormOptions {
  /** What the normalised values are multiplied by: one number for each place of the last axis. */
  readonly gamma?: Operand
  /** What is added to them then. */
  readonly beta?: Operand
  /** Keeps a constant row from a division by 0; 0.001 by default, as in Keras. */
  readonly epsilon?: number
}

/**
 * (x - mean) / sqrt(variance + epsilon) * gamma + beta, with mean and variance over the last axis.
 */
export const layerNorm = /* @__PURE__ */ op(
  'layerNorm',
  {
    x: numbers,
    options: /* @__PURE__ */ options({ gamma: numbers, beta: numbers, epsilon: /* @__PURE__ */ number({ from: 0 }) }),
  },
  (operand: Operand, { gamma, beta, epsilon = 1e-3 }: LayerNormOptions = {}): Value => {
    const given = toValue(operand)
    const x = isFloat(given.dtype) ? given : cast(given, 'float32')
    const normalised = layerNormPrimitive.one([x], { epsilon })
    const scaled = gamma === undefined ? normalised : mul(normalised, gamma)
    return beta === undefined ? scaled : add(scaled, beta)
  },
)
