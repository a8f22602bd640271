// Inputs beside each other along one axis.

import { ShapeError } from '../../errors'
import { constant, type Value } from '../../graph'
import { broadcastTo, concatenate as join, logicalOr } from '../../ops'
import { formatShape, type PartialShape } from '../../tensor'
import type { CallContext } from '../base/context'
import { Layer, type LayerOptions } from '../base/layer'
import { alongAxesOverTime, type OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import { checkAxes, requireAxis } from '../options/checks'
import type { Expected } from '../options/expected'
import type { OwnOptions } from '../options/ownOptions'

/** Options of {@link concatenate}. */
export interface ConcatenateOptions extends LayerOptions {
  /** The axis, the batch being axis 0; the last by default. */
  readonly axis?: number
}

const own = { defaults: { axis: -1 } } satisfies OwnOptions<ConcatenateOptions>

class Concatenate extends Layer {
  override readonly expects: Expected = { inputs: 'list', minRank: 2 }
  private readonly axis: number
  private readonly options: ConcatenateOptions

  constructor(options: ConcatenateOptions = {}) {
    super(options, 'concatenate', own)
    this.axis = checkAxes('concatenate', 'axis', options.axis ?? own.defaults.axis)
    this.options = options
  }

  protected override checkShape(shapes: readonly PartialShape[]): void {
    this.outputShape(shapes)
  }

  override call(inputs: readonly Value[]): Value {
    return join(inputs, this.axis)
  }

  override outputShape(shapes: readonly PartialShape[]): PartialShape {
    const [first] = shapes
    const axis = requireAxis(this.name, 'axis', this.axis, first.length + 1) - 1
    const fits = shapes.every(
      (shape) => shape.length === first.length && shape.every((length, i) => i === axis || same(length, first[i])),
    )
    if (!fits) {
      const given = shapes.map((shape) => formatShape([null, ...shape])).join(', ')
      throw new ShapeError(`${this.name}: expected inputs of one shape but along axis ${axis + 1}, got ${given}`)
    }
    return first.map((_, i) => {
      const lengths = shapes.map((shape) => shape[i])
      if (i !== axis) return lengths.find((length) => length !== null) ?? null
      return lengths.reduce((sum, length) => (sum === null || length === null ? null : sum + length))
    })
  }

  /** Joined over time, each input keeps its own mask; over features, a step counts where it counts in any input. */
  override computeMask(inputs: readonly Value[], { masks }: CallContext): readonly (Value | undefined)[] {
    const present = masks.filter((mask) => mask !== undefined)
    if (present.length === 0 || inputs[0].rank < 3) return [undefined]
    const joinsTime = requireAxis(this.name, 'axis', this.axis, inputs[0].rank) === 1
    if (joinsTime)
      return [
        join(
          inputs.map((input, i) => masks[i] ?? all(input.shape.slice(0, 2))),
          1,
        ),
      ]
    return [present.length === inputs.length ? present.reduce((a, b) => logicalOr(a, b)) : undefined]
  }

  override overTime([rank]: readonly number[]): OverTime {
    return alongAxesOverTime(this.axis, rank, this.name)
  }

  override config(): Record<string, unknown> {
    return { ...this.options }
  }
}

function same(a: number | null, b: number | null): boolean {
  return a === b || a === null || b === null
}

/** A mask that masks nothing. */
function all(shape: readonly number[]): Value {
  return broadcastTo(constant(true, 'bool'), shape)
}

/**
 * Puts its inputs beside each other along an axis; the other lengths are the same in all.
 *
 * @throws ShapeError where another length differs.
 *
 * @example
 * ```ts
 * const y = await concatenate().run([[[1, 2]], [[3]]])
 * y.toArray() // [[1, 2, 3]]
 * ```
 */
export const concatenate = /* @__PURE__ */ layerFactory('concatenate', [], (options?: ConcatenateOptions): Layer => {
  return new Concatenate(options)
})
