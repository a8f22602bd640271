// Features brought to a common scale: learnt from training data, applied to all, and undone for what a model predicts.

import {
  checkOptions,
  DataError,
  didYouMean,
  FormatError,
  OptionError,
  requireList,
  requireOneOf,
  ShapeError,
} from '../errors'
import { allocate, asTensor, formatShape, isFloat, isTypedArray, Tensor, type TensorLike } from '../tensor'
import { isRecord } from './dataset/collate'

/** How features are scaled: to mean 0 and variance 1, or from their smallest and largest value to a range. */
export type ScalerKind = 'standard' | 'minMax'

const kinds = ['standard', 'minMax'] as const

/** Options of {@link scaler}. */
export interface ScalerOptions {
  /** Where `'minMax'` brings the smallest and the largest value; `[0, 1]` by default. */
  readonly range?: readonly [number, number]
}

/** The columns of a table by name. */
export type ScalerTable = Readonly<Record<string, ArrayLike<number | null | undefined> | Tensor>>

/** Options of {@link Scaler.inverse}. */
export interface InverseOptions {
  /**
   * The features that the last axis holds, by name or number; all by default. With a single one every number is of that
   * feature.
   */
  readonly features?: string | number | readonly (string | number)[]
}

/** A scaler as plain data. */
export interface ScalerJSON {
  readonly kind: ScalerKind
  readonly range: readonly [number, number]
  readonly names?: readonly string[]
  /** Of each feature: what is taken off first, and by what the rest is divided. */
  readonly shift: readonly number[]
  readonly scale: readonly number[]
}

/**
 * A scaler, as {@link scaler} makes it: scaled = (x - shift) / scale, feature by feature.
 *
 * @example
 * ```ts
 * const scaler = data.scaler('minMax').fit([[0], [10]])
 * scaler.transform([[5]]).toArray() // [[0.5]]
 * scaler.inverse([[0.5]]).toArray() // [[5]]
 * ```
 */
export class Scaler {
  readonly kind: ScalerKind
  private readonly range: readonly [number, number]
  private learnt: Pick<ScalerJSON, 'names' | 'shift' | 'scale'> | undefined

  constructor(
    kind: ScalerKind,
    range: readonly [number, number],
    learnt?: Pick<ScalerJSON, 'names' | 'shift' | 'scale'>,
  ) {
    this.kind = kind
    this.range = range
    this.learnt = learnt
  }

  /**
   * Learns from data: training data only, or what is tested on would tell of itself. Missing numbers (NaN, and `null` in a table) do not count. A
   * feature that is always the same is shifted, but not divided.
   *
   * @param data - `[..., features]`, or the columns of a table by name.
   * @throws DataError where a feature has no finite number.
   */
  fit(data: TensorLike | ScalerTable): this {
    const names = isRecord(data) ? Object.keys(data) : undefined
    const columns = isRecord(data)
      ? Object.entries(data as ScalerTable).map(([name, column]) => numbersOf(column, `scaler.fit: feature ${name}`))
      : featureColumns(tensorOf(data as TensorLike, 'fit')) // one of the two
    if (columns.length === 0) throw new DataError('scaler.fit: expected at least one feature, got none')
    const found = columns.map((column, i) => this.learn(column, names?.[i] ?? i))
    this.learnt = {
      ...(names === undefined ? {} : { names }),
      shift: found.map(({ shift }) => shift),
      scale: found.map(({ scale }) => scale),
    }
    return this
  }

  private learn(column: ArrayLike<number>, name: string | number): { shift: number; scale: number } {
    let [least, most] = [Infinity, -Infinity]
    for (let i = 0; i < column.length; i++) {
      const value = column[i]
      if (Number.isNaN(value)) continue
      if (!Number.isFinite(value))
        throw new DataError(`scaler.fit: feature ${name}: expected finite numbers, got ${value}`)
      least = Math.min(least, value)
      most = Math.max(most, value)
    }
    if (most < least) throw new DataError(`scaler.fit: feature ${name}: expected numbers, found none`)
    const width = most - least
    if (this.kind === 'standard') return width === 0 ? { shift: least, scale: 1 } : standardOf(column, least, width)
    const [from, to] = this.range
    const scale = width / (to - from) || 1
    return { shift: least - from * scale, scale }
  }

  /** The data scaled: a tensor of the same shape, or a table with the same columns. */
  transform(data: TensorLike): Tensor
  transform(data: ScalerTable): Record<string, Tensor>
  transform(data: TensorLike | ScalerTable): Tensor | Record<string, Tensor> {
    return this.apply(data, 'transform', undefined, (x, shift, scale) => (x - shift) / scale)
  }

  /** Scaled data, or predictions, back in the units they were measured in. */
  inverse(data: TensorLike, options?: InverseOptions): Tensor
  inverse(data: ScalerTable): Record<string, Tensor>
  inverse(data: TensorLike | ScalerTable, options: InverseOptions = {}): Tensor | Record<string, Tensor> {
    checkOptions('scaler.inverse', options, ['features'])
    return this.apply(data, 'inverse', options.features, (x, shift, scale) => x * scale + shift)
  }

  private apply(
    data: TensorLike | ScalerTable,
    call: string,
    features: InverseOptions['features'],
    change: (x: number, shift: number, scale: number) => number,
  ): Tensor | Record<string, Tensor> {
    const { shift, scale } = this.fitted(call)
    if (isRecord(data)) {
      const columns = Object.entries(data as ScalerTable) // by the test before
      return Object.fromEntries(
        columns.map(([name, column]) => {
          const at = this.place(name, call)
          const numbers = numbersOf(column, `scaler.${call}: feature ${name}`)
          const dtype = numbers instanceof Float64Array ? 'float64' : 'float32'
          const out = allocate(dtype, numbers.length)
          for (let i = 0; i < out.length; i++) out[i] = change(numbers[i], shift[at], scale[at])
          return [name, new Tensor(out, [out.length], dtype)]
        }),
      )
    }
    const tensor = tensorOf(data as TensorLike, call) // no record
    const chosen = features === undefined ? shift.map((_, i) => i) : this.places(features, call)
    const width = tensor.rank === 0 ? 1 : tensor.shape[tensor.rank - 1]
    const isColumn = chosen.length === 1
    if (!isColumn && width !== chosen.length) {
      throw new ShapeError(
        `scaler.${call}: expected ${chosen.length} features along the last axis, got shape ${formatShape(tensor.shape)}`,
      )
    }
    const dtype = isFloat(tensor.dtype) ? tensor.dtype : 'float32'
    const out = allocate(dtype, tensor.size)
    for (let i = 0; i < out.length; i++) {
      const at = chosen[isColumn ? 0 : i % width]
      out[i] = change(tensor.data[i], shift[at], scale[at])
    }
    return new Tensor(out, tensor.shape, dtype)
  }

  private places(features: NonNullable<InverseOptions['features']>, call: string): number[] {
    const list = typeof features === 'object' ? requireList(`scaler.${call}`, 'features', features) : [features]
    return list.map((feature) => this.place(feature, call))
  }

  private place(feature: string | number, call: string): number {
    const { names, shift } = this.fitted(call)
    const at = typeof feature === 'number' ? feature : (names?.indexOf(feature) ?? -1)
    if (Number.isInteger(at) && at >= 0 && at < shift.length) return at
    const known = names ?? shift.map((_, i) => String(i))
    throw new OptionError(
      `scaler.${call}: there is no feature '${feature}'.${didYouMean(String(feature), known)} Features: ${known.join(', ')}.`,
    )
  }

  private fitted(call: string): Pick<ScalerJSON, 'names' | 'shift' | 'scale'> {
    if (this.learnt !== undefined) return this.learnt
    throw new OptionError(`scaler.${call}: nothing is learnt yet; call fit with the training data first`)
  }

  /**
   * Mean and variance of a layer that scales the same way: (x - mean) / sqrt(variance).
   *
   * @param features - by name or number; all by default.
   */
  moments(features?: InverseOptions['features']): {
    readonly mean: readonly number[]
    readonly variance: readonly number[]
  } {
    const { shift, scale } = this.fitted('moments')
    const chosen = features === undefined ? shift.map((_, i) => i) : this.places(features, 'moments')
    return { mean: chosen.map((i) => shift[i]), variance: chosen.map((i) => scale[i] * scale[i]) }
  }

  /** What was learnt, as plain data; `data.scalerFromJSON` makes a scaler of it. */
  toJSON(): ScalerJSON {
    return { kind: this.kind, range: this.range, ...this.fitted('toJSON') }
  }
}

/**
 * Scales features: `'standard'` to mean 0 and variance 1, `'minMax'` to a range. It learns from training data with
 * `fit`, scales with `transform`, and brings predictions back with `inverse`. To save it with a model, give it to a layer:
 * `normalization(scaler)`.
 *
 * @example
 * ```ts
 * const scaler = data.scaler('standard').fit([[1, 10], [3, 30]])
 * scaler.transform([[2, 30]]).toArray() // [[0, 1]]
 * scaler.inverse([[1]], { features: 1 }).toArray() // [[30]]
 * ```
 */
export function scaler(kind: ScalerKind = 'standard', options: ScalerOptions = {}): Scaler {
  checkOptions('scaler', options, ['range'])
  requireOneOf('scaler', 'kind', kind, kinds)
  const { range = [0, 1] } = options
  if (!Array.isArray(range) || range.length !== 2 || !(range[0] < range[1])) {
    throw new OptionError(`scaler: range: expected two numbers in ascending order, got ${JSON.stringify(range)}`)
  }
  return new Scaler(kind, [range[0], range[1]])
}

/**
 * Makes a scaler of what its `toJSON` gave, or of the text of it. @throws FormatError for anything else.
 *
 * @example
 * ```ts
 * const scaler = data.scaler('minMax').fit([[0], [10]])
 * const again = data.scalerFromJSON(JSON.stringify(scaler))
 * again.transform([[5]]).toArray() // [[0.5]]
 * ```
 */
export function scalerFromJSON(json: ScalerJSON | string): Scaler {
  const data: unknown = typeof json === 'string' ? parsed(json) : json
  if (!isRecord(data) || !kinds.some((kind) => kind === data.kind)) throw notAScaler()
  const { kind, range, shift, scale, names } = data as Partial<ScalerJSON> & { kind: ScalerKind } // checked below
  const areNumbers = (list: unknown): boolean => Array.isArray(list) && list.every(Number.isFinite)
  if (!areNumbers(shift) || !areNumbers(scale) || !areNumbers(range)) throw notAScaler()
  if (shift === undefined || scale === undefined || range === undefined || shift.length !== scale.length)
    throw notAScaler()
  return new Scaler(kind, range, { shift, scale, ...(names === undefined ? {} : { names }) })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw notAScaler()
  }
}

function notAScaler(): FormatError {
  return new FormatError('scalerFromJSON: expected what toJSON of a scaler gave')
}

function tensorOf(data: TensorLike, call: string): Tensor {
  try {
    return asTensor(data)
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause
    const problem = cause.message.replace(/^tensor: /, '')
    throw new DataError(`scaler.${call}: expected numbers [..., features], or columns by name (${problem})`, { cause })
  }
}

/** The numbers of a column, NaN where one is missing. @throws DataError for anything else. */
function numbersOf(column: ScalerTable[string], where: string): ArrayLike<number> {
  if (column instanceof Tensor) return column.data
  if (isTypedArray(column)) return column
  return Array.from(column, (value: unknown, row) => {
    if (typeof value === 'number') return value
    if (value === null || value === undefined) return Number.NaN
    throw new DataError(`${where}, row ${row}: expected a number, got ${JSON.stringify(value)}`)
  })
}

/** Mean and deviation, from numbers brought to 0 ... 1 first, whose squares neither overflow nor vanish. */
function standardOf(column: ArrayLike<number>, least: number, width: number): { shift: number; scale: number } {
  let [count, mean, squares] = [0, 0, 0]
  for (let i = 0; i < column.length; i++) {
    if (Number.isNaN(column[i])) continue
    const value = (column[i] - least) / width
    // Welford's update.
    count++
    const off = value - mean
    mean += off / count
    squares += off * (value - mean)
  }
  return { shift: least + mean * width, scale: Math.sqrt(squares / count) * width }
}

/** The numbers of each feature: the last axis. */
function featureColumns({ data, shape }: Tensor): ArrayLike<number>[] {
  const width = shape.length < 2 ? 1 : shape[shape.length - 1]
  return Array.from({ length: width }, (_, feature) =>
    Float64Array.from({ length: data.length / Math.max(1, width) }, (_, i) => data[i * width + feature]),
  )
}
