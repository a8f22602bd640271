// Names of places with numbers of the logs in them, written as in Python: `{epoch:02d}`, `{val_loss:.2f}`.
import { didYouMean, OptionError } from '../errors'
import type { Logs } from './callback'

const placeholder = /\{([^{}:]*)(?::([^{}]*))?\}/g
const formatPattern = /^(0?)(\d*)(?:\.(\d+))?([dfeg]?)$/

/** Fills in the placeholders. @throws OptionError for a name that is not there, or a format that means nothing. */
export function fillTemplate(where: string, template: string, numbers: Logs): string {
  return template.replace(placeholder, (_, name: string, format: string | undefined) => {
    const value = numbers[name]
    if (value === undefined) {
      const known = Object.keys(numbers)
      throw new OptionError(
        `${where}: '${template}': there is no '${name}'.${didYouMean(name, known)} There is ${known.join(', ')}.`,
      )
    }
    return format === undefined ? String(value) : formatNumber(where, value, format)
  })
}

/** @throws OptionError for a format that means nothing. */
export function checkTemplate(where: string, template: string): void {
  for (const [, , format] of template.matchAll(placeholder)) if (format !== undefined) formatNumber(where, 0, format)
}

function formatNumber(where: string, value: number, format: string): string {
  const [matched, zero, width, precision, kind] = formatPattern.exec(format) ?? []
  if (matched === undefined) {
    throw new OptionError(`${where}: expected a format such as 02d, .2f or .3e, got '${format}'`)
  }
  const digits = precision === undefined || precision === '' ? undefined : Number(precision)
  const text = inKind(value, kind ?? '', digits)
  const [sign, magnitude] = text.startsWith('-') ? ['-', text.slice(1)] : ['', text]
  return zero === '0'
    ? sign + magnitude.padStart(Number(width) - sign.length, '0')
    : (sign + magnitude).padStart(Number(width), ' ')
}

function inKind(value: number, kind: string, digits: number | undefined): string {
  switch (kind) {
    case 'd':
      return String(Math.round(value))
    case 'f':
      return value.toFixed(digits ?? 6)
    case 'e':
      // Python writes at least two digits of the exponent.
      return value.toExponential(digits ?? 6).replace(/e([+-])(\d)$/, 'e$10$2')
    default:
      return digits === undefined ? String(value) : String(Number(value.toPrecision(Math.max(digits, 1))))
  }
}
