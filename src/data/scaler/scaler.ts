// Features brought to a common scale: learnt from training data, applied to all, and undone for what a model predicts.

import {
  checkOptions,
  DataError,
  didYouMean,
  FormatError,
  isList,
  jsonOf,
  OptionError,
  requireList,
  requireOneOf,
  requireWalkable,
  ShapeError,
} from '../../errors'
import { allocate, formatShape, isFloat, Tensor, type TensorLike } from '../../tensor'
import { isRecord } from '../dataset/collate'
import type { ColumnChoice, Columns, Row, SeriesLike } from '../series/table'
import type { Windows } from '../series/windowSet'
import { areRows, featuresOf, isNumeric, numbersOf, type ScalerTable, tensorOf } from './features'
import { momentsOf, type Scale } from './learn'

/** How features are scaled: to mean 0 and variance 1, or from their smallest and largest value to a range. */
export type ScalerKind = 'standard' | 'minMax'

const kinds = ['standard', 'minMax'] as const

/** Options of {@link scaler}. */
export interface ScalerOptions {
  /** Where `'minMax'` brings the smallest and the largest value; `[0, 1]` by default. */
  readonly range?: readonly [number, number]
}

/** Options of {@link Scaler.fit}. */
export interface ScalerFitOptions {
  /** The columns to learn, by name (or, of windows without names, by number); all by default. */
  readonly features?: ColumnChoice
  /** The column of times, which is no feature; none by default. */
  readonly time?: string
}

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
  /** Of each feature, where one has numbers near the largest there are: what they are divided by before; else 1. */
  readonly unit?: readonly number[]
}

type Learnt = Pick<ScalerJSON, 'names' | 'shift' | 'scale' | 'unit'>

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
  private learnt: Learnt | undefined

  constructor(kind: ScalerKind, range: readonly [number, number], learnt?: Learnt) {
    this.kind = kind
    this.range = range
    this.learnt = learnt
  }

  /** What the features are called, in their order, where they were learnt by name. */
  get names(): readonly string[] | undefined {
    return this.learnt?.names
  }

  /**
   * Learns from data: training data only, or what is tested on would tell of itself. Missing numbers (NaN, and `null` in a table) do not count. A
   * feature that is always the same is shifted, but not divided.
   *
   * @param data - `[..., features]`, the columns of a table by name, its rows as records, a list of such series, or windows: of
   *   these every row that they may use counts once.
   * @param options - which columns are features.
   * @throws DataError where a feature has no finite number.
   *
   * @example
   * ```ts
   * const { train } = data.splitInTime(data.windows({ rain: [0, 4, 2, 9, 7] }, { length: 1 }), { test: 0.4 })
   * data.scaler('minMax').fit(train).transform({ rain: [2] }).rain.toArray() // [0.5]
   * ```
   */
  fit(data: TensorLike | ScalerTable | SeriesLike | Windows, options: ScalerFitOptions = {}): this {
    requireWalkable('scaler.fit', data)
    checkOptions('scaler.fit', options, ['features', 'time'])
    const { names, columns } = featuresOf(data, options)
    if (columns.length === 0) throw new DataError('scaler.fit: expected at least one feature, got none')
    const found = columns.map((column, i) => this.learn(column, names?.[i] ?? i))
    const unit = found.map((scale) => scale.unit)
    this.learnt = {
      ...(names === undefined ? {} : { names }),
      shift: found.map(({ shift }) => shift),
      scale: found.map(({ scale }) => scale),
      ...(unit.every((one) => one === 1) ? {} : { unit }),
    }
    return this
  }

  private learn(column: ArrayLike<number>, name: string | number): Scale {
    const { least, most, mean, deviation, unit } = momentsOf(column, `scaler.fit: feature ${name}`)
    const width = most - least
    if (this.kind === 'standard') return { shift: mean, scale: deviation, unit }
    const [from, to] = this.range
    const scale = width / (to - from) || 1
    return { shift: least - from * scale, scale, unit }
  }

  /**
   * The data scaled: a tensor of the same shape, a table with the same columns, or rows with the same members. Columns of texts and
   * dates are handed on as they are.
   *
   * @throws OptionError for a column of numbers that was not learnt.
   */
  transform(data: readonly Row[]): Row[]
  transform(data: TensorLike): Tensor
  transform(data: ScalerTable): Record<string, Tensor>
  transform(data: Columns): Record<string, Tensor | ArrayLike<unknown>>
  transform(data: TensorLike | Columns | readonly Row[]): Tensor | Record<string, Tensor | ArrayLike<unknown>> | Row[] {
    requireWalkable('scaler.transform', data)
    return this.apply(data, 'transform', undefined, (x, { shift, scale, unit }) => (x / unit - shift) / scale)
  }

  /** Scaled data, or predictions, back in the units they were measured in. */
  inverse(data: readonly Row[]): Row[]
  inverse(data: TensorLike, options?: InverseOptions): Tensor
  inverse(data: ScalerTable): Record<string, Tensor>
  inverse(data: Columns): Record<string, Tensor | ArrayLike<unknown>>
  inverse(
    data: TensorLike | Columns | readonly Row[],
    options: InverseOptions = {},
  ): Tensor | Record<string, Tensor | ArrayLike<unknown>> | Row[] {
    checkOptions('scaler.inverse', options, ['features'])
    return this.apply(data, 'inverse', options.features, (x, { shift, scale, unit }) => (x * scale + shift) * unit)
  }

  private apply(
    data: TensorLike | Columns | readonly Row[],
    call: string,
    features: InverseOptions['features'],
    change: (x: number, scale: Scale) => number,
  ): Tensor | Record<string, Tensor | ArrayLike<unknown>> | Row[] {
    const scales = this.scales(call)
    const names = new Set(this.learnt?.names)
    const isOther = (name: string, column: unknown): boolean => !names.has(name) && !isNumeric(column)
    const changeNumber = (value: unknown, name: string, where: string): unknown => {
      if (isOther(name, [value])) return value
      return change(numbersOf([value], where)[0], scales[this.place(name, call)])
    }
    if (areRows(data)) {
      return data.map((row, i) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [name, changeNumber(value, name, `scaler.${call}: row ${i}`)]),
        ),
      )
    }
    if (isRecord(data)) {
      const columns = Object.entries(data as Columns) // by the test before
      return Object.fromEntries(
        columns.map(([name, column]) => {
          if (isOther(name, column)) return [name, column]
          const scale = scales[this.place(name, call)]
          const numbers = numbersOf(column, `scaler.${call}: feature ${name}`)
          const dtype = numbers instanceof Float32Array || numbers instanceof Uint8Array ? 'float32' : 'float64'
          const out = allocate(dtype, numbers.length)
          for (let i = 0; i < out.length; i++) out[i] = change(numbers[i], scale)
          return [name, new Tensor(out, [out.length], dtype)]
        }),
      )
    }
    const tensor = tensorOf(data as TensorLike, call) // no record
    const chosen = (features === undefined ? scales.map((_, i) => i) : this.places(features, call)).map(
      (at) => scales[at],
    )
    const width = tensor.rank === 0 ? 1 : tensor.shape[tensor.rank - 1]
    const isColumn = chosen.length === 1
    if (!isColumn && width !== chosen.length) {
      throw new ShapeError(
        `scaler.${call}: expected ${chosen.length} features along the last axis, got shape ${formatShape(tensor.shape)}`,
      )
    }
    const dtype = isFloat(tensor.dtype) ? tensor.dtype : tensor.dtype === 'int32' ? 'float64' : 'float32'
    const out = allocate(dtype, tensor.size)
    for (let i = 0; i < out.length; i++) out[i] = change(tensor.data[i], chosen[isColumn ? 0 : i % width])
    return new Tensor(out, tensor.shape, dtype)
  }

  private scales(call: string): readonly Scale[] {
    const { shift, scale, unit } = this.fitted(call)
    return shift.map((value, i) => ({ shift: value, scale: scale[i], unit: unit?.[i] ?? 1 }))
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

  private fitted(call: string): Learnt {
    if (this.learnt !== undefined) return this.learnt
    throw new OptionError(`scaler.${call}: nothing is learnt yet; call fit with the training data first`)
  }

  /**
   * Mean and variance of a layer that scales the same way: (x - mean) / sqrt(variance); with the names of its features, where they
   * have some.
   *
   * @param features - by name or number; all by default.
   */
  moments(features?: InverseOptions['features']): {
    readonly mean: readonly number[]
    readonly variance: readonly number[]
    readonly features?: readonly string[]
  } {
    const scales = this.scales('moments')
    const chosen = features === undefined ? scales.map((_, i) => i) : this.places(features, 'moments')
    const names = this.names
    return {
      mean: chosen.map((i) => scales[i].shift * scales[i].unit),
      variance: chosen.map((i) => (scales[i].scale * scales[i].unit) ** 2),
      ...(names === undefined ? {} : { features: chosen.map((i) => names[i]) }),
    }
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
  if (!isRange(range)) {
    throw new OptionError(`scaler: range: expected two numbers in ascending order, got ${jsonOf(range)}`)
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
  if (!isRecord(data)) throw notAScaler('an object')
  const kind = kinds.find((one) => one === data.kind)
  if (kind === undefined) throw notAScaler("kind: 'standard' or 'minMax'")
  const { range, shift, scale, unit, names } = data
  if (!isRange(range)) throw notAScaler('range: two numbers in ascending order')
  if (!areNumbers(shift) || shift.length === 0) throw notAScaler('shift: a number for each feature')
  const arePositive = (list: unknown): list is readonly number[] =>
    areNumbers(list) && list.length === shift.length && list.every((value) => value > 0)
  if (!arePositive(scale)) throw notAScaler('scale: a number above 0 for each feature')
  if (unit !== undefined && !arePositive(unit)) throw notAScaler('unit: a number above 0 for each feature')
  if (names !== undefined && !(areNames(names) && names.length === shift.length)) {
    throw notAScaler('names: a name of its own for each feature')
  }
  return new Scaler(kind, [range[0], range[1]], {
    shift,
    scale,
    ...(unit === undefined ? {} : { unit }),
    ...(names === undefined ? {} : { names }),
  })
}

function isRange(range: unknown): range is readonly [number, number] {
  return areNumbers(range) && range.length === 2 && range[0] < range[1]
}

function areNumbers(list: unknown): list is readonly number[] {
  return isList(list) && list.every(Number.isFinite)
}

function areNames(list: unknown): list is readonly string[] {
  return isList(list) && list.every((name) => typeof name === 'string') && new Set(list).size === list.length
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new FormatError('scalerFromJSON: expected what toJSON of a scaler gave, got no JSON', { cause })
  }
}

function notAScaler(expected: string): FormatError {
  return new FormatError(`scalerFromJSON: expected what toJSON of a scaler gave (${expected})`)
}
