// What a layer expects of its inputs, and what a built layer holds its later inputs to.

import { ShapeError } from '../../errors'
import { formatShape, type PartialShape } from '../../tensor'

/** What a layer expects of its inputs: checked before `build`, and again for every later input. */
export interface Expected {
  /** Always one input, or always a list (`call` is then given an array even of one); by default it may be either. */
  readonly inputs?: 'one' | 'list'
  /** The axes of an input, the batch first, as messages name them: their number is checked. */
  readonly axes?: readonly string[]
  /** The least number of axes, the batch among them. */
  readonly minRank?: number
}

/** Throws unless the samples' shapes are as expected. */
export function checkExpected(where: string, expected: Expected, shapes: readonly PartialShape[]): void {
  const { inputs, axes, minRank = 1 } = expected
  if (inputs === 'one' && shapes.length !== 1) {
    throw new ShapeError(`${where}: expected one input, got ${shapes.length}`)
  }
  for (const shape of shapes) {
    const rank = shape.length + 1
    if (axes === undefined ? rank >= minRank : rank === axes.length) continue
    const wanted = axes === undefined ? `at least ${minRank} axes` : `[${axes.join(', ')}]`
    throw new ShapeError(
      `${where}: expected ${wanted}, got shape ${formatShape([null, ...shape])}${hintFor(axes, rank)}`,
    )
  }
}

/** What to do where a layer over time is given no time, or no features: the most frequent of wrong shapes. */
function hintFor(axes: readonly string[] | undefined, rank: number): string {
  if (axes?.[1] !== 'time' || rank !== axes.length - 1) return ''
  return (
    '. A recurrent layer before it hands on all its steps with returnSequences: true; ' +
    'a series of one number a step has the shape [batch, time, 1]'
  )
}

/**
 * Throws unless weights made for one input fit another: the fixed axes (the batch being axis 0) have the same lengths
 * as far as both are known. Where all are counted from the end, the number of axes may differ.
 */
export function checkFixed(
  where: string,
  built: PartialShape,
  given: PartialShape | undefined,
  fixedAxes: readonly number[],
): void {
  const [before, now] = [[null, ...built], given && [null, ...given]]
  if (now !== undefined) {
    const mayChangeRank = fixedAxes.every((axis) => axis < 0)
    const agree = (a: number | null | undefined, b: number | null | undefined) => a == null || b == null || a === b
    const fits = fixedAxes.every((axis) => agree(before.at(axis), now.at(axis)))
    if (fits && (mayChangeRank || before.length === now.length)) return
  }
  const got = now === undefined ? 'nothing' : formatShape(now)
  throw new ShapeError(`${where}: built for inputs of shape ${formatShape(before)}, got ${got}`)
}
