// Cells one above the other, as one cell.

import { OptionError } from '../../../errors'
import type { Value } from '../../../graph'
import { dropoutMask, mul, zerosLike } from '../../../ops'
import { floatOf, type PartialShape, type Shape } from '../../../tensor'
import type { CallContext } from '../../base/context'
import type { Layer, LayerOptions } from '../../base/layer'
import { layerFactory } from '../../base/registry'
import { nameInside } from '../../composite/composite'
import { asCell, RecurrentCell, type Sweep, sweep } from './cell'

/** Dropout between the cells of a stack, for layers with `numLayers`. */
interface DropoutBetween {
  readonly rate: number
  readonly seed?: number | undefined
}

/** Several cells: the output of each is the input of the next; the states are those of all, in order. */
export class StackedRNNCells extends RecurrentCell {
  readonly cells: readonly RecurrentCell[]
  private readonly between: DropoutBetween

  constructor(cells: readonly Layer[], options: LayerOptions = {}, between: DropoutBetween = { rate: 0 }) {
    super(options, 'stackedRNNCells')
    if (!Array.isArray(cells) || cells.length === 0) {
      throw new OptionError(`${this.name}: expected a list of at least one cell`)
    }
    this.cells = cells.map((cell) => asCell(this.name, cell))
    if (new Set(cells).size !== cells.length) throw new OptionError(`${this.name}: expected each cell once`)
    this.between = between
    this.rename(this.name)
    if (options.dtype !== undefined) this.adoptDType(options.dtype)
    if (options.trainable === false) this.trainable = false
  }

  get stateSize(): readonly number[] {
    return this.cells.flatMap((cell) => cell.stateSizes)
  }

  override get outputSize(): number {
    return this.cells[this.cells.length - 1].outputSize
  }

  override get stateShapes(): readonly Shape[] {
    return this.cells.flatMap((cell) => cell.stateShapes)
  }

  override get stepShape(): Shape {
    return this.cells[this.cells.length - 1].stepShape
  }

  override shapesFor(step: PartialShape) {
    let output = step
    const states = this.cells.flatMap((cell) => {
      const shapes = cell.shapesFor(output)
      output = shapes.output
      return shapes.states
    })
    return { output, states }
  }

  override get stateRank(): number {
    return this.cells[0].stateRank
  }

  override get levels(): readonly RecurrentCell[] {
    return this.cells.flatMap((cell) => cell.levels)
  }

  override get innerLayers(): readonly RecurrentCell[] {
    return this.cells
  }

  override rename(name: string): void {
    super.rename(name)
    nameInside(name, this.cells)
  }

  override build(inputShape: PartialShape): void {
    let shape = inputShape
    for (const cell of this.cells) {
      cell.buildFor([shape])
      shape = cell.stepShape
    }
  }

  override initialState(batch: number): readonly Value[] {
    return this.cells.flatMap((cell) => cell.initialState(batch))
  }

  override get beginsWithZeros(): boolean {
    return this.cells.every((cell) => cell.beginsWithZeros)
  }

  override step(x: Value, states: readonly Value[], context: CallContext) {
    let output = x
    const next = this.shares(states).flatMap((own, i) => {
      const cell = this.cells[i]
      const [result, after] = cell.step(cell.prepare(output, context), own, context)
      output = this.dropAfter(i, result, context)
      return after
    })
    return [output, next] as const
  }

  /** One cell after the other over the whole sequence: each may have a faster way than step by step. */
  override fused(x: Value, states: readonly Value[], mask: Value | undefined, context: CallContext): Sweep {
    const final: Value[] = []
    let outputs = x
    let last = x
    this.shares(states).forEach((own, i) => {
      const swept = sweep(this.cells[i], outputs, own, mask, context)
      final.push(...swept.states)
      outputs = this.dropAfter(i, swept.outputs, context)
      last = swept.last
    })
    return { outputs, last, states: final }
  }

  /** The states of each cell. */
  private shares(states: readonly Value[]): readonly (readonly Value[])[] {
    let at = 0
    return this.cells.map((cell) => {
      const from = at
      at += cell.stateSizes.length
      return states.slice(from, at)
    })
  }

  private dropAfter(index: number, output: Value, context: CallContext): Value {
    const { rate, seed } = this.between
    if (!context.training || rate === 0 || index === this.cells.length - 1) return output
    if (rate === 1) return zerosLike(output)
    const { state, stream } = context.random(seed === undefined ? undefined : seed + index)
    return mul(output, dropoutMask(state, output.shape, rate, { stream, dtype: floatOf(output.dtype) }))
  }

  override copy(): StackedRNNCells {
    const copies = this.cells.map((cell) => cell.copy())
    return new StackedRNNCells(copies, {}, this.between)
  }

  override config(): Record<string, unknown> {
    return { cells: this.cells }
  }
}

/**
 * Cells one above the other, for `rnn`, which also takes a plain list of cells. States are those of all cells in order.
 *
 * @example
 * ```ts
 * const layer = rnn(stackedRNNCells([gruCell(32), lstmCell(16)]))
 * ```
 */
export const stackedRNNCells = /* @__PURE__ */ layerFactory(
  'stackedRNNCells',
  ['cells'],
  (cells: readonly Layer[], options?: LayerOptions): RecurrentCell => {
    return new StackedRNNCells(cells, options)
  },
  ['cells'],
)
