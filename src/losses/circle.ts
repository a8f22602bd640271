// Losses of class numbers that are no cross-entropies: of how near embeddings lie to each other, and of noisy labels.
import { ShapeError } from '../errors'
import type { Value } from '../graph'
import {
  add,
  cast,
  div,
  equal,
  eye,
  greater,
  logicalAnd,
  logSumExp,
  matmul,
  maximum,
  mul,
  oneHot,
  pow,
  reshape,
  softplus,
  sub,
  sum,
  transpose,
  where,
} from '../ops'
import { formatShape } from '../tensor'
import { loss } from './loss'
import { checkClassIndices, checkSparseTargets } from './targets'

/** Options of {@link circle}. */
export interface CircleOptions {
  /** How strongly distances count; 80 by default. */
  readonly gamma: number
  /** How far apart classes are to be; 0.4 by default. */
  readonly margin: number
  /** Whether a sample is left out of those of its own class; `true` by default. */
  readonly removeDiagonal: boolean
}

// What nothing adds to a sum of exponentials; finite, so that its gradient is 0.
const nothing = -1e30

function circleValues(yTrue: Value, yPred: Value, { gamma, margin, removeDiagonal }: CircleOptions): Value {
  const labels = reshape(cast(yTrue, 'int32'), [-1, 1])
  const distances = maximum(sub(1, matmul(yPred, yPred, { transposeB: true })), 0)
  const alike = equal(labels, transpose(labels))
  const others = equal(eye(labels.shape[0]), 0)
  const positive = removeDiagonal ? logicalAnd(alike, others) : alike
  const pull = mul(mul(add(distances, margin), sub(distances, margin)), gamma)
  const push = mul(mul(maximum(sub(1 + margin, distances), 0), sub(1 - margin, distances)), gamma)
  const near = logSumExp(where(positive, pull, nothing), { axis: 1 })
  const far = logSumExp(where(alike, nothing, push), { axis: 1 })
  return softplus(add(near, far))
}

/**
 * Circle loss (Sun and others, 2020, "Circle loss: a unified perspective of pair similarity optimization"): brings embeddings of one class
 * together and those of others apart, with cosine distances `d = 1 - a · b`:
 *
 * ```
 * log(1 + sum over others of exp(gamma (1 + margin - d)(1 - margin - d)) * sum over its own of exp(gamma (margin + d)(d - margin)))
 * ```
 *
 * Targets are class numbers `[batch]`; predictions are embeddings of length 1, `[batch, features]`. Samples whose loss is 0 do not count.
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.circle({ gamma: 64, margin: 0.25 }) })
 * ```
 */
export const circle = /* @__PURE__ */ loss<CircleOptions>('circle', {
  defaults: { gamma: 80, margin: 0.4, removeDiagonal: true },
  rules: { gamma: { above: 0 }, margin: { from: 0, to: 1 } },
  checkTargets(name, yTrueShape, yPredShape) {
    if (yPredShape.length === 2 && yTrueShape[0] === yPredShape[0] && yTrueShape.slice(1).every((n) => n === 1)) return
    throw new ShapeError(
      `${name}: expected class numbers [batch] and embeddings [batch, features], got ${formatShape(yTrueShape)} and ${formatShape(yPredShape)}`,
    )
  },
  call: circleValues,
  mask: (yTrue, yPred, options) => greater(circleValues(yTrue, yPred, options), 0),
})

/** Options of {@link categoricalGeneralizedCrossEntropy}. */
export interface GeneralizedCrossEntropyOptions {
  /** Between cross-entropy, near 0, and the mean absolute error, near 1; 0.5 by default. */
  readonly q: number
}

/**
 * Generalized cross-entropy (Zhang and Sabuncu, 2018, "Generalized cross entropy loss for training deep neural networks with noisy
 * labels"): `(1 - yPred[yTrue]^q) / q`, for class numbers that may be wrong.
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.categoricalGeneralizedCrossEntropy({ q: 0.7 }) })
 * ```
 */
export const categoricalGeneralizedCrossEntropy = /* @__PURE__ */ loss<GeneralizedCrossEntropyOptions>(
  'categoricalGeneralizedCrossEntropy',
  {
    defaults: { q: 0.5 },
    rules: { q: { above: 0, below: 1 } },
    leastClasses: 2,
    checkTargets: checkSparseTargets,
    checkLabels: (name, labels, yPredShape) => checkClassIndices(name, labels, yPredShape),
    call(yTrue, yPred, { q }) {
      const labels = reshape(cast(yTrue, 'int32'), yPred.shape.slice(0, -1))
      const right = sum(mul(yPred, cast(oneHot(labels, yPred.shape[yPred.rank - 1]), yPred.dtype)), { axis: -1 })
      return div(sub(1, pow(right, q)), q)
    },
  },
)
