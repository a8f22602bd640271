// The layer behind all recurrent ones: it runs a cell over a sequence, with masks, directions and states.

import { OptionError, requireList, ShapeError } from '../../errors'
import type { Value, Variable } from '../../graph'
import { any, concatenate, cumSum, expandDims, greater, reshape, reverse, slice, transpose, where } from '../../ops'
import {
  allocate,
  asTensor,
  formatShape,
  type PartialShape,
  type Shape,
  sameShape,
  Tensor,
  type TensorLike,
} from '../../tensor'
import { stretched } from '../activations/softmax'
import type { CallContext } from '../base/context'
import { Layer, type ResetOptions } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { nameInside } from '../composite/composite'
import type { CallArguments, CallOptions } from '../options/callOptions'
import type { Expected } from '../options/expected'
import type { AnyOptions } from '../options/ownOptions'
import { checkAppliedMask, checkAppliedStates } from './applied'
import { type CarriedLayout, CarriedStates } from './carriedStates'
import { checkStates, type RecurrentCell, type Sweep, sweep } from './cells/cell'
import { type SequenceOptions, sequenceOptions } from './options'

/** What makes up a recurrent layer. */
export interface RecurrentDefinition {
  readonly kind: string
  /** The options as the user gave them. */
  readonly options: SequenceOptions
  /** All options but the common ones. */
  readonly own: AnyOptions
  /** What the layer is called with before its options, and for its config. */
  readonly leading: () => Readonly<Record<string, unknown>>
  /** Makes the cell, once the options are known to be right. */
  readonly makeCell: () => RecurrentCell
  /** The same layer with other options and weights of its own. */
  readonly remake: (changes: SequenceOptions) => RecurrentLayer
  /** How many equal cells the cell is a stack of, where `numLayers` is given: states are then put on one another. */
  readonly numLayers?: number | undefined
  /** The axes of the input, where their number is known; own cells may take any. */
  readonly axes?: readonly string[]
  /** Whether weights have the layer's own path, not one of the cell's. */
  readonly isOneWithCell: boolean
}

/** A layer that runs a cell over the second axis of its input: `lstm`, `gru`, `simpleRNN` and `rnn`. */
export class RecurrentLayer extends Layer {
  override readonly expects: Expected
  readonly cell: RecurrentCell
  readonly returnSequences: boolean
  readonly returnState: boolean
  readonly goBackwards: boolean
  readonly stateful: boolean
  private readonly zeroOutputForMask: boolean
  private readonly definition: RecurrentDefinition
  private readonly carried = new CarriedStates()

  constructor(definition: RecurrentDefinition) {
    const { kind, options, own, axes } = definition
    super(options, kind, own)
    this.definition = definition
    this.expects = axes ? { inputs: 'one', axes } : { inputs: 'one', minRank: 3 }
    this.cell = definition.makeCell()
    this.returnSequences = options.returnSequences ?? sequenceOptions.defaults.returnSequences
    this.returnState = options.returnState ?? sequenceOptions.defaults.returnState
    this.goBackwards = options.goBackwards ?? sequenceOptions.defaults.goBackwards
    this.stateful = options.stateful ?? sequenceOptions.defaults.stateful
    this.zeroOutputForMask = options.zeroOutputForMask ?? sequenceOptions.defaults.zeroOutputForMask
    this.rename(this.name)
    if (options.dtype !== undefined) this.cell.adoptDType(options.dtype)
    if (options.trainable === false) this.cell.trainable = false
  }

  override get innerLayers(): readonly Layer[] {
    return [this.cell]
  }

  override rename(name: string): void {
    super.rename(name)
    this.carried.rename(name)
    if (this.definition.isOneWithCell) this.cell.rename(name)
    else nameInside(name, [this.cell])
  }

  override get callOptions(): CallOptions {
    return this.definition.kind === 'rnn' ? { tensors: ['constants'], lists: ['constants'] } : {}
  }

  protected override checkGiven(_: readonly PartialShape[], { tensors }: CallArguments<PartialShape>): void {
    const constants = tensors.constants ?? []
    const fits = (shape: PartialShape, i: number): boolean => shape.length === constants[i]?.length
    const built = this.cell.constantShapes
    if (this.built && (built.length !== constants.length || !built.every(fits))) {
      const list = (shapes: readonly PartialShape[]): string =>
        shapes.map((shape) => formatShape([null, ...shape])).join(', ')
      throw new ShapeError(
        `${this.name}: constants: expected ${list(built) || 'none'} as before, got ${list(constants) || 'none'}`,
      )
    }
    for (const cell of [this.cell, ...this.cell.levels]) cell.constantShapes = constants
  }

  override build(inputShape: PartialShape): void {
    this.cell.buildFor([inputShape.slice(1)])
  }

  override call(x: Value, context: CallContext): Value | readonly Value[] {
    const [batch, steps] = x.shape
    if (steps === 0) throw new ShapeError(`${this.name}: expected at least one step, got shape ${formatShape(x.shape)}`)
    const given = context.initialState === undefined ? undefined : this.statesIn(context.initialState, batch)
    const { watch } = context
    const streamed = context.carry(this, 'states', this.stateShapes(batch), this.dtype)
    // Who looks leaves no trace: states that are carried from batch to batch stay out of it.
    const stateful = this.stateful && streamed === undefined && watch === undefined
    const carried = stateful ? this.carried.begin(this.layout, batch, () => this.cell.initialState(batch)) : undefined
    const mask = this.maskOf(context, batch, steps)
    const sequence = this.inOrder(timeFirst(x))
    const before = streamed && this.statesIn(valuesOf(streamed), batch)
    const states = given ?? before ?? carried ?? this.cell.initialState(batch)
    const seen = watch === undefined ? context : { ...context, watch: { ...watch, layer: this } }
    const swept = sweep(this.cell, sequence, states, mask, seen)
    if (stateful) this.carried.end(swept.states, context)
    const statesOut = this.returnState || streamed !== undefined ? this.statesOut(swept.states) : []
    streamed?.forEach((variable, i) => {
      context.update(variable, statesOut[i])
    })
    const { outputs, last } =
      mask === undefined
        ? swept
        : streamed === undefined
          ? this.masked(swept, mask, (given ?? carried) !== undefined)
          : this.maskedInStream(swept, mask, context)
    const output = this.returnSequences ? timeFirst(outputs) : last
    return this.returnState ? [output, ...statesOut] : output
  }

  /** The mask with time first, in the order in which the layer goes. */
  private maskOf({ mask }: CallContext, batch: number, steps: number): Value | undefined {
    if (mask === undefined) return undefined
    if (!sameShape(mask.shape, [batch, steps])) {
      const expected = formatShape([batch, steps])
      throw new ShapeError(`${this.name}: expected a mask of shape ${expected}, got ${formatShape(mask.shape)}`)
    }
    return this.inOrder(timeFirst(mask))
  }

  private inOrder(sequence: Value): Value {
    return this.goBackwards ? reverse(sequence, 0) : sequence
  }

  /** The outputs as Keras gives them at masked steps: the output before, zeros before the first; or zeros at all. */
  private masked({ outputs, last }: Sweep, mask: Value, hasState: boolean): Pick<Sweep, 'outputs' | 'last'> {
    if (this.zeroOutputForMask) {
      const now = reshape(slice(mask, [mask.shape[0] - 1], [1]), [-1])
      return { outputs: where(stretched(mask, outputs), outputs, 0), last: where(stretched(now, last), last, 0) }
    }
    // Without a state at the start, what comes before the first step is zeros already.
    if (!hasState) return { outputs, last }
    const seen = greater(cumSum(mask, { axis: 0 }), 0)
    return {
      outputs: where(stretched(seen, outputs), outputs, 0),
      last: where(stretched(any(mask, { axis: 0 }), last), last, 0),
    }
  }

  /** The same where the sequence goes on from run to run: the output before the first step is the last one of the run before. */
  private maskedInStream(swept: Sweep, mask: Value, context: CallContext): Pick<Sweep, 'outputs' | 'last'> {
    if (this.zeroOutputForMask) return this.masked(swept, mask, false)
    const [before] = context.carry(this, 'output', [swept.last.shape], this.dtype) ?? []
    if (before === undefined) return swept
    const seen = greater(cumSum(mask, { axis: 0 }), 0)
    const last = where(stretched(any(mask, { axis: 0 }), swept.last), swept.last, before)
    context.update(before, last)
    return { outputs: where(stretched(seen, swept.outputs), swept.outputs, before), last }
  }

  /** The shapes of the states as the caller gives and gets them. */
  private stateShapes(batch: number): readonly Shape[] {
    const { numLayers } = this.definition
    const { stateShapes } = this.cell
    if (numLayers === undefined) return stateShapes.map((shape) => [batch, ...shape])
    return stateShapes.slice(0, stateShapes.length / numLayers).map((shape) => [numLayers, batch, ...shape])
  }

  override get stateRank(): number {
    return this.cell.stateRank + (this.definition.numLayers === undefined ? 0 : 1)
  }

  /** The states one by one, from what the caller gave. */
  private statesIn(given: readonly Value[], batch: number): readonly Value[] {
    const { numLayers } = this.definition
    const sizes = this.cell.stateSizes
    if (numLayers === undefined) {
      checkStates(this.name, given, this.cell.stateShapes, batch)
      return given
    }
    const kinds = sizes.length / numLayers
    const expected = [numLayers, batch, sizes[0]]
    if (given.length !== kinds || given.some(({ shape }) => !sameShape(shape, expected))) {
      const got = given.map(({ shape }) => formatShape(shape)).join(', ')
      throw new ShapeError(
        `${this.name}: expected ${kinds} initial states of shape ${formatShape(expected)}, got ${got}`,
      )
    }
    const ofLayer = (layer: number) => given.map((state) => reshape(slice(state, [layer], [1]), [batch, sizes[0]]))
    return Array.from({ length: numLayers }, (_, layer) => ofLayer(layer)).flat()
  }

  /** The states as the caller gets them. */
  private statesOut(states: readonly Value[]): readonly Value[] {
    const { numLayers } = this.definition
    if (numLayers === undefined) return states
    const kinds = states.length / numLayers
    return Array.from({ length: kinds }, (_, kind) =>
      concatenate(
        states.filter((_, i) => i % kinds === kind).map((state) => expandDims(state, 0)),
        0,
      ),
    )
  }

  override outputShape([steps, ...step]: PartialShape): PartialShape | readonly PartialShape[] {
    const { output: given } = this.cell.shapesFor(step)
    const output = this.returnSequences ? [steps, ...given] : given
    return this.returnState ? [output, ...this.statesFor(step)] : output
  }

  /** The shapes of the states; stacked ones have the layers in the place of the batch, and the batch (not known) after them. */
  private statesFor(step: PartialShape): readonly PartialShape[] {
    const { states } = this.cell.shapesFor(step)
    const { numLayers } = this.definition
    if (numLayers === undefined) return states
    return states.slice(0, states.length / numLayers).map((shape) => [null, ...shape])
  }

  /** Stacked states have the layers first. */
  override batchAxis(output: number): 0 | 1 {
    return output > 0 && this.definition.numLayers !== undefined ? 1 : 0
  }

  override computeMask(_: readonly Value[], context: CallContext, outputs: readonly Value[]) {
    return outputs.map((_, i) => (i === 0 && this.returnSequences ? context.mask : undefined))
  }

  override checkApplied(
    [[steps, ...step]]: readonly PartialShape[],
    states: readonly PartialShape[],
    mask?: PartialShape,
  ): void {
    checkAppliedMask(this.name, steps, mask)
    checkAppliedStates(this.name, this.statesFor(step), states)
  }

  /** The number of states it takes and gives. */
  get stateCount(): number {
    const { stateSizes } = this.cell
    return stateSizes.length / (this.definition.numLayers ?? 1)
  }

  /** What the states look like that it carries from batch to batch. */
  private get layout(): CarriedLayout {
    const { name, dtype, cell } = this
    return { name, dtype, shapes: cell.stateShapes, beginsWithZeros: cell.beginsWithZeros }
  }

  override async resetStates(options: ResetOptions = {}): Promise<void> {
    await super.resetStates(options)
    await (options.samples === undefined ? this.carried.clear() : this.carried.clearSamples(this.name, options.samples))
  }

  override async getStates(): Promise<Tensor[] | undefined> {
    const states = await this.carried.read()
    const { numLayers } = this.definition
    if (states === undefined || numLayers === undefined) return states
    const kinds = states.length / numLayers
    return Array.from({ length: kinds }, (_, kind) => stackTensors(states.filter((_, i) => i % kinds === kind)))
  }

  override async setStates(states: readonly TensorLike[]): Promise<void> {
    if (!this.stateful) {
      throw new OptionError(`${this.name}.setStates: expected a layer that is stateful; others take initialState`)
    }
    const { numLayers } = this.definition
    const given = requireList(`${this.name}.setStates`, 'states', states).map((state) => asTensor(state, this.dtype))
    const batch = given[0]?.shape[numLayers === undefined ? 0 : 1] ?? 1
    const expected = this.stateShapes(batch)
    if (given.length !== expected.length || given.some(({ shape }, i) => !sameShape(shape, expected[i]))) {
      const list = (shapes: readonly Shape[]): string => shapes.map(formatShape).join(', ')
      throw new ShapeError(
        `${this.name}.setStates: expected states of shape ${list(expected)}, got ${list(given.map(({ shape }) => shape))}`,
      )
    }
    const levels =
      numLayers === undefined
        ? given
        : Array.from({ length: numLayers }, (_, i) => given.map((state) => level(state, i)))
    await this.carried.write(this.layout, levels.flat())
  }

  override carriedContent(): Promise<ReadonlyMap<string, Tensor>> {
    return this.carried.content()
  }

  override takeUpCarried(content: ReadonlyMap<string, Tensor>): Promise<void> {
    return this.carried.takeUp(this.layout, content)
  }

  override setStatesAside(): () => void {
    const takeUp = [this.carried.setAside(), super.setStatesAside()]
    return () => {
      for (const each of takeUp) each()
    }
  }

  override acceptRun(variables: ReadonlySet<Variable>): void {
    this.carried.accept(this.name, variables)
    super.acceptRun(variables)
  }

  /** A layer with the same options but for some, and weights of its own. */
  copy(changes: SequenceOptions): RecurrentLayer {
    return this.definition.remake(changes)
  }

  override overTime(): OverTime {
    if (this.goBackwards) return { mixed: 'it goes backwards' }
    return this.cell.beginsWithZeros ? 'carried' : { mixed: 'its cell begins with states of its own' }
  }

  override givesSteps(output: number): boolean {
    return output === 0 && this.returnSequences
  }

  override get isStateful(): boolean {
    return this.stateful
  }

  override config(): Record<string, unknown> {
    return { ...this.definition.leading(), ...this.definition.options }
  }
}

function valuesOf(variables: readonly Variable[]): readonly Value[] {
  return variables.map((variable) => variable.value)
}

function timeFirst(x: Value): Value {
  return transpose(
    x,
    x.shape.map((_, axis) => (axis < 2 ? 1 - axis : axis)),
  )
}

/** The states of several levels as one, the level first. */
function stackTensors(states: readonly Tensor[]): Tensor {
  const [{ shape, dtype, size }] = states
  const data = allocate(dtype, size * states.length)
  states.forEach((state, i) => {
    data.set(state.data, i * size)
  })
  return new Tensor(data, [states.length, ...shape], dtype)
}

/** One level of such a state. */
function level({ data, shape: [levels, ...shape], dtype }: Tensor, index: number): Tensor {
  const size = data.length / levels
  return new Tensor(data.slice(index * size, (index + 1) * size), shape, dtype)
}
