// What a layer does with the steps of a sequence: whether streams and truncated training, which cut sequences in parts, may
// cut them at it.

import { normalizeAxes } from '../../tensor'

/**
 * What a layer does with the steps of a sequence, which is axis 1 of its input:
 *
 * - `'apart'`: it treats each step by itself;
 * - `'carried'`: it goes forward in time, and what it needs of the steps before it carries with `context.carry`;
 * - `{ mixed }`: it does something else, and the text says what, as in 'it also reads the sequence from its end'.
 */
export type OverTime = 'apart' | 'carried' | { readonly mixed: string }

/** Of a layer that works along axes: it mixes steps where one of them is that of time. */
export function alongAxesOverTime(axes: number | readonly number[], rank: number, where: string): OverTime {
  return normalizeAxes(axes, rank, where).includes(1) ? { mixed: 'it works along the axis of time' } : 'apart'
}
