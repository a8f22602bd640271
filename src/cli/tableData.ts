// Rows of a CSV file as samples, and how they were made of its columns: kept in the model's metadata, so that predictions take the same ones.
import { type CSVOptions, type CSVValue, csv, type WindowsOptions, windows } from '../data'
import { checkOptions, DataError, describeValue, OptionError, requirePositiveInteger } from '../errors'
import type { FitData, Model, ModelData } from '../model'
import { hasNames, Tensor } from '../tensor'

/** What of a table is learnt from what: a row a sample; with a `length` windows over the rows, as `data.windows` makes them. */
export interface TableOptions extends Partial<Omit<WindowsOptions, 'features' | 'targets' | 'interval'>> {
  /** The columns in x; all but the targets by default, all in windows. */
  readonly features?: string | readonly string[]
  /** The columns in y. One of texts holds classes. */
  readonly targets: string | readonly string[]
  /** How the file is read, as in `data.csv`. */
  readonly csv?: Omit<CSVOptions, 'columns'>
}

/** How samples are made of a table, as a model keeps it. */
export interface TableLayout {
  readonly features: readonly string[]
  readonly targets: readonly string[]
  /** The names of the classes, where the target is one. */
  readonly classes?: readonly string[]
  /** The steps of a window and the rows from one to the next; left out where a row is a sample. */
  readonly length?: number
  readonly step?: number
}

type Row = Readonly<Record<string, CSVValue>>

const optionNames = [
  'features',
  'targets',
  'csv',
  'length',
  'horizon',
  'offset',
  'stride',
  'step',
  'missing',
  'time',
  'format',
  'zone',
]

/** The rows of a file. @throws DataError where there are none. */
export async function readRows(path: string, options: Omit<CSVOptions, 'columns'> = {}): Promise<readonly Row[]> {
  const rows = await csv(path, options).toArray()
  if (rows.length === 0) throw new DataError(`${path}: expected rows, got none`)
  return rows
}

/** Samples to train on. @throws OptionError for columns that are not there; DataError for cells that are no numbers. */
export function samplesOf(
  path: string,
  rows: readonly Row[],
  options: TableOptions,
): { readonly x: FitData; readonly y?: ModelData; readonly layout: TableLayout } {
  checkOptions('data', options, optionNames)
  const targets = columnsIn(path, rows, 'targets', options.targets)
  const { length, features: given, csv: _csv, ...rest } = options
  const all = Object.keys(rows[0]).filter(
    (name) => name !== options.time && (length !== undefined || !targets.includes(name)),
  )
  const features = given === undefined ? all : columnsIn(path, rows, 'features', given)
  if (length !== undefined) {
    const layout = { features, targets, length, ...(options.step === undefined ? {} : { step: options.step }) }
    return { x: windows(rows as Parameters<typeof windows>[0], { ...rest, length, features, targets }), layout }
  }
  const extra = Object.keys(rest).filter((name) => name !== 'targets')
  if (extra.length > 0) {
    throw new OptionError(`data: ${extra.join(', ')}: expected a length beside it, the number of steps of a window`)
  }
  const x = matrix(path, rows, features)
  const [target] = targets
  if (targets.length === 1 && rows.every((row) => typeof row[target] === 'string')) {
    const classes = [...new Set(rows.map((row) => String(row[target])))].sort()
    const places = rows.map((row) => classes.indexOf(String(row[target])))
    return {
      x,
      y: new Tensor(Int32Array.from(places), [rows.length, 1], 'int32'),
      layout: { features, targets, classes },
    }
  }
  return { x, y: matrix(path, rows, targets), layout: { features, targets } }
}

/** The layout that a model keeps. @throws DataError where it keeps none and its input does not say enough. */
export function layoutOf(
  where: string,
  model: Model,
  rows: readonly Row[],
  columns: readonly string[] | undefined,
): TableLayout {
  const kept = model.metadata.table as unknown
  const layout = hasNames(kept) ? (kept as unknown as TableLayout) : undefined
  if (columns === undefined && layout !== undefined) return layout
  const shape = model.inputShape
  const features = columns ?? Object.keys(rows[0]).filter((name) => typeof rows[0][name] === 'number')
  const rest = layout ?? { targets: [] }
  const [first, ...more] = Array.isArray(shape?.[0]) ? [undefined] : (shape as readonly (number | null)[])
  if (more.length === 0 && first === features.length) return { ...rest, features }
  if (more.length === 1 && more[0] === features.length && first != null) return { ...rest, features, length: first }
  throw new DataError(
    `${where}: the model takes ${describeValue(shape)}, got ${features.length} columns of numbers: ${features.join(', ')}; say which ones with --columns`,
  )
}

/** What to predict from, and the rows (from 1) that each sample ends with. @throws DataError for cells that are no numbers. */
export function inputsOf(
  path: string,
  rows: readonly Row[],
  { features, length, step = 1 }: TableLayout,
): { x: Tensor; rows: number[] } {
  const each = matrix(path, rows, columnsIn(path, rows, 'features', features))
  if (length === undefined) return { x: each, rows: rows.map((_, i) => i + 1) }
  requirePositiveInteger(path, 'length', length)
  const span = (length - 1) * step
  const count = rows.length - span
  if (count < 1) throw new DataError(`${path}: expected at least ${span + 1} rows for one window, got ${rows.length}`)
  const width = features.length
  const data = new Float32Array(count * length * width)
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < length; k++) {
      const from = (i + k * step) * width
      data.set(each.data.slice(from, from + width) as Float32Array, (i * length + k) * width)
    }
  }
  return { x: new Tensor(data, [count, length, width]), rows: Array.from({ length: count }, (_, i) => i + span + 1) }
}

function columnsIn(path: string, rows: readonly Row[], option: string, given: unknown): readonly string[] {
  const names: readonly unknown[] = typeof given === 'string' ? [given] : Array.isArray(given) ? given : []
  const there = Object.keys(rows[0])
  if (names.length === 0)
    throw new OptionError(`data: ${option}: expected names of columns, got ${describeValue(given)}`)
  const lost = names.filter((name) => !there.includes(String(name)))
  if (lost.length === 0) return names.map(String)
  throw new OptionError(`data: ${option}: ${path} has no column ${lost.join(', ')}; there is ${there.join(', ')}`)
}

function matrix(path: string, rows: readonly Row[], columns: readonly string[]): Tensor {
  const data = new Float32Array(rows.length * columns.length)
  for (const [i, row] of rows.entries()) {
    for (const [k, column] of columns.entries()) {
      const value = row[column]
      const number = typeof value === 'boolean' ? Number(value) : value
      if (typeof number !== 'number' || !Number.isFinite(number)) {
        throw new DataError(`${path}: row ${i + 1}, column ${column}: expected a number, got ${describeValue(value)}`)
      }
      data[i * columns.length + k] = number
    }
  }
  return new Tensor(data, [rows.length, columns.length])
}
