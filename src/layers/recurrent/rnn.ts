// A recurrent layer made of any cell.

import type { Layer } from '../base/layer'
import { layerFactory } from '../base/registry'
import { asCell, type RecurrentCell } from './cells/cell'
import { StackedRNNCells } from './cells/stackedRNNCells'
import { type SequenceOptions, sequenceOptions } from './options'
import { RecurrentLayer } from './recurrentLayer'

/** Options of {@link rnn}. */
export interface RnnOptions extends SequenceOptions {}

/**
 * Runs a cell, or a stack of cells, over a sequence: `lstmCell`, `gruCell`, `simpleRNNCell`, or a cell of one's own (a
 * class that extends `RecurrentCell`).
 *
 * Input `[batch, time, ...]`; output `[batch, units]`, or `[batch, time, units]` with `returnSequences`, where units is
 * the output size of the (last) cell; states are those of the cell, of a stack those of all cells in order. Masks work
 * as in `lstm`.
 *
 * @param cell - a cell, or a list of cells, each going over the outputs of the one before.
 * @throws OptionError for anything else, and for an unknown option.
 *
 * @example
 * ```ts
 * const y = await rnn([lstmCell(8), gruCell(4)]).run(randomNormal([2, 5, 3]))
 * y.shape // [2, 4]
 * ```
 */
export const rnn = /* @__PURE__ */ layerFactory(
  'rnn',
  ['cell'],
  (cell: Layer | readonly Layer[], options: RnnOptions = {}): RecurrentLayer => {
    const made = Array.isArray(cell) ? new StackedRNNCells(cell) : asCell('rnn', cell)
    return rnnOf(made, options)
  },
  ['cell'],
)

function rnnOf(cell: RecurrentCell, options: RnnOptions): RecurrentLayer {
  return new RecurrentLayer({
    kind: 'rnn',
    options,
    own: sequenceOptions,
    leading: () => ({ cell }),
    makeCell: () => cell,
    remake: (changes) => rnnOf(cell.copy(), { ...options, ...changes }),
    isOneWithCell: false,
  })
}
