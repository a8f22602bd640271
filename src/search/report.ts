// The trials of a search as a table.

import type { Json } from '../registry'
import { formatNumber, table } from '../vis'
import type { Trial } from './study/record'

/** A line a trial, the best first. */
export function searchTable(trials: readonly Trial[], objective: string): string {
  // What hangs on others only some have.
  const parameters = [...new Set(trials.flatMap(({ parameters: point }) => Object.keys(point)))]
  const head = ['trial', ...parameters, objective, 'epochs', 's', 'status']
  const rows = trials.map(({ trial, parameters: point, score, epochs, seconds, status }) => [
    String(trial),
    ...parameters.map((name) => valueText((point as Record<string, Json | undefined>)[name])),
    score === undefined ? '' : formatNumber(score),
    String(epochs),
    formatNumber(seconds),
    status,
  ])
  const numbers = head.flatMap((_, column) => (rows.some((row) => /^[\d.e-]+$/.test(row[column])) ? [column] : []))
  return table(head, rows, numbers)
}

function valueText(value: Json | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'number') return formatNumber(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}
