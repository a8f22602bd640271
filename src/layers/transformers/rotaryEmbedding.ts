// Places in a sequence as rotations of its features.

import { OptionError, ShapeError } from '../../errors'
import type { Value } from '../../graph'
import { add, cast, concatenate, cos, iota, mul, neg, reshape, sin, slice, transpose } from '../../ops'
import { formatShape, normalizeAxis, type PartialShape } from '../../tensor'
import type { CallContext } from '../base/context'
import { Layer, type LayerOptions } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import type { CallOptions } from '../options/callOptions'
import type { Expected } from '../options/expected'
import type { OwnOptions } from '../options/ownOptions'
import { placesOf, positionCall } from './positions'

/** Options of {@link rotaryEmbedding}. */
export interface RotaryEmbeddingOptions extends LayerOptions {
  /** The longest wave, in steps divided by 2π; 10,000 by default. */
  readonly maxWavelength?: number
  /** How many times longer sequences are than those the model was trained with; 1 by default. */
  readonly scalingFactor?: number
  /**
   * What becomes of that: all waves are longer by it (`'linear'`, the default), by a power of it (`'dynamic'`), or slow ones more than
   * fast ones (`'yarn'`, Peng et al., 2023).
   */
  readonly ropeType?: 'linear' | 'dynamic' | 'yarn'
  /** Of yarn: waves that turn more often within the original length stay as they are; 32 by default. */
  readonly betaFast?: number
  /** Of yarn: waves that turn less often become longer by the whole factor; 1 by default. */
  readonly betaSlow?: number
  /** Of yarn: the length of the sequences that the model was trained with; 4,096 by default. */
  readonly originalMaxPositionEmbeddings?: number
  /** Of yarn: whether the bounds between fast and slow are whole features; `true` by default. */
  readonly truncate?: boolean
  /** The axis of time, the batch being axis 0; 1 by default. */
  readonly sequenceAxis?: number
  /** The axis of the features; the last by default. */
  readonly featureAxis?: number
  /** What feature i is divided by in the exponent; the number of features by default. */
  readonly denominatorDim?: number
}

const own = {
  defaults: {
    maxWavelength: 10_000,
    scalingFactor: 1,
    ropeType: 'linear',
    betaFast: 32,
    betaSlow: 1,
    originalMaxPositionEmbeddings: 4096,
    truncate: true,
    sequenceAxis: 1,
    featureAxis: -1,
    denominatorDim: undefined,
  },
  rules: {
    maxWavelength: { above: 0 },
    scalingFactor: { above: 0 },
    ropeType: { oneOf: ['linear', 'dynamic', 'yarn'] },
    betaFast: { above: 0 },
    betaSlow: { above: 0 },
    originalMaxPositionEmbeddings: { integer: true, from: 1 },
    sequenceAxis: { integer: true },
    featureAxis: { integer: true },
    denominatorDim: { above: 0 },
  },
} satisfies OwnOptions<RotaryEmbeddingOptions>

class RotaryEmbedding extends Layer {
  override readonly expects: Expected = { inputs: 'one', minRank: 3 }
  override readonly supportsMasking = false
  private readonly options: RotaryEmbeddingOptions

  constructor(options: RotaryEmbeddingOptions = {}) {
    super(options, 'rotaryEmbedding', own)
    this.options = options
  }

  override get callOptions(): CallOptions {
    return positionCall
  }

  /** The axes of time and features, counted from the front. */
  private axes(rank: number): readonly [time: number, features: number] {
    const { sequenceAxis = own.defaults.sequenceAxis, featureAxis = own.defaults.featureAxis } = this.options
    const time = normalizeAxis(sequenceAxis, rank, `${this.name}: sequenceAxis`)
    const features = normalizeAxis(featureAxis, rank, `${this.name}: featureAxis`)
    if (time !== features) return [time, features]
    throw new OptionError(`${this.name}: featureAxis: expected another axis than that of time, got ${featureAxis}`)
  }

  protected override checkShape(inputShape: PartialShape): void {
    const [, axis] = this.axes(inputShape.length + 1)
    const features = axis === 0 ? null : inputShape[axis - 1]
    if (features === null || features % 2 === 0) return
    throw new ShapeError(
      `${this.name}: expected an even number of features, got shape ${formatShape([null, ...inputShape])}`,
    )
  }

  override call(x: Value, context: CallContext): Value {
    const [time, axis] = this.axes(x.rank)
    const order = movedAxes(x.rank, axis, time)
    const moved = transpose(x, order)
    const [steps, features] = [moved.shape[1], moved.shape[x.rank - 1]]
    const half = features / 2
    const places = placesOf(this, steps, context) ?? reshape(iota(steps), [1, steps])
    const between = Array.from({ length: x.rank - 3 }, () => 1)
    const angles = mul(reshape(cast(places, x.dtype), [places.shape[0], steps, ...between, 1]), this.rates(features))
    const both = concatenate([angles, angles], -1)
    const { ropeType, scalingFactor = 1 } = this.options
    const size = ropeType === 'yarn' ? 0.1 * Math.log(scalingFactor) + 1 : 1
    const part = (from: number): Value =>
      slice(moved, [...moved.shape.slice(1).map(() => 0), from], [...moved.shape.slice(0, -1), half])
    const turned = concatenate([neg(part(half)), part(0)], -1)
    const rotated = add(mul(moved, mul(cos(both), size)), mul(turned, mul(sin(both), size)))
    return transpose(
      rotated,
      order.map((_, i) => order.indexOf(i)),
    )
  }

  /** By how much each pair of features turns from step to step. */
  private rates(features: number): number[] {
    const { maxWavelength = own.defaults.maxWavelength, scalingFactor = 1, ropeType = 'linear' } = this.options
    const { denominatorDim = features } = this.options
    const pairs = Array.from({ length: features / 2 }, (_, i) => 2 * i)
    if (ropeType === 'yarn') return this.yarnRates(features, pairs)
    const slower = ropeType === 'linear' ? scalingFactor : scalingFactor ** (features / Math.max(1, features - 2))
    return pairs.map((i) => maxWavelength ** (-i / denominatorDim) / slower)
  }

  private yarnRates(features: number, pairs: readonly number[]): number[] {
    const { maxWavelength = own.defaults.maxWavelength, scalingFactor = 1, truncate = true } = this.options
    const { betaFast = own.defaults.betaFast, betaSlow = own.defaults.betaSlow } = this.options
    const { originalMaxPositionEmbeddings: length = own.defaults.originalMaxPositionEmbeddings } = this.options
    const bound = (turns: number): number =>
      (features * Math.log(length / (turns * 2 * Math.PI))) / (2 * Math.log(maxWavelength))
    const [low, high] = [bound(betaFast), bound(betaSlow)]
    const from = Math.max(truncate ? Math.floor(low) : low, 0)
    const to = Math.min(truncate ? Math.ceil(high) : high, features - 1)
    return pairs.map((i) => {
      const rate = maxWavelength ** (-i / features)
      const slow = Math.min(Math.max((i / 2 - from) / Math.max(to - from, 1e-3), 0), 1)
      return (rate / scalingFactor) * slow + rate * (1 - slow)
    })
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape
  }

  override overTime([rank]: readonly number[]): OverTime {
    const [time] = this.axes(rank)
    return time === 1 ? 'carried' : { mixed: 'it counts places along another axis than that of time' }
  }

  override config(): Record<string, unknown> {
    return { ...this.options }
  }
}

/** The axes in the order that has the features last and time second, as NumPy's `moveaxis`. */
function movedAxes(rank: number, features: number, time: number): number[] {
  const order = Array.from({ length: rank }, (_, i) => i).filter((axis) => axis !== features && axis !== time)
  order.splice(1, 0, time)
  return [...order, features]
}

/**
 * Rotary position embedding (Su et al., 2021), as KerasHub's `RotaryEmbedding`: pairs of features turn by an angle that grows with the
 * place, fast for the first of them, slowly for the last. It is applied to queries and keys.
 *
 * Input and output `[batch, time, ..., features]`. Calls take `startIndex` and `positions`; a stream goes on where it was.
 *
 * @throws ShapeError for an odd number of features.
 *
 * @example
 * ```ts
 * const y = await rotaryEmbedding().run([[[1, 0], [1, 0]]])
 * y.toArray() // [[[1, 0], [cos 1, sin 1]]]
 * ```
 */
export const rotaryEmbedding = /* @__PURE__ */ layerFactory(
  'rotaryEmbedding',
  [],
  (options?: RotaryEmbeddingOptions): Layer => {
    return new RotaryEmbedding(options)
  },
)
