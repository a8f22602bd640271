// Normalisation of each sample by itself.

import type { Value, Variable } from '../../graph'
import { add, layerNorm, mul, reshape } from '../../ops'
import type { PartialShape } from '../../tensor'
import { Layer } from '../base/layer'
import { alongAxesOverTime, type OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import { checkAxes, knownLength, requireAxes } from '../options/checks'
import type { Expected } from '../options/expected'
import type { OwnOptions } from '../options/ownOptions'
import type { Ranked } from '../options/ranks'
import { alongAxes } from './alongAxes'
import { addScaleAndShift, type ScaleAndShiftOptions, scaleAndShiftOptions } from './scaleAndShift'

/** Options of {@link layerNormalization}. */
export interface LayerNormalizationOptions extends ScaleAndShiftOptions {
  /** The axis or axes that are normalised, the batch being axis 0; the last by default. */
  readonly axis?: number | readonly number[]
  /** Added to the variance, against division by 0; 0.001 by default. */
  readonly epsilon?: number
}

const own = /* @__PURE__ */ (() =>
  ({
    defaults: { axis: -1, epsilon: 1e-3, ...scaleAndShiftOptions.defaults },
    // Axes are checked by whoever counts them.
    rules: { axis: { otherTypes: true }, epsilon: { from: 0 }, ...scaleAndShiftOptions.rules },
  }) satisfies OwnOptions<LayerNormalizationOptions>)()

class LayerNormalization extends Layer {
  override readonly expects: Expected = { inputs: 'one', minRank: 2 }
  private readonly axis: number | readonly number[]
  private readonly epsilon: number
  private readonly options: LayerNormalizationOptions
  declare private gamma: Variable | undefined
  declare private beta: Variable | undefined

  constructor(options: LayerNormalizationOptions = {}) {
    super(options, 'layerNormalization', own)
    this.axis = checkAxes('layerNormalization', 'axis', options.axis ?? own.defaults.axis)
    this.epsilon = options.epsilon ?? own.defaults.epsilon
    this.options = options
  }

  override build(inputShape: PartialShape): void {
    const axes = requireAxes(this.name, 'axis', this.axis, inputShape.length + 1)
    if (!this.hasWeights) return
    const shape = axes.map((axis) => knownLength(this.name, `places along axis ${axis}`, inputShape, axis - 1))
    const { gamma, beta } = addScaleAndShift(this, shape, this.options)
    this.gamma = gamma
    this.beta = beta
  }

  protected override fixedAxes(rank: number): readonly number[] {
    return this.hasWeights ? requireAxes(this.name, 'axis', this.axis, rank) : []
  }

  /** Without them, the axes may have any length. */
  private get hasWeights(): boolean {
    const { scale, center } = { ...own.defaults, ...this.options }
    return scale || center
  }

  override call(x: Value): Value {
    const axes = requireAxes(this.name, 'axis', this.axis, x.rank)
    const { gamma, beta, epsilon } = this
    // Over the last axis alone, scaling and shifting need no other shape.
    if (axes.length === 1 && axes[0] === x.rank - 1) return layerNorm(x, { gamma, beta, epsilon })
    const normalised = alongAxes(x, axes, (flat) => layerNorm(flat, { epsilon }))
    const shape = x.shape.map((length, axis) => (axes.includes(axis) ? length : 1))
    const scaled = gamma === undefined ? normalised : mul(normalised, reshape(gamma, shape))
    return beta === undefined ? scaled : add(scaled, reshape(beta, shape))
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
 * Brings each sample's axis (or axes) to mean 0 and variance 1, then scales and shifts by what is learnt (Ba, Kiros and
 * Hinton, 2016): (x - mean) / sqrt(variance + epsilon) * gamma + beta. The shape stays.
 *
 * Weights: gamma and beta, each of the shape of the axes.
 *
 * @throws ShapeError for an axis the input does not have, or whose length is not known: with `scale: false` and
 *   `center: false` it need not be.
 *
 * @example
 * ```ts
 * const y = await layerNormalization({ epsilon: 0 }).run([[1, 3]])
 * y.toArray() // [[-1, 1]]
 * ```
 */
export const layerNormalization = /* @__PURE__ */ layerFactory(
  'layerNormalization',
  [],
  (options?: LayerNormalizationOptions): Ranked<'layerNormalization', number, 'same'> => {
    return new LayerNormalization(options)
  },
)
