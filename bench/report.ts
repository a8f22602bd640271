// The figures as tables: the same lines in the terminal and in the markdown page.
import type { Machine } from './machine'
import type { Clock } from './protocol'
import type { Absent, Entry, Result, Timed } from './race'
import { describe, gflop, type Mode } from './workloads'

const titles: Readonly<Record<Mode, string>> = {
  train: 'train step',
  predict: 'predict, the whole batch',
  predict1: 'predict, one sample',
}

const columns = [
  'contestant',
  'median ms',
  'range ms',
  'GFLOP/s',
  'hornbeam ÷ it',
  'load ms',
  'first ms',
  'peak MB',
  'JS KB',
  'gzip KB',
]

/** The page of a whole run. */
export function page(machine: Machine, results: readonly Result[], clock: Clock): string {
  const memory = `${Math.round(machine.memoryBytes / 2 ** 30)} GB`
  return [
    '# Benchmark',
    '',
    `${machine.processor}, ${machine.cores} cores, ${memory}, ${machine.system}. Node ${machine.node}. ${machine.date}.`,
    '',
    `${[...new Set(results.flatMap(({ entries }) => entries.filter(isTimed).map(({ name, about }) => `${name}: ${about}`)))].join('; ')}.`,
    '',
    ...(clock === 'cpu' ? ["Times are the processor's: the machine did other work as well."] : []),
    'Medians of rounds in turns, with the range over the rounds; before timing, all were shown to compute the same.',
    "'hornbeam ÷ it' is hornbeam's time as a part of the contestant's in the same round: below 1, hornbeam is faster.",
    "'load' is the time to load the library, 'first' that from building the model to the end of its first step or prediction,",
    "'peak' the most memory the process ever held, 'JS' the JavaScript it had parsed, as published for Node, and 'gzip' that compressed.",
    '',
    ...results.flatMap((result) => [...table(result), '']),
  ].join('\n')
}

/** One race as a table, the absent named below it. */
export function table(result: Result): string[] {
  const { workload, mode, threads, entries } = result
  const timed = entries.filter(isTimed)
  const absent = entries.filter(isAbsent)
  const base = timed.find(({ name }) => name.startsWith('hornbeam'))
  const rows = timed.map((entry) => row(entry, gflop(workload, mode), base))
  return [
    `## ${workload.name}, ${titles[mode]}, ${threads === 1 ? 'one thread' : `${threads} threads`}`,
    '',
    `${describe(workload)}: ${workload.about}.`,
    '',
    ...aligned([columns, ...rows]),
    ...(absent.length > 0
      ? ['', `Absent: ${absent.map(({ name, absent }) => `${name} (${absent})`).join('; ')}.`]
      : []),
  ]
}

function row(entry: Timed, work: number, base: Timed | undefined): string[] {
  const ms = median(entry.rounds)
  const { scriptBytes, compressedBytes } = entry
  return [
    entry.name,
    figure(ms),
    `${figure(Math.min(...entry.rounds))} to ${figure(Math.max(...entry.rounds))}`,
    figure((work / ms) * 1000),
    base === undefined || base === entry ? '' : ratio(base, entry),
    figure(entry.loadMs),
    figure(entry.firstMs),
    figure(entry.peakBytes / 1e6),
    scriptBytes === undefined ? '' : figure(scriptBytes / 1e3),
    compressedBytes === undefined ? '' : figure(compressedBytes / 1e3),
  ]
}

/** Hornbeam's time as a part of the contestant's, round by round: median and range. */
function ratio(base: Timed, entry: Timed): string {
  const ratios = base.rounds.flatMap((ms, round) => {
    const other = entry.rounds[round]
    return other === undefined ? [] : [ms / other]
  })
  return `${figure(median(ratios))} (${figure(Math.min(...ratios))} to ${figure(Math.max(...ratios))})`
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low = Number.NaN, high = low] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return (low + high) / 2
}

/** Three digits that count, and never an exponent. */
function figure(value: number): string {
  return value >= 100
    ? value.toFixed(0)
    : value.toLocaleString('en', { maximumSignificantDigits: 3, useGrouping: false })
}

/** A markdown table whose columns line up. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join(' | ')} |`
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  const [head = [], ...body] = rows
  return [line(head), rule, ...body.map(line)]
}

function isTimed(entry: Entry): entry is Timed {
  return !('absent' in entry)
}

function isAbsent(entry: Entry): entry is Absent {
  return 'absent' in entry
}
