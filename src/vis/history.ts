// Learning curves.

import { checkOptions, DataError, OptionError, requireList, requireText } from '../errors'
import { draw } from './draw'
import type { LinePanel } from './figure'
import type { Plot } from './plot'

/** What `fit` resolves to, as far as it can be drawn. */
export interface HistoryLike {
  readonly epoch: readonly number[]
  readonly history: Readonly<Record<string, readonly number[]>>
}

/** Options of {@link plotHistory}. */
export interface HistoryPlotOptions {
  /** `'Learning curves'` by default. */
  readonly title?: string
  /** The keys to draw, such as `['loss']`; a key brings its `val_` twin. All by default. */
  readonly metrics?: readonly string[]
  /** Of the axis of the numbers; `'linear'` by default. */
  readonly scale?: 'linear' | 'log'
}

/**
 * The learning curves of a training: a panel for the loss and for each metric, over epochs, with those of the
 * validation data dashed.
 *
 * @param history - what `fit` resolved to.
 * @throws DataError for a history without epochs, OptionError for a metric that it does not have.
 *
 * @example
 * ```ts
 * const history = await model.fit(x, y, { epochs: 20, validationSplit: 0.2 })
 * await (await plotHistory(history)).save('learning.svg')
 * ```
 */
export async function plotHistory(history: HistoryLike, options: HistoryPlotOptions = {}): Promise<Plot> {
  checkOptions('plotHistory', options, ['title', 'metrics', 'scale'])
  const { title = 'Learning curves', scale = 'linear' } = options
  if (typeof history?.history !== 'object' || !Array.isArray(history.epoch)) {
    throw new DataError(`plotHistory: expected what fit resolves to, got ${history === null ? 'null' : typeof history}`)
  }
  const found = Object.keys(history.history).filter((key) => !key.startsWith('val_'))
  if (history.epoch.length === 0) throw new DataError('plotHistory: expected a history of at least one epoch, got none')
  const keys = requireList('plotHistory', 'metrics', options.metrics ?? found)
  requireText('plotHistory', 'title', title)
  const unknown = keys.find((key) => !found.includes(key))
  if (unknown !== undefined) {
    throw new OptionError(`plotHistory: metrics: expected some of ${found.join(', ')}, got '${unknown}'`)
  }
  const panels = keys.map((key): LinePanel => {
    const line = (label: string, dashed: boolean, color: number) => {
      const values: readonly (number | readonly number[])[] = history.history[label] ?? []
      const x = epochsOf(values.length, history.epoch)
      return singleLines(label, values).map((single, i) => ({ ...single, x, dashed, color: color + 2 * i }))
    }
    return {
      kind: 'lines',
      title: key,
      x: { label: 'epoch' },
      y: { label: key, scale },
      lines: [...line(key, false, 0), ...line(`val_${key}`, true, 1)],
    }
  })
  return draw({ title, panels, columns: panels.length > 1 ? 2 : 1 })
}

/** One line of what is a number each epoch; of what is a list of numbers a line for each of them. */
function singleLines(
  label: string,
  values: readonly (number | readonly number[])[],
): readonly { readonly label: string; readonly y: readonly number[] }[] {
  if (values.length === 0) return []
  const lists = values.map((value) => (typeof value === 'number' ? [value] : value))
  return lists[0].map((_, i) => ({
    label: lists[0].length === 1 ? label : `${label} ${i}`,
    y: lists.map((list) => list[i]),
  }))
}

/** The epochs of a series: all, or every so many, where validation was not made after each of them (`validationFreq`). */
function epochsOf(count: number, epochs: readonly number[]): readonly number[] {
  for (let each = 1; each <= epochs.length + 1; each++) {
    const validated = epochs.filter((epoch) => (epoch + 1) % each === 0)
    if (validated.length === count) return validated
  }
  return epochs
}
