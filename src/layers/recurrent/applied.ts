// What a recurrent layer is applied to in a graph, besides its input: initial states and a mask. Shapes leave out the batch.

import { ShapeError } from '../../errors'
import { formatShape, type PartialShape } from '../../tensor'

/** @throws ShapeError for initial states that are not those expected; none at all will do. */
export function checkAppliedStates(
  name: string,
  expected: readonly PartialShape[],
  given: readonly PartialShape[],
): void {
  const fits = given.length === expected.length && given.every((shape, i) => meets(shape, expected[i]))
  if (given.length === 0 || fits) return
  const list = (shapes: readonly PartialShape[]): string =>
    shapes.map((shape) => formatShape([null, ...shape])).join(', ')
  throw new ShapeError(
    `${name}: initialState: expected ${expected.length} of shape ${list(expected)}, got ${given.length} of shape ${list(given)}`,
  )
}

/** @throws ShapeError for a mask that does not tell of every step. */
export function checkAppliedMask(name: string, steps: number | null, mask: PartialShape | undefined): void {
  if (mask === undefined || meets(mask, [steps])) return
  throw new ShapeError(
    `${name}: mask: expected shape ${formatShape([null, steps])}, got ${formatShape([null, ...mask])}`,
  )
}

function meets(a: PartialShape, b: PartialShape): boolean {
  return a.length === b.length && a.every((length, i) => length === null || b[i] === null || length === b[i])
}
