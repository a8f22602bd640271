// Features brought to mean 0 and variance 1 by what is known of the data, and outputs brought back.

import { type InverseOptions, isRagged, isSamples, type Samples, Scaler } from '../../data'
import { DataError, describeValue, OptionError, requireList, ShapeError } from '../../errors'
import type { Value, Variable } from '../../graph'
import { add, cast, div, equal, mul, reshape, sqrt, sub, where } from '../../ops'
import { allocate, asTensor, formatShape, isTypedArray, type PartialShape, Tensor, type TensorLike } from '../../tensor'
import { Layer, type LayerOptions } from '../base/layer'
import { alongAxesOverTime, type OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import { checkAxes, knownLength, requireAxis } from '../options/checks'
import type { Expected } from '../options/expected'
import type { OwnOptions } from '../options/ownOptions'

/** Options of {@link normalization}. */
export interface NormalizationOptions extends LayerOptions {
  /** The axis of the features, the batch being axis 0; the last by default. `null` treats all numbers alike. */
  readonly axis?: number | null
  /** The mean of each feature; 0 until `adapt` is called by default. */
  readonly mean?: number | readonly number[]
  /** The variance of each feature; 1 until `adapt` is called by default. */
  readonly variance?: number | readonly number[]
  /**
   * What the features are called, in their order; a scaler that learnt by name says it. Windows with columns of other names, or in
   * another order, are refused.
   */
  readonly features?: readonly string[]
  /** Whether the layer goes the other way, from scaled numbers to those they were; `false` by default. */
  readonly inverse?: boolean
}

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

/** The layer that {@link normalization} makes. */
export class Normalization extends Layer {
  override readonly expects: Expected = { inputs: 'one' }
  private readonly axis: number | null
  private readonly inverse: boolean
  private readonly options: NormalizationOptions
  private names: readonly string[] | undefined
  declare private mean: Variable
  declare private variance: Variable

  constructor(options: NormalizationOptions = {}) {
    super(options, 'normalization', own)
    const { axis = -1, inverse = false, mean, variance } = options
    this.axis = axis === null ? null : checkAxes('normalization', 'axis', axis)
    if (typeof inverse !== 'boolean') {
      throw new OptionError(`normalization: inverse: expected true or false, got ${String(inverse)}`)
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
    const shape = [this.featuresOf(inputShape)]
    const { mean = 0, variance = 1 } = this.options
    const given = (value: number | readonly number[]) => ({ name: 'constant', options: { value } })
    this.requireRange(mean, variance)
    this.mean = this.addWeight('mean', shape, { initializer: given(mean), trainable: false })
    this.variance = this.addWeight('variance', shape, { initializer: given(variance), trainable: false })
  }

  private featuresOf(inputShape: PartialShape): number {
    if (this.axis === null) return 1
    const axis = requireAxis(this.name, 'axis', this.axis, inputShape.length + 1)
    return knownLength(this.name, `places along axis ${axis}`, inputShape, axis - 1)
  }

  protected override fixedAxes(): readonly number[] {
    return this.axis === null ? [] : [this.axis]
  }

  override call(input: Value): Value {
    const x = cast(input, this.dtype)
    const axis = this.axis === null ? undefined : requireAxis(this.name, 'axis', this.axis, x.rank)
    const features = x.shape.map((length, i) => (i === axis ? length : 1))
    const mean = reshape(this.mean, features)
    const variance = reshape(this.variance, features)
    const deviation = where(equal(variance, 0), epsilon, sqrt(variance))
    return this.inverse ? add(mul(x, deviation), mean) : div(sub(x, mean), deviation)
  }

  /** @throws OptionError for moments that the layer's element type cannot hold. */
  private requireRange(mean: number | readonly number[], variance: number | readonly number[]): void {
    if (this.dtype === 'float64') return
    const lost = (value: number): boolean =>
      !Number.isFinite(Math.fround(value)) || (value !== 0 && Math.abs(value) < smallestNormal)
    const tooFar = [mean].flat().find((value) => !Number.isFinite(Math.fround(value))) ?? [variance].flat().find(lost)
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
   */
  async adapt(data: AdaptData): Promise<void> {
    const moments: Moments = { count: 0, mean: [], squares: [] }
    let sample: PartialShape | undefined
    for await (const batch of batchesOf(data, this.name)) {
      const tensor = asTensor(batch)
      if (tensor.size === 0) continue
      if (tensor.rank === 0) throw new DataError(`${this.name}.adapt: expected a batch, got a single number`)
      const axis = this.axis === null ? undefined : requireAxis(this.name, 'axis', this.axis, tensor.rank)
      sample ??= tensor.shape.slice(1).map((length, i) => (i + 1 === axis ? length : null))
      observe(moments, tensor, axis, this.name)
    }
    if (sample === undefined || moments.count === 0) throw new DataError(`${this.name}.adapt: expected data, got none`)
    this.buildFor([sample])
    if (moments.mean.length !== this.mean.size) {
      throw new ShapeError(`${this.name}.adapt: expected ${this.mean.size} features, got ${moments.mean.length}`)
    }
    const { mean, squares, count } = moments
    this.requireRange(
      mean,
      squares.map((sum) => sum / count),
    )
    await this.mean.write(new Tensor(Float64Array.from(mean), [mean.length]))
    await this.variance.write(
      new Tensor(
        Float64Array.from(squares, (sum) => sum / count),
        [mean.length],
      ),
    )
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
function observe(moments: Moments, { data, shape }: Tensor, axis: number | undefined, where: string): void {
  const features = axis === undefined ? 1 : shape[axis]
  const inner = axis === undefined ? 1 : shape.slice(axis + 1).reduce((product, length) => product * length, 1)
  const sums = new Float64Array(features)
  const squares = new Float64Array(features)
  const featureAt = (i: number): number => Math.floor(i / inner) % features
  const origin = (i: number): number => data[featureAt(i) * inner]
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
    const off = data[k * inner] + sums[k] / count - before
    moments.mean[k] = before + (off * count) / total
    moments.squares[k] = (moments.squares[k] ?? 0) + squares[k] + (off * off * moments.count * count) / total
  }
  moments.count = total
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
  const list = Array.isArray(value) ? value : value === undefined ? [] : [value]
  if (list.every((item) => typeof item === 'number' && Number.isFinite(item) && item >= from)) return
  const what = from === 0 ? 'numbers of at least 0' : 'numbers'
  throw new OptionError(`normalization: ${option}: expected ${what}, got ${JSON.stringify(value)}`)
}

/**
 * Scales each feature: (x - mean) / sqrt(variance), or with `inverse` x * sqrt(variance) + mean. The shape stays. What it
 * knows of the data it is told (a scaler, `mean` and `variance`) or learns with `adapt`; it is saved with the model, so
 * that a model takes and gives numbers in their own units.
 *
 * Weights, each `[features]`, not trainable: mean, variance.
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
