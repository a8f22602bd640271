// Normalisation of each sample by the root of its mean square.

import type { Value, Variable } from '../../graph'
import { add, mean, mul, reshape, rsqrt, square } from '../../ops'
import type { PartialShape } from '../../tensor'
import { Layer, type LayerOptions } from '../base/layer'
import { alongAxesOverTime, type OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import { checkAxes, knownLength, requireAxes } from '../options/checks'
import type { Expected } from '../options/expected'
import type { OwnOptions } from '../options/ownOptions'

/** Options of {@link rmsNormalization}. */
export interface RmsNormalizationOptions extends LayerOptions {
  /** The axis or axes that are normalised, the batch being axis 0; the last by default. */
  readonly axis?: number | readonly number[]
  /** Added to the mean square, against division by 0; 1e-6 by default. */
  readonly epsilon?: number
}

const own = {
  defaults: { axis: -1, epsilon: 1e-6 },
  // Axes are checked by whoever counts them.
  rules: { axis: { otherTypes: true }, epsilon: { from: 0 } },
} satisfies OwnOptions<RmsNormalizationOptions>

class RmsNormalization extends Layer {
  // As in Keras, a mask ends here.
  override readonly supportsMasking = false
  override readonly expects: Expected = { inputs: 'one', minRank: 2 }
  private readonly axis: number | readonly number[]
  private readonly epsilon: number
  private readonly options: RmsNormalizationOptions
  declare private scale: Variable

  constructor(options: RmsNormalizationOptions = {}) {
    super(options, 'rmsNormalization', own)
    this.axis = checkAxes('rmsNormalization', 'axis', options.axis ?? own.defaults.axis)
    this.epsilon = options.epsilon ?? own.defaults.epsilon
    this.options = options
  }

  override build(inputShape: PartialShape): void {
    const axes = requireAxes(this.name, 'axis', this.axis, inputShape.length + 1)
    const shape = axes.map((axis) => knownLength(this.name, `places along axis ${axis}`, inputShape, axis - 1))
    this.scale = this.addWeight('scale', shape, { initializer: 'ones' })
  }

  protected override fixedAxes(rank: number): readonly number[] {
    return requireAxes(this.name, 'axis', this.axis, rank)
  }

  override call(x: Value): Value {
    const axes = requireAxes(this.name, 'axis', this.axis, x.rank)
    const inverse = rsqrt(add(mean(square(x), { axis: axes, keepDims: true }), this.epsilon))
    const shape = x.shape.map((length, axis) => (axes.includes(axis) ? length : 1))
    return mul(mul(x, inverse), reshape(this.scale, shape))
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape
  }

  override overTime([rank]: readonly number[]): OverTime {
    return alongAxesOverTime(this.axis, rank, this.name)
  }

  override config(): Record<string, unknown> {
    return { ...this.options }
  }
}

/**
 * x / sqrt(mean(x²) + epsilon) * scale along an axis (or axes), with what is learnt as scale (Zhang and Sennrich, 2019). The shape
 * stays.
 *
 * Weight: scale, of the shape of the axes.
 *
 * @throws ShapeError for an axis the input does not have, or whose length is not known.
 *
 * @example
 * ```ts
 * const y = await rmsNormalization({ epsilon: 0 }).run([[1, 7]])
 * y.toArray() // [[0.2, 1.4]]
 * ```
 */
export const rmsNormalization = /* @__PURE__ */ layerFactory(
  'rmsNormalization',
  [],
  (options?: RmsNormalizationOptions): Layer => {
    return new RmsNormalization(options)
  },
)
