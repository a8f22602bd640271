// Losses for numbers: squared, absolute, relative and logarithmic errors, what lies between them, and counts.
import type { Value } from '../graph'
import {
  abs,
  add,
  div,
  lessEqual,
  log,
  log1p,
  maximum,
  mean,
  mul,
  softplus,
  sqrt,
  square,
  sub,
  sum,
  where,
} from '../ops'
import { loss } from './loss'
import { alignTargets } from './targets'

// Keras' epsilon: what keeps logarithms and quotients finite.
export const epsilon = 1e-7

/** The mean over the last axis of f(target, prediction), element by element. */
export function meanOf<O>(f: (yTrue: Value, yPred: Value, options: O) => Value) {
  return (yTrue: Value, yPred: Value, options: O): Value => {
    const [targets, predictions] = alignTargets(yTrue, yPred)
    const values = f(targets, predictions, options)
    return values.rank === 0 ? values : mean(values, { axis: -1 })
  }
}

/**
 * Mean squared error: `mean((yPred - yTrue)²)`.
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.meanSquaredError() }) // or 'mse'
 * ```
 */
export const meanSquaredError = /* @__PURE__ */ loss('meanSquaredError', {
  aliases: ['mse'],
  defaults: {},
  call: /* @__PURE__ */ meanOf((yTrue, yPred) => square(sub(yPred, yTrue))),
})

/**
 * Mean absolute error: `mean(|yPred - yTrue|)`.
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.meanAbsoluteError() }) // or 'mae'
 * ```
 */
export const meanAbsoluteError = /* @__PURE__ */ loss('meanAbsoluteError', {
  aliases: ['mae'],
  defaults: {},
  call: /* @__PURE__ */ meanOf((yTrue, yPred) => abs(sub(yPred, yTrue))),
})

/**
 * Mean absolute percentage error: `100 mean(|yTrue - yPred| / max(|yTrue|, 1e-7))`.
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.meanAbsolutePercentageError() }) // or 'mape'
 * ```
 */
export const meanAbsolutePercentageError = /* @__PURE__ */ loss('meanAbsolutePercentageError', {
  aliases: ['mape'],
  defaults: {},
  call: /* @__PURE__ */ meanOf((yTrue, yPred) => mul(100, abs(div(sub(yTrue, yPred), maximum(abs(yTrue), epsilon))))),
})

/**
 * Mean squared logarithmic error: `mean((log(1 + yPred) - log(1 + yTrue))²)`, for numbers that are not negative.
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.meanSquaredLogarithmicError() }) // or 'msle'
 * ```
 */
export const meanSquaredLogarithmicError = /* @__PURE__ */ loss('meanSquaredLogarithmicError', {
  aliases: ['msle'],
  defaults: {},
  call: /* @__PURE__ */ meanOf((yTrue, yPred) =>
    square(sub(log1p(maximum(yPred, epsilon)), log1p(maximum(yTrue, epsilon)))),
  ),
})

/** Options of {@link huber}. */
export interface HuberOptions {
  /** From which error on it grows only linearly; 1 by default. */
  readonly delta: number
}

/**
 * Huber's loss (1964): with the error e, the mean of `e² / 2` where |e| <= delta and of `delta |e| - delta² / 2` beyond,
 * so that outliers pull less.
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.huber({ delta: 2 }) })
 * ```
 */
export const huber = /* @__PURE__ */ loss<HuberOptions>('huber', {
  defaults: { delta: 1 },
  rules: { delta: { above: 0 } },
  call: /* @__PURE__ */ meanOf((yTrue, yPred, { delta }) => {
    const error = sub(yPred, yTrue)
    const size = abs(error)
    return where(lessEqual(size, delta), mul(0.5, square(error)), sub(mul(delta, size), 0.5 * delta * delta))
  }),
})

/**
 * The mean of `log(cosh(yPred - yTrue))`: about e² / 2 for small errors, |e| - log 2 for large ones.
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.logCosh() })
 * ```
 */
export const logCosh = /* @__PURE__ */ loss('logCosh', {
  aliases: ['logcosh'],
  defaults: {},
  call: /* @__PURE__ */ meanOf((yTrue, yPred) => {
    // log(cosh(e)) = e + log(1 + exp(-2e)) - log(2), which does not overflow.
    const error = sub(yPred, yTrue)
    return sub(add(error, softplus(mul(-2, error))), Math.LN2)
  }),
})

/**
 * The mean of `yPred - yTrue log(yPred)`: the negative log-likelihood of counts that follow Poisson's distribution.
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.poisson() })
 * ```
 */
export const poisson = /* @__PURE__ */ loss('poisson', {
  defaults: {},
  call: /* @__PURE__ */ meanOf((yTrue, yPred) => sub(yPred, mul(yTrue, log(add(yPred, epsilon))))),
})

/** Options of {@link cosineSimilarity}. */
export interface CosineSimilarityOptions {
  /** The axis along which the vectors lie; the last by default. */
  readonly axis: number
}

/** The cosine of the angle between targets and predictions along an axis. */
export function cosineOf(yTrue: Value, yPred: Value, axis: number): Value {
  const [targets, predictions] = alignTargets(yTrue, yPred)
  return sum(mul(normalized(targets, axis), normalized(predictions, axis)), { axis })
}

function normalized(x: Value, axis: number): Value {
  // A vector of zeros stays one: its length counts as epsilon.
  return div(x, sqrt(maximum(sum(square(x), { axis, keepDims: true }), epsilon * epsilon)))
}

/**
 * The cosine of the angle between targets and predictions, with its sign turned so that -1 is best.
 *
 * @example
 * ```ts
 * model.compile({ loss: losses.cosineSimilarity() })
 * ```
 */
export const cosineSimilarity = /* @__PURE__ */ loss<CosineSimilarityOptions>('cosineSimilarity', {
  defaults: { axis: -1 },
  rules: { axis: { integer: true } },
  call: (yTrue, yPred, { axis }) => mul(-1, cosineOf(yTrue, yPred, axis)),
})
