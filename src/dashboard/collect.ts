// A run of training as events: a callback that looks now and then, within what looking may cost, and does what viewers ask.
import type { Callback, CallbackHost, Logs, RunParameters } from '../callbacks'
import { isSamples } from '../data'
import { rowsOf } from '../feed/batches'
import { isRecord } from '../feed/binding'
import type { Model, ModelData } from '../model'
import { asTensor, Tensor, type TensorLike } from '../tensor'
import { Budget } from './budget'
import { type Command, type Num, toNum } from './events'
import type { Hub } from './hub'
import type { DashboardOptions } from './options'

/** How often a moment within an epoch is shown, in milliseconds. */
const interval = 250

/** How many samples are predicted, and with how many gates are looked at. */
const mostSamples = 512
const fewSamples = 32

/** What is looked at, and what that may cost: in all under a hundredth of the time of training. */
const looks = {
  weights: { share: 0.004, guess: 5 },
  answers: { share: 0.0015, guess: 40 },
  gates: { share: 0.0015, guess: 60 },
} as const
type Look = keyof typeof looks
const allLooks = ['weights', 'answers', 'gates'] as const

/** Samples whose predictions are looked at. */
interface Examples {
  readonly x: ModelData
  /** The first input. */
  readonly first: Tensor
  readonly y: Tensor
}

/** A model as callbacks see it, with what looks into it, which models have. */
type Followed = CallbackHost & Partial<Pick<Model, 'predict' | 'inspect' | 'layers' | 'isStateful'>>

/** What a command waits for: the end of the present batch. */
interface Asked {
  readonly command: Command
  done(): void
  failed(error: unknown): void
}

/** Follows the runs of one model after another. */
export class Collector implements Callback {
  private readonly hub: Hub
  private readonly options: DashboardOptions
  private readonly open: () => Promise<void>
  private readonly now: () => number
  private readonly budget: Budget<Look>
  declare private model: Followed
  private parameters: RunParameters = { epochs: 1 }
  private run: number | undefined
  private examples: Promise<Examples | undefined> | undefined
  private recurrent: readonly string[] | undefined
  private steps: number | undefined
  private epoch = 0
  private batches = 0
  private batchesBefore = 0
  private nextMoment = 0
  private nextRate = 0
  private isPaused = false
  private wasAsked = false
  private asked: Asked[] = []
  private wake: (() => void) | undefined
  /** What was looked at since the last batch. */
  private fresh = new Set<Look>()

  /**
   * @param open - makes viewers come, before the run begins.
   * @param now - a clock, in milliseconds.
   */
  constructor(
    hub: Hub,
    options: DashboardOptions,
    open: () => Promise<void>,
    now: () => number = () => performance.now(),
  ) {
    this.hub = hub
    this.options = options
    this.open = open
    this.now = now
    this.budget = new Budget(looks, now)
  }

  setParameters(parameters: RunParameters): void {
    this.parameters = parameters
  }

  setModel(model: CallbackHost): void {
    this.model = model
  }

  async onTrainBegin(): Promise<void> {
    if (this.run !== undefined) this.hub.end(this.run, 'broken off')
    // What looks will need is loaded before the time of training begins.
    await Promise.all([this.open(), import('./look/inside'), import('./look/answers')])
    this.run = undefined
    this.examples = undefined
    this.recurrent = undefined
    this.steps = this.parameters.steps
    this.batches = 0
    this.isPaused = false
    this.wasAsked = false
    this.nextMoment = 0
    this.nextRate = 0
    this.fresh.clear()
    this.budget.begin()
  }

  onEpochBegin(epoch: number): void {
    this.begin(epoch, 0)
  }

  onEpochResume(epoch: number, step: number): void {
    this.begin(epoch, step)
  }

  wantsBatchLogs(): boolean {
    return this.run !== undefined && this.now() >= this.nextMoment && this.hub.isWatched
  }

  onTrainBatchEnd(batch: number, logs: Logs): void | Promise<void> {
    if (this.run === undefined) return
    this.batches++
    this.fresh.clear()
    if (this.now() >= this.nextMoment && this.hub.isWatched && Object.keys(logs).length > 0) {
      this.nextMoment = this.now() + interval
      // Before the first epoch is over it may not be known how long it is.
      if (this.steps !== undefined) return this.moment(this.epoch + (batch + 1) / this.steps, logs)
    }
    if (this.asked.length > 0 || this.isPaused) return this.heed()
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    if (this.run === undefined) return
    this.steps ??= this.batches - this.batchesBefore
    await this.tellNumbers('epoch', epoch + 1, logs)
    for (const look of allLooks) {
      if (this.budget.allows(look)) await this.look(look, epoch + 1)
    }
    this.epoch = epoch + 1
  }

  async onTrainEnd(): Promise<void> {
    const { run } = this
    if (run === undefined) return
    // How it came out is shown, whatever it costs: training is over.
    for (const look of allLooks) {
      if (!this.fresh.has(look)) await this.look(look, this.epoch)
    }
    this.run = undefined
    for (const { failed } of this.asked.splice(0)) failed(new Error('dashboard: the run is over'))
    this.hub.end(run, this.wasAsked ? 'stopped' : 'ended')
  }

  private begin(epoch: number, step: number): void {
    this.epoch = epoch
    this.batchesBefore = this.batches - step
    if (this.run !== undefined) return
    this.run = this.hub.begin(this.options.name, this.parameters.epochs, epoch, (command) => this.ask(command))
  }

  private async moment(at: number, logs: Logs): Promise<void> {
    await this.tellNumbers('moment', at, logs)
    await this.heed()
  }

  private async tellNumbers(of: 'epoch' | 'moment', at: number, logs: Logs): Promise<void> {
    const { run } = this
    if (run === undefined) return
    const values: Record<string, Num> = {}
    for (const [name, value] of Object.entries<number | readonly number[]>(logs)) {
      if (typeof value === 'number') values[name] = toNum(value)
      else for (const [i, each] of value.entries()) values[`${name}_${i}`] = toNum(each)
    }
    // To read it is to wait for the device.
    if (this.now() >= this.nextRate) {
      this.nextRate = this.now() + interval
      values.learningRate = toNum(await this.model.getLearningRate())
    }
    this.hub.tell(run, { kind: 'numbers', of, at, values, seconds: this.budget.elapsed / 1000, batches: this.batches })
  }

  /** A command is followed between two batches: nothing of the step is half done then. */
  private ask(command: Command): Promise<void> {
    return new Promise((done, failed) => {
      this.asked.push({ command, done, failed })
      this.wake?.()
    })
  }

  /** Does what was asked; while it is paused, waits for more. */
  private async heed(): Promise<void> {
    const began = this.now()
    let rested = false
    for (;;) {
      for (const asked of this.asked.splice(0)) await this.obey(asked)
      if (!this.isPaused) break
      rested = true
      if (this.model.stopTraining || this.parameters.signal?.aborted) this.setPaused(false)
      else await this.nextWord()
    }
    if (rested) this.budget.rest(this.now() - began)
  }

  private async obey({ command, done, failed }: Asked): Promise<void> {
    try {
      if (command.do === 'rate') {
        await this.model.setLearningRate(command.rate)
        const rate = toNum(await this.model.getLearningRate())
        if (this.run !== undefined) this.hub.tell(this.run, { kind: 'rate', rate })
      } else {
        if (command.do === 'stop') {
          this.model.stopTraining = true
          this.wasAsked = true
        }
        this.setPaused(command.do === 'pause')
      }
      done()
    } catch (error) {
      failed(error)
    }
  }

  private setPaused(paused: boolean): void {
    if (this.isPaused === paused || this.run === undefined) return
    this.isPaused = paused
    this.hub.tell(this.run, { kind: 'state', state: paused ? 'paused' : 'training' })
  }

  /** The next command, or the next look at what else may end a pause. The timer keeps Node from ending in the meantime. */
  private nextWord(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 200)
      this.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  private async look(what: Look, at: number): Promise<void> {
    this.fresh.add(what)
    await this.budget.spend(what, () => this[what](at))
  }

  private async weights(at: number): Promise<void> {
    const named = await this.model.namedWeights?.()
    if (named === undefined || this.run === undefined) return
    const { lookAtWeights } = await import('./look/inside')
    this.hub.tell(this.run, { kind: 'inside', of: 'weights', at, ...lookAtWeights(named) })
  }

  private async answers(at: number): Promise<void> {
    const found = await this.samples()
    // What a stateful model carries from batch to batch is not touched.
    if (found === undefined || this.run === undefined || this.model.isStateful || !this.model.predict) return
    const { answersOf } = await import('./look/answers')
    const outputs: unknown = await this.model.predict(found.x)
    const predicted = outputs instanceof Tensor ? outputs : Object.values(Object(outputs))[0]
    if (!(predicted instanceof Tensor)) return
    const { classes, describe } = this.options
    const answers = answersOf({ x: found.first, y: found.y, predicted, classes, describe })
    if (answers !== undefined) this.hub.tell(this.run, { kind: 'answers', at, answers })
  }

  private async gates(at: number): Promise<void> {
    const found = await this.samples()
    const inspect = this.model.inspect?.bind(this.model)
    if (found === undefined || this.run === undefined || inspect === undefined || !this.model.layers) return
    const { lookAtGates, recurrentLayers } = await import('./look/inside')
    this.recurrent ??= recurrentLayers(this.model.layers)
    if (this.recurrent.length === 0) return
    const few = mapData(found.x, (tensor) => firstRows(tensor, fewSamples))
    this.hub.tell(this.run, {
      kind: 'inside',
      of: 'gates',
      at,
      ...(await lookAtGates((layer) => inspect(few, { layer }), this.recurrent)),
    })
  }

  private samples(): Promise<Examples | undefined> {
    this.examples ??= this.findSamples()
    return this.examples
  }

  private async findSamples(): Promise<Examples | undefined> {
    const { data } = this.options
    if (data === undefined) {
      const seen = await this.parameters.validation?.(mostSamples)
      if (seen === undefined || seen.x.length === 0 || seen.y.length === 0) return undefined
      return { x: seen.x.length === 1 ? seen.x[0] : seen.x, first: seen.x[0], y: seen.y[0] }
    }
    if (isSamples(data)) {
      const drawn = data.draw(Int32Array.from({ length: Math.min(mostSamples, data.size) }, (_, i) => i))
      return drawn.y === undefined ? undefined : examplesOf(drawn.x, drawn.y)
    }
    return examplesOf(...data)
  }
}

function examplesOf(given: ModelData, targets: ModelData): Examples {
  const x = mapData(given, (tensor) => firstRows(tensor, mostSamples))
  const [y] = tensorsOf(targets)
  return { x, first: tensorsOf(x)[0], y: firstRows(y, mostSamples) }
}

const firstRows = (tensor: Tensor, most: number) => (tensor.shape[0] <= most ? tensor : rowsOf(tensor, 0, most))

const isListOfTensors = (data: ModelData): data is readonly Tensor[] => Array.isArray(data) && data[0] instanceof Tensor

function mapData(data: ModelData, map: (tensor: Tensor) => Tensor): ModelData {
  // What is no tensor shows there.
  if (isRecord(data))
    return Object.fromEntries(Object.entries(data).map(([name, each]) => [name, map(asTensor(each as TensorLike))]))
  return isListOfTensors(data) ? data.map(map) : map(asTensor(data as TensorLike)) // what is neither is one tensor
}

function tensorsOf(data: ModelData): readonly Tensor[] {
  if (isRecord(data)) return Object.values(data).map((each) => asTensor(each as TensorLike)) // what is none shows there
  return isListOfTensors(data) ? data : [asTensor(data as TensorLike)] // what is neither is one tensor
}
