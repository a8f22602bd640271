// The base of all layers: options, weights, shapes, and the three ways to use a layer (in a model, in a graph, on data).

import { checkOptions, isList, OptionError, placed, requireList } from '../../errors'
import { toValue, Value, type Variable } from '../../graph'
import { add, broadcastTo, cast, div } from '../../ops'
import { type Regularizer, type RegularizerOption, resolveRegularizer } from '../../regularizers'
import {
  type DType,
  isFloat,
  type PartialShape,
  rememberRandom,
  type Shape,
  type Tensor,
  type TensorLike,
} from '../../tensor'
import { checkLora, type LoraOptions } from '../lowRank/lora'
import {
  type CallArguments,
  type CallOptions,
  type CallSettings,
  type FurtherOptions,
  mapGiven,
  nothingGiven,
  readGiven,
} from '../options/callOptions'
import { checkCommon } from '../options/commonOptions'
import { checkExpected, checkFixed, type Expected } from '../options/expected'
import { type AnyOptions, checkOwn } from '../options/ownOptions'
import type { Given } from '../options/ranks'
import type { withoutFront } from '../texts/front'
import { type ApplyToValuesOptions, applyToValues, during, rememberMasks } from './applying'
import type { CallContext } from './context'
import { type Held, heldLayers } from './held'
import { kindOfClass } from './kinds'
import type { OverTime } from './overTime'
import type { RunOptions } from './run'
import { checkNotSpread, type LayerCall, SymbolicTensor, symbolicList } from './symbolic'
import { tracedShape } from './tracedShape'
import { OwnWeights, type Weight, type WeightOptions, writeWeights } from './weights'

/** The options every layer takes. */
export interface LayerOptions {
  /** A name, unique in a model; by default the layer's kind. */
  readonly name?: string
  /** Whether training changes the weights; `true` by default. */
  readonly trainable?: boolean
  /** The shape of one sample of the input, which lets a model be built before it sees data. */
  readonly inputShape?: PartialShape
  /** The type of weights and results; that of the model, else `float32`, by default. */
  readonly dtype?: DType
  /** Adds to the loss a regularisation of the output, divided by the number of samples. */
  readonly activityRegularizer?: RegularizerOption
  /** Trains two matrices of this inner length in the place of each kernel, which stays as it is (LoRA: Hu et al., 2021). */
  readonly loraRank?: number | undefined
  /** What they count: their product is multiplied by loraAlpha / loraRank. The rank by default. */
  readonly loraAlpha?: number | undefined
}

/** Where a layer is applied in a graph: states to start from, and a mask. */
export interface ApplyOptions extends FurtherOptions<SymbolicTensor> {
  /** The states that a recurrent layer begins with: `[h, c]` for an LSTM, `[h]` or h for others. */
  readonly initialState?: SymbolicTensor | readonly SymbolicTensor[]
  /** Which steps count, `bool` of shape `[batch, time]`; by default the mask of the input. */
  readonly mask?: SymbolicTensor
}

/** Options of {@link Layer.resetStates}. */
export interface ResetOptions {
  /** The numbers of the sequences in the batch, from 0 on, that begin anew; all of them by default. */
  readonly samples?: readonly number[]
}

/** The values a call gives, and their masks. */
export interface Called {
  readonly outputs: readonly Value[]
  readonly masks: readonly (Value | undefined)[]
}

const commonOptions = [
  'name',
  'trainable',
  'inputShape',
  'dtype',
  'activityRegularizer',
  'loraRank',
  'loraAlpha',
] as const

/**
 * The base class of layers. A layer of one's own extends it with `build` (makes weights), `call` (the mathematics,
 * written with `ops`), `outputShape` and `config`; it gets gradients and every backend for free. Shapes given to
 * `build` and `outputShape` are those of one sample: they leave out the batch.
 *
 * @example
 * ```ts
 * class Scale extends Layer {
 *   declare factor: Variable
 *   build() { this.factor = this.addWeight('factor', [1], { initializer: 'ones' }) }
 *   call(x: Value) { return ops.mul(x, this.factor) }
 *   outputShape(shape: PartialShape) { return shape }
 * }
 * ```
 */
export abstract class Layer {
  /** The kind of layer, such as `lstm`. */
  readonly kind: string
  /** The shape of one sample of the input, if it was given. */
  readonly givenInputShape: PartialShape | undefined
  /** Whether masks pass through unchanged; layers that make or end masks override `computeMask`. */
  readonly supportsMasking: boolean = true
  /** What is checked of every input. */
  readonly expects: Expected = {}
  /**
   * Of a layer that works on the host, as on texts: parts a model's graph into what is done there and the rest. Undefined for all others.
   *
   * @internal
   */
  readonly splitsGraph: typeof withoutFront | undefined = undefined
  private layerName: string
  /** Whether the name was chosen by the user. */
  readonly isNamed: boolean
  private isTrainable: boolean
  private givenDType: DType | undefined
  /** What it adds to the loss of each output. */
  readonly activityRegularizer: Regularizer | undefined
  private shapes: readonly PartialShape[] | undefined
  private readonly own = new OwnWeights()
  /** How its kernels are adapted, where they are. */
  private loraOptions: LoraOptions | undefined
  /** What its fields held when it was built. */
  private held: readonly Held[] | undefined
  /** The fields that every layer has, in which no layers are looked for. */
  private commonFields: ReadonlySet<string> = new Set()
  /** Where it stands in graphs. */
  private readonly uses: LayerCall[] = []

  /**
   * @param kind - the kind of layer, used as its name: by default the one the class is registered under, else the name of the
   *   class with a small first letter.
   * @param options - the common options and those of the layer.
   * @param own - the layer's own options: their names, or their defaults and the rules for their values.
   */
  constructor(options: LayerOptions = {}, kind?: string, own: readonly string[] | AnyOptions = []) {
    const className = new.target.name
    this.kind = kindOfClass(new.target) ?? kind ?? `${className.charAt(0).toLowerCase()}${className.slice(1)}`
    // Whatever options they are, their names are text.
    const declared: AnyOptions | undefined = 'defaults' in own ? own : undefined
    const names = declared === undefined ? (own as readonly string[]) : Object.keys(declared.defaults)
    checkOptions(this.kind, options, [...commonOptions, ...names])
    checkCommon(this.kind, options)
    if (declared !== undefined) checkOwn(this.kind, options, declared)
    this.layerName = options.name ?? this.kind
    this.isNamed = options.name !== undefined
    this.isTrainable = options.trainable ?? true
    this.givenInputShape = options.inputShape
    this.givenDType = options.dtype
    this.activityRegularizer =
      options.activityRegularizer == null ? undefined : resolveRegularizer(options.activityRegularizer)
    if (options.loraRank !== undefined) {
      this.loraOptions = { rank: options.loraRank, alpha: options.loraAlpha }
      checkLora(`${this.kind}: lora`, this.loraOptions)
    }
    this.callsInside()
    this.fieldsEndHere()
  }

  /** Said at the end of a constructor: the fields so far are those of the base class. */
  protected fieldsEndHere(): void {
    this.commonFields = new Set(Object.keys(this))
  }

  /** Lets `inner.call(x)` in the call of another layer be the same as `inner.apply(x)`: built, and in the context of that call. */
  protected callsInside(): void {
    const { call } = this
    Object.defineProperty(this, 'call', {
      configurable: true,
      writable: true,
      value: (input: Value | readonly Value[], context?: CallContext) =>
        context === undefined ? this.apply(input as Value) : call.call(this, input, context),
    })
  }

  // ---- what a layer of one's own overrides --------------------------------------------------------------------

  /** Makes the weights, with `addWeight`. Called once, before the first call. */
  build(_inputShape: PartialShape | readonly PartialShape[]): void {
    // A layer without weights has nothing to make.
  }

  /** Throws for input shapes the layer cannot take: asked before `build`, and for every later shape. */
  protected checkShape(_inputShape: PartialShape | readonly PartialShape[]): void {
    // What `expects` says is checked already.
  }

  /**
   * The axes whose lengths the weights were made for, the batch being axis 0: those of later inputs must be the same.
   * By default the last; where all are counted from the end, the number of axes may change.
   *
   * @param rank - the number of axes the layer was built for.
   */
  protected fixedAxes(rank: number): readonly number[] {
    return [rank - 1]
  }

  /**
   * Throws a `DataError` for data the layer cannot take, such as an index outside the vocabulary. A graph has no way to
   * report it, so models ask on the host, with the data of each input that goes straight into this layer.
   *
   * @param _settings - those of the call.
   */
  checkData(_data: Tensor, _settings: CallSettings = {}): void {
    // Most layers take any number.
  }

  /**
   * What the features along the last axis are called, where the layer was made for columns with names: those it takes, or, where it
   * brings numbers back into their own units, those it gives. Windows whose columns have names are held to them.
   */
  get featureNames(): { readonly taken?: readonly string[]; readonly given?: readonly string[] } {
    return {}
  }

  /** The mathematics: symbolic values in, symbolic values out. Values have the batch as their first axis. */
  abstract call(input: Value | readonly Value[], context?: CallContext): Value | readonly Value[]

  /** What calls of the layer may be given beside inputs, states and a mask. */
  get callOptions(): CallOptions {
    return {}
  }

  /**
   * The shape of one sample of the output. By default found by tracing `call`.
   *
   * @param _settings - those of the call, for layers that have such.
   */
  outputShape(
    inputShape: PartialShape | readonly PartialShape[],
    _settings: CallSettings = {},
  ): PartialShape | readonly PartialShape[] {
    const shapes = isShapeList(inputShape) ? inputShape : [inputShape]
    this.buildFor(shapes)
    return tracedShape(shapes, this.inputDType ?? this.dtype, (inputs, context) => this.traced(inputs, context))
  }

  /** The options that make the same layer again, as plain data or things with a `config` of their own. */
  config(): Record<string, unknown> {
    return {}
  }

  /** The mask of each output. */
  computeMask(
    _inputs: readonly Value[],
    context: CallContext,
    outputs: readonly Value[],
  ): readonly (Value | undefined)[] {
    return outputs.map((_, i) => (i === 0 && this.supportsMasking ? context.mask : undefined))
  }

  /**
   * What the layer does with the steps of a sequence, on which streams and truncated training rest: see {@link OverTime}.
   * A layer of one's own that treats each step by itself says `overTime() { return 'apart' }`.
   *
   * @param _ranks - the number of axes of each input, the batch and the steps among them.
   * @param _settings - those of the call, for layers that have such.
   */
  overTime(_ranks: readonly number[], _settings: CallSettings = {}): OverTime {
    return { mixed: "it may mix steps; a layer of your own that does not says overTime() { return 'apart' }" }
  }

  /** The most steps that a sequence may have; undefined where there is no limit. */
  get mostSteps(): number | undefined {
    return undefined
  }

  /** Whether an output has a step for each step of the input, rather than one for the whole sequence. */
  givesSteps(_output: number): boolean {
    return true
  }

  /** How many different numbers the input may hold, where it is indices from 0 on; undefined where it is none. */
  get indexCount(): number | undefined {
    return undefined
  }

  /** Whether it is a block without recurrence over a sequence, of which `gradientFlow` tells. */
  get isBlock(): boolean {
    return false
  }

  /**
   * The layers inside this one, whose weights count as its own. By default those that its fields hold: alone, in lists and in
   * records.
   */
  get innerLayers(): readonly Layer[] {
    return this.heldNow.map(({ layer }) => layer)
  }

  /** Whether this layer, or one inside it, carries states from batch to batch. */
  get isStateful(): boolean {
    return this.innerLayers.some((layer) => layer.isStateful)
  }

  /**
   * Clears what stateful layers carry from batch to batch: of all sequences, after which batches may have another size, or
   * of some of them.
   *
   * @throws OptionError for numbers that are no sequences of the batch; to set states there is `setStates`.
   *
   * @example
   * ```ts
   * const layer = lstm(4, { stateful: true })
   * await layer.run(randomNormal([2, 5, 3]))
   * await layer.resetStates({ samples: [1] }) // the second sequence begins anew, the first goes on
   * ```
   */
  async resetStates(options: ResetOptions = {}): Promise<void> {
    if (Array.isArray(options)) {
      throw new OptionError(
        `${this.name}.resetStates: expected { samples } or nothing, got a list; setStates sets states`,
      )
    }
    checkOptions(`${this.name}.resetStates`, options, ['samples'])
    if (options.samples !== undefined) requireList(`${this.name}.resetStates`, 'samples', options.samples)
    for (const layer of this.innerLayers) await layer.resetStates(options)
  }

  /**
   * What a stateful recurrent layer carries to the next batch: `[h, c]` for an LSTM, `[h]` for others, each `[batch, units]`;
   * undefined where it carries nothing yet.
   */
  async getStates(): Promise<Tensor[] | undefined> {
    return undefined
  }

  /**
   * Sets what a stateful recurrent layer begins the next batch with.
   *
   * @throws OptionError for a layer that is not stateful; ShapeError for states of another shape or number.
   *
   * @example
   * ```ts
   * const layer = lstm(4, { stateful: true })
   * await layer.setStates([zeros([2, 4]), zeros([2, 4])])
   * ```
   */
  async setStates(_states: readonly TensorLike[]): Promise<void> {
    throw new OptionError(`${this.name}.setStates: expected a recurrent layer that is stateful, got ${this.kind}`)
  }

  /**
   * What this layer, not those inside it, carries from batch to batch: by name, as files keep it. None for most layers.
   *
   * @internal
   */
  async carriedContent(): Promise<ReadonlyMap<string, Tensor>> {
    return new Map()
  }

  /**
   * Carries on from what {@link carriedContent} gave.
   *
   * @throws ShapeError where that was of another layer.
   * @internal
   */
  async takeUpCarried(_content: ReadonlyMap<string, Tensor>): Promise<void> {
    // Most layers carry nothing.
  }

  /** Whether, in training, what it does with a sample depends on the others of the batch. */
  get mixesSamples(): boolean {
    return this.innerLayers.some((layer) => layer.mixesSamples)
  }

  /**
   * Lets go of what stateful layers carry from batch to batch, without clearing it: programs may then be traced for other
   * batches. What is returned takes it up again.
   */
  setStatesAside(): () => void {
    const takeUp = this.innerLayers.map((layer) => layer.setStatesAside())
    return () => {
      for (const each of takeUp) each()
    }
  }

  /**
   * Told before a program with this layer in it runs, and on which variables. A stateful layer knows by them for how many
   * samples the program is.
   *
   * @throws ShapeError where a stateful layer carries states of another number of samples.
   */
  acceptRun(variables: ReadonlySet<Variable>): void {
    for (const layer of this.innerLayers) layer.acceptRun(variables)
  }

  // ---- names, weights, shapes ---------------------------------------------------------------------------------

  get name(): string {
    return this.layerName
  }

  /** Gives the layer another name: its weights' paths follow. */
  rename(name: string): void {
    checkCommon(this.name, { name })
    this.layerName = name
    this.own.rename(name)
  }

  /** Whether training changes the weights of this layer and those inside it. */
  get trainable(): boolean {
    return this.isTrainable
  }

  set trainable(value: boolean) {
    checkCommon(this.name, { trainable: value })
    this.isTrainable = value
    for (const layer of this.innerLayers) layer.trainable = value
  }

  /** The type of weights and results. */
  get dtype(): DType {
    return this.givenDType ?? 'float32'
  }

  /** Takes on a model's type, unless the layer was given its own. */
  adoptDType(dtype: DType): void {
    if (this.shapes === undefined) this.givenDType ??= dtype
    for (const layer of this.innerLayers) layer.adoptDType(dtype)
  }

  get built(): boolean {
    return this.shapes !== undefined
  }

  /** All weights in Keras' order: its own, the trainable ones first, then those of the layers inside it. */
  get weights(): readonly Weight[] {
    return [...new Set([...this.own.inOrder, ...this.innerLayers.flatMap((layer) => layer.weights)])]
  }

  /** What precedes the paths of the weights of layers inside this one: the names of models, and of layers that hold layers in fields. */
  protected get pathPrefix(): string {
    return this.held === undefined || this.held.length === 0 ? '' : `${this.name}/`
  }

  /** All weights by path, such as `lstm/kernel`, each its own; those of a model inside this one begin with its name. */
  weightPaths(prefix = ''): ReadonlyMap<string, Weight> {
    const own = this.own.inOrder.map((weight) => [`${prefix}${this.name}/${weight.name}`, weight] as const)
    const inner = this.innerLayers.flatMap((layer) => [...layer.weightPaths(`${prefix}${layer.pathPrefix}`)])
    const found = new Map<string, Weight>()
    const seen = new Set<Weight>()
    for (const [path, weight] of [...own, ...inner]) {
      // A weight that can be reached in two ways has the path of the first.
      if (seen.has(weight)) continue
      seen.add(weight)
      found.set(pathApart(path, found), weight)
    }
    return found
  }

  /** The weights an optimizer may change now. */
  get trainableWeights(): readonly Weight[] {
    if (!this.trainable) return []
    return [...new Set([...this.own.trainable, ...this.innerLayers.flatMap((layer) => layer.trainableWeights)])]
  }

  /** Adds a weight: to be called in `build`. */
  addWeight(name: string, shape: Shape, options: WeightOptions = {}): Variable {
    return this.own.add(this.name, name, shape, { ...options, dtype: options.dtype ?? this.dtype })
  }

  /** How its kernels are adapted; undefined where they are not. @internal */
  get lora(): LoraOptions | undefined {
    return this.loraOptions
  }

  /** Whether it has kernels that can be adapted, itself or in a layer inside it. @internal */
  get isAdaptable(): boolean {
    return this.own.hasKernels || this.innerLayers.some((layer) => layer.isAdaptable)
  }

  /**
   * Adapts the kernels of the layer and of those inside it by low-rank matrices; the kernels themselves are no longer trained.
   *
   * @throws OptionError where there are none, or they are adapted already in another way.
   * @internal
   */
  adaptKernels(options: LoraOptions): void {
    checkLora(`${this.name}: lora`, options)
    if (!this.isAdaptable) throw new OptionError(`${this.name}: lora: expected a layer with kernels, got ${this.kind}`)
    this.loraOptions = options
    for (const layer of this.innerLayers) if (layer.isAdaptable && !layer.own.isAdapted) layer.adaptKernels(options)
    this.own.adapt(options, (name, shape, more) => this.addWeight(name, shape, more))
  }

  /** Adds what was trained beside the kernels to them, and trains them again. @internal */
  async mergeKernels(): Promise<void> {
    for (const layer of this.innerLayers) await layer.mergeKernels()
    await this.own.merge()
    this.loraOptions = undefined
  }

  /** The number of parameters; 0 before the layer is built. */
  countParams(): number {
    return this.weights.reduce((sum, { variable }) => sum + variable.size, 0)
  }

  /** Builds the layer for inputs of these shapes, once; later calls check that the weights still fit. */
  buildFor(shapes: readonly PartialShape[]): void {
    checkExpected(this.name, this.expects, shapes)
    this.checkShape(this.oneOrList(shapes))
    if (this.shapes !== undefined) {
      if (this.own.isEmpty) return
      this.shapes.forEach((built, i) => {
        checkFixed(this.name, built, shapes[i], this.fixedAxes(built.length + 1))
      })
      return
    }
    const undo = this.rememberUnbuilt()
    const goBack = rememberRandom()
    try {
      this.build(this.oneOrList(shapes))
      this.shapes = shapes
      this.takeHeld(shapes)
      if (this.loraOptions !== undefined) this.adaptKernels(this.loraOptions)
    } catch (error) {
      undo()
      goBack()
      throw error
    }
  }

  /** The layers in its fields. */
  private get heldNow(): readonly Held[] {
    return this.held ?? heldLayers(this, this.commonFields, (value) => value instanceof Layer)
  }

  /** The layers inside it with the fields that they are in; none where its class says which are inside it. @internal */
  get layersByField(): readonly Held[] {
    return this.isOfFields ? this.heldNow : []
  }

  /** Whether the layers inside it are those in its fields, rather than what its class says. */
  protected get isOfFields(): boolean {
    return innerLayersOf(this) === innerLayersOf(Layer.prototype)
  }

  /** Takes the layers in its fields as a part of it: they are named after the fields, and built by a trace of the call. */
  private takeHeld(shapes: readonly PartialShape[]): void {
    if (!this.isOfFields) return
    this.held = this.heldNow
    for (const { layer, place } of this.held) if (!layer.isNamed && layer.name === layer.kind) layer.rename(place)
    if (this.held.every(({ layer }) => layer.built)) return
    tracedShape(shapes, this.inputDType ?? this.dtype, (inputs, context) => this.traced(inputs, context))
  }

  /** Remembers which layers, this one and those inside it, are not built yet; what is returned has them so again. */
  private rememberUnbuilt(): () => void {
    if (this.shapes !== undefined) return () => undefined
    const forget = this.own.remember()
    const inner = this.innerLayers.map((layer) => layer.rememberUnbuilt())
    return () => {
      forget()
      this.shapes = undefined
      this.held = undefined
      for (const undo of inner) undo()
    }
  }

  /** A single item by itself, unless the layer always takes lists. */
  private oneOrList<T>(items: readonly T[]): T | readonly T[] {
    return items.length === 1 && this.expects.inputs !== 'list' ? items[0] : items
  }

  /**
   * The weights in Keras' order and layout.
   *
   * @example
   * ```ts
   * const layer = lstm(4)
   * await layer.run(randomNormal([2, 5, 3])) // builds it
   * const [kernel, recurrentKernel, bias] = await layer.getWeights() // [3, 16], [4, 16], [16]
   * ```
   */
  async getWeights(): Promise<Tensor[]> {
    return Promise.all(this.weights.map(({ variable }) => variable.read()))
  }

  /**
   * Replaces all weights, or none where one does not fit.
   *
   * @throws OptionError before the layer is built; DataError for another number of tensors, ShapeError for other shapes.
   */
  async setWeights(tensors: readonly TensorLike[]): Promise<void> {
    if (!this.built && tensors?.length > 0) {
      throw new OptionError(`${this.name}.setWeights: the layer has no weights yet; use it in a model or on data first`)
    }
    await writeWeights(this.name, this.weights, tensors)
  }

  /**
   * The weights by path, such as `lstm/kernel`.
   *
   * @example
   * ```ts
   * const model = sequential([lstm(4), dense(1)], { inputShape: [null, 3] })
   * Object.keys(await model.namedWeights()) // 'lstm/kernel', 'lstm/recurrentKernel', 'lstm/bias', 'dense/kernel', 'dense/bias'
   * ```
   */
  async namedWeights(): Promise<Record<string, Tensor>> {
    const entries = [...this.weightPaths()].map(async ([path, { variable }]) => [path, await variable.read()] as const)
    return Object.fromEntries(await Promise.all(entries))
  }

  // ---- use ----------------------------------------------------------------------------------------------------

  /** Calls the layer within a trace: builds it if need be, and works out the masks. */
  callWith(inputs: readonly Value[], context: CallContext): Called {
    return this.named(() => {
      const shapes = inputs.map((input) => input.shape.slice(1))
      if (context.given !== nothingGiven)
        this.checkGiven(
          shapes,
          mapGiven(context.given, ({ shape }) => shape.slice(1)),
        )
      this.buildFor(shapes)
      const own = inputs.map((input) => this.toOwnType(input, context))
      const nudge = this.isBlock && context.watch?.nudges === true ? nudgeFor(own[0]) : undefined
      const typed = nudge === undefined ? own : own.map((input) => (input === own[0] ? add(input, nudge) : input))
      rememberMasks(typed, context.masks)
      const result = nudge === undefined ? this.traced(typed, context) : this.watched(typed, nudge, context)
      const outputs = result instanceof Value ? [result] : [...result].map((value) => toValue(value))
      this.addActivityLosses(outputs, context)
      return { outputs, masks: this.computeMask(typed, context, outputs) }
    })
  }

  /** The call of a block that is watched: what it gives is nudged, too. */
  private watched(inputs: readonly Value[], read: Value, context: CallContext): readonly Value[] {
    const [first, ...others] = [this.traced(inputs, context)].flat()
    const given = nudgeFor(first)
    context.watch?.blocks.push({ layer: this, read, given })
    return [add(first, given), ...others]
  }

  /** The mathematics of `call`, with the layers applied in it in its context. */
  private traced(inputs: readonly Value[], context: CallContext): Value | readonly Value[] {
    return during(this, context, () => this.call(this.oneOrList(inputs), context))
  }

  /** Does work whose errors begin with the layer's name, also those of the ops in it. */
  private named<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      throw placed(error, this.name)
    }
  }

  private addActivityLosses(outputs: readonly Value[], context: CallContext): void {
    if (this.activityRegularizer === undefined) return
    for (const output of outputs) context.addLoss(div(this.activityRegularizer.call(output), output.shape[0] ?? 1))
  }

  /** Brings an input to the layer's type; layers that take whole numbers override it. */
  protected toOwnType(input: Value, _context: CallContext): Value {
    return isFloat(input.dtype) && input.dtype !== this.dtype ? cast(input, this.dtype) : input
  }

  /**
   * Uses the layer: in a graph of layers, or on the values inside the `call` of another layer, a training step, or a function given
   * to `jit`. Applied twice, it shares its weights.
   *
   * @throws OptionError for a layer that is in no field of the layer whose `call` applies it.
   *
   * @example
   * ```ts
   * class Residual extends Layer {
   *   inner = dense(8, { activation: 'relu' }) // a part of this layer: trained, counted and saved with it
   *   call(x: Value) { return ops.add(x, this.inner.apply(x)) }
   * }
   * ```
   */
  apply(input: SymbolicTensor | readonly SymbolicTensor[], options?: ApplyOptions): Applied
  apply(input: Value | readonly Value[], options?: ApplyToValuesOptions): AppliedToValues
  apply(
    input: SymbolicTensor | readonly SymbolicTensor[] | Value | readonly Value[],
    options: ApplyOptions | ApplyToValuesOptions = {},
  ): Applied | AppliedToValues {
    const list: readonly unknown[] = isList(input) ? input : [input]
    if (list.length > 0 && list.every((item) => item instanceof Value)) {
      const { outputs } = applyToValues(this, list, options as ApplyToValuesOptions) // values come with values
      return (outputs.length === 1 ? outputs[0] : outputs) as AppliedToValues
    }
    return this.applyInGraph(input as SymbolicTensor, options as ApplyOptions) // checked there
  }

  private applyInGraph(input: SymbolicTensor | readonly SymbolicTensor[], options: ApplyOptions): Applied {
    checkNotSpread(`${this.name}.apply`, options)
    const given = readGiven(`${this.name}.apply`, this.callOptions, options, ['initialState', 'mask'], (name, value) =>
      symbolicList(`${this.name}.apply: ${name}`, value),
    )
    const inputs = symbolicList(`${this.name}.apply`, input)
    if (inputs.length === 0)
      throw new OptionError(`${this.name}.apply: expected at least one symbolic tensor, got none`)
    this.checkRead(inputs)
    const { initialState = [], mask } = options
    const states = symbolicList(`${this.name}.apply: initialState`, initialState)
    if (mask !== undefined) symbolicList(`${this.name}.apply: mask`, mask)
    this.checkApplied(
      inputs.map((item) => item.shape),
      states.map((item) => item.shape),
      mask?.shape,
    )
    this.checkGiven(
      inputs.map((item) => item.shape),
      mapGiven(given, (item) => item.shape),
    )
    this.buildFor(inputs.map((item) => item.shape))
    const shapes = this.outputShapes(
      inputs.map((item) => item.shape),
      given.settings,
    )
    const outputs: SymbolicTensor[] = []
    const call: LayerCall = { layer: this, inputs, initialState: states, mask, given, outputs }
    this.uses.push(call)
    for (const shape of shapes) outputs.push(new SymbolicTensor(shape, this.outputDType, { call, name: this.name }))
    return asApplied(outputs)
  }

  /**
   * What the layer is applied to in a graph: a symbolic tensor, or a list of several. Of a model what it begins with.
   *
   * @throws OptionError where it is not applied yet, or more than once.
   *
   * @example
   * ```ts
   * const net = sequential([lstm(8), dense(1)], { inputShape: [null, 3] })
   * const features = model({ inputs: net.inputs, outputs: net.getLayer('dense').input })
   * ```
   */
  get input(): Applied {
    return asApplied(this.ends('input'))
  }

  // A class of one's own may have a field of that name.
  set input(own: unknown) {
    Object.defineProperty(this, 'input', { value: own, writable: true, enumerable: true, configurable: true })
  }

  /**
   * What the layer gives in a graph, likewise.
   *
   * @throws OptionError where it is not applied yet, or more than once.
   *
   * @example
   * ```ts
   * const net = sequential([lstm(8, { name: 'reader' }), dense(1)], { inputShape: [null, 3] })
   * const states = model({ inputs: net.inputs, outputs: net.getLayer('reader').output })
   * ```
   */
  get output(): Applied {
    return asApplied(this.ends('output'))
  }

  set output(own: unknown) {
    Object.defineProperty(this, 'output', { value: own, writable: true, enumerable: true, configurable: true })
  }

  /** The symbolic tensors on one side of the only use in a graph. */
  protected ends(what: 'input' | 'output'): readonly SymbolicTensor[] {
    const [use, another] = this.uses
    if (use !== undefined && another === undefined) return use[`${what}s`]
    const why =
      use === undefined
        ? 'it is not applied yet: build the model, or apply the layer'
        : `it is applied ${this.uses.length} times`
    throw new OptionError(`${this.name}.${what}: expected a layer that is applied once in a graph; ${why}`)
  }

  /** The axis of the batch in an output: the first, unless several things of each sample stand before it. */
  batchAxis(_output: number): 0 | 1 {
    return 0
  }

  /** @throws OptionError for inputs that the layer cannot read in a graph: texts, for most. */
  protected checkRead(inputs: readonly SymbolicTensor[]): void {
    const texts = inputs.find(({ dtype }) => dtype === 'string')
    if (texts === undefined) return
    throw new OptionError(
      `${this.name}.apply: ${texts.name}: expected numbers, got texts; textVectorization, stringLookup and hashing, directly behind an input, make numbers of them`,
    )
  }

  /** Throws where initial states or a mask cannot be for these inputs; told of when the layer is applied in a graph. */
  checkApplied(
    _inputs: readonly PartialShape[],
    _states: readonly PartialShape[],
    _mask: PartialShape | undefined,
  ): void {
    // A layer of one's own may make of them what it likes.
  }

  /** Takes note of what else a call is given, before the layer is built; throws where that cannot be for these inputs. */
  protected checkGiven(_inputs: readonly PartialShape[], _given: CallArguments<PartialShape>): void {
    // What does not fit then shows when it is computed.
  }

  /** The type of the input that the layer reads: `int32` for indices; any by default. */
  get inputDType(): DType | undefined {
    return undefined
  }

  /** The type of what the layer gives. */
  get outputDType(): DType {
    return this.dtype
  }

  /** The shapes of all outputs for these inputs. */
  outputShapes(inputs: readonly PartialShape[], settings: CallSettings = {}): readonly PartialShape[] {
    const shape = this.named(() => this.outputShape(this.oneOrList(inputs), settings))
    return isShapeList(shape) ? shape : [shape]
  }

  /**
   * Runs the layer on data, without a model, building it if need be.
   *
   * @returns the output, or an array `[output, ...states]` where the layer gives several.
   */
  async run<R = Given<this>>(input: TensorLike | readonly TensorLike[], options: RunOptions = {}): Promise<R> {
    const data = this.dataList(input)
    const { runLayer } = await import('./run')
    return (await runLayer(this, data, this.stateRank, options)) as R // by its kind and options
  }

  /** How many axes each state has: it tells a nested array that is one state from a list of states. */
  protected get stateRank(): number {
    return 2
  }

  /** Layers with several inputs override this to tell an array of tensors from a nested array. */
  protected dataList(input: TensorLike | readonly TensorLike[]): readonly TensorLike[] {
    // A long array is one of numbers: it is not looked through for tensors.
    const isList =
      Array.isArray(input) &&
      (this.expects.inputs === 'list' ||
        (input.length <= mostInputs &&
          input.some((item) => typeof item === 'object' && item !== null && 'shape' in item)))
    return isList ? (input as readonly TensorLike[]) : [input as TensorLike]
  }
}

/** More arguments than any call of a layer has. */
const mostInputs = 1000

/** The path, with a number behind it where other layers of the same name have it already. */
function pathApart(path: string, taken: ReadonlyMap<string, unknown>): string {
  if (!taken.has(path)) return path
  let number = 1
  while (taken.has(`${path}_${number}`)) number++
  return `${path}_${number}`
}

/** One symbolic tensor is given as itself: callers know how many their layer has. */
function asApplied(outputs: readonly SymbolicTensor[]): Applied {
  return (outputs.length === 1 ? outputs[0] : outputs) as Applied
}

/** What `apply` gives: one symbolic tensor, which is also the list of all for layers with several outputs. */
export type Applied = SymbolicTensor & SymbolicTensor[]

/** The same of values. */
export type AppliedToValues = Value & Value[]

/** The getter of a layer's `innerLayers`: that of its class, or of the one it extends. */
function innerLayersOf(layer: Layer): (() => unknown) | undefined {
  for (let at: object | null = layer; at !== null; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, 'innerLayers')
    if (found !== undefined) return found.get
  }
  return undefined
}

/** Whether this is a list of shapes rather than one shape. */
export function isShapeList(shape: PartialShape | readonly PartialShape[]): shape is readonly PartialShape[] {
  return shape.length > 0 && Array.isArray(shape[0])
}

/** Zeros like a value, of which gradients can be taken. */
function nudgeFor(value: Value): Value {
  return broadcastTo(cast(0, value.dtype), value.shape)
}
