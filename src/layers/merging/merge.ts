// Layers that join inputs number by number: add, subtract, multiply, average, maximum, minimum.

import { ShapeError } from '../../errors'
import type { Value } from '../../graph'
import {
  add as addTwo,
  div,
  maximum as larger,
  logicalOr,
  mul,
  reshape,
  minimum as smaller,
  sub,
  where,
} from '../../ops'
import { formatShape, type PartialShape } from '../../tensor'
import { stretched } from '../activations/softmax'
import type { CallContext } from '../base/context'
import { Layer, type LayerOptions } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import type { Expected } from '../options/expected'

/** An input, and where it counts: undefined where it counts everywhere. */
interface Joined {
  readonly value: Value
  readonly counts: Value | undefined
}

type Combine = (inputs: readonly Joined[]) => Value

class Merge extends Layer {
  override readonly expects: Expected = { inputs: 'list' }
  private readonly combine: Combine
  private readonly count: number | undefined
  private readonly options: LayerOptions

  /** @param count - the number of inputs it takes; any number from 1 by default. */
  constructor(kind: string, options: LayerOptions = {}, combine: Combine, count?: number) {
    super(options, kind)
    this.combine = combine
    this.count = count
    this.options = options
  }

  protected override checkShape(shapes: readonly PartialShape[]): void {
    this.outputShape(shapes)
  }

  /** Inputs with fewer axes are stretched over those that others have more, behind the batch. */
  override call(inputs: readonly Value[], { masks }: CallContext): Value {
    const rank = Math.max(...inputs.map((input) => input.rank))
    return this.combine(
      inputs.map((input, i) => {
        const mask = masks[i]
        return { value: withRank(input, rank), counts: mask && withRank(stretched(mask, input), rank) }
      }),
    )
  }

  override outputShape(shapes: readonly PartialShape[]): PartialShape {
    if (this.count !== undefined && shapes.length !== this.count) {
      throw new ShapeError(`${this.name}: expected ${this.count} inputs, got ${shapes.length}`)
    }
    const joined = shapes.reduce<PartialShape | undefined>((a, b) => a && broadcast(a, b), [])
    if (joined !== undefined) return joined
    const given = shapes.map((shape) => formatShape([null, ...shape])).join(', ')
    throw new ShapeError(`${this.name}: expected inputs of one shape, or lengths of 1 to stretch, got ${given}`)
  }

  /** A step counts where it counts in any of the inputs; one input without a mask counts everywhere. */
  override computeMask(inputs: readonly Value[], { masks }: CallContext): readonly (Value | undefined)[] {
    const present = masks.filter((mask) => mask !== undefined)
    const isComplete = present.length > 0 && present.length === inputs.length
    return [isComplete ? present.reduce((a, b) => logicalOr(a, b)) : undefined]
  }

  override overTime(): OverTime {
    return 'apart'
  }

  override config(): Record<string, unknown> {
    return { ...this.options }
  }
}

function withRank(x: Value, rank: number): Value {
  const more = Array.from({ length: rank - x.rank }, () => 1)
  return reshape(x, [x.shape[0], ...more, ...x.shape.slice(1)])
}

/** The shape two samples broadcast to, aligned at the last axis; undefined where they do not. */
function broadcast(a: PartialShape, b: PartialShape): PartialShape | undefined {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a]
  const lead = long.length - short.length
  const lengths = long.map((length, axis) => (axis < lead ? length : meet(length, short[axis - lead])))
  return lengths.includes(undefined) ? undefined : (lengths as PartialShape) // none is undefined
}

function meet(a: number | null, b: number | null): number | null | undefined {
  if (a === b || b === 1) return a
  if (a === 1) return b
  if (a === null || b === null) return a ?? b
  return undefined
}

const summed: Combine = (inputs) => inputs.map(({ value }) => value).reduce((a, b) => addTwo(a, b))

/** An extreme of those that count: a masked place gives way to the other's number, as in Keras (base_merge.py). */
function extreme(choose: (a: Value, b: Value) => Value): Combine {
  const giveWay = ({ value, counts }: Joined, other: Value): Value =>
    counts === undefined ? value : where(counts, value, other)
  const join = (a: Joined, b: Joined): Joined => {
    const value = giveWay(b, a.value)
    const counts = a.counts && b.counts && logicalOr(a.counts, b.counts)
    return { value: choose(giveWay(a, value), value), counts }
  }
  return (inputs) => inputs.reduce(join).value
}

/** The product of those that count, and 0 where none does, as in Keras (multiply.py). */
const product: Combine = (inputs) => {
  const joined = inputs
    .map(({ value, counts }) => (counts === undefined ? value : where(counts, value, 1)))
    .reduce((a, b) => mul(a, b))
  const all = inputs.flatMap(({ counts }) => counts ?? [])
  return all.length < inputs.length
    ? joined
    : where(
        all.reduce((a, b) => logicalOr(a, b)),
        joined,
        0,
      )
}

/**
 * The sum of its inputs, number by number. Inputs have the same shape, or lengths of 1 that stretch.
 *
 * @example
 * ```ts
 * const y = await add().run([[[1, 2]], [[10, 20]]])
 * y.toArray() // [[11, 22]]
 * ```
 */
export const add = /* @__PURE__ */ layerFactory('add', [], (options?: LayerOptions): Layer => {
  return new Merge('add', options, summed)
})

/**
 * The first input minus the second, number by number.
 *
 * @throws ShapeError unless there are two inputs.
 *
 * @example
 * ```ts
 * const y = await subtract().run([[[10, 20]], [[1, 2]]])
 * y.toArray() // [[9, 18]]
 * ```
 */
export const subtract = /* @__PURE__ */ layerFactory('subtract', [], (options?: LayerOptions): Layer => {
  return new Merge('subtract', options, ([a, b]) => sub(a.value, b.value), 2)
})

/**
 * The product of its inputs, number by number; where an input is masked, it counts as 1.
 *
 * @example
 * ```ts
 * const y = await multiply().run([[[2, 3]], [[10, 20]]])
 * y.toArray() // [[20, 60]]
 * ```
 */
export const multiply = /* @__PURE__ */ layerFactory('multiply', [], (options?: LayerOptions): Layer => {
  return new Merge('multiply', options, product)
})

/**
 * The mean of its inputs, number by number.
 *
 * @example
 * ```ts
 * const y = await average().run([[[1, 2]], [[3, 6]]])
 * y.toArray() // [[2, 4]]
 * ```
 */
export const average = /* @__PURE__ */ layerFactory('average', [], (options?: LayerOptions): Layer => {
  return new Merge('average', options, (inputs) => div(summed(inputs), inputs.length))
})

/**
 * The largest of its inputs, number by number, without those that are masked there.
 *
 * @example
 * ```ts
 * const y = await maximum().run([[[1, 9]], [[3, 6]]])
 * y.toArray() // [[3, 9]]
 * ```
 */
export const maximum = /* @__PURE__ */ layerFactory('maximum', [], (options?: LayerOptions): Layer => {
  return new Merge('maximum', options, extreme(larger))
})

/**
 * The smallest of its inputs, number by number, without those that are masked there.
 *
 * @example
 * ```ts
 * const y = await minimum().run([[[1, 9]], [[3, 6]]])
 * y.toArray() // [[1, 6]]
 * ```
 */
export const minimum = /* @__PURE__ */ layerFactory('minimum', [], (options?: LayerOptions): Layer => {
  return new Merge('minimum', options, extreme(smaller))
})
