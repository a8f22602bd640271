// Features brought to mean 0 and variance 1 by what is known of the data, and outputs brought back.

import { type InverseOptions, isRagged, isSamples, type Samples, Scaler } from '../../data'
import { DataError, describeValue, jsonOf, OptionError, requireList, ShapeError, textOf } from '../../errors'
import type { Value, Variable } from '../../graph'
import { add, cast, div, equal, mul, reshape, sqrt, sub, where } from '../../ops'
import {
  allocate,
  asTensor,
  castTensor,
  formatShape,
  isTypedArray,
  type PartialShape,
  type Shape,
  sizeOf,
  Tensor,
  type TensorLike,
  tensor,
} from '../../tensor'
import { Layer, type LayerOptions } from '../base/layer'
import { alongAxesOverTime, type OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import { checkAxes, knownLength, requireAxes } from '../options/checks'
import type { Expected } from '../options/expected'
import type { OwnOptions } from '../options/ownOptions'

/** Options of {@link normalization}. */
export interface NormalizationOptions extends LayerOptions {
  /**
   * The axis of the features, the batch being axis 0; the last by default. With a list each place of these axes together is a
   * feature. `null` treats all numbers alike.
   */
  readonly axis?: number | readonly number[] | null
  /** The mean of each feature, nested where there are several axes; 0 until `adapt` is called by default. */
  readonly mean?: number | FeatureNumbers
  /** The variance of each feature, likewise; 1 until `adapt` is called by default. */
  readonly variance?: number | FeatureNumbers
  /**
   * What the features are called, in their order; a scaler that learnt by name says it. Windows with columns of other names, or in
   * another order, are refused.
   */
  readonly features?: readonly string[]
  /** Whether the layer goes the other way, from scaled numbers to those they were; `false` by default. */
  readonly inverse?: boolean
}

/** A number for each feature: along one axis, or nested along several in their order. */
export type FeatureNumbers = readonly (number | FeatureNumbers)[]

/** Batches to learn from: tensors, `{ x }` or `[x, y]`, as `fit` takes them. */
export type AdaptData = TensorLike | readonly TensorLike[] | Samples | Iterable<AdaptBatch> | AsyncIterable<AdaptBatch>

/** A batch of {@link AdaptData}; its x must be a single tensor. */
export type AdaptBatch =
  | TensorLike
  | { readonly x: TensorLike | Readonly<Record<string, TensorLike>>; readonly mask?: TensorLike | undefined }
  | readonly [TensorLike, TensorLike]

/** The deviation of a feature that is always the same, which nothing can be divided by; as in Keras. */
const epsilon = 1e-7

/** The smallest float32 that keeps all its digits. */
const smallestNormal = 2 ** -126

const own = {
  defaults: { axis: -1, mean: undefined, variance: undefined, features: undefined, inverse: false },
  rules: { axis: { otherTypes: true } },
} satisfies OwnOptions<NormalizationOptions>

/** What a layer knows of its features: as weights, or as it was told. */
type Moment =
  | { readonly mean: Variable; readonly variance: Variable; readonly count: Variable }
  | { readonly mean: Tensor; readonly variance: Tensor }

/** The layer that {@link normalization} makes. */
export class Normalization extends Layer {
  override readonly expects: Expected = { inputs: 'one' }
  private readonly axis: number | readonly number[] | null
  private readonly inverse: boolean
  private readonly options: NormalizationOptions
  private names: readonly string[] | undefined
  private moments: Moment | undefined

  constructor(options: NormalizationOptions = {}) {
    super(options, 'normalization', own)
    const { axis = -1, inverse = false, mean, variance } = options
    this.axis = axis === null ? null : checkAxes('normalization', 'axis', axis)
    if (typeof inverse !== 'boolean') {
      throw new OptionError(`normalization: inverse: expected true or false, got ${textOf(inverse)}`)
    }
    requireNumbers('mean', mean, -Infinity)
    requireNumbers('variance', variance, 0)
    if (options.features !== undefined) requireList('normalization', 'features', options.features)
    this.inverse = inverse
    this.options = options
    this.names = options.features
  }

  override get featureNames(): { readonly taken?: readonly string[]; readonly given?: readonly string[] } {
    if (this.names === undefined) return {}
    return this.inverse ? { given: this.names } : { taken: this.names }
  }

  override build(inputShape: PartialShape): void {
    const shape = this.featuresOf(inputShape)
    if (this.isGiven) {
      const { mean = 0, variance = 1 } = this.options
      this.requireRange(mean, variance)
      this.moments = { mean: this.inShape(mean, shape), variance: this.inShape(variance, shape) }
      return
    }
    this.moments = {
      mean: this.addWeight('mean', shape, { initializer: 'zeros', trainable: false }),
      variance: this.addWeight('variance', shape, { initializer: 'ones', trainable: false }),
      count: this.addWeight('count', [], { initializer: 'zeros', trainable: false, dtype: 'int32' }),
    }
  }

  /** Whether it was told its mean and variance, which then are no weights. */
  private get isGiven(): boolean {
    return this.options.mean !== undefined || this.options.variance !== undefined
  }

  /** What it was told: mean and variance of each feature; undefined where they are weights. */
  get given(): { readonly mean: Tensor; readonly variance: Tensor } | undefined {
    return this.moments !== undefined && !('count' in this.moments) ? this.moments : undefined
  }

  /** The numbers in the shape of the features; in a file of Keras they are a flat list. */
  private inShape(given: number | FeatureNumbers, shape: Shape): Tensor {
    const numbers = allOf(given)
    const size = sizeOf(shape)
    if (typeof given !== 'number' && numbers.length !== size) {
      throw new ShapeError(
        `${this.name}: expected a mean and variance for ${size} features, shape ${formatShape(shape)}, got ${numbers.length}`,
      )
    }
    const data = Float64Array.from({ length: size }, (_, i) => numbers[typeof given === 'number' ? 0 : i])
    return castTensor(new Tensor(data, shape), this.dtype)
  }

  private featuresOf(inputShape: PartialShape): number[] {
    if (this.axis === null) return [1]
    return this.axesOf(inputShape.length + 1).map((axis) =>
      knownLength(this.name, `places along axis ${axis}`, inputShape, axis - 1),
    )
  }

  private axesOf(rank: number): readonly number[] {
    return this.axis === null ? [] : requireAxes(this.name, 'axis', this.axis, rank)
  }

  protected override fixedAxes(): readonly number[] {
    return this.axis === null ? [] : [this.axis].flat()
  }

  override call(input: Value): Value {
    const x = cast(input, this.dtype)
    const axes = this.axesOf(x.rank)
    const features = x.shape.map((length, i) => (axes.includes(i) ? length : 1))
    if (this.moments === undefined) throw new OptionError(`${this.name}: expected a layer that is built`)
    const mean = reshape(this.moments.mean, features)
    const variance = reshape(this.moments.variance, features)
    const deviation = where(equal(variance, 0), epsilon, sqrt(variance))
    return this.inverse ? add(mul(x, deviation), mean) : div(sub(x, mean), deviation)
  }

  /** @throws OptionError for moments that the layer's element type cannot hold. */
  private requireRange(mean: number | FeatureNumbers, variance: number | FeatureNumbers): void {
    if (this.dtype === 'float64') return
    const lost = (value: number): boolean =>
      !Number.isFinite(Math.fround(value)) || (value !== 0 && Math.abs(value) < smallestNormal)
    const tooFar = allOf(mean).find((value) => !Number.isFinite(Math.fround(value))) ?? allOf(variance).find(lost)
    if (tooFar === undefined) return
    throw new OptionError(
      `${this.name}: expected a mean and variance within the range of float32, got ${tooFar}; change the unit of the data`,
    )
  }

  /**
   * Learns mean and variance from data, in place of what was known before. Give it training data only.
   *
   * @param data - an array or tensor, sequences of different lengths, windows, or a dataset of batches. Steps that a
   *   batch's `mask` leaves out do not count.
   * @throws OptionError for a layer that was given its mean and variance.
   */
  async adapt(data: AdaptData): Promise<void> {
    if (this.isGiven) {
      throw new OptionError(
        `${this.name}.adapt: expected a layer that learns its mean and variance, got one that was given them; use normalization()`,
      )
    }
    const moments: Moments = { count: 0, mean: [], squares: [] }
    let sample: PartialShape | undefined
    for await (const batch of batchesOf(data, this.name)) {
      const seen = asTensor(batch)
      if (seen.size === 0) continue
      if (seen.rank === 0) throw new DataError(`${this.name}.adapt: expected a batch, got a single number`)
      const axes = this.axesOf(seen.rank)
      sample ??= seen.shape.slice(1).map((length, i) => (axes.includes(i + 1) ? length : null))
      observe(moments, seen, axes, this.name)
    }
    if (sample === undefined || moments.count === 0) throw new DataError(`${this.name}.adapt: expected data, got none`)
    this.buildFor([sample])
    const weights = this.moments
    if (weights === undefined || !('count' in weights)) return
    if (moments.mean.length !== weights.mean.size) {
      throw new ShapeError(`${this.name}.adapt: expected ${weights.mean.size} features, got ${moments.mean.length}`)
    }
    const { mean, squares, count } = moments
    this.requireRange(
      mean,
      squares.map((sum) => sum / count),
    )
    const { shape } = weights.mean
    await weights.mean.write(new Tensor(Float64Array.from(mean), shape))
    await weights.variance.write(
      new Tensor(
        Float64Array.from(squares, (sum) => sum / count),
        shape,
      ),
    )
    await weights.count.write(tensor(Math.min(count, 2 ** 31 - 1), [], 'int32'))
    this.names = isSamples(data) ? namesOf(data.features) : undefined
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return inputShape
  }

  override overTime([rank]: readonly number[]): OverTime {
    return alongAxesOverTime(this.axis ?? [], rank, this.name)
  }

  override config(): Record<string, unknown> {
    const { features: _, ...options } = this.options
    return this.names === undefined ? options : { ...options, features: this.names }
  }
}

/** The names of features, where all of them have one. */
function namesOf(features: Samples['features']): readonly string[] | undefined {
  const names = features?.filter((feature) => typeof feature === 'string')
  return names?.length === features?.length ? names : undefined
}

/** Running moments of each feature: how many numbers, their mean, the sum of squared distances from it. */
interface Moments {
  count: number
  mean: number[]
  squares: number[]
}

/**
 * Takes a batch in: its own moments first, then both joined (Chan, Golub and LeVeque, 1979). Distances are taken from the
 * first numbers of the batch, so that a feature that is always the same has the variance 0 exactly.
 */
function observe(moments: Moments, { data, shape }: Tensor, axes: readonly number[], where: string): void {
  const { features, featureOf, first } = placesOf(shape, axes)
  const sums = new Float64Array(features)
  const squares = new Float64Array(features)
  const featureAt = (i: number): number => featureOf[i % featureOf.length]
  const origin = (i: number): number => data[first[featureAt(i)]]
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) throw new DataError(`${where}.adapt: expected finite numbers, got ${data[i]}`)
    sums[featureAt(i)] += data[i] - origin(i)
  }
  const count = data.length / features
  if (count === 0) return
  for (let i = 0; i < data.length; i++) squares[featureAt(i)] += (data[i] - origin(i) - sums[featureAt(i)] / count) ** 2
  if (moments.count > 0 && moments.mean.length !== features) {
    throw new ShapeError(
      `${where}.adapt: expected ${moments.mean.length} features as before, got shape ${formatShape(shape)}`,
    )
  }
  const total = moments.count + count
  for (let k = 0; k < features; k++) {
    const before = moments.mean[k] ?? 0
    const off = data[first[k]] + sums[k] / count - before
    moments.mean[k] = before + (off * count) / total
    moments.squares[k] = (moments.squares[k] ?? 0) + squares[k] + (off * off * moments.count * count) / total
  }
  moments.count = total
}

/** Which feature each number of a sample belongs to, and where in a sample the first number of each feature is. */
function placesOf([, ...sample]: Shape, axes: readonly number[]) {
  const featureOf = new Int32Array(sizeOf(sample))
  for (let i = 0; i < featureOf.length; i++) {
    let [rest, feature, width] = [i, 0, 1]
    for (let axis = sample.length; axis > 0; axis--) {
      const length = sample[axis - 1]
      if (axes.includes(axis)) {
        feature += (rest % length) * width
        width *= length
      }
      rest = Math.floor(rest / length)
    }
    featureOf[i] = feature
  }
  const features = sizeOf(axes.map((axis) => sample[axis - 1]))
  const first = new Int32Array(features)
  for (let i = featureOf.length - 1; i >= 0; i--) first[featureOf[i]] = i
  return { features, featureOf, first }
}

/** All numbers in the depth of lists. */
function allOf(given: number | FeatureNumbers): readonly number[] {
  return typeof given === 'number' ? [given] : given.flatMap(allOf)
}

async function* batchesOf(data: AdaptData, where: string): AsyncGenerator<TensorLike> {
  if (isSamples(data)) {
    for (let from = 0; from < data.size; from += 256) {
      yield data.draw(Int32Array.from({ length: Math.min(256, data.size - from) }, (_, i) => from + i)).x
    }
    return
  }
  const isArray = typeof data !== 'object' || data instanceof Tensor || Array.isArray(data) || isTypedArray(data)
  if (isRagged(data)) {
    for (const sequence of data) yield asOneSample(sequence)
    return
  }
  if (isArray) {
    yield data as TensorLike // what is no dataset is data
    return
  }
  if (!(typeof data === 'object' && data !== null && (Symbol.asyncIterator in data || Symbol.iterator in data))) {
    throw new DataError(`${where}.adapt: expected an array, windows or a dataset, got ${describeValue(data)}`)
  }
  for await (const batch of data as AsyncIterable<
    TensorLike | { readonly x: TensorLike; readonly mask?: TensorLike }
  >) {
    if (typeof batch === 'object' && 'x' in batch) {
      // A record is no tensor, which asTensor says.
      if (batch.mask === undefined) yield batch.x
      else yield stepsThere(asTensor(batch.x), asTensor(batch.mask), where)
    } else yield Array.isArray(batch) && batch[0] instanceof Tensor ? batch[0] : batch
  }
}

function asOneSample(sequence: TensorLike): Tensor {
  const { data, shape, dtype } = asTensor(sequence)
  return new Tensor(data, [1, ...shape], dtype)
}

/** The steps of padded sequences that a mask `[batch, time]` leaves, as one sequence. */
function stepsThere({ data, shape, dtype }: Tensor, mask: Tensor, where: string): Tensor {
  const [samples, steps, ...step] = shape
  if (mask.size !== samples * steps) {
    throw new ShapeError(
      `${where}.adapt: expected a mask ${formatShape([samples, steps])} for the shape ${formatShape(shape)}, got ${formatShape(mask.shape)}`,
    )
  }
  const size = data.length / Math.max(1, mask.size)
  const kept = Array.from(mask.data).filter((isThere) => isThere !== 0).length
  const out = allocate(dtype, kept * size)
  let at = 0
  for (let i = 0; i < mask.size; i++) {
    if (mask.data[i] === 0) continue
    out.set(data.subarray(i * size, (i + 1) * size), at)
    at += size
  }
  return new Tensor(out, [1, kept, ...step], dtype)
}

function requireNumbers(option: string, value: unknown, from: number): void {
  const list: readonly unknown[] = Array.isArray(value) ? value.flat(Infinity) : value === undefined ? [] : [value]
  if (list.every((item) => typeof item === 'number' && Number.isFinite(item) && item >= from)) return
  const what = from === 0 ? 'numbers of at least 0' : 'numbers'
  throw new OptionError(`normalization: ${option}: expected ${what}, got ${jsonOf(value)}`)
}

/**
 * Scales each feature: (x - mean) / sqrt(variance), or with `inverse` x * sqrt(variance) + mean. The shape stays. What it
 * knows of the data it is told (a scaler, `mean` and `variance`) or learns with `adapt`; it is saved with the model, so
 * that a model takes and gives numbers in their own units.
 *
 * Weights, not trainable: mean and variance, each `[features]` (of the lengths of the axes where there are several), and count, how many numbers
 * of each feature they were learnt from; as in Keras there are none where mean and variance were given.
 *
 * @param first - a scaler made by `data.scaler`, or the options.
 * @param options - after a scaler: the options, and which of its `features` the layer is for, by name or number.
 *
 * @example
 * ```ts
 * const scaler = data.scaler('standard').fit([[0], [10]])
 * const model = sequential([normalization(scaler), dense(1), normalization(scaler, { inverse: true })])
 *
 * const layer = normalization()
 * await layer.adapt([[0], [10]])
 * const y = await layer.run([[5], [10]])
 * y.toArray() // [[0], [1]]
 * ```
 */
export const normalization = /* @__PURE__ */ layerFactory(
  'normalization',
  [],
  (
    first?: Scaler | NormalizationOptions,
    options: Omit<NormalizationOptions, 'features'> & Pick<InverseOptions, 'features'> = {},
  ): Normalization => {
    if (!(first instanceof Scaler)) return new Normalization(first)
    const { features, ...rest } = options
    return new Normalization({ ...first.moments(features), ...rest })
  },
)
