// Numbers as categories: class numbers as ones and zeros, real numbers by the part between boundaries that they lie in.

import { OptionError, requireOneOf, requirePositiveInteger } from '../../errors'
import type { Value } from '../../graph'
import { cast, digitize, multiHot, oneHot, squeeze, sum } from '../../ops'
import { asTensor, type DType, type PartialShape, type TensorLike } from '../../tensor'
import { Layer, type LayerOptions } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { plainLayer } from '../base/plain'
import { layerFactory } from '../base/registry'
import type { Expected } from '../options/expected'
import type { OwnOptions } from '../options/ownOptions'

/** What becomes of the number of a category. */
export type CategoryMode = 'int' | 'oneHot' | 'multiHot' | 'count'

/** Category numbers in a form; of a form for a whole row the first axis behind the batch is taken together, as in Keras. */
export function encoded(x: Value, mode: CategoryMode, depth: number, dtype: DType): Value {
  switch (mode) {
    case 'int':
      return cast(x, 'int32')
    case 'oneHot':
      return oneHot(x.rank > 1 && x.shape[x.rank - 1] === 1 ? squeeze(x, -1) : x, depth, { dtype })
    case 'multiHot':
      return cast(multiHot(x, depth), dtype)
    case 'count':
      return sum(oneHot(x, depth, { dtype }), { axis: x.rank > 1 ? 1 : 0 })
  }
}

/** The shape of one sample of that. */
export function encodedShape(shape: PartialShape, mode: CategoryMode, depth: number): PartialShape {
  if (mode === 'int') return shape
  if (mode === 'oneHot')
    return [...(shape.length > 0 && shape[shape.length - 1] === 1 ? shape.slice(0, -1) : shape), depth]
  return [...shape.slice(1), depth]
}

/** Options of {@link categoryEncoding}. */
export interface CategoryEncodingOptions extends LayerOptions {
  /** `'multiHot'` (default): 1 for each category in a row; `'oneHot'`: a vector for each number; `'count'`: how often each comes up. */
  readonly outputMode?: 'multiHot' | 'oneHot' | 'count'
}

/**
 * Category numbers as vectors of `numTokens` numbers.
 *
 * Input `[batch, n]`; output `[batch, numTokens]`, or `[batch, n, numTokens]` with `'oneHot'` (`[batch, numTokens]` where n is 1). What is no
 * category gives zeros.
 *
 * @param numTokens - how many categories there are: the numbers from 0 to `numTokens - 1`.
 *
 * @example
 * ```ts
 * const y = await categoryEncoding(4).run([[0, 1], [3, 3]])
 * y.toArray() // [[1, 1, 0, 0], [0, 0, 0, 1]]
 * ```
 */
export const categoryEncoding = /* @__PURE__ */ layerFactory(
  'categoryEncoding',
  ['numTokens'],
  (numTokens: number, options: CategoryEncodingOptions = {}): Layer => {
    const depth = requirePositiveInteger('categoryEncoding', 'numTokens', numTokens)
    const modes = ['multiHot', 'oneHot', 'count'] as const
    const mode = requireOneOf('categoryEncoding', 'outputMode', options.outputMode ?? 'multiHot', modes)
    return plainLayer({
      kind: 'categoryEncoding',
      overTime: { mixed: 'it takes the numbers of a row together' },
      options: { ...options, numTokens },
      own: { defaults: { numTokens: undefined, outputMode: 'multiHot' } },
      minRank: 2,
      supportsMasking: false,
      call: (x) => encoded(cast(x, 'int32'), mode, depth, options.dtype ?? 'float32'),
      outputShape: (shape) => encodedShape(shape, mode, depth),
    })
  },
)

/** Options of {@link discretization}. */
export interface DiscretizationOptions extends LayerOptions {
  /** The boundaries between the parts, in ascending order. */
  readonly binBoundaries?: readonly number[] | null
  /** How many parts `adapt` is to find boundaries for, in place of `binBoundaries`. */
  readonly numBins?: number | null
  /** How exactly: about each 1 / epsilon-th number is looked at; 0.01 by default. */
  readonly epsilon?: number
  /** `'int'` (default) gives the number of the part; the others as in {@link categoryEncoding}. */
  readonly outputMode?: CategoryMode
}

const own = {
  defaults: { binBoundaries: undefined, numBins: undefined, epsilon: 0.01, outputMode: 'int' },
  rules: {
    binBoundaries: { otherTypes: true },
    numBins: { otherTypes: true },
    epsilon: { above: 0, to: 1 },
    outputMode: { oneOf: ['int', 'oneHot', 'multiHot', 'count'] },
  },
} satisfies OwnOptions<DiscretizationOptions>

/** A layer that gives the number of the part each number lies in, as {@link discretization} makes it. */
export class Discretization extends Layer {
  override readonly expects: Expected = { inputs: 'one' }
  override readonly supportsMasking = false
  private readonly options: DiscretizationOptions
  private readonly mode: CategoryMode
  private boundaries: readonly number[] | undefined

  constructor(options: DiscretizationOptions = {}) {
    super(options, 'discretization', own)
    const { binBoundaries, numBins } = options
    if ((binBoundaries == null) === (numBins == null) && binBoundaries == null) {
      throw new OptionError('discretization: expected binBoundaries or numBins, got neither')
    }
    if (numBins != null) requirePositiveInteger('discretization', 'numBins', numBins)
    if (binBoundaries != null && !binBoundaries.every((each, i) => i === 0 || each >= binBoundaries[i - 1])) {
      throw new OptionError(
        `discretization: binBoundaries: expected numbers in ascending order, got [${binBoundaries.join(', ')}]`,
      )
    }
    this.options = options
    this.mode = options.outputMode ?? own.defaults.outputMode
    this.boundaries = binBoundaries ?? undefined
  }

  /** The boundaries: those given, or found by `adapt`; undefined before. */
  get binBoundaries(): readonly number[] | undefined {
    return this.boundaries
  }

  /**
   * Finds boundaries between parts that hold about as many numbers each, as Keras does: by a summary of the sorted numbers.
   *
   * @throws OptionError where the layer was given boundaries.
   *
   * @example
   * ```ts
   * const layer = discretization({ numBins: 3 })
   * await layer.adapt([1, 2, 3, 4, 5, 6])
   * ```
   */
  async adapt(data: TensorLike): Promise<void> {
    const { numBins, epsilon = own.defaults.epsilon } = this.options
    if (numBins == null)
      throw new OptionError(`${this.name}.adapt: expected a layer with numBins, got one with binBoundaries`)
    const summary = compressed(summarized(asTensor(data, 'float32').data, epsilon), epsilon)
    this.boundaries = compressed(summary, 1 / numBins)
      .values.slice(0, -1)
      .map(Math.fround)
  }

  private known(): readonly number[] {
    if (this.boundaries !== undefined) return this.boundaries
    throw new OptionError(`${this.name}: its boundaries are not known yet: expected adapt(data) before`)
  }

  override call(x: Value): Value {
    const boundaries = this.known()
    return encoded(digitize(x, boundaries), this.mode, boundaries.length + 1, this.dtype)
  }

  override outputShape(shape: PartialShape): PartialShape {
    const depth = (this.boundaries?.length ?? (this.options.numBins ?? 1) - 1) + 1
    return encodedShape(shape, this.mode, depth)
  }

  override overTime(): OverTime {
    return this.mode === 'int' ? 'apart' : { mixed: 'it takes the numbers of a row together' }
  }

  override config(): Record<string, unknown> {
    const found =
      this.options.numBins == null
        ? {}
        : { binBoundaries: this.boundaries, numBins: this.boundaries ? undefined : this.options.numBins }
    return { ...this.options, ...found }
  }
}

interface Summary {
  readonly values: readonly number[]
  readonly weights: readonly number[]
}

/** About each 1 / epsilon-th of the numbers in order, and how many it stands for. */
function summarized(data: ArrayLike<number>, epsilon: number): Summary {
  const ordered = Float32Array.from(data).sort()
  const step = Math.max(ordered.length * epsilon, 1)
  const values: number[] = []
  for (let i = Math.trunc(step - 1); i < ordered.length; i += Math.trunc(step)) values.push(ordered[i])
  return { values, weights: values.map(() => step) }
}

/** The summary at so many equal shares of the weights. */
function compressed(summary: Summary, epsilon: number): Summary {
  const { values, weights } = summary
  if (values.length * epsilon < 1) return summary
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  let so_far = 0
  const sums = weights.map((weight) => {
    so_far += weight
    return so_far
  })
  const count = Math.ceil(1 / epsilon - 1e-12)
  const shares = Array.from({ length: count }, (_, i) => epsilon + i * epsilon)
  const at = (ys: readonly number[]): number[] =>
    shares.map((share) =>
      onLine(
        share,
        sums.map((sum) => sum / total),
        ys,
      ),
    )
  const reached = at(sums)
  return { values: at(values), weights: reached.map((sum, i) => sum - (i === 0 ? 0 : reached[i - 1])) }
}

/** The height at x of the line through the points, level beyond its ends. */
function onLine(x: number, xs: readonly number[], ys: readonly number[]): number {
  if (x <= xs[0]) return ys[0]
  const after = xs.findIndex((each) => each >= x)
  if (after < 0) return ys[ys.length - 1]
  const part = (x - xs[after - 1]) / (xs[after] - xs[after - 1])
  return ys[after - 1] + part * (ys[after] - ys[after - 1])
}

/**
 * The number of the part between boundaries that each number lies in: 0 below the first, `binBoundaries.length` from the last on.
 *
 * Input any shape; output the same shape, as `int32`, or as in {@link categoryEncoding} with another `outputMode`.
 *
 * @throws OptionError without `binBoundaries` and `numBins`, and for boundaries that do not ascend.
 *
 * @example
 * ```ts
 * const y = await discretization({ binBoundaries: [0, 1] }).run([[-1.5, 0.5, 7]])
 * y.toArray() // [[0, 1, 2]]
 * ```
 */
export const discretization = /* @__PURE__ */ layerFactory(
  'discretization',
  [],
  (options?: DiscretizationOptions): Discretization => new Discretization(options),
)
