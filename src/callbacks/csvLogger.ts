// The logs of every epoch as a row of a CSV file.
import { checkOptions, OptionError, textOf } from '../errors'
import { hasNode } from '../host'
import { sizeOfFile, writeTextAt } from '../io'
import { type Callback, isListOfResults } from './callback'

/** Options of {@link csvLogger}. */
export interface CSVLoggerOptions {
  /** `','` by default. */
  readonly separator?: string
  /** Whether to go on after the rows a file has already; `false`, the default, begins it anew. */
  readonly append?: boolean
}

/**
 * Writes the logs of every epoch as a row of a CSV file, at once, so that it can be watched while training goes on. The
 * columns are `epoch` (from 0) and what the first epoch logs; what a later one lacks is `NA`.
 *
 * @throws OptionError in a page, which has no files, and for an unknown option.
 *
 * @example
 * ```ts
 * await model.fit(x, y, { epochs: 100, callbacks: [csvLogger('training.csv')] })
 * ```
 */
export function csvLogger(path: string, options: CSVLoggerOptions = {}): Callback {
  checkOptions('csvLogger', options, ['separator', 'append'])
  const { separator = ',', append = false } = options
  if (typeof path !== 'string' || path === '') {
    throw new OptionError(`csvLogger: expected the path of a file, got ${textOf(path)}`)
  }
  if (typeof separator !== 'string' || separator === '') {
    throw new OptionError(`csvLogger: separator: expected a text such as ',', got ${textOf(separator)}`)
  }
  if (!hasNode()) {
    throw new OptionError(`csvLogger: a page cannot write the file '${path}'; collect the rows with a lambdaCallback`)
  }
  const row = (cells: readonly (string | number)[]): string =>
    `${cells.map((cell) => quoted(String(cell), separator)).join(separator)}\n`
  let columns: readonly string[] | undefined
  let needsHeader = true
  let size = 0
  return {
    async onTrainBegin() {
      columns = undefined
      size = append ? await sizeOfFile(path) : 0
      needsHeader = size === 0
    },
    getState: (): State => ({ columns, needsHeader, size }),
    async setState(state) {
      const kept = state as State // as getState gave it
      columns = kept.columns
      needsHeader = kept.needsHeader
      size = kept.size
    },
    async onEpochEnd(epoch, logs) {
      const isFirst = columns === undefined
      columns ??= Object.keys(logs).sort()
      const header = isFirst && needsHeader ? row(['epoch', ...columns]) : ''
      // What stands behind the rows that it knows of is of before, or of a run that was killed and goes on.
      size = await writeTextAt(path, size, header + row([epoch, ...columns.map((name) => cellOf(logs[name]))]))
    },
  }
}

function cellOf(value: number | readonly number[] | undefined): string | number {
  return isListOfResults(value) ? `[${value.join(' ')}]` : (value ?? 'NA')
}

/** What it remembers of a run. */
interface State {
  readonly columns: readonly string[] | undefined
  readonly needsHeader: boolean
  /** How long the file is, in bytes. */
  readonly size: number
}

function quoted(cell: string, separator: string): string {
  return cell.includes(separator) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
