// Normalisation of groups of channels, each sample by itself.

import { ShapeError } from '../../errors'
import type { Value, Variable } from '../../graph'
import { add, layerNorm, mul, reshape } from '../../ops'
import type { PartialShape } from '../../tensor'
import { Layer } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import { checkAxes, knownLength, requireAxis, withLeading } from '../options/checks'
import type { Expected } from '../options/expected'
import type { OwnOptions } from '../options/ownOptions'
import { alongAxes } from './alongAxes'
import { addScaleAndShift, type ScaleAndShiftOptions, scaleAndShiftOptions } from './scaleAndShift'

/** Options of {@link groupNormalization}. */
export interface GroupNormalizationOptions extends ScaleAndShiftOptions {
  /** The number of groups, which divides that of the channels; -1 for one of each channel. 32 by default. */
  readonly groups?: number
  /** The axis of the channels, the batch being axis 0; the last by default. */
  readonly axis?: number
  /** Added to the variance, against division by 0; 0.001 by default. */
  readonly epsilon?: number
}

const own = /* @__PURE__ */ (() =>
  ({
    defaults: { groups: 32, axis: -1, epsilon: 1e-3, ...scaleAndShiftOptions.defaults },
    rules: {
      groups: {
        holds: [
          (value) => value === -1 || (Number.isInteger(value) && Number(value) > 0),
          'a whole number from 1, or -1',
        ],
      },
      axis: { integer: true },
      epsilon: { from: 0 },
      ...scaleAndShiftOptions.rules,
    },
  }) satisfies OwnOptions<GroupNormalizationOptions>)()

class GroupNormalization extends Layer {
  override readonly expects: Expected = { inputs: 'one', minRank: 2 }
  private readonly axis: number
  private readonly options: GroupNormalizationOptions
  declare private gamma: Variable | undefined
  declare private beta: Variable | undefined

  constructor(options: GroupNormalizationOptions = {}) {
    super(options, 'groupNormalization', own)
    this.axis = checkAxes('groupNormalization', 'axis', options.axis ?? own.defaults.axis)
    this.options = options
  }

  protected override checkShape(inputShape: PartialShape): void {
    const channels = this.channels(inputShape)
    const { groups = own.defaults.groups } = this.options
    if (groups === -1 || channels % groups === 0) return
    throw new ShapeError(
      `${this.name}: groups: expected a number that divides the ${channels} channels along axis ${this.axis}, got ${groups}`,
    )
  }

  private channels(inputShape: PartialShape): number {
    const axis = requireAxis(this.name, 'axis', this.axis, inputShape.length + 1)
    return knownLength(this.name, `channels along axis ${axis}`, inputShape, axis - 1)
  }

  override build(inputShape: PartialShape): void {
    const { gamma, beta } = addScaleAndShift(this, [this.channels(inputShape)], this.options)
    this.gamma = gamma
    this.beta = beta
  }

  protected override fixedAxes(rank: number): readonly number[] {
    return [requireAxis(this.name, 'axis', this.axis, rank)]
  }

  override call(x: Value): Value {
    const axis = requireAxis(this.name, 'axis', this.axis, x.rank)
    const channels = x.shape[axis]
    const { groups = own.defaults.groups, epsilon = own.defaults.epsilon } = this.options
    const count = groups === -1 ? channels : groups
    const split = reshape(x, [...x.shape.slice(0, axis), count, channels / count, ...x.shape.slice(axis + 1)])
    const others = split.shape.map((_, i) => i).filter((i) => i !== 0 && i !== axis)
    const normalised = reshape(
      alongAxes(split, others, (flat) => layerNorm(flat, { epsilon })),
      x.shape,
    )
    const shape = x.shape.map((_, i) => (i === axis ? channels : 1))
    const scaled = this.gamma === undefined ? normalised : mul(normalised, reshape(this.gamma, shape))
    return this.beta === undefined ? scaled : add(scaled, reshape(this.beta, shape))
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape
  }

  override overTime([rank]: readonly number[]): OverTime {
    return rank < 3 ? 'apart' : { mixed: 'it normalises over time' }
  }

  override config(): Record<string, unknown> {
    return { ...this.options }
  }
}

/**
 * Brings groups of a sample's channels, over all other axes, to mean 0 and variance 1, then scales and shifts each channel by what
 * is learnt (Wu and He, 2018). The shape stays.
 *
 * Weights: gamma and beta, `[channels]` each.
 *
 * @param groups - the number of groups; it may stand among the options too.
 * @throws ShapeError for a number of channels that the groups do not divide, or that is not known.
 *
 * @example
 * ```ts
 * const y = await groupNormalization(2, { epsilon: 0 }).run([[1, 3, 10, 30]])
 * y.toArray() // [[-1, 1, -1, 1]]
 * ```
 */
export const groupNormalization = /* @__PURE__ */ layerFactory(
  'groupNormalization',
  [],
  (groups?: number | GroupNormalizationOptions, options?: GroupNormalizationOptions): Layer => {
    return new GroupNormalization(withLeading<GroupNormalizationOptions, 'groups'>('groups', groups, options))
  },
)
