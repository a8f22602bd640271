// Layers that join inputs number by number: add, subtract, multiply, average, maximum, minimum.

import { ShapeError } from '../errors'
import type { Value } from '../graph'
import { add as addTwo, div, maximum as larger, logicalOr, mul, reshape, minimum as smaller, sub } from '../ops'
import { formatShape, type PartialShape } from '../tensor'
import type { CallContext } from './context'
import type { Expected } from './expected'
import { Layer, type LayerOptions } from './layer'
import { registerLayer } from './registry'

type Combine = (values: readonly Value[]) => Value

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
  override call(inputs: readonly Value[]): Value {
    const rank = Math.max(...inputs.map((input) => input.rank))
    return this.combine(inputs.map((input) => withRank(input, rank)))
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

const summed: Combine = (values) => values.reduce((a, b) => addTwo(a, b))

/**
 * The sum of its inputs, number by number. Inputs have the same shape, or lengths of 1 that stretch.
 *
 * @example
 * ```ts
 * const y = await add().run([[[1, 2]], [[10, 20]]])
 * y.toArray() // [[11, 22]]
 * ```
 */
export function add(options?: LayerOptions): Layer {
  return new Merge('add', options, summed)
}

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
export function subtract(options?: LayerOptions): Layer {
  return new Merge('subtract', options, ([a, b]) => sub(a, b), 2)
}

/**
 * The product of its inputs, number by number.
 *
 * @example
 * ```ts
 * const y = await multiply().run([[[2, 3]], [[10, 20]]])
 * y.toArray() // [[20, 60]]
 * ```
 */
export function multiply(options?: LayerOptions): Layer {
  return new Merge('multiply', options, (values) => values.reduce((a, b) => mul(a, b)))
}

/**
 * The mean of its inputs, number by number.
 *
 * @example
 * ```ts
 * const y = await average().run([[[1, 2]], [[3, 6]]])
 * y.toArray() // [[2, 4]]
 * ```
 */
export function average(options?: LayerOptions): Layer {
  return new Merge('average', options, (values) => div(summed(values), values.length))
}

/**
 * The largest of its inputs, number by number.
 *
 * @example
 * ```ts
 * const y = await maximum().run([[[1, 9]], [[3, 6]]])
 * y.toArray() // [[3, 9]]
 * ```
 */
export function maximum(options?: LayerOptions): Layer {
  return new Merge('maximum', options, (values) => values.reduce((a, b) => larger(a, b)))
}

/**
 * The smallest of its inputs, number by number.
 *
 * @example
 * ```ts
 * const y = await minimum().run([[[1, 9]], [[3, 6]]])
 * y.toArray() // [[1, 6]]
 * ```
 */
export function minimum(options?: LayerOptions): Layer {
  return new Merge('minimum', options, (values) => values.reduce((a, b) => smaller(a, b)))
}

registerLayer<LayerOptions>('add', add)
registerLayer<LayerOptions>('subtract', subtract)
registerLayer<LayerOptions>('multiply', multiply)
registerLayer<LayerOptions>('average', average)
registerLayer<LayerOptions>('maximum', maximum)
registerLayer<LayerOptions>('minimum', minimum)
