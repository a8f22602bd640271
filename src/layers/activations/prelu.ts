// The rectifier that learns its slope.

import type { ConstraintOption } from '../../constraints'
import type { Value, Variable } from '../../graph'
import { type InitializerOption, zeros } from '../../initializers'
import { mul, neg, relu, sub } from '../../ops'
import type { RegularizerOption } from '../../regularizers'
import { normalizeAxes, type PartialShape } from '../../tensor'
import { Layer, type LayerOptions } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import { checkAxes, knownLength, requireAxes } from '../options/checks'
import type { Expected } from '../options/expected'
import { aConstraint, anInitializer, aRegularizer, type OwnOptions } from '../options/ownOptions'

/** Options of {@link prelu}. */
export interface PreluOptions extends LayerOptions {
  /** `'zeros'` by default. */
  readonly alphaInitializer?: InitializerOption
  readonly alphaRegularizer?: RegularizerOption
  readonly alphaConstraint?: ConstraintOption
  /** Axes along which one slope serves all places (1 is the first behind the batch), such as time; none by default. */
  readonly sharedAxes?: number | readonly number[]
}

const own = {
  defaults: {
    alphaInitializer: /* @__PURE__ */ zeros(),
    alphaRegularizer: undefined,
    alphaConstraint: undefined,
    sharedAxes: undefined,
  },
  rules: { alphaInitializer: anInitializer, alphaRegularizer: aRegularizer, alphaConstraint: aConstraint },
} satisfies OwnOptions<PreluOptions>

class Prelu extends Layer {
  override readonly expects: Expected = { inputs: 'one', minRank: 2 }
  private readonly options: PreluOptions
  declare private alpha: Variable

  constructor(options: PreluOptions = {}) {
    super(options, 'prelu', own)
    this.options = options
    if (options.sharedAxes !== undefined) checkAxes('prelu', 'sharedAxes', options.sharedAxes)
  }

  override build(inputShape: PartialShape): void {
    const { alphaInitializer, alphaRegularizer, alphaConstraint } = this.options
    const fixed = this.fixedAxes(inputShape.length + 1)
    const shape = inputShape.map((_, i) =>
      fixed.includes(i + 1) ? knownLength(this.name, `places along axis ${i + 1}`, inputShape, i) : 1,
    )
    this.alpha = this.addWeight('alpha', shape, {
      initializer: alphaInitializer ?? own.defaults.alphaInitializer,
      regularizer: alphaRegularizer,
      constraint: alphaConstraint,
    })
  }

  protected override fixedAxes(rank: number): readonly number[] {
    const { sharedAxes } = this.options
    const shared = sharedAxes === undefined ? [] : requireAxes(this.name, 'sharedAxes', sharedAxes, rank)
    return Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis > 0 && !shared.includes(axis))
  }

  override call(x: Value): Value {
    return sub(relu(x), mul(this.alpha, relu(neg(x))))
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape
  }

  override overTime([rank]: readonly number[]): OverTime {
    // Slopes that the steps share are the same wherever a sequence is cut.
    return normalizeAxes(this.options.sharedAxes ?? [], rank, this.name).includes(1)
      ? 'apart'
      : { mixed: 'it has weights for each step' }
  }

  override config(): Record<string, unknown> {
    return { ...this.options }
  }
}

/**
 * x where x > 0, else alpha * x, with an alpha that is learnt (He et al., 2015); the shape stays.
 *
 * Weight: alpha, of the shape of one sample, with length 1 along the shared axes.
 *
 * @example
 * ```ts
 * const y = await prelu({ alphaInitializer: 'ones', sharedAxes: 1 }).run([[[-1], [2]]])
 * y.toArray() // [[[-1], [2]]]
 * ```
 */
export const prelu = /* @__PURE__ */ layerFactory('prelu', [], (options?: PreluOptions): Layer => {
  return new Prelu(options)
})
