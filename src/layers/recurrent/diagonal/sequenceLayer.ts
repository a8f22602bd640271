// A recurrent layer of a cell of its own kind, which is not put in stacks.

import type { AnyOptions } from '../../options/ownOptions'
import type { RecurrentCell } from '../cells/cell'
import { pick } from '../cells/standard'
import { type SequenceOptions, sequenceOptions } from '../options'
import { RecurrentLayer } from '../recurrentLayer'

/** Makes the layer. `makeCell` is given the options that are about one step. */
export function sequenceLayer<O extends SequenceOptions>(
  kind: string,
  units: number,
  options: O,
  ofCell: AnyOptions,
  makeCell: (options: Record<string, unknown>) => RecurrentCell,
): RecurrentLayer {
  return new RecurrentLayer({
    kind,
    options,
    own: { defaults: { ...ofCell.defaults, ...sequenceOptions.defaults }, rules: ofCell.rules ?? {} },
    leading: () => ({ units }),
    makeCell: () => makeCell(pick(options, Object.keys(ofCell.defaults))),
    remake: (changes) => sequenceLayer(kind, units, { ...options, ...changes }, ofCell, makeCell),
    axes: ['batch', 'time', 'features'],
    isOneWithCell: true,
  })
}
