// Texts and whole numbers as the numbers of bins, into which they fall by their hashes: no vocabulary is needed.

import { binOf, crossedBinOf, placesAs } from '../../data'
import { OptionError, requireOneOf, requirePositiveInteger, ShapeError } from '../../errors'
import { formatShape, type PartialShape, sameShape, Tensor } from '../../tensor'
import type { LayerOptions } from '../base/layer'
import { layerFactory } from '../base/registry'
import type { Expected } from '../options/expected'
import { type CategoryMode, encodedShape } from '../preprocessing/encoding'
import { type HostData, HostLayer } from './hostLayer'

/** Options of {@link hashing}. */
export interface HashingOptions extends LayerOptions {
  /** The text or number that has bin 0 for itself, for masks; none by default. */
  readonly maskValue?: string | number | null
  /** Hashes by SipHash with these two numbers, or the same one twice, so that bins cannot be guessed; by FarmHash without (default). */
  readonly salt?: number | readonly [number, number] | null
  /** `'int'` (default) gives the number of the bin; the others as in `categoryEncoding`. */
  readonly outputMode?: CategoryMode
}

const modes = ['int', 'oneHot', 'multiHot', 'count'] as const

/** Data as single texts or numbers. */
function elements(data: HostData): ArrayLike<string | number> {
  return data instanceof Tensor ? data.data : data.texts
}

class Hashing extends HostLayer {
  private readonly bins: number
  private readonly options: HashingOptions
  protected readonly mode: CategoryMode
  private readonly salt: readonly [number, number] | undefined
  private readonly known = new Map<string, number>()

  constructor(bins: number, options: HashingOptions) {
    super(options, 'hashing', ['maskValue', 'salt', 'outputMode'])
    this.bins = requirePositiveInteger('hashing', 'numBins', bins)
    this.options = options
    this.mode = requireOneOf('hashing', 'outputMode', options.outputMode ?? 'int', modes)
    this.salt = saltOf(options.salt)
  }

  override get takesNumbers(): boolean {
    return true
  }

  override onHost([data]: readonly HostData[]): Tensor {
    return placesAs(
      this.mode,
      Array.from(elements(data), (value) => this.placeOf(value)),
      data.shape,
      this.bins,
    )
  }

  private placeOf(value: string | number): number {
    const { maskValue } = this.options
    const hasMask = maskValue != null && this.bins > 1
    if (hasMask && value === maskValue) return 0
    const text = typeof value === 'number' ? String(Math.trunc(value)) : value
    const known = this.known.get(text)
    if (known !== undefined) return known
    const place = hasMask ? 1 + binOf(text, this.bins - 1, this.salt) : binOf(text, this.bins, this.salt)
    // Texts come again and again; many different ones must not fill the memory.
    if (this.known.size >= 50_000) this.known.clear()
    this.known.set(text, place)
    return place
  }

  override outputShape(shape: PartialShape): PartialShape {
    if (shape.length === 0 && (this.mode === 'multiHot' || this.mode === 'count')) {
      throw new ShapeError(
        `${this.name}: outputMode '${this.mode}': expected a list of texts in each sample, got one text`,
      )
    }
    return this.mode === 'multiHot' || this.mode === 'count'
      ? [...shape.slice(0, -1), this.bins]
      : encodedShape(shape, this.mode, this.bins)
  }

  override config(): Record<string, unknown> {
    return { ...this.options, numBins: this.bins }
  }
}

function saltOf(given: HashingOptions['salt']): readonly [number, number] | undefined {
  if (given == null) return undefined
  const pair: readonly unknown[] = Array.isArray(given) ? given : [given, given]
  const [one, other] = pair
  if (pair.length === 2 && isSalt(one) && isSalt(other)) return [one, other]
  throw new OptionError(`hashing: salt: expected a whole number from 0 or a list of two, got ${JSON.stringify(given)}`)
}

function isSalt(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/**
 * Texts or whole numbers as the numbers of bins, by their hashes: for categories of which there are many, or which are not known beforehand. Some
 * fall together. It is the first layer behind an input with dtype `'string'` or `'int32'`: hashes have 64 bits, and are
 * worked out on the host, before the Program runs. The bins are those of Keras.
 *
 * Input any shape; output the same shape, `int32` from 0 to `numBins - 1`; or vectors, `float32`, with another `outputMode`.
 *
 * @param numBins - how many bins there are, that of the mask among them.
 * @throws OptionError for a salt that is no whole number, and where it does not stand directly behind an input.
 *
 * @example
 * ```ts
 * const y = await hashing(3).run([['A'], ['B'], ['C'], ['D'], ['E']])
 * y.toArray() // [[1], [0], [1], [1], [2]]
 * ```
 */
export const hashing = /* @__PURE__ */ layerFactory(
  'hashing',
  ['numBins'],
  (numBins: number, options: HashingOptions = {}): HostLayer => new Hashing(numBins, options),
)

/** Options of {@link hashedCrossing}. */
export interface HashedCrossingOptions extends LayerOptions {
  /** `'int'` (default) gives the number of the bin, `'oneHot'` a vector. */
  readonly outputMode?: 'int' | 'oneHot'
}

class HashedCrossing extends HostLayer {
  override readonly expects: Expected = { inputs: 'list' }
  private readonly bins: number
  private readonly options: HashedCrossingOptions
  protected readonly mode: 'int' | 'oneHot'

  constructor(bins: number, options: HashedCrossingOptions) {
    super(options, 'hashedCrossing', ['outputMode'])
    this.bins = requirePositiveInteger('hashedCrossing', 'numBins', bins)
    this.options = options
    this.mode = requireOneOf('hashedCrossing', 'outputMode', options.outputMode ?? 'int', ['int', 'oneHot'])
  }

  override get takesNumbers(): boolean {
    return true
  }

  override onHost(data: readonly HostData[]): Tensor {
    const [{ shape }] = data
    if (data.length < 2 || data.some((each) => !sameShape(each.shape, shape))) {
      const got = data.map((each) => formatShape(each.shape)).join(' and ')
      throw new ShapeError(`${this.name}: expected several inputs of one shape, got ${got}`)
    }
    const columns = data.map(elements)
    const places = Array.from(columns[0], (_, i) =>
      crossedBinOf(
        columns.map((column) => column[i]),
        this.bins,
      ),
    )
    return placesAs(this.mode, places, shape, this.bins)
  }

  override outputShape(given: PartialShape | readonly PartialShape[]): PartialShape {
    const shapes = given as readonly PartialShape[] // it takes a list
    const wrong = shapes.find((shape) => shape.length > 1 || (shape.length === 1 && shape[0] !== 1))
    if (shapes.length < 2 || wrong !== undefined) {
      throw new ShapeError(
        `${this.name}: expected several inputs with one text or number in each sample, got ${wrong === undefined ? 'one input' : `shape ${formatShape([null, ...wrong])}`}`,
      )
    }
    return encodedShape(shapes[0], this.mode, this.bins)
  }

  override config(): Record<string, unknown> {
    return { ...this.options, numBins: this.bins }
  }
}

/**
 * Combinations of several texts or whole numbers as the numbers of bins, by their hashes: what stands in them together. It reads inputs with dtype `'string'`
 * or `'int32'` directly, and works on the host, before the Program runs. The bins are those of Keras.
 *
 * Inputs a list of two or more, `[batch]` or `[batch, 1]` each; output the same shape, `int32`, or `[batch, numBins]` with `'oneHot'`.
 *
 * @param numBins - how many bins there are.
 *
 * @example
 * ```ts
 * const y = await hashedCrossing(5).run([['A', 'B', 'A'], [101, 101, 102]])
 * y.toArray() // [1, 4, 1]
 * ```
 */
export const hashedCrossing = /* @__PURE__ */ layerFactory(
  'hashedCrossing',
  ['numBins'],
  (numBins: number, options: HashedCrossingOptions = {}): HostLayer => new HashedCrossing(numBins, options),
)
