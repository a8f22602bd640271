// The engine that trains: the programs of steps, the optimizer's state, the guard, and what losses and metrics are counted in.

import type { Logs } from '../callbacks'
import { didYouMean, OptionError } from '../errors'
import { inputsOf, present, type StepData, shapesKey, shapesOf, signatureKey, signatureOf } from '../feed/stepData'
import type { Graph, Variable } from '../graph'
import type { Layer } from '../layers'
import type { Loss } from '../losses'
import {
  createOptimizerState,
  finalizeAverages,
  membersOf,
  type Optimizer,
  type OptimizerState,
  readLearningRate,
  writeLearningRate,
} from '../optimizers'
import { type Compiled, keep, release } from '../runtime'
import { sameShape, type Tensor } from '../tensor'
import { CarriedVariables } from './carried'
import type { Choices } from './compileOptions'
import { Engine } from './engine'
import { Guard } from './guard'
import type { KeptPosition, RunPosition } from './kept/position'
import { type OwnStepParts, traceOwnStep } from './own/traceOwnStep'
import { Tally } from './tally'
import { type TracedGradients, traceGradients, traceOwnGradients } from './traceGradients'
import { type LossParts, type StepMode, type StepParts, tracePassage, traceStep } from './traceStep'
import { liveState, type Tracker } from './trackers'
import { warnOfUnmatched } from './vain'

/** What training keeps beside the weights; made for those that can be trained now. */
interface TrainingState {
  readonly parameters: readonly Variable[]
  /** Which layers can be trained. */
  readonly frozen: string
  readonly optimizer: OptimizerState
  readonly guard: Guard
}

/** The loss of a batch and its gradients as programs. */
export interface GradientPrograms {
  /** Gives the loss, and the gradients by the variables. */
  readonly look: Compiled
  /** Has layers keep what they tell, such as moving averages; undefined where they tell nothing. */
  readonly settle: Compiled | undefined
  readonly variables: readonly Variable[]
}

/** The part of an engine that trains: there is one for each `compile`. */
export class TrainingEngine extends Engine {
  readonly choices: Choices
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
  /** Whether weights and averages have changed places. */
  private holdsAverages = false
  /** The states of several optimizers, by name. */
  private readonly named = new Map<string, OptimizerState>()
  /** Where the last run of `fit` stands; undefined before the first. */
  position: RunPosition | KeptPosition | undefined
  /** With `useEma`: the weights that the averages took the place of when the last run ended. */
  private trained: ReadonlyMap<Variable, Tensor> | undefined

  /** @param outputNames - the model's outputs; none while it is not built. */
  constructor(model: Layer, choices: Choices, outputNames: () => readonly string[]) {
    super(model, choices.backend, choices.maxProgramBytes)
    this.layer = model
    this.choices = choices
    this.namesNow = outputNames
    this.training = new Tally('training', { ...choices, clips: this.clips })
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
  stepProgram(data: StepData, mode: StepMode): Compiled | Promise<Compiled> {
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
    const tally = this.tallyOf(mode)
    const own = mode.train ? this.choices.trainStep : this.choices.testStep
    if (own === undefined) return traceStep(this.parts(tally), signatureOf(data), mode)
    const parts = { ...this.parts(tally), tally, optimizerFor: this.optimizerFor }
    return traceOwnStep(own, parts, signatureOf(data), mode)
  }

  /** What gives the loss of such a batch and its gradients, traced once for as many runs as are wanted; who asks for it disposes of it. */
  async gradientPrograms(data: StepData): Promise<GradientPrograms> {
    this.current()
    const { trainStep } = this.choices
    const trace = (): TracedGradients => {
      const [parts, signature] = [this.parts(this.training), signatureOf(data)]
      if (trainStep === undefined) return traceGradients(parts, signature)
      return traceOwnGradients(
        trainStep,
        { ...parts, tally: this.training, optimizerFor: this.optimizerFor },
        signature,
      )
    }
    let traced: TracedGradients | undefined
    const look = await this.make(() => {
      traced = trace()
      return { ...traced.graph, updates: [] }
    })
    const { graph, variables } = traced ?? trace()
    const settle = graph.updates.length === 0 ? undefined : await this.make(() => ({ ...trace().graph, outputs: [] }))
    return { look, settle, variables }
  }

  /** An optimizer by its name, and its state, which grows with the variables it is told of. */
  private readonly optimizerFor: OwnStepParts['optimizerFor'] = (name, variables) => {
    const { optimizers } = this.choices
    if (optimizers === undefined) {
      if (name !== undefined) {
        throw new OptionError(`trainStep: optimizer: expected none, since there is one, got '${name}'`)
      }
      const state = this.current()
      const optimizer = grown(this.choices.optimizer, state.optimizer, variables)
      this.state = { ...state, optimizer }
      return { optimizer: this.choices.optimizer, state: optimizer }
    }
    const optimizer = optimizers.get(name ?? '')
    if (name === undefined || optimizer === undefined) {
      const hint = name === undefined ? '' : didYouMean(name, [...optimizers.keys()])
      throw new OptionError(
        `trainStep: optimizer: expected one of ${[...optimizers.keys()].join(', ')}, got ${name ?? 'none'}${hint}`,
      )
    }
    const state = grown(optimizer, this.named.get(name), variables)
    this.named.set(name, state)
    return { optimizer, state }
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

  /** The weights of which averages are kept, with these. */
  private get averaged(): (readonly [weight: Variable, average: Variable])[] {
    const states = [this.state?.optimizer, ...this.named.values()]
    return states.flatMap((state) =>
      [...(state?.perParameter ?? [])].flatMap(([weight, { average }]) =>
        average ? [[weight, average] as const] : [],
      ),
    )
  }

  /**
   * Exchanges weights and their averages, so that the averages are in the model, or no longer; before the first step there are none.
   *
   * @throws OptionError where no optimizer keeps averages.
   */
  async putAverages(averages: boolean): Promise<void> {
    const { optimizer, optimizers } = this.choices
    const all = optimizers === undefined ? [optimizer] : [...optimizers.values()]
    if (!all.flatMap(membersOf).some(({ options }) => options.useEma)) {
      throw new OptionError(`swapEMAWeights: expected an optimizer with useEma, got ${all[0].name} without`)
    }
    if (averages === this.holdsAverages) return
    const { iterations } = this.optimizerState
    const begun = optimizers === undefined ? (await iterations.read()).item() > 0 : this.named.size > 0
    if (!begun) return
    for (const [weight, average] of this.averaged) {
      const [own, other] = [await weight.read(), await average.read()]
      await weight.write(other)
      await average.write(own)
    }
    this.holdsAverages = averages
  }

  /** Puts the moving averages of `useEma` in the place of the weights, which are kept for a run that goes on. */
  async endTraining(): Promise<void> {
    if (this.state === undefined) return
    if (this.holdsAverages) await this.putAverages(false)
    const { optimizer } = this.state
    const averaged = [...optimizer.perParameter].filter(([, { average }]) => average !== undefined)
    const weights = averaged.map(async ([parameter]) => [parameter, await parameter.read()] as const)
    this.trained = averaged.length === 0 ? undefined : new Map(await Promise.all(weights))
    await finalizeAverages(optimizer)
    for (const state of this.named.values()) await finalizeAverages(state)
  }

  /** Begins a run that goes on with the last one: averages make way for the weights they took the place of, if nobody changed them since. */
  async takeUpTraining(): Promise<void> {
    const { trained, state } = this
    this.trained = undefined
    if (trained === undefined || state === undefined) return
    for (const [parameter] of trained) {
      const average = await state.optimizer.perParameter.get(parameter)?.average?.read()
      const { data } = await parameter.read()
      if (average === undefined || data.some((value, i) => !Object.is(value, average.data[i]))) return
    }
    for (const [parameter, content] of trained) await parameter.write(content)
  }

  /** Begins a run that has nothing to do with those before. */
  forgetTraining(): void {
    this.trained = undefined
  }

  /** The weights that averages took the place of, by their paths; none without `useEma`. */
  get trainedWeights(): ReadonlyMap<string, Tensor> {
    return new Map([...(this.trained ?? [])].map(([{ name }, content]) => [name, content]))
  }

  /** Sets what {@link trainedWeights} gives. */
  setTrainedWeights(content: ReadonlyMap<string, Tensor>): void {
    const { parameters } = this.current()
    this.nameVariables()
    const known = parameters.flatMap((parameter) => {
      const found = content.get(parameter.name)
      return found !== undefined && sameShape(found.shape, parameter.shape) ? [[parameter, found] as const] : []
    })
    this.trained = known.length === 0 ? undefined : new Map(known)
  }

  /** The learning rate in force. */
  readLearningRate(): Promise<number> {
    return readLearningRate(this.choices.optimizer, this.optimizerState)
  }

  /** Replaces the learning rate. @throws OptionError where a schedule sets it. */
  writeLearningRate(rate: number): Promise<void> {
    return writeLearningRate(this.choices.optimizer, this.optimizerState, rate)
  }

  /** How many steps the optimizer has made. */
  async readIterations(): Promise<number> {
    return (await this.optimizerState.iterations.read()).item()
  }

  /** The optimizer's state, made when the model has weights. */
  get optimizerState(): OptimizerState {
    return this.current().optimizer
  }

  /** The same, its variables named after the paths that the weights have now: layers may have been renamed since it was made. */
  renamedState(): OptimizerState {
    const state = this.current()
    this.nameVariables()
    const optimizer = createOptimizerState(this.choices.optimizer, state.optimizer.parameters, state.optimizer)
    this.state = { ...state, optimizer }
    return optimizer
  }

  /** The variables that belong to this engine and not to its model. */
  get ownVariables(): readonly Variable[] {
    const trackers = [this.training, ...this.evaluations].flatMap((tally) => tally.all)
    const running = trackers.flatMap(({ variables }) => Object.values(variables))
    const { optimizer, guard } = this.state ?? {}
    const carried = [...this.carried.values()].flatMap(({ variables }) => variables)
    const named = [...this.named.values()].flatMap(({ variables }) => variables)
    return [
      this.randomState,
      ...running,
      ...named,
      ...(optimizer?.variables ?? []),
      ...(guard?.variables ?? []),
      ...carried,
    ]
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
    if (known === undefined) warnOfUnmatched(this.layer, this.choices.optimizer)
    // Layers were frozen or thawed: the programs of before train the wrong weights.
    if (known !== undefined) this.forget()
    this.nameVariables()
    // A training step of one's own tells which weights it changes.
    const told = this.choices.trainStep === undefined ? undefined : (known?.optimizer.parameters ?? [])
    const optimizer = createOptimizerState(
      this.choices.optimizer,
      told ?? parameters,
      known?.optimizer,
      told !== undefined,
    )
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
      meanOf: (key) => tally.meanOf(key),
      trackersFor: (predictions, targets) => tally.trackersFor(this.outputNames, predictions, targets),
    }
  }

  /** Whether gradients are clipped. */
  get clips(): boolean {
    return membersOf(this.choices.optimizer).some(({ clip }) => Object.keys(clip).length > 0)
  }

  override async dispose(): Promise<void> {
    await super.dispose()
    for (const variable of this.ownVariables) await release(variable)
  }
}

/** The state of an optimizer with these variables among those it knows. */
function grown(
  optimizer: Optimizer,
  known: OptimizerState | undefined,
  variables: readonly Variable[],
): OptimizerState {
  if (known !== undefined && variables.every((variable) => known.perParameter.has(variable))) return known
  return createOptimizerState(optimizer, [...new Set([...(known?.parameters ?? []), ...variables])], known, true)
}

/** A mark for each layer: frozen ones may do other things in training even where they have no weights to train. */
function frozenIn(layer: Layer): string {
  return `${layer.trainable ? '' : '*'}(${layer.innerLayers.map(frozenIn).join()})`
}

function logsOf(trackers: readonly Tracker[], results: readonly Tensor[]): Logs {
  // What the compiler takes for numbers are lists where a metric has several, see Logs.
  const numberOf = (result: Tensor): number =>
    result.size === 1 ? result.item() : (Array.from(result.data) as unknown as number)
  return Object.fromEntries(trackers.map(({ key }, i) => [key, numberOf(results[i])]))
}
