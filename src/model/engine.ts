// The running side of a model: its programs by signature, its optimizer's state, its trackers, on one backend.

import type { Backend, BackendInfo, BackendOption } from '../backends/backend'
import type { Logs } from '../callbacks'
import { OptionError } from '../errors'
import { type Graph, lower, type Program, Variable } from '../graph'
import type { Layer } from '../layers'
import type { Loss } from '../losses'
import { createOptimizerState, finalizeAverages, type OptimizerState } from '../optimizers'
import { backendFor, type Compiled, compileProgram, keep, release } from '../runtime'
import { getSeed, type Shape, type Tensor, tensor } from '../tensor'
import { breathe } from './breathe'
import { CarriedVariables } from './carried'
import type { Compiled as CompileChoices } from './compile-options'
import { Guard } from './guard'
import { isStateful } from './stateful'
import { Tally } from './tally'
import {
  type LossParts,
  type Signature,
  type StepMode,
  type StepParts,
  tracePassage,
  tracePrediction,
  traceStep,
} from './trace-step'
import { liveState, type Tracker } from './trackers'

/** A batch in the model's order. */
export interface StepData {
  readonly x: readonly Tensor[]
  readonly y: readonly Tensor[]
  /** A weight a sample for each output; undefined where all count the same. */
  readonly weights: readonly (Tensor | undefined)[]
  /** Which steps of each input there are, where sequences were padded: `bool`, `[samples, time]`. */
  readonly masks?: Masks
  /** Which outputs' targets were padded along with the inputs: their loss must know which steps there are. */
  readonly paddedTargets?: readonly boolean[]
}

/** A mask for each input that has one. */
export type Masks = readonly (Tensor | undefined)[]

/** What training keeps beside the weights; made for those that can be trained now. */
interface TrainingState {
  readonly parameters: readonly Variable[]
  /** Which layers can be trained. */
  readonly frozen: string
  readonly optimizer: OptimizerState
  readonly guard: Guard
}

/** Programs of a model on one backend. */
export class Engine {
  private readonly model: Layer
  private readonly option: BackendOption
  private readonly programs = new Map<string, Promise<Compiled>>()
  private readonly random: Variable
  private ready: Backend | undefined

  constructor(model: Layer, option: BackendOption) {
    this.model = model
    this.option = option
    this.random = new Variable('random', tensor([getSeed(), 0], [2], 'int32'), { trainable: false })
  }

  /** What is in use, once something has run. */
  get info(): BackendInfo | undefined {
    return this.ready?.info
  }

  /** The program for a key, traced and compiled the first time. */
  async program(key: string, trace: () => Graph): Promise<Compiled> {
    const known = this.programs.get(key)
    if (known !== undefined) return known
    const made = this.make(trace)
    this.programs.set(key, made)
    made.catch(() => this.programs.delete(key))
    return made
  }

  /** A program for a graph, which the engine does not keep: who asks for it disposes of it. */
  async make(trace: () => Graph): Promise<Compiled> {
    this.nameVariables()
    const graph = trace()
    // In a page input is answered in between.
    await breathe()
    const { program, backend } = await this.lowered(graph)
    await breathe()
    return compileProgram(program, backend)
  }

  /** A graph as a Program, and the backend it is for. */
  protected async lowered(graph: Graph): Promise<{ program: Program; backend: Backend }> {
    const backend = await backendFor(graph, this.option)
    this.ready = backend
    return { program: lower(graph, backend.lowering), backend }
  }

  /** Names the weights by their paths in this model: programs and the optimizer's state name them so. */
  protected nameVariables(): void {
    for (const [path, { variable }] of this.model.weightPaths()) variable.name = path
  }

  /** The outputs for a batch. */
  async predict(x: readonly Tensor[], training = false, masks: Masks = []): Promise<Tensor[]> {
    const inputs = [...x, ...present(masks)]
    const key = `predict ${training} ${shapesKey(masks)} ${signatureKey(inputs)}`
    const program = await this.program(key, () =>
      tracePrediction(this.model, x, this.random, training, undefined, shapesOf(masks)),
    )
    return this.runOnBatch(program, inputs)
  }

  /** Runs a program of a batch. @throws ShapeError where a stateful layer carries states of batches of another size. */
  protected async runOnBatch(program: Compiled, inputs: readonly Tensor[]): Promise<Tensor[]> {
    if (isStateful(this.model)) this.model.acceptRun(new Set(program.variables))
    return program.run(inputs)
  }

  get randomState(): Variable {
    return this.random
  }

  /** Forgets all programs: what was traced no longer holds (a layer was frozen, say). */
  forget(): void {
    for (const program of this.programs.values()) program.then((made) => made.dispose()).catch(() => undefined)
    this.programs.clear()
  }

  /** Frees everything on the device; weights come back to the host. */
  async dispose(): Promise<void> {
    this.forget()
    await release(this.random)
  }
}

/** The part of an engine that trains: there is one for each `compile`. */
export class TrainingEngine extends Engine {
  readonly choices: CompileChoices
  private readonly layer: Layer
  private readonly namesNow: () => readonly string[]
  /** The running losses and metrics of training. */
  readonly training: Tally
  /** Those of evaluations: one for each that goes on at the same time, and which of them wait for the next. */
  private readonly evaluations: Tally[] = []
  private readonly idle: Tally[] = []
  /** By the size of batches. */
  private readonly carried = new Map<number, CarriedVariables>()
  private state: TrainingState | undefined

  /** @param outputNames - the model's outputs; none while it is not built. */
  constructor(model: Layer, choices: CompileChoices, outputNames: () => readonly string[]) {
    super(model, choices.backend)
    this.layer = model
    this.choices = choices
    this.namesNow = outputNames
    this.training = new Tally('training', { ...choices, clips: this.clips })
    const names = outputNames()
    if (names.length === 0) return
    // A wrong output name is an error at compile, not at the first batch.
    choices.losses(names)
    choices.lossWeights(names)
    choices.metrics(names)
  }

  private get outputNames(): readonly string[] {
    return this.namesNow()
  }

  /** The loss of each output. */
  get losses(): readonly (Loss | undefined)[] {
    return this.choices.losses(this.outputNames)
  }

  /** What makes up the loss of a step. */
  get lossParts(): LossParts {
    return { model: this.layer, losses: this.losses, lossWeights: this.choices.lossWeights(this.outputNames) }
  }

  /** One step of training, or of a test. With `fresh` it gives the logs of this batch alone. */
  async step(data: StepData, mode: StepMode): Promise<Logs | undefined> {
    this.current()
    const program = await this.stepProgram(data, mode)
    const results = await this.runOnBatch(program, inputsOf(data))
    return mode.fresh ? logsOf(this.tallyOf(mode).evaluated, results) : undefined
  }

  /** The program of a step for batches like this one. */
  async stepProgram(data: StepData, mode: StepMode): Promise<Compiled> {
    const { weights, masks, paddedTargets } = data
    const { train, fresh, guarded, carried, counts } = mode
    const kind = fresh ? `${train} fresh` : `${train} ${this.tallyOf(mode).name}`
    const options = `${guarded} ${carried !== undefined} ${counts} ${paddedTargets?.join()}`
    const key = `${kind} ${options} ${shapesKey(weights)} ${shapesKey(masks)} ${signatureKey(inputsOf(data))}`
    return this.program(key, () => this.stepGraph(data, mode))
  }

  /** Moves what layers carry on past a part of the sequences that is not trained on. */
  async pass({ x, masks }: Pick<StepData, 'x' | 'masks'>, mode: Pick<StepMode, 'carried' | 'guarded'>): Promise<void> {
    this.current()
    const inputs = [...x, ...present(masks)]
    const key = `pass ${mode.guarded} ${shapesKey(masks)} ${signatureKey(inputs)}`
    const trace = () => tracePassage(this.parts(this.training), { x, masked: shapesOf(masks) }, mode)
    await this.runOnBatch(await this.program(key, trace), inputs)
  }

  /** What layers carry on from chunk to chunk of the sequences, in batches of this size. */
  carriedFor(size: number, layers: ReadonlySet<Layer>): CarriedVariables {
    const carried = this.carried.get(size) ?? new CarriedVariables(layers)
    this.carried.set(size, carried)
    return carried
  }

  /** The graph of a step for batches like this one. */
  protected stepGraph(data: StepData, mode: StepMode): Graph {
    return traceStep(this.parts(this.tallyOf(mode)), signatureOf(data), mode)
  }

  /** Evaluates with a tally that no other walk uses meanwhile. */
  async evaluating<T>(walk: (tally: Tally) => Promise<T>): Promise<T> {
    const tally = this.idle.pop() ?? this.newEvaluation()
    try {
      return await walk(tally)
    } finally {
      this.idle.push(tally)
    }
  }

  private newEvaluation(): Tally {
    const tally = new Tally(`evaluation ${this.evaluations.length}`, { ...this.choices, clips: false })
    this.evaluations.push(tally)
    return tally
  }

  private tallyOf({ tally }: StepMode): Tally {
    return tally ?? this.training
  }

  /** What a tally comes to so far. */
  async readLogs(tally: Tally): Promise<Logs> {
    const program = await this.resultsProgram(tally)
    return program === undefined ? {} : logsOf(tally.all, await program.run([]))
  }

  /** The program that works out what a tally comes to; undefined before the first step. */
  async resultsProgram(tally: Tally): Promise<Compiled | undefined> {
    const trackers = tally.all
    if (trackers.length === 0) return undefined
    return this.program(`results of ${tally.name}`, () => ({
      inputs: [],
      outputs: trackers.map((tracker) => tracker.result(liveState(tracker))),
      updates: [],
    }))
  }

  /** Puts the moving averages of `useEma` in the place of the weights. */
  async endTraining(): Promise<void> {
    if (this.state !== undefined) await finalizeAverages(this.state.optimizer)
  }

  /** The optimizer's state, made when the model has weights. */
  get optimizerState(): OptimizerState {
    return this.current().optimizer
  }

  /** The same, its variables named after the paths that the weights have now: layers may have been renamed since it was made. */
  renamedState(): OptimizerState {
    const state = this.current()
    this.nameVariables()
    const optimizer = createOptimizerState(this.choices.optimizer, state.parameters, state.optimizer)
    this.state = { ...state, optimizer }
    return optimizer
  }

  /** The variables that belong to this engine and not to its model. */
  get ownVariables(): readonly Variable[] {
    const trackers = [this.training, ...this.evaluations].flatMap((tally) => tally.all)
    const running = trackers.flatMap(({ variables }) => Object.values(variables))
    const { optimizer, guard } = this.state ?? {}
    const carried = [...this.carried.values()].flatMap(({ variables }) => variables)
    return [this.randomState, ...running, ...(optimizer?.variables ?? []), ...(guard?.variables ?? []), ...carried]
  }

  /** Remembers weights and state on the host, where the backend's device could be lost. */
  async keep(): Promise<void> {
    await keep(new Set([...this.layer.weights.map(({ variable }) => variable), ...this.ownVariables]))
  }

  /** What looks out for numbers that are not finite in guarded steps. */
  get guard(): Guard {
    return this.current().guard
  }

  private current(): TrainingState {
    const parameters = [...new Set(this.layer.trainableWeights.map(({ variable }) => variable))]
    const frozen = frozenIn(this.layer)
    const known = this.state
    const same = known?.parameters.length === parameters.length && parameters.every((p, i) => p === known.parameters[i])
    if (known !== undefined && same && frozen === known.frozen) return known
    // Layers were frozen or thawed: the programs of before train the wrong weights.
    if (known !== undefined) this.forget()
    this.nameVariables()
    const optimizer = createOptimizerState(this.choices.optimizer, parameters, known?.optimizer)
    this.state = { parameters, frozen, optimizer, guard: new Guard(parameters, optimizer.dtype) }
    return this.state
  }

  private parts(tally: Tally): StepParts {
    const { parameters, optimizer, guard } = this.current()
    return {
      ...this.lossParts,
      optimizer: this.choices.optimizer,
      optimizerState: optimizer,
      parameters,
      guard,
      random: this.randomState,
      trackersFor: (predictions, targets) => tally.trackersFor(this.outputNames, predictions, targets),
    }
  }

  /** Whether gradients are clipped. */
  get clips(): boolean {
    return Object.keys(this.choices.optimizer.clip).length > 0
  }

  override async dispose(): Promise<void> {
    await super.dispose()
    for (const variable of this.ownVariables) await release(variable)
  }
}

/** A mark for each layer: frozen ones may do other things in training even where they have no weights to train. */
function frozenIn(layer: Layer): string {
  return `${layer.trainable ? '' : '*'}(${layer.innerLayers.map(frozenIn).join()})`
}

/** What a step's program is given, in its order. */
export function inputsOf({ x, y, weights, masks }: StepData): Tensor[] {
  return [...x, ...y, ...present(weights), ...present(masks)]
}

/** What a step's program is traced for. */
export function signatureOf({ x, y, weights, masks, paddedTargets }: StepData): Signature {
  return { x, y, weighted: shapesOf(weights), masked: shapesOf(masks), paddedTargets }
}

function present(tensors: Masks = []): Tensor[] {
  return tensors.filter((tensor) => tensor !== undefined)
}

function shapesOf(tensors: Masks = []): (Shape | undefined)[] {
  return tensors.map((tensor) => tensor?.shape)
}

function shapesKey(tensors: Masks = []): string {
  return tensors.map((tensor) => tensor?.shape.join('x')).join()
}

function logsOf(trackers: readonly Tracker[], results: readonly Tensor[]): Logs {
  return Object.fromEntries(trackers.map(({ key }, i) => [key, results[i].item()]))
}

function signatureKey(tensors: readonly { shape: readonly number[]; dtype: string }[]): string {
  return tensors.map(({ shape, dtype }) => `${dtype}[${shape.join()}]`).join(' ')
}

/** The engine a call that needs `compile` is made on. @throws OptionError when the model is not compiled. */
export function requireCompiled(engine: TrainingEngine | undefined, call: string): TrainingEngine {
  if (engine === undefined)
    throw new OptionError(`${call}: the model is not compiled yet; call compile({ optimizer, loss }) first`)
  return engine
}
