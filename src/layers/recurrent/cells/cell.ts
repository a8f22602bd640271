// Recurrent cells: what happens in one step. A layer runs a cell over a sequence: with a fused primitive where the cell
// has one, else with `scan`.

import { OptionError, ShapeError } from '../../../errors'
import type { Value } from '../../../graph'
import { broadcastTo, cast, reshape, scan, where } from '../../../ops'
import { type DType, formatShape, type PartialShape, type Shape, sameShape } from '../../../tensor'
import type { CallContext } from '../../base/context'
import { isShapeList, Layer } from '../../base/layer'
import type { OverTime } from '../../base/overTime'
import { layerFromConfig, layerToConfig } from '../../base/registry'
import { watchedSweep } from '../watched'

/** What running a cell over a sequence gives; time is the first axis. */
export interface Sweep {
  /** The output of each step; at a masked one that of the step before. */
  readonly outputs: Value
  /** The last of them. */
  readonly last: Value
  /** The states after the last step. */
  readonly states: readonly Value[]
}

/**
 * The base of cells: a layer for one step of a sequence, with a state. A cell of one's own extends it with `stateSize`,
 * `build` (makes weights) and `step` (the mathematics, written with `ops`), and is run over sequences by `rnn`.
 *
 * @example
 * ```ts
 * class LeakyCell extends RecurrentCell {
 *   readonly stateSize = 8
 *   declare kernel: Variable
 *   build([features]: PartialShape) {
 *     this.kernel = this.addWeight('kernel', [Number(features), 8])
 *   }
 *   step(x: Value, [h]: readonly Value[]) {
 *     const next = ops.add(ops.mul(h, 0.9), ops.matmul(x, this.kernel))
 *     return [next, [next]] as const
 *   }
 * }
 * const layer = rnn(new LeakyCell(), { returnSequences: true })
 * ```
 */
export abstract class RecurrentCell extends Layer {
  /** The number of units of the state, or of each state where there are several. */
  abstract readonly stateSize: number | readonly number[]

  /** The shapes of the constants that calls of the layer around are given, without the batch; known when the cell is built. */
  constantShapes: readonly PartialShape[] = []

  /** The number of units of each state. */
  get stateSizes(): readonly number[] {
    return typeof this.stateSize === 'number' ? [this.stateSize] : this.stateSize
  }

  /** The number of units of the output: by default those of the first state. */
  get outputSize(): number {
    return this.stateSizes[0]
  }

  /** The shape of each state, without the batch: as many units as `stateSize` says, unless a cell holds more than a row of them. */
  get stateShapes(): readonly Shape[] {
    return this.stateSizes.map((size) => [size])
  }

  /** The shape of the output of one step, without the batch. */
  get stepShape(): Shape {
    return [this.outputSize]
  }

  /** What one step of that shape gives: the shapes of output and states as far as they are known before the cell is built. */
  shapesFor(_step: PartialShape): { readonly output: PartialShape; readonly states: readonly PartialShape[] } {
    return { output: this.stepShape, states: this.stateShapes }
  }

  /** How many axes a state has, the batch among them. */
  override get stateRank(): number {
    return 2
  }

  /** The names of the states, for those who look into the model: `hidden` for the first by default. */
  get stateNames(): readonly string[] {
    return this.stateSizes.map((_, i) => (i === 0 ? 'hidden' : `state${i}`))
  }

  /** The cells that go over a sequence one after the other: itself alone, unless it is a stack. */
  get levels(): readonly RecurrentCell[] {
    return [this]
  }

  /**
   * What can be computed of the inputs before the loop, for all steps at once: x is one step `[batch, ...]` or a
   * sequence of them `[time, batch, ...]`. By default the inputs as they are.
   */
  prepare(x: Value, _context: CallContext): Value {
    return x
  }

  /**
   * One step: from what was prepared of x and the states before it to the output and the states after it. What a call of the layer around
   * was given as `constants` stands in `context.given.tensors.constants`.
   */
  abstract step(
    x: Value,
    states: readonly Value[],
    context: CallContext,
  ): readonly [output: Value, states: readonly Value[]]

  /** The whole sequence at once, where the cell knows a faster way than step by step. */
  fused(_x: Value, _states: readonly Value[], _mask: Value | undefined, _context: CallContext): Sweep | undefined {
    return undefined
  }

  /** Whether what `fused` gives has the same form for every length: one primitive has, rounds and stretches of time have not. */
  get fusesAnyLength(): boolean {
    return true
  }

  /** The states before the first step: zeros, by default. */
  initialState(batch: number): readonly Value[] {
    return this.stateShapes.map((shape) => zeros(batch, shape, this.dtype))
  }

  /** Whether the states before the first step are zeros. */
  get beginsWithZeros(): boolean {
    return this.initialState === RecurrentCell.prototype.initialState
  }

  override overTime(): OverTime {
    return { mixed: 'it takes one step; rnn(cell) goes over a sequence' }
  }

  /** A cell with the same options and weights of its own. */
  copy(): RecurrentCell {
    return asCell(this.name, layerFromConfig(layerToConfig(this)))
  }

  /** One step as a layer: `[x, ...states]` in, zeros for states left out, `[output, ...states]` out. */
  override call(inputs: Value | readonly Value[], context: CallContext): readonly Value[] {
    const [x, ...given] = Array.isArray(inputs) ? (inputs as readonly Value[]) : [inputs as Value] // one or a list
    const states = given.length === 0 ? this.initialState(x.shape[0]) : given
    checkStates(this.name, states, this.stateShapes, x.shape[0])
    const [output, next] = this.step(this.prepare(x, context), states, context)
    return [output, ...next]
  }

  /** Only the input decides on the weights; the shapes of states follow. */
  override buildFor(shapes: readonly PartialShape[]): void {
    super.buildFor(shapes.slice(0, 1))
  }

  override outputShape(inputShape: PartialShape | readonly PartialShape[]): readonly PartialShape[] {
    const { output, states } = this.shapesFor(isShapeList(inputShape) ? inputShape[0] : inputShape)
    return [output, ...states]
  }

  override computeMask(): readonly undefined[] {
    return [undefined, ...this.stateSizes.map(() => undefined)]
  }
}

/** The layer, if it is a cell. @throws OptionError otherwise. */
export function asCell(where: string, layer: unknown): RecurrentCell {
  if (layer instanceof RecurrentCell) return layer
  const got = layer instanceof Layer ? `the layer ${layer.kind}` : typeof layer
  throw new OptionError(`${where}: expected a cell such as lstmCell(8), or a list of cells, got ${got}`)
}

/** Throws unless these are the states of a cell for that many samples. */
export function checkStates(where: string, states: readonly Value[], shapes: readonly Shape[], batch: number): void {
  if (states.length !== shapes.length) {
    throw new ShapeError(`${where}: expected ${shapes.length} states, got ${states.length}`)
  }
  states.forEach(({ shape }, i) => {
    const expected = [batch, ...shapes[i]]
    if (sameShape(shape, expected)) return
    throw new ShapeError(`${where}: expected state ${i} of shape ${formatShape(expected)}, got ${formatShape(shape)}`)
  })
}

function zeros(batch: number, shape: Shape, dtype: DType): Value {
  return broadcastTo(cast(0, dtype), [batch, ...shape])
}

/**
 * Runs a cell over a time-major sequence.
 *
 * @param x - [time, batch, ...].
 * @param mask - `bool` of shape [time, batch]: where it is false the states stay, and the output is that of the step
 *   before (zeros before the first).
 */
export function sweep(
  cell: RecurrentCell,
  x: Value,
  states: readonly Value[],
  mask: Value | undefined,
  context: CallContext,
): Sweep {
  const isStack = cell.levels[0] !== cell
  if (context.watch !== undefined && !isStack) return watchedSweep(cell, x, states, mask, context, context.watch)
  const fused = context.anyLength && !cell.fusesAnyLength ? undefined : cell.fused(x, states, mask, context)
  return fused ?? stepByStep(cell, x, states, mask, context)
}

function stepByStep(
  cell: RecurrentCell,
  x: Value,
  states: readonly Value[],
  mask: Value | undefined,
  context: CallContext,
): Sweep {
  const first = zeros(x.shape[1], cell.stepShape, cell.dtype)
  const [[last, ...final], [outputs]] = scan(
    ([before, ...carried], [step, kept]) => {
      const [output, next] = cell.step(step, carried, context)
      const choose = (after: Value, old: Value): Value =>
        kept === undefined ? after : where(reshape(kept, [-1, ...after.shape.slice(1).map(() => 1)]), after, old)
      const result = choose(output, before)
      return [[result, ...next.map((state, i) => choose(state, carried[i]))], [result]]
    },
    [first, ...states],
    [cell.prepare(x, context), ...(mask === undefined ? [] : [mask])],
  )
  return { outputs, last, states: final }
}
