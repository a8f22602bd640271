// What `lstm`, `gru` and `simpleRNN` have in common: a standard cell, or a stack of equal ones, over a sequence.

import { requirePositiveInteger } from '../../../errors'
import type { AnyOptions } from '../../options/ownOptions'
import { type CellOptions, type SequenceOptions, sequenceOptions } from '../options'
import { RecurrentLayer } from '../recurrentLayer'
import type { RecurrentCell } from './cell'
import { StackedRNNCells } from './stackedRNNCells'

/** The options of layers with a standard cell, beside those of the cell. */
export interface StandardOptions extends SequenceOptions {
  /**
   * Makes the layer a stack of so many: each but the first goes over the outputs of the one before. Where it is given
   * (be it 1), states are as in PyTorch, `[numLayers, batch, units]`, and `dropout` acts as there: on the outputs of
   * each layer but the last, drawn anew for every step, not on the inputs.
   */
  readonly numLayers?: number
}

/** Makes the layer. `makeCell` is given the options that are about one step. */
export function standardLayer<O extends StandardOptions & CellOptions>(
  kind: string,
  units: number,
  options: O,
  ofCells: AnyOptions,
  makeCell: (units: number, options: CellOptions) => RecurrentCell,
): RecurrentLayer {
  return new RecurrentLayer({
    kind,
    options,
    own: {
      defaults: { ...ofCells.defaults, ...sequenceOptions.defaults, numLayers: undefined },
      // More than anybody stacks: without a bound, a damaged file could ask for a billion.
      rules: { ...ofCells.rules, numLayers: { integer: true, from: 1, to: 1000 } },
    },
    leading: () => ({ units }),
    makeCell: () => {
      requirePositiveInteger(kind, 'units', units)
      const { numLayers, dropout: rate = 0, seed } = options
      const ofCell = pick(options, Object.keys(ofCells.defaults))
      if (numLayers === undefined) return makeCell(units, ofCell)
      const cells = Array.from({ length: numLayers }, (_, i) =>
        makeCell(units, {
          ...ofCell,
          dropout: 0,
          name: `layer${i}`,
          ...(seed === undefined ? {} : { seed: seed + i }),
        }),
      )
      return new StackedRNNCells(cells, {}, { rate, seed })
    },
    remake: (changes) => standardLayer(kind, units, { ...options, ...changes }, ofCells, makeCell),
    numLayers: options.numLayers,
    axes: ['batch', 'time', 'features'],
    isOneWithCell: true,
  })
}

/** The options of these names that are given. */
export function pick(options: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name)))
}
