// Products of two inputs, summed over one axis of each.

import { jsonOf, OptionError, ShapeError } from '../../errors'
import type { Value } from '../../graph'
import { matmul, reshape, transpose } from '../../ops'
import { formatShape, type PartialShape, sizeOf } from '../../tensor'
import { Layer, type LayerOptions } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import { normalizeLength } from '../normalization/unitNormalization'
import { requireAxis, withLeading } from '../options/checks'
import type { Expected } from '../options/expected'
import type { OwnOptions } from '../options/ownOptions'

/** Options of {@link dot}. */
export interface DotOptions extends LayerOptions {
  /** The axis of both inputs, or one of each, that is summed over; the batch is axis 0. */
  readonly axes?: number | readonly [number, number]
  /** Whether vectors along that axis are first brought to length 1, which makes the product their cosine. */
  readonly normalize?: boolean
}

const own = { defaults: { axes: undefined, normalize: false } } satisfies OwnOptions<DotOptions>

class Dot extends Layer {
  override readonly expects: Expected = { inputs: 'list', minRank: 2 }
  override readonly supportsMasking = false
  private readonly axes: readonly [number, number]
  private readonly options: DotOptions

  constructor(options: DotOptions) {
    super(options, 'dot', own)
    const { axes } = options
    const both = typeof axes === 'number' ? [axes, axes] : axes
    if (!Array.isArray(both) || both.length !== 2 || !both.every((axis) => Number.isInteger(axis) && axis !== 0)) {
      throw new OptionError(`dot: axes: expected one axis or two (0 is the batch), got ${jsonOf(axes)}`)
    }
    this.axes = [both[0], both[1]]
    this.options = options
  }

  protected override checkShape(shapes: readonly PartialShape[]): void {
    this.outputShape(shapes)
  }

  /** The axes of the two inputs, counted from the front. */
  private axesOf(ranks: readonly number[]): number[] {
    return this.axes.map((axis, i) => requireAxis(this.name, 'axes', axis, ranks[i]))
  }

  override call([left, right]: readonly Value[]): Value {
    const [i, j] = this.axesOf([left.rank, right.rank])
    const [a, b] = this.options.normalize
      ? [normalizeLength(left, i, 1e-7), normalizeLength(right, j, 1e-7)]
      : [left, right]
    const freeA = a.shape.map((_, axis) => axis).filter((axis) => axis !== 0 && axis !== i)
    const freeB = b.shape.map((_, axis) => axis).filter((axis) => axis !== 0 && axis !== j)
    const lengths = (x: Value, axes: readonly number[]): number[] => axes.map((axis) => x.shape[axis])
    const [batch, inner] = [a.shape[0], a.shape[i]]
    const rows = reshape(transpose(a, [0, ...freeA, i]), [batch, sizeOf(lengths(a, freeA)), inner])
    const columns = reshape(transpose(b, [0, j, ...freeB]), [batch, inner, sizeOf(lengths(b, freeB))])
    const free = [...lengths(a, freeA), ...lengths(b, freeB)]
    return reshape(matmul(rows, columns), [batch, ...(free.length === 0 ? [1] : free)])
  }

  override outputShape(shapes: readonly PartialShape[]): PartialShape {
    const [a, b] = shapes
    if (shapes.length !== 2) throw new ShapeError(`${this.name}: expected 2 inputs, got ${shapes.length}`)
    const [i, j] = this.axesOf([a.length + 1, b.length + 1])
    const [m, n] = [a[i - 1], b[j - 1]]
    if (m !== null && n !== null && m !== n) {
      throw new ShapeError(
        `${this.name}: expected the same length along axes ${i} and ${j}, got ${formatShape([null, ...a])} and ${formatShape([null, ...b])}`,
      )
    }
    const free = [...a.filter((_, axis) => axis !== i - 1), ...b.filter((_, axis) => axis !== j - 1)]
    return free.length === 0 ? [1] : free
  }

  override overTime(): OverTime {
    return { mixed: 'it multiplies steps with one another' }
  }

  override config(): Record<string, unknown> {
    return { ...this.options }
  }
}

/**
 * For each sample, the products of two inputs summed over one axis of each: what is left of the shapes stands one
 * behind the other, `[batch, ...left, ...right]`, or `[batch, 1]` where nothing is left.
 *
 * @param axes - the axis of both inputs, or `[left, right]`; it may stand among the options too.
 * @throws ShapeError where the two axes differ in length, or with other than two inputs.
 *
 * @example
 * ```ts
 * const y = await dot(1).run([[[1, 2]], [[3, 4]]])
 * y.toArray() // [[11]]
 * ```
 */
export const dot = /* @__PURE__ */ layerFactory(
  'dot',
  [],
  (axes: number | readonly [number, number] | DotOptions, options?: DotOptions): Layer => {
    return new Dot(withLeading<DotOptions, 'axes'>('axes', axes, options))
  },
)
