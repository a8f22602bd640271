// Every loss as a metric: its mean over all samples, under the same name and with the same options.
import type { Value } from '../graph'
import {
  alongValues,
  type BinaryFocalOptions,
  type CrossentropyOptions,
  type FocalOptions,
  type HuberOptions,
  type Loss,
  type LossOptions,
  type SparseCategoricalCrossentropyOptions,
} from '../losses'
import * as losses from '../losses/factories'
import { cast, exp, mul } from '../ops'
import type { Factory } from '../registry'
import { type Metric, type MetricOptions, meanResult, metric } from './metric'
import { addToMean, newMean } from './running'

interface Naming {
  readonly aliases?: readonly string[]
  /** What becomes of the mean in the end; the mean itself by default. */
  finish?(mean: Value): Value
}

/** Declares the metric that is the mean of a loss; what the loss leaves out does not count. */
function fromLoss<O extends object>(
  name: string,
  makeLoss: Factory<Loss, O & LossOptions>,
  { aliases = [], finish = (mean) => mean }: Naming = {},
): Factory<Metric, O & MetricOptions> {
  const { reduction: _reduction, name: _name, ...defaults } = makeLoss().config.options
  return metric<O>(name, {
    aliases,
    better: 'min',
    // The config of a loss has all its options; without those that every loss has they are O.
    defaults: defaults as never,
    state: newMean,
    update({ state, yTrue, yPred, sampleWeight, options }) {
      const names = Object.keys(defaults)
      const own = Object.fromEntries(Object.entries(options).filter(([option]) => names.includes(option)))
      const loss = makeLoss(own as Partial<O & LossOptions>) // only options of O are left
      const values = loss.call(yTrue, yPred)
      return addToMean(state, values, weightsOf(values, loss.mask?.(yTrue, yPred), sampleWeight))
    },
    result: (state) => finish(meanResult(state)),
  })
}

function weightsOf(values: Value, counts: Value | undefined, sampleWeight: Value | undefined): Value | undefined {
  if (counts === undefined) return sampleWeight
  const weights = cast(counts, values.dtype)
  return sampleWeight === undefined
    ? weights
    : mul(weights, alongValues(cast(sampleWeight, values.dtype), values.shape))
}

/**
 * The mean of {@link losses.meanSquaredError}.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'logCosh', metrics: [metrics.meanSquaredError()] }) // or 'mse'
 * ```
 */
export const meanSquaredError = /* @__PURE__ */ fromLoss('meanSquaredError', losses.meanSquaredError, {
  aliases: ['mse'],
})
/**
 * The mean of {@link losses.meanAbsoluteError}.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'logCosh', metrics: [metrics.meanAbsoluteError()] }) // or 'mae'
 * ```
 */
export const meanAbsoluteError = /* @__PURE__ */ fromLoss('meanAbsoluteError', losses.meanAbsoluteError, {
  aliases: ['mae'],
})
/**
 * The mean of {@link losses.meanAbsolutePercentageError}.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'logCosh', metrics: [metrics.meanAbsolutePercentageError()] }) // or 'mape'
 * ```
 */
export const meanAbsolutePercentageError = /* @__PURE__ */ fromLoss(
  'meanAbsolutePercentageError',
  losses.meanAbsolutePercentageError,
  {
    aliases: ['mape'],
  },
)
/**
 * The mean of {@link losses.meanSquaredLogarithmicError}.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'logCosh', metrics: [metrics.meanSquaredLogarithmicError()] }) // or 'msle'
 * ```
 */
export const meanSquaredLogarithmicError = /* @__PURE__ */ fromLoss(
  'meanSquaredLogarithmicError',
  losses.meanSquaredLogarithmicError,
  {
    aliases: ['msle'],
  },
)
/**
 * The mean of {@link losses.huber}.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'logCosh', metrics: [metrics.huber({ delta: 2 })] })
 * ```
 */
export const huber = /* @__PURE__ */ fromLoss<HuberOptions>('huber', losses.huber)
/**
 * The mean of {@link losses.logCosh}.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'mse', metrics: [metrics.logCosh()] }) // or 'logCosh'
 * ```
 */
export const logCosh = /* @__PURE__ */ fromLoss('logCosh', losses.logCosh, { aliases: ['logcosh', 'logCoshError'] })
/**
 * The mean of {@link losses.poisson}.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'logCosh', metrics: [metrics.poisson()] }) // or 'poisson'
 * ```
 */
export const poisson = /* @__PURE__ */ fromLoss('poisson', losses.poisson)
/**
 * The mean of {@link losses.hinge}.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'binaryCrossentropy', metrics: [metrics.hinge()] }) // or 'hinge'
 * ```
 */
export const hinge = /* @__PURE__ */ fromLoss('hinge', losses.hinge)
/**
 * The mean of {@link losses.squaredHinge}.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'binaryCrossentropy', metrics: [metrics.squaredHinge()] }) // or 'squaredHinge'
 * ```
 */
export const squaredHinge = /* @__PURE__ */ fromLoss('squaredHinge', losses.squaredHinge)
/**
 * The mean of {@link losses.categoricalHinge}.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'categoricalCrossentropy', metrics: [metrics.categoricalHinge()] }) // or 'categoricalHinge'
 * ```
 */
export const categoricalHinge = /* @__PURE__ */ fromLoss('categoricalHinge', losses.categoricalHinge)
/**
 * The mean of {@link losses.klDivergence}.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'categoricalCrossentropy', metrics: [metrics.klDivergence()] }) // or 'kld'
 * ```
 */
export const klDivergence = /* @__PURE__ */ fromLoss('klDivergence', losses.klDivergence, { aliases: ['kld'] })
/**
 * The mean of {@link losses.binaryCrossentropy}.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'hinge', metrics: [metrics.binaryCrossentropy()] }) // or 'bce'
 * ```
 */
export const binaryCrossentropy = /* @__PURE__ */ fromLoss<CrossentropyOptions>(
  'binaryCrossentropy',
  losses.binaryCrossentropy,
  {
    aliases: ['bce'],
  },
)
/**
 * The mean of {@link losses.categoricalCrossentropy}.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'categoricalHinge', metrics: [metrics.categoricalCrossentropy({ fromLogits: true })] })
 * ```
 */
export const categoricalCrossentropy = /* @__PURE__ */ fromLoss<CrossentropyOptions>(
  'categoricalCrossentropy',
  losses.categoricalCrossentropy,
)
/**
 * The mean of {@link losses.sparseCategoricalCrossentropy}.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'sparseCategoricalCrossentropy', metrics: [metrics.sparseCategoricalCrossentropy({ ignoreClass: 0 })] })
 * ```
 */
export const sparseCategoricalCrossentropy = /* @__PURE__ */ fromLoss<SparseCategoricalCrossentropyOptions>(
  'sparseCategoricalCrossentropy',
  losses.sparseCategoricalCrossentropy,
)
/**
 * The mean of {@link losses.binaryFocalCrossentropy}.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'binaryCrossentropy', metrics: [metrics.binaryFocalCrossentropy({ gamma: 3 })] })
 * ```
 */
export const binaryFocalCrossentropy = /* @__PURE__ */ fromLoss<BinaryFocalOptions>(
  'binaryFocalCrossentropy',
  losses.binaryFocalCrossentropy,
)
/**
 * The mean of {@link losses.categoricalFocalCrossentropy}.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'categoricalCrossentropy', metrics: [metrics.categoricalFocalCrossentropy({ gamma: 3 })] })
 * ```
 */
export const categoricalFocalCrossentropy = /* @__PURE__ */ fromLoss<FocalOptions>(
  'categoricalFocalCrossentropy',
  losses.categoricalFocalCrossentropy,
)

/**
 * Perplexity: `exp` of the mean {@link losses.sparseCategoricalCrossentropy}, for class indices. A model that guesses
 * among n equally likely classes has n.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'sparseCategoricalCrossentropy', metrics: [metrics.perplexity({ ignoreClass: 0 })] })
 * ```
 */
export const perplexity = /* @__PURE__ */ fromLoss<SparseCategoricalCrossentropyOptions>(
  'perplexity',
  losses.sparseCategoricalCrossentropy,
  { finish: exp },
)
