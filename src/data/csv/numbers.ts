// Numbers as people write them: with a decimal comma, and with thousands set apart.

import { jsonOf, OptionError } from '../../errors'

/** How numbers are written. */
export interface NumberFormat {
  /** What stands before the fraction: `'.'` (the default) or `','`. */
  readonly decimal?: '.' | ','
  /** What sets thousands apart: `','`, `'.'`, `"'"`, `'_'` or a space, which stands for every kind of space; nothing by default. */
  readonly thousands?: string
}

/** The names of all options in {@link NumberFormat}. */
export const numberFormatNames = ['decimal', 'thousands'] as const

const separators = [',', '.', "'", '’', '_', ' ']

/** @throws OptionError for options of {@link NumberFormat} that are wrong. */
export function checkNumberFormat({ decimal = '.', thousands }: NumberFormat, where: string): void {
  if (decimal !== '.' && decimal !== ',') {
    throw new OptionError(`${where}: decimal: expected '.' or ',', got ${jsonOf(decimal)}`)
  }
  if (thousands === undefined || (separators.includes(thousands) && thousands !== decimal)) return
  const allowed = separators.filter((one) => one !== decimal).map((one) => `"${one}"`)
  throw new OptionError(`${where}: thousands: expected one of ${allowed.join(', ')}, got ${jsonOf(thousands)}`)
}

/** Reads a cell without spaces around it; NaN where it is no number. */
export function numberReader({ decimal = '.', thousands }: NumberFormat): (cell: string) => number {
  if (decimal === '.' && thousands === undefined) return plainNumber
  const point = decimal === '.' ? '\\.' : ','
  if (thousands === undefined) {
    return (cell) => (cell.includes('.') ? Number.NaN : plainNumber(cell.replace(',', '.')))
  }
  const mark = thousands === ' ' ? '\\s' : thousands === '.' ? '\\.' : thousands
  const groups = new RegExp(`^[+-]?(?:\\d+|\\d{1,3}(?:${mark}\\d{3})+)?(?:${point}\\d*)?(?:e[+-]?\\d+)?$`, 'i')
  const marks = new RegExp(mark, 'g')
  return (cell) => {
    const signed = cell.replace('−', '-')
    return groups.test(signed) ? plainNumber(signed.replace(marks, '').replace(decimal, '.')) : Number.NaN
  }
}

/** Digits, a point and an exponent; no other bases, which are codes rather than measured. */
function plainNumber(cell: string): number {
  if (cell === '') return Number.NaN
  const value = Number(cell)
  if (Number.isNaN(value)) return cell.startsWith('−') ? plainNumber(`-${cell.slice(1)}`) : value
  return value !== Infinity && /^[+-]?0[xob]/i.test(cell) ? Number.NaN : value
}

/** What may help with a cell that looks like a number. */
export function decimalHint(cell: string): string {
  if (/^[+-]?\d+,\d+$/.test(cell)) return "; decimal: ',' reads decimal commas, thousands: ',' sets apart thousands"
  if (/^[+-]?\d{1,3}(\.\d{3})+(,\d+)?$/.test(cell)) return "; decimal: ',' with thousands: '.' reads it"
  if (/^[+-]?\d{1,3}([,' ]\d{3})+(\.\d+)?$/.test(cell)) return '; the option thousands says what sets them apart'
  return ''
}
