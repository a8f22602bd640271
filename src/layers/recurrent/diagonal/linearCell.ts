// Cells whose state is a linear recurrence h' = a h + b, element by element, with a and b made of the input alone: whole sequences are
// one `linearScan`.

import type { Value } from '../../../graph'
import { add, concatenate, expandDims, linearScan, mul, reshape, slice, where, zerosLike } from '../../../ops'
import type { CallContext } from '../../base/context'
import { RecurrentCell, type Sweep } from '../cells/cell'
import { gateMasks } from '../cells/gates'
import type { InputDropoutOptions } from './options'

/** What one step makes of the state: h' = a h + b. */
export interface Recurrence {
  readonly a: Value
  readonly b: Value
  /** What the step tells of itself, by name. */
  readonly noted: Readonly<Record<string, Value>>
}

/** A cell with one state, which is its output, and h' = a h + b. */
export abstract class LinearCell extends RecurrentCell {
  abstract override readonly stateSize: number

  /** From what was prepared of one step, or of a sequence of them, to its recurrence. */
  protected abstract recurrence(prepared: Value): Recurrence

  override step(prepared: Value, [h]: readonly Value[], context: CallContext) {
    const { a, b, noted } = this.recurrence(prepared)
    context.note(noted)
    const next = add(mul(a, h), b)
    return [next, [next]] as const
  }

  override get fusesAnyLength(): boolean {
    return false
  }

  override fused(x: Value, [h0]: readonly Value[], mask: Value | undefined, context: CallContext): Sweep {
    const { a, b } = this.recurrence(this.prepare(x, context))
    const outputs = linearScan(keptWhereMasked(a, mask), nothingWhereMasked(b, mask), { initial: h0 })
    const last = lastStep(outputs)
    return { outputs, last, states: [last] }
  }
}

/** Factors with 1 where a step is masked, so that the state stays; a mask is [time, batch]. */
export function keptWhereMasked(a: Value, mask: Value | undefined): Value {
  return mask === undefined ? a : where(beside(mask, a.rank), a, 1)
}

/** What is added, with 0 where a step is masked. */
export function nothingWhereMasked(b: Value, mask: Value | undefined): Value {
  return mask === undefined ? b : where(beside(mask, b.rank), b, 0)
}

/** Each step's output, or where it is masked that of the step before; zeros before the first. */
export function heldWhereMasked(outputs: Value, mask: Value | undefined): Value {
  if (mask === undefined) return outputs
  const kept = beside(mask, outputs.rank)
  return linearScan(where(kept, zerosLike(outputs), 1), where(kept, outputs, 0))
}

/** A mask [time, batch] with axes of length 1 behind it, so that it goes with values of so many axes. */
function beside(mask: Value, rank: number): Value {
  return reshape(mask, [...mask.shape, ...Array<number>(rank - 2).fill(1)])
}

/** The last of a time-major sequence. */
export function lastStep(sequence: Value): Value {
  return reshape(slice(sequence, [sequence.shape[0] - 1], [1]), sequence.shape.slice(1))
}

/** The inputs as training has them: the same ones dropped at all steps. */
export function droppedInputs(x: Value, options: InputDropoutOptions, context: CallContext): Value {
  const [batch, features] = x.shape.slice(-2)
  const [mask] = gateMasks(context, 'dropout', options, 1, batch, features, x.dtype)
  return mask === undefined ? x : mul(x, mask)
}

/** Steps joined along the axis of time, one behind the other. */
export function joinedSteps(...steps: readonly Value[]): Value {
  return concatenate(
    steps.map((step) => expandDims(step, 0)),
    0,
  )
}
