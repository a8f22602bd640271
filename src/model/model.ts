// The model: a layer made of layers, that can be compiled, trained, evaluated, asked for predictions and saved.

import type { BackendInfo, BackendOption } from '../backends/backend'
import type { Direction, Logs } from '../callbacks'
import type { Samples } from '../data'
import { DataError, describeValue, didYouMean, OptionError, textOf } from '../errors'
import type { Estimate, EstimateOptions } from '../estimate'
import type { ModelData, Slots } from '../feed/binding'
import type { FitData } from '../feed/dataset'
import type { Outputs } from '../feed/fedModel'
import type { Weighting } from '../feed/targets'
import { type Architecture, architectureToJSON, type Metadata, type ModelJSON } from '../formats/architecture'
import type { LoadedWeights, LoadWeightsOptions } from '../formats/loadWeights'
import type { ToTorchOptions } from '../formats/torch/write'
import type { Value } from '../graph'
import type { GradientFlow, GradientFlowOptions, Inspection, InspectOptions } from '../inspect'
import type { Place } from '../io'
import {
  type CallContext,
  type Called,
  execute,
  type Front,
  findTopology,
  input,
  Layer,
  type LayerOptions,
  type LoraOptions,
  layerFromConfig,
  layerToConfig,
  type NumberGraph,
  oneOrAll,
  type SplitGraph,
  type SymbolicTensor,
  shapesThrough,
  splitGraph,
  type Topology,
  type Weight,
} from '../layers'
import type { Loss } from '../losses'
import type { Optimizer } from '../optimizers'
import { toJson } from '../registry'
import { type CompileOptions, type MetricsOption, resolveCompile } from '../step/compileOptions'
import type { Engine } from '../step/engine'
import { Engines } from '../step/engines'
import type { TrainingEngine } from '../step/trainingEngine'
import { type DType, hasNames, type PartialShape, rememberRandom, type Tensor, type TensorLike } from '../tensor'
import { Stream, type StreamOptions } from '../time/stream'
import type { EvaluateOptions } from '../train/evaluate'
import type { FindLearningRateOptions } from '../train/findLearningRate'
import type { History } from '../train/fit'
import type { FitOptions } from '../train/fitOptions'
import type { LearningRateTest } from '../train/learningRateCurve'
import type { MinimizeOptions, Minimum } from '../train/minimize'
import type { PredictOptions } from '../train/predict'
import { enableLora } from './enableLora'
import type { HandOverOptions } from './handOver/handOver'
import { nameApart, toldApart } from './names'
import type { SaveOptions } from './save'
import { shapeList, topologyOf } from './subclass'
import { type SummaryOptions, summarize } from './summary'
import type { Fed, LogKey } from './typed'

/** Options of a model. */
export interface ModelOptions {
  readonly name?: string
  /** The shape of one sample, where the first layer does not say it. */
  readonly inputShape?: PartialShape
  /** The type of all layers that were not given their own; `float32` by default. */
  readonly dtype?: DType
}

/** Options of a class that extends {@link Model}. */
export interface SubclassOptions extends Omit<LayerOptions, 'inputShape'> {
  /** The shape of one sample of the input, or a list of them where there are several inputs; by default that of the first data. */
  readonly inputShape?: PartialShape | readonly PartialShape[] | undefined
}

/**
 * A model, as `sequential` and `model` make it; or a class of your own that extends it, with layers as fields (alone, in lists, in
 * records) and a `call`. Such a model is trained, evaluated and asked like any other; `registerModel` lets it be saved. It is built by
 * its first data, or for an `inputShape`.
 *
 * @example
 * ```ts
 * class Net extends Model {
 *   hidden = dense(16, { activation: 'relu' })
 *   out = dense(1)
 *   call(x: Value) { return this.out.apply(this.hidden.apply(x)) }
 * }
 * const net = new Net().compile({ optimizer: 'adam', loss: 'mse' })
 * await net.fit(randomNormal([64, 4]), zeros([64, 1]), { verbose: 0 })
 * ```
 *
 * @typeParam P - what `predict` gives: a tensor, a tuple of as many as the model has outputs, or a record of them.
 * @typeParam Key - the keys that its logs and histories are known to have.
 * @typeParam In - how many axes its input has, the samples among them, where that is known: nested arrays are checked by it.
 */
export class Model<P extends Outputs = Tensor, Key extends string = 'loss', In extends number = number> extends Layer {
  /** @internal */
  readonly architecture: Architecture
  /** A callback sets it to end training after the present batch. */
  stopTraining = false
  /** Its graph, and what is computed of it behind the layers that work on texts; undefined before it is built. */
  private split: SplitGraph | undefined
  private readonly engines = new Engines(this, () => (this.topology === undefined ? [] : this.outputNames))
  private isBusy = false
  private kept: Metadata = {}
  private isBuilding = false

  constructor(given: Architecture | SubclassOptions = {}, options: ModelOptions = {}) {
    const architecture: Architecture = 'kind' in given ? given : { kind: 'subclass', inputShape: given.inputShape }
    const { name, dtype } = 'kind' in given ? options : given
    super(
      'kind' in given
        ? { ...(name === undefined ? {} : { name }), ...(dtype === undefined ? {} : { dtype }) }
        : { ...given, inputShape: undefined },
      kindOf(architecture),
    )
    if (architecture.kind === 'subclass' && new.target.prototype.call === Model.prototype.call) {
      throw new OptionError(
        `${this.name}: expected a class that extends Model with a call(x); sequential and model make models of layers`,
      )
    }
    // Here, since a class may not override a method with an accessor in TypeScript.
    Object.defineProperty(this, 'outputShape', { get: () => oneOrAll(this.outputs.map(({ shape }) => shape)) })
    this.architecture = architecture
    this.fieldsEndHere()
    if (architecture.kind === 'subclass') return
    if (architecture.kind === 'functional') {
      this.split = splitGraph(findTopology(architecture.inputs, architecture.outputs))
      nameApart(this.split.whole.layers)
      this.buildFor(architecture.inputs.map((item) => item.shape))
      return
    }
    nameApart(architecture.layers)
    if (dtype !== undefined) for (const layer of architecture.layers) layer.adoptDType(dtype)
    const [first] = architecture.layers
    const shape =
      architecture.inputShape ??
      (first instanceof Model ? first.topology?.inputs[0].shape : undefined) ??
      first?.givenInputShape
    if (shape !== undefined) this.buildFor([shape])
  }

  // ---- as a layer ---------------------------------------------------------------------------------------------

  override build(inputShape: PartialShape | readonly PartialShape[]): void {
    if (this.architecture.kind === 'subclass') this.split = splitGraph(topologyOf(this, shapeList(inputShape)))
    if (this.architecture.kind === 'sequential') this.buildChain(this.architecture.layers, shapeList(inputShape)[0])
  }

  private buildChain(layers: readonly Layer[], inputShape: PartialShape): void {
    const [first] = layers
    const dtype = first.splitsGraph !== undefined ? 'string' : (first.inputDType ?? this.dtype)
    const start = input({ shape: inputShape, name: `${this.name}_input`, dtype })
    let at: SymbolicTensor = start
    for (const layer of layers) at = layer.apply(at)
    this.split = splitGraph(findTopology([start], Array.isArray(at) ? at : [at], this.name))
  }

  private get topology(): Topology | undefined {
    return this.split?.whole
  }

  /**
   * What the model computes, in the context of a call; a class of your own says it here. On values, `apply(x)` is the model as a function,
   * which `jit` and `grad` take.
   *
   * @example
   * ```ts
   * const net = sequential([dense(1)], { inputShape: [3] })
   * const slope = jit(grad((x: Value) => ops.sum(net.apply(x))))
   * await slope([[1, 2, 3]]) // by the input: [1, 3]
   * ```
   */
  override call(given: Value | readonly Value[], context: CallContext): Value | readonly Value[] {
    return this.callWith(Array.isArray(given) ? given : [given as Value], context).outputs
  }

  protected override get isOfFields(): boolean {
    return this.architecture.kind === 'subclass'
  }

  override callWith(inputs: readonly Value[], context: CallContext): Called {
    if (this.front === undefined) this.buildFor(inputs.map(({ shape }) => shape.slice(1)))
    return execute(this.computed, inputs, context)
  }

  override outputShapes(inputs: readonly PartialShape[]): readonly PartialShape[] {
    const { inputs: own, outputs } = this.graph('outputShape')
    if (inputs.every((shape, i) => shape.every((n, axis) => n === own[i].shape[axis])))
      return outputs.map(({ shape }) => shape)
    return shapesThrough(this.graph('outputShape'), inputs)
  }

  override batchAxis(output: number): 0 | 1 {
    const { call } = this.outputs[output]
    return call === undefined ? 0 : call.layer.batchAxis(call.outputs.indexOf(this.outputs[output]))
  }

  override get innerLayers(): readonly Layer[] {
    // The base class asks while it is constructed, when there is no architecture yet.
    if (this.architecture === undefined) return []
    if (this.architecture.kind === 'subclass') return super.innerLayers
    return this.architecture.kind === 'sequential' ? this.architecture.layers : (this.topology?.layers ?? [])
  }

  protected override checkRead(inputs: readonly SymbolicTensor[]): void {
    if (this.front !== undefined || this.beginsWithTexts) {
      throw new OptionError(
        `${this.name}.apply: a model that begins with texts is no part of another; apply its layers to an input with dtype 'string' there`,
      )
    }
    super.checkRead(inputs)
  }

  protected override get pathPrefix(): string {
    return `${this.name}/`
  }

  /** A model inside a model is saved with its architecture; a class of your own says what its constructor takes. */
  override config(): Record<string, unknown> {
    return this.architecture.kind === 'subclass' ? {} : { architecture: this.toJSON() }
  }

  // ---- what it is made of -------------------------------------------------------------------------------------

  private parts(call: string): SplitGraph {
    this.buildAsSaid()
    if (this.split === undefined) {
      throw new OptionError(`${this.name}.${call}: the model has no weights yet; give an inputShape, or fit it first`)
    }
    return this.split
  }

  private graph(call: string): Topology {
    return this.parts(call).whole
  }

  /** Builds a class of the user's for the shape it was given: its fields are there only after the constructor of this one. */
  private buildAsSaid(): void {
    const { architecture } = this
    if (architecture?.kind !== 'subclass' || architecture.inputShape === undefined || this.isBuilding) return
    if (this.topology !== undefined) return
    this.isBuilding = true
    try {
      this.buildFor(shapeList(architecture.inputShape))
    } finally {
      this.isBuilding = false
    }
  }

  override get built(): boolean {
    this.buildAsSaid()
    return super.built
  }

  override get weights(): readonly Weight[] {
    this.buildAsSaid()
    return super.weights
  }

  /** Every use of a layer, each after those it depends on. @throws OptionError before the model is built. */
  get calls(): Topology['calls'] {
    return this.graph('calls').calls
  }

  /** What is computed in a graph: all but the layers that make numbers of texts first. @internal */
  get computed(): NumberGraph {
    return this.parts('calls').graph
  }

  /** The layers that make numbers of texts before there is a graph, by its inputs; undefined where there are none. @internal */
  get front(): Front | undefined {
    this.buildAsSaid()
    return this.split?.front
  }

  /** Whether the first of a list of layers reads texts. @internal */
  get beginsWithTexts(): boolean {
    return this.architecture.kind === 'sequential' && this.architecture.layers[0].splitsGraph !== undefined
  }

  /** The layers, in order. */
  get layers(): readonly Layer[] {
    return this.innerLayers
  }

  /** The layer of that name. @throws OptionError with the nearest name. */
  getLayer(name: string): Layer {
    const found = this.layers.find((layer) => layer.name === name)
    if (found !== undefined) return found
    const names = this.layers.map((layer) => layer.name)
    throw new OptionError(`${this.name}.getLayer: no layer is named '${textOf(name)}'.${didYouMean(name, names)}`)
  }

  /** The symbolic inputs. @throws OptionError before the model is built. */
  get inputs(): readonly SymbolicTensor[] {
    return this.graph('inputs').inputs
  }

  /** The symbolic outputs. @throws OptionError before the model is built. */
  get outputs(): readonly SymbolicTensor[] {
    return this.graph('outputs').outputs
  }

  protected override ends(what: 'input' | 'output'): readonly SymbolicTensor[] {
    return this[`${what}s`]
  }

  /** The shape of one sample of the input; a list of shapes where there are several inputs. */
  get inputShape(): PartialShape | readonly PartialShape[] {
    return oneOrAll(this.inputs.map(({ shape }) => shape))
  }

  /** The shape of one sample of the output, or a list of them. Not to be called, as that of other layers: `outputShapes` is. */
  declare readonly outputShape: (PartialShape | readonly PartialShape[]) & Layer['outputShape']

  /** The names of the outputs: as they were given, else those of the layers they come from, told apart where they are the same. */
  get outputNames(): readonly string[] {
    const given = this.architecture.kind === 'functional' ? this.architecture.outputNames : undefined
    return given ?? toldApart(this.graph('outputNames').outputs.map(({ name }) => name))
  }

  /** The names of the outputs, where `predict` gives a record of them. @internal */
  get outputRecord(): readonly string[] | undefined {
    const isRecord = this.architecture.kind === 'functional' && this.architecture.outputsAs === undefined
    return isRecord ? this.architecture.outputNames : undefined
  }

  /**
   * What you keep with the model, as plain data: names of classes, units, a version. It is saved with the model, in `.keras` files too.
   *
   * @throws OptionError for what is no record, or holds what JSON cannot say.
   *
   * @example
   * ```ts
   * const net = sequential([dense(2, { activation: 'softmax' })], { inputShape: [3] })
   * net.metadata = { classes: ['rain', 'sun'] }
   * const back = await loadModel(await net.toBytes())
   * back.metadata.classes // ['rain', 'sun']
   * ```
   */
  get metadata(): Metadata {
    return this.kept
  }

  set metadata(given: Metadata) {
    if (!hasNames(given)) {
      throw new OptionError(
        `${this.name}.metadata: expected a record such as { classes: ['rain', 'sun'] }, got ${describeValue(given)}`,
      )
    }
    this.kept = toJson(`${this.name}.metadata`, given) as Metadata // of a record it makes one
  }

  /** The table of layers, shapes and parameters; printed unless `print` is false. */
  summary(options: SummaryOptions = {}): string {
    return summarize(this, options)
  }

  // ---- compile, train, use ------------------------------------------------------------------------------------

  /**
   * Chooses how the model is trained. Can be called again: the weights stay, the optimizer starts anew.
   *
   * @throws OptionError for unknown names and options, and for two kinds of clipping at once; the model stays as it was.
   *
   * @example
   * ```ts
   * model.compile({ optimizer: 'adam', learningRate: 1e-3, loss: 'mse', metrics: ['mae'], globalClipNorm: 1 })
   * ```
   */
  compile<const M extends MetricsOption>(options: CompileOptions<M>): Model<P, LogKey<P, M>, In> {
    this.engines.choose(resolveCompile(options))
    return this as unknown as Model<P, LogKey<P, M>, In> // the keys are those of the new options
  }

  /** Says why the model is not compiled, to those who need it to be. @internal */
  leaveUncompiled(why: string): void {
    this.engines.leaveUncompiled(why)
  }

  /** The compile options as they were given; undefined before `compile`. */
  get compileOptions(): CompileOptions | undefined {
    return this.engines.choices?.given
  }

  /** The optimizer in use; undefined before `compile`. */
  get optimizer(): Optimizer | undefined {
    return this.engines.choices?.optimizer
  }

  /** What computes: the backend's name and details once it has run, the flag before. */
  get backend(): BackendInfo | Exclude<BackendOption, string> {
    return this.engines.backend
  }

  /**
   * The engine that trains. @throws OptionError before `compile`.
   *
   * @internal
   */
  async trainingEngine(call: string): Promise<TrainingEngine> {
    return this.engines.training(`${this.name}.${call}`)
  }

  /** Whether it is trained by a step of one's own. @internal */
  get hasOwnStep(): boolean {
    return this.engines.choices?.trainStep !== undefined
  }

  /** The loss of each output. @throws OptionError before `compile`. @internal */
  lossesFor(call: string): readonly (Loss | undefined)[] {
    return this.engines.requireChoices(`${this.name}.${call}`).losses(this.outputNames)
  }

  /** The engine that predicts: on the given backend, else where the model trains. @internal */
  engineFor(backend?: BackendOption): Engine | Promise<Engine> {
    return this.engines.predictingOn(backend)
  }

  /** The names and shapes of the inputs; without shapes before the model is built. @internal */
  get inputSlots(): Slots {
    this.buildAsSaid()
    return {
      where: 'x',
      names: this.inputRecord ?? toldApart(this.topology?.inputs.map(({ name }) => name) ?? ['input']),
      shapes: this.topology?.inputs.map(({ shape }) => shape),
      texts: this.topology?.inputs.map((each) => each.dtype === 'string') ?? [this.beginsWithTexts],
    }
  }

  private get inputRecord(): readonly string[] | undefined {
    return this.architecture.kind === 'functional' ? this.architecture.inputNames : undefined
  }

  /** The names of the outputs, which targets are given by. @internal */
  get targetSlots(): Slots {
    this.buildAsSaid()
    if (this.topology === undefined) return { where: 'y', names: ['output'] }
    const names = this.outputNames
    const { choices } = this.engines
    if (choices === undefined) return { where: 'y', names }
    const measured = [choices.metrics(names), choices.weightedMetrics(names)]
    const optional = choices.losses(names).map((loss, i) => !loss && measured.every((metrics) => !metrics[i].length))
    return { where: 'y', names, optional }
  }

  /**
   * Trains. Where it fails or is aborted, the model keeps the weights of the last whole step, and the error has the `history` of the
   * epochs before. In a terminal, where it shows progress, Ctrl-C ends it after the present batch: it resolves to what it has, and the
   * program goes on; a second Ctrl-C ends the program.
   *
   * @param x - inputs `[samples, ...]`, several as a list or by name; windows over a series; or a dataset of batches.
   * @param y - targets `[samples, ...]` likewise; left out where x brings its own.
   * @returns the numbers of the epochs, and each loss and metric epoch by epoch: means over all samples.
   * @throws OptionError before `compile` and for options that do not fit; ShapeError and DataError for data that do not;
   *   NonFiniteError for a loss or gradient that is NaN or infinite.
   *
   * @example
   * ```ts
   * const { history } = await model.fit(x, y, { epochs: 20, batchSize: 32, validationSplit: 0.2 })
   * history.val_loss // 20 numbers
   * ```
   */
  async fit<X extends FitData>(x: Fed<X, In>, y?: ModelData | FitOptions, options?: FitOptions): Promise<History<Key>> {
    return this.exclusively('fit', async () => {
      const { fit: train } = await import('../train/fit')
      return (await train(this, x as X, y, options)) as History<Key> // its keys come from the compile options
    })
  }

  /**
   * Trains on all data at once, with L-BFGS (Liu and Nocedal, 1989): each iteration searches along a line that the gradients of the last steps
   * bend towards the minimum. For small models with few data, such as curves, or networks that solve equations, it comes much
   * closer to the minimum than steps do. The choices, defaults and numbers are those of PyTorch's `LBFGS` with `strong_wolfe`.
   *
   * It is no optimizer for `compile`: a step of `fit` is one Program of a fixed length, while a line search asks for the loss as often as it must, and on the same
   * data. The compiled loss is made smaller, with all penalties; a `trainStep` of your own may call `step.minimize` once,
   * and that loss is. The compiled optimizer is neither used nor changed. Layers behave as in training, and draw the same random numbers each time.
   *
   * @param x - inputs, and y targets, as for `fit`: arrays, or samples such as windows.
   * @returns the losses, iteration by iteration, and why it ended.
   * @throws OptionError before `compile`, for options that do not fit, for stateful layers and weights with constraints; DataError for a dataset and
   *   where the first loss is not finite. The weights are those of the last iteration then.
   *
   * @example
   * ```ts
   * const times = Array.from({ length: 20 }, (_, i) => [i / 10 - 1])
   * const curve = sequential([dense(8, { activation: 'tanh' }), dense(1)], { inputShape: [1] }).compile({ loss: 'mse' })
   * const { loss, stopped } = await curve.minimize(times, times.map(([t]) => [Math.sin(3 * t)]), { maxIterations: 200 })
   * ```
   */
  async minimize<X extends FitData>(
    x: Fed<X, In>,
    y?: ModelData | MinimizeOptions,
    options?: MinimizeOptions,
  ): Promise<Minimum> {
    return this.exclusively('minimize', async () => {
      const { minimize } = await import('../train/minimize')
      return minimize(this, x as X, y, options)
    })
  }

  /**
   * The loss and the metrics on data: means over all samples, in batches of `batchSize` (32 by default).
   *
   * @param x - inputs, and y targets, as for `fit`.
   * @throws OptionError before `compile`; ShapeError and DataError for data that do not fit.
   *
   * @example
   * ```ts
   * const { loss } = await model.evaluate(x, y)
   * ```
   */
  async evaluate<X extends FitData>(
    x: Fed<X, In>,
    y?: ModelData | EvaluateOptions,
    options?: EvaluateOptions,
  ): Promise<Logs & Record<Key, number>> {
    const { evaluate } = await import('../train/evaluate')
    return (await evaluate(this, x as X, y, options)) as Logs & Record<Key, number> // they come from the compile options
  }

  override async setWeights(tensors: readonly TensorLike[]): Promise<void> {
    this.graph('setWeights')
    await super.setWeights(tensors)
  }

  /**
   * The outputs for data. A model that is not compiled predicts as well; one that is not built is built by the data.
   *
   * @param x - inputs `[samples, ...]`, as for `fit`; of a dataset only the inputs count.
   * @returns one tensor `[samples, ...]`, or a list of one for each output; a record where the outputs were given by name.
   * @throws ShapeError and DataError for data that do not fit.
   *
   * @example
   * ```ts
   * const y = await model.predict(x)
   * ```
   */
  async predict<X extends FitData>(x: Fed<X, In>, options: PredictOptions = {}): Promise<P> {
    // An import takes a while even of what is loaded: as long as a small model takes to compute.
    predicting ??= await import('../train/predict')
    return (await predicting.predict(this, x as X, options)) as P // by the number of outputs, which P says
  }

  /**
   * The model as a state machine: it takes a sequence piece by piece, and goes on where the piece before ended. Pushed one
   * step at a time, a sequence gives what it gives as a whole.
   *
   * Every layer has to go forward in time: recurrent ones (not `goBackwards`), convolutions with `padding: 'causal'`, and
   * those that treat each step by itself. A stream has states of its own, also of layers that are `stateful`; weights are
   * those of the model, also when it is trained on.
   *
   * @param options - `batchSize`, the number of sequences side by side (1 by default), and `backend`.
   * @throws OptionError that names the layer which is not causal.
   *
   * @example
   * ```ts
   * const stream = model.stream()
   * for (const step of steps) console.log(await stream.push([[step]]))
   * const remembered = await stream.state // { lstm: [h, c] }
   * await stream.reset()
   * stream.state = remembered
   * ```
   */
  stream(options: StreamOptions = {}): Stream<P> {
    return new Stream<P>(this, this.engines.choices?.backend ?? 'auto', options)
  }

  /** One training step on one batch; the loss and metrics of that batch. Targets may be left out only with a `trainStep` of your own. */
  async trainOnBatch<X extends ModelData>(x: Fed<X, In>, y?: ModelData, options: Weighting = {}): Promise<Logs> {
    return this.exclusively('trainOnBatch', async () => {
      stepping ??= await import('../train/onBatch')
      return stepping.onBatch(this, x as X, y, true, options)
    })
  }

  /** The loss and metrics of one batch. */
  async testOnBatch<X extends ModelData>(
    x: Fed<X, In>,
    y?: ModelData,
    options: Pick<Weighting, 'sampleWeight'> = {},
  ): Promise<Logs> {
    stepping ??= await import('../train/onBatch')
    return stepping.onBatch(this, x as X, y, false, options)
  }

  // ---- what happens inside ------------------------------------------------------------------------------------

  /**
   * How the gradient of the loss flows back through time: its norm at every step of every recurrent layer, the factor by
   * which a step changes it, a verdict for each layer with what to try, and its norm by every weight. It changes
   * nothing: neither weights nor optimizer, nor the states that stateful layers carry (which begin at zero here). The
   * model must be compiled, not trained.
   *
   * @param x - inputs, as for `fit`: arrays, or samples such as windows.
   * @param y - targets, as for `fit`; with samples, which bring their own, the options stand here.
   * @throws OptionError before `compile`, and for an unknown option; DataError for a dataset.
   *
   * @example
   * ```ts
   * const flow = await model.gradientFlow(x, y)
   * console.log(String(flow)) // a table with a verdict for each layer
   * await (await flow.plot()).save('flow.svg')
   * ```
   */
  async gradientFlow(
    x: ModelData | Samples,
    y?: ModelData | GradientFlowOptions,
    options?: GradientFlowOptions,
  ): Promise<GradientFlow> {
    const { gradientFlow } = await import('../inspect')
    return gradientFlow(this, x, y, options)
  }

  /**
   * What a recurrent layer does at every step: its gates and states, a record of tensors `[batch, time, units]`.
   * States that stateful layers carry stay as they are, and begin at zero here.
   *
   * @param x - inputs, as for `predict`: arrays, or samples such as windows.
   * @throws OptionError where there is no such layer, or it is not recurrent, and for an unknown option.
   *
   * @example
   * ```ts
   * const { forgetGate, cell } = await model.inspect(x, { layer: 'lstm' })
   * forgetGate.shape // [batch, time, units]
   * await (await (await model.inspect(x)).plot({ sample: 0 })).save('gates.svg')
   * ```
   */
  async inspect(x: ModelData | Samples, options?: InspectOptions): Promise<Inspection> {
    const { inspect } = await import('../inspect')
    return inspect(this, x, options)
  }

  /**
   * Makes the model ready for fine-tuning with few weights (LoRA: Hu et al., 2021): beside each kernel W of these layers (dense,
   * embedding, einsumDense, convolutions, both kernels of recurrent layers) two small matrices are trained, and W + (alpha / rank) A B
   * stands in its place. W itself is kept as it is; the biases of these layers are trained, all other layers are frozen.
   *
   * @param options - `rank`, the inner length of the two; `alpha`, the rank by default; `layers`, names or layers, all that have kernels
   *   by default.
   * @throws OptionError before the model is built, for a layer without kernels, and where it is enabled already.
   *
   * @example
   * ```ts
   * model.enableLora({ rank: 4, layers: ['lstm'] })
   * await model.fit(x, y, { epochs: 3 })
   * await model.saveLora('tuned.safetensors') // the small matrices alone
   * await model.mergeLora() // or for good
   * ```
   */
  enableLora(options: LoraOptions & { readonly layers?: readonly (string | Layer)[] }): this {
    enableLora(this, options)
    this.engines.forget()
    return this
  }

  /** Adds what `enableLora` trained to the kernels; the model is an ordinary one again, and computes the same. */
  async mergeLora(): Promise<void> {
    const { mergeLora } = await import('./lora')
    await mergeLora(this)
    this.engines.forget()
  }

  /** Saves the weights that are trained after `enableLora`, and nothing else, as `.safetensors` or `.npz`. @throws OptionError before `enableLora`. */
  async saveLora(place: string | URL): Promise<void> {
    const { saveLora } = await import('./lora')
    await saveLora(this, place)
  }

  /** Reads what `saveLora` saved. @throws OptionError before `enableLora`; FormatError for other weights, and nothing is changed. */
  async loadLora(place: Place): Promise<void> {
    const { loadLora } = await import('./lora')
    await loadLora(this, place)
  }

  private async exclusively<T>(call: string, work: () => Promise<T>): Promise<T> {
    if (this.isBusy)
      throw new DataError(`${this.name}.${call}: the model is being trained already; await that call first`)
    this.isBusy = true
    try {
      return await work()
    } finally {
      this.isBusy = false
    }
  }

  // ---- before training ------------------------------------------------------------------------------------------

  /**
   * What `fit` would take: time, memory and work, layer by layer, with warnings where that is much. Memory comes from
   * the plan of the compiled programs; time from a few steps on made-up data, run on copies of the weights. A step that
   * takes long is timed with shorter sequences (or smaller batches) of two lengths, and the real one is on the line
   * through them. Loading data, callbacks and compiling are not counted.
   *
   * @throws OptionError before `compile`; ShapeError where the shape of a sample is not known.
   *
   * @example
   * ```ts
   * const model = sequential([lstm(32), dense(1)], { inputShape: [null, 8] }).compile({ loss: 'mse' })
   * const plan = await model.estimate({ samples: 10_000, batchSize: 64, epochs: 20, sequenceLength: 100 })
   * plan.print()
   * ```
   */
  async estimate(options: EstimateOptions): Promise<Estimate> {
    const { estimate } = await import('../estimate')
    return estimate(this, options, (inputShape) => this.builtFor(inputShape))
  }

  /**
   * The learning-rate range test (Smith, 2017): steps of training whose rate grows by the same factor from `min` to
   * `max`, on copies of the weights, with an optimizer that has just begun, whatever schedule it was given. It ends
   * early when the loss has left its lowest far behind. The model, its optimizer, its states and its random numbers
   * stay as they are.
   *
   * @throws OptionError before `compile` and for options that do not fit; DataError where the first loss is no number.
   *
   * @example
   * ```ts
   * const test = await model.findLearningRate(x, y, { steps: 60 })
   * console.log(String(test), test.suggestion)
   * await (await test.plot()).save('rates.svg')
   * ```
   */
  async findLearningRate(
    x: FitData,
    y?: ModelData | FindLearningRateOptions,
    options?: FindLearningRateOptions,
  ): Promise<LearningRateTest> {
    return this.exclusively('findLearningRate', async () => {
      const { findLearningRate } = await import('../train/findLearningRate')
      return findLearningRate(this, x, y, options)
    })
  }

  /** This model as it would be if it were built for an input: a copy, with weights of its own. For models not built yet. */
  private builtFor(inputShape: PartialShape): Model<P, Key, In> {
    if (this.architecture.kind !== 'sequential') return this
    const goBack = rememberRandom()
    try {
      const layers = this.architecture.layers.map((layer) => layerFromConfig(layerToConfig(layer)))
      return new Model({ kind: 'sequential', layers, inputShape }, { name: this.name, dtype: this.dtype })
    } finally {
      goBack()
    }
  }

  // ---- files --------------------------------------------------------------------------------------------------

  /** The architecture as plain data, without weights; `modelFromJSON` makes a model of it. */
  toJSON(): ModelJSON {
    return architectureToJSON(this)
  }

  /**
   * The model as the bytes of one file: architecture, weights, compile options and optimizer state. `loadModel` reads it.
   *
   * @param options - `format` (`'hornbeam'` by default; `'onnx'`, `'module'` and `'c'` are what others run), `dtype`, how
   *   weights are stored, and `streaming` for `'onnx'`: states as inputs and outputs.
   * @throws FormatError that names the layer where the format cannot say what it computes.
   *
   * @example
   * ```ts
   * const bytes = await model.toBytes({ format: 'onnx' })
   * ```
   */
  async toBytes(options?: SaveOptions): Promise<Uint8Array<ArrayBuffer>> {
    const { modelToBytes } = await import('./save')
    return modelToBytes(this, options)
  }

  /**
   * Saves architecture, weights, compile options and optimizer state, so that training can go on where it stopped. The
   * ending of the place chooses the format; hornbeam's own where it says nothing.
   * `.onnx`, `.mjs` (a module without imports) and `.c` are what others run: the prediction alone.
   *
   * @param place - a path in Node (written atomically); in a page `indexeddb://name` or `download://name`.
   * @param options - `format` instead of an ending, `dtype`, how weights are stored, and `streaming` for `'onnx'`.
   * @throws FormatError that names the layer where the format cannot say what it computes.
   */
  async save(place: string | URL, options?: SaveOptions): Promise<void> {
    const { saveModel } = await import('./save')
    await saveModel(this, place, options)
  }

  /**
   * The SHA-256 of all weights: by it two people can tell that their runs came out the same, to the last bit. The bytes are those of
   * `getWeights`, one weight after the other, so that Python says the same of a model of Keras:
   * `hashlib.sha256(b''.join(w.tobytes() for w in model.get_weights())).hexdigest()`.
   *
   * @returns 64 hexadecimal digits.
   * @throws OptionError before the model is built.
   *
   * @example
   * ```ts
   * setSeed(1)
   * const net = sequential([dense(1)], { inputShape: [2] })
   * await net.weightsHash() // '81d0...', the same wherever it is run
   * ```
   */
  async weightsHash(): Promise<string> {
    this.graph('weightsHash')
    const { hashOf } = await import('../formats/weightsHash')
    return hashOf(await this.getWeights())
  }

  /**
   * Saves the weights alone, by their paths: as `.safetensors` or `.npz` (and without an ending in a database of the page), or as Keras does where the
   * place ends in `.weights.h5`. `loadWeights` reads them.
   *
   * @throws OptionError before the model is built, and for another ending.
   *
   * @example
   * ```ts
   * await model.saveWeights('weights.safetensors')
   * ```
   */
  async saveWeights(place: string | URL): Promise<void> {
    this.graph('saveWeights')
    const { saveWeights } = await import('./save')
    await saveWeights(this, place)
  }

  /**
   * Takes the weights of a file: by their names where the file has those of this model (safetensors or `.npz` of `namedWeights`, Keras'
   * files), else by the modules of PyTorch (`.pt`, `.pth`, safetensors), with kernels transposed, gates reordered and biases
   * added up as the layers need it. Where shapes do not tell which module belongs to which layer, names do, or `map`. All weights are
   * replaced or none; the optimizer's state stays.
   *
   * @param place - a path in Node; a URL; a `File`, `Blob` or `Response`; or the bytes.
   * @returns the names of what was loaded, skipped and not used.
   * @throws FormatError that lists both sides where they do not fit, or the file is corrupt; OptionError before the model is built.
   *
   * @example
   * ```ts
   * const model = sequential([lstm(20, { numLayers: 2 }), dense(1)], { inputShape: [null, 6] })
   * await model.loadWeights('forecaster.pt') // torch.save(net.state_dict(), 'forecaster.pt')
   * await model.loadWeights('checkpoint.pt', { map: { 'encoder.rnn': 'lstm', head: 'dense' } })
   * ```
   */
  async loadWeights(place: Place, options?: LoadWeightsOptions): Promise<LoadedWeights> {
    return this.exclusively('loadWeights', async () => {
      const { loadWeights } = await import('../formats/loadWeights')
      return loadWeights(this, place, options)
    })
  }

  /**
   * The weights as a state dict of PyTorch, as the bytes of a safetensors file: modules are named as layers are, or by `map`.
   *
   * @throws FormatError that names a layer for which PyTorch has no module.
   *
   * @example
   * ```ts
   * const bytes = await model.toTorch({ map: { 'encoder.rnn': 'lstm' } })
   * await writeFile('weights.safetensors', bytes) // net.load_state_dict(safetensors.torch.load_file('weights.safetensors'))
   * ```
   */
  async toTorch(options?: ToTorchOptions): Promise<Uint8Array<ArrayBuffer>> {
    const { toTorch } = await import('../formats/torch/write')
    return toTorch(this, options)
  }

  /**
   * Writes the model with its data into a folder for a larger engine: `model.keras` with the state of the optimizer, `data.npz`, and `train.py`,
   * which trains with PyTorch in as many processes as `torchrun` starts, or with Keras on JAX on all devices. It writes `trained.keras`, which
   * `loadModel` takes back with the state of the optimizer: training goes on here, or there again.
   *
   * @param folder - a path in Node.
   * @param options - `engine`, `data`, and `epochs`, `batchSize`, `shuffle` and `seed`, as for `fit`.
   * @throws OptionError before `compile`, and for options that do not fit; FormatError that names what Keras does not have.
   *
   * @example
   * ```ts
   * await model.handOver('larger', { engine: 'torch', data: [x, y], epochs: 20, batchSize: 64 })
   * // there: torchrun --nproc-per-node 4 larger/train.py
   * // and back: const trained = await loadModel('larger/trained.keras')
   * ```
   */
  async handOver(folder: string, options: HandOverOptions): Promise<void> {
    const { handOver } = await import('./handOver/handOver')
    await handOver(this, folder, options)
  }

  // ---- what callbacks need --------------------------------------------------------------------------------------

  /** Whether less or more is better of what is logged under this name; undefined where that is not known. */
  directionOf(log: string): Direction | undefined {
    return this.engines.directionOf(log)
  }

  /** The learning rate in force. @throws OptionError before `compile`. */
  async getLearningRate(): Promise<number> {
    return (await this.trainingEngine('getLearningRate')).readLearningRate()
  }

  /** Replaces the learning rate. @throws OptionError before `compile`, and where a schedule sets it. */
  async setLearningRate(rate: number): Promise<void> {
    await (await this.trainingEngine('setLearningRate')).writeLearningRate(rate)
  }

  /** How many steps the optimizer has made. @throws OptionError before `compile`. */
  async getIterations(): Promise<number> {
    return (await this.trainingEngine('getIterations')).readIterations()
  }

  /** Puts the moving averages of an optimizer with `useEma` in the place of the weights, or the weights back; see `swapEMAWeights`. */
  async putAverages(averages: boolean): Promise<void> {
    await (await this.trainingEngine('putAverages')).putAverages(averages)
  }

  /** Frees what the model holds on devices at once; its weights come back to the host, and it can be used again. */
  async dispose(): Promise<void> {
    await this.engines.dispose()
    const { release } = await import('../runtime')
    for (const { variable } of this.weights) await release(variable)
  }
}

let predicting: typeof import('../train/predict') | undefined
let stepping: typeof import('../train/onBatch') | undefined

/** What a model is called that was given no name; a class of the user's is called by its own. */
function kindOf({ kind }: Architecture): string | undefined {
  return { sequential: 'sequential', functional: 'model', subclass: undefined }[kind]
}
