// Normalisation by the statistics of a batch, and of all batches seen.

import type { Value, Variable } from '../../graph'
import { type InitializerOption, ones, zeros } from '../../initializers'
import { add, broadcastTo, cast, div, mean, mul, reshape, rsqrt, square, sub, sum, variance, where } from '../../ops'
import type { PartialShape } from '../../tensor'
import { stretched } from '../activations/softmax'
import type { CallContext } from '../base/context'
import { Layer } from '../base/layer'
import { alongAxesOverTime, type OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import { checkAxes, knownLength, requireAxis } from '../options/checks'
import type { Expected } from '../options/expected'
import { anInitializer, aRate, type OwnOptions } from '../options/ownOptions'
import type { Ranked } from '../options/ranks'
import { addScaleAndShift, type ScaleAndShiftOptions, scaleAndShiftOptions } from './scaleAndShift'

/** Options of {@link batchNormalization}. */
export interface BatchNormalizationOptions extends ScaleAndShiftOptions {
  /** The axis of the features, which are normalised one by one; the last by default, the batch being axis 0. */
  readonly axis?: number
  /** How much of the moving statistics is kept with each batch; 0.99 by default. */
  readonly momentum?: number
  /** Added to the variance, against division by 0; 0.001 by default. */
  readonly epsilon?: number
  /** `'zeros'` by default. */
  readonly movingMeanInitializer?: InitializerOption
  /** `'ones'` by default. */
  readonly movingVarianceInitializer?: InitializerOption
}

const own = /* @__PURE__ */ (() =>
  ({
    defaults: {
      axis: -1,
      momentum: 0.99,
      epsilon: 1e-3,
      movingMeanInitializer: /* @__PURE__ */ zeros(),
      movingVarianceInitializer: /* @__PURE__ */ ones(),
      ...scaleAndShiftOptions.defaults,
    },
    rules: {
      momentum: aRate,
      epsilon: { from: 0 },
      movingMeanInitializer: anInitializer,
      movingVarianceInitializer: anInitializer,
      ...scaleAndShiftOptions.rules,
    },
  }) satisfies OwnOptions<BatchNormalizationOptions>)()

interface Moments {
  readonly mean: Value
  readonly variance: Value
}

class BatchNormalization extends Layer {
  override readonly expects: Expected = { inputs: 'one', minRank: 2 }
  private readonly axis: number
  private readonly momentum: number
  private readonly epsilon: number
  private readonly options: BatchNormalizationOptions
  declare private gamma: Variable | undefined
  declare private beta: Variable | undefined
  declare private movingMean: Variable
  declare private movingVariance: Variable

  constructor(options: BatchNormalizationOptions = {}) {
    super(options, 'batchNormalization', own)
    this.axis = checkAxes('batchNormalization', 'axis', options.axis ?? own.defaults.axis)
    this.momentum = options.momentum ?? own.defaults.momentum
    this.epsilon = options.epsilon ?? own.defaults.epsilon
    this.options = options
  }

  override build(inputShape: PartialShape): void {
    const axis = requireAxis(this.name, 'axis', this.axis, inputShape.length + 1)
    const shape = [knownLength(this.name, `places along axis ${axis}`, inputShape, axis - 1)]
    const { gamma, beta } = addScaleAndShift(this, shape, this.options)
    const { movingMeanInitializer, movingVarianceInitializer } = this.options
    this.gamma = gamma
    this.beta = beta
    this.movingMean = this.addWeight('movingMean', shape, {
      initializer: movingMeanInitializer ?? own.defaults.movingMeanInitializer,
      trainable: false,
    })
    this.movingVariance = this.addWeight('movingVariance', shape, {
      initializer: movingVarianceInitializer ?? own.defaults.movingVarianceInitializer,
      trainable: false,
    })
  }

  protected override fixedAxes(): readonly number[] {
    return [this.axis]
  }

  override call(x: Value, context: CallContext): Value {
    const axis = requireAxis(this.name, 'axis', this.axis, x.rank)
    const features = x.shape.map((length, i) => (i === axis ? length : 1))
    const { gamma, beta } = this
    const { mean, variance } = this.moments(x, axis, context)
    const inverse = rsqrt(add(variance, this.epsilon))
    const scale = gamma === undefined ? inverse : mul(inverse, gamma)
    const scaled = mul(sub(x, reshape(mean, features)), reshape(scale, features))
    return beta === undefined ? scaled : add(scaled, reshape(beta, features))
  }

  /** Those of the batch in training, which move the moving ones; the moving ones otherwise, and while it is frozen. */
  private moments(x: Value, axis: number, context: CallContext): Moments {
    const { movingMean, movingVariance } = this
    if (!context.training || !this.trainable) return { mean: movingMean.value, variance: movingVariance.value }
    const others = x.shape.map((_, i) => i).filter((i) => i !== axis)
    const moments =
      context.mask === undefined
        ? { mean: mean(x, { axis: others }), variance: variance(x, { axis: others }) }
        : maskedMoments(x, stretched(context.mask, x), others)
    context.update(movingMean, this.moved(context.current(movingMean), moments.mean))
    context.update(movingVariance, this.moved(context.current(movingVariance), moments.variance))
    return moments
  }

  private moved(moving: Value, now: Value): Value {
    return add(mul(moving, this.momentum), mul(now, 1 - this.momentum))
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape
  }

  override get mixesSamples(): boolean {
    return true
  }

  override overTime([rank]: readonly number[]): OverTime {
    return alongAxesOverTime(this.axis, rank, this.name)
  }

  override config(): Record<string, unknown> {
    return { ...this.options }
  }
}

/** Mean and variance over axes, of the places that are not masked. */
function maskedMoments(x: Value, mask: Value, axis: readonly number[]): Moments {
  const kept = broadcastTo(mask, x.shape)
  // As in Keras: a batch that is masked as a whole has mean 0 and variance 0.
  const count = add(sum(cast(kept, x.dtype), { axis, keepDims: true }), 1e-7)
  const average = div(sum(where(kept, x, 0), { axis, keepDims: true }), count)
  const squares = where(kept, square(sub(x, average)), 0)
  const places = x.shape.filter((_, i) => !axis.includes(i))
  return {
    mean: reshape(average, places),
    variance: reshape(div(sum(squares, { axis, keepDims: true }), count), places),
  }
}

/**
 * Brings each feature to mean 0 and variance 1, then scales and shifts by what is learnt (Ioffe and Szegedy, 2015):
 * (x - mean) / sqrt(variance + epsilon) * gamma + beta. The shape stays.
 *
 * In training, mean and variance are those of the batch (masked steps left out), and the moving ones go their way with
 * it: moving = moving * momentum + batch * (1 - momentum). Otherwise, and where `trainable` is `false`, they are the
 * moving ones.
 *
 * Weights, each `[features]`: gamma, beta, movingMean, movingVariance; the last two are not trainable.
 *
 * @throws ShapeError for an axis the input does not have, or whose length is not known.
 *
 * @example
 * ```ts
 * const y = await batchNormalization({ epsilon: 0 }).run([[1], [3]], { training: true })
 * y.toArray() // [[-1], [1]]
 * ```
 */
export const batchNormalization = /* @__PURE__ */ layerFactory(
  'batchNormalization',
  [],
  (options?: BatchNormalizationOptions): Ranked<'batchNormalization', number, 'same'> => {
    return new BatchNormalization(options)
  },
)
