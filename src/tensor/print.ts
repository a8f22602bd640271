// Tensors as text, by NumPy's rules: columns aligned, eight digits, the middle of what is long left out.
import { type DType, shortestDigits, type TypedArray } from './dtype'
import { formatShape, type Shape } from './shape'

/** What is shown in full, and how much of an axis at each end where it is not. */
const mostElements = 1000
const atEachEnd = 3
const lineWidth = 88

/** `Tensor float32 [2, 3]`, and below it the values. */
export function printTensor(data: TypedArray, shape: Shape, dtype: DType): string {
  const isShort = data.length > mostElements
  const shown = positions(shape, isShort)
  const write = writerOf(
    shown.map((at) => data[at]),
    dtype,
  )
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1))
  const nest = (axis: number, start: number): string => {
    if (axis === shape.length) return write(data[start])
    const length = shape[axis]
    const items = indices(length, isShort).map((i) => (i < 0 ? '...' : nest(axis + 1, start + i * strides[axis])))
    const indent = ' '.repeat(axis + 1)
    if (axis < shape.length - 1) return `[${items.join(`,${'\n'.repeat(shape.length - 1 - axis)}${indent}`)}]`
    return `[${wrapped(items, indent)}]`
  }
  return `Tensor ${dtype} ${formatShape(shape)}\n${data.length === 0 ? '[]' : nest(0, 0)}`
}

/** The indices of an axis that are shown; -1 stands for those left out. */
function indices(length: number, isShort: boolean): number[] {
  const all = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i)
  if (!isShort || length <= 2 * atEachEnd) return all(length)
  return [...all(atEachEnd), -1, ...all(atEachEnd, length - atEachEnd)]
}

/** Where the elements that are shown lie. */
function positions(shape: Shape, isShort: boolean): number[] {
  return shape.reduce<number[]>(
    (starts, length) =>
      starts.flatMap((start) =>
        indices(length, isShort)
          .filter((i) => i >= 0)
          .map((i) => start * length + i),
      ),
    [0],
  )
}

function wrapped(items: readonly string[], indent: string): string {
  const lines: string[] = []
  let line = ''
  for (const [i, item] of items.entries()) {
    const text = i === items.length - 1 ? item : `${item},`
    if (line !== '' && indent.length + line.length + 1 + text.length > lineWidth) {
      lines.push(line)
      line = text
    } else line = line === '' ? text : `${line} ${text}`
  }
  return [...lines, line].join(`\n${indent}`)
}

/** How one element is written, so that all are aligned. */
function writerOf(values: readonly number[], dtype: DType): (value: number) => string {
  const plain = plainWriter(values, dtype)
  const width = Math.max(0, ...values.map((value) => plain(value).length))
  return (value) => plain(value).padStart(width)
}

function plainWriter(values: readonly number[], dtype: DType): (value: number) => string {
  if (dtype === 'bool') return (value) => String(value !== 0)
  const special = (value: number): string => (Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity')
  if (dtype === 'int32') return (value) => String(value)
  const digits = (value: number): number => shortestDigits(value, dtype)
  const finite = values.filter((value) => Number.isFinite(value))
  const sizes = finite.filter((value) => value !== 0).map(Math.abs)
  const [most, least] = [Math.max(...sizes), Math.min(...sizes)]
  const isWide = least < 1e-4 || (most / least > 1000 && !finite.every(Number.isInteger))
  if (sizes.length > 0 && (most >= 1e8 || isWide)) {
    const places = Math.max(...finite.map((value) => Math.min(8, digits(value) - 1)))
    return (value) => (Number.isFinite(value) ? value.toExponential(places) : special(value))
  }
  const decimals = (value: number): number => {
    if (value === 0) return 0
    return Math.min(8, Math.max(0, digits(value) - 1 - Math.floor(Math.log10(Math.abs(value)))))
  }
  const longest = Math.max(0, ...finite.map((value) => trimmed(value, decimals(value)).split('.')[1]?.length ?? 0))
  return (value) => {
    if (!Number.isFinite(value)) return special(value)
    const text = trimmed(value, decimals(value))
    return text.padEnd((text.split('.')[0] ?? '').length + (longest === 0 ? 0 : 1 + longest))
  }
}

function trimmed(value: number, decimals: number): string {
  const text = value.toFixed(decimals)
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}
