// Training as a run on a server of MLflow.
import { checkOptions, describeValue, HornbeamError, OptionError, requireOneOf, requireText } from '../../errors'
import { hasNames } from '../../tensor'
import { type Callback, type CallbackHost, isListOfResults, type Logs, type RunParameters } from '../callback'
import { say } from '../terminal/terminal'
import { type Hyperparameter, requireHyperparameters } from './hyperparameters'
import type { Measured, MlflowClient, RunAddress } from './mlflowClient'

/** Options of {@link mlflow}. */
export interface MlflowOptions {
  /** Where the server is, such as `'http://127.0.0.1:5000'`; with a user and password where it asks for them. */
  readonly uri: string
  /** The name of the experiment, which is made where there is none; `'Default'` by default. */
  readonly experiment?: string
  /** The name of the run; MLflow makes one by default. */
  readonly runName?: string
  /** What the run is made with, beside `epochs`, `steps` and `learning_rate`. */
  readonly params?: Readonly<Record<string, Hyperparameter>>
  readonly tags?: Readonly<Record<string, string>>
  /** The format in which the trained model is kept with the run, `'hornbeam'` by default; `false` for not at all. */
  readonly model?: 'hornbeam' | 'keras' | 'onnx' | false
  /** Headers of every call, such as `{ authorization: 'Bearer ...' }`. */
  readonly headers?: Readonly<Record<string, string>>
}

const where = 'mlflow'
const optionNames = ['uri', 'experiment', 'runName', 'params', 'tags', 'model', 'headers']
const fileNames = { hornbeam: 'model.safetensors', keras: 'model.keras', onnx: 'model.onnx' } as const

/** What it remembers of a run. */
interface State {
  readonly run: RunAddress
}

class MlflowCallback implements Callback {
  private readonly options: MlflowOptions
  private readonly format: keyof typeof fileNames | undefined
  private readonly params: Readonly<Record<string, Hyperparameter>>
  private loading: Promise<MlflowClient> | undefined
  private run: RunAddress | undefined
  /** What the server has not taken yet. */
  private waiting: Measured[] = []
  private isTold = false
  declare private model: CallbackHost
  declare private parameters: RunParameters

  constructor(options: MlflowOptions) {
    checkOptions(where, options, optionNames)
    const { uri, experiment = 'Default', runName = '', params = {}, model = 'hornbeam' } = options
    if (typeof uri !== 'string' || !/^https?:\/\//i.test(uri) || !URL.canParse(uri)) {
      throw new OptionError(`${where}: uri: expected a URL such as 'http://127.0.0.1:5000', got ${describeValue(uri)}`)
    }
    requireText(where, 'experiment', experiment)
    requireText(where, 'runName', runName)
    requireTexts('tags', options.tags)
    requireTexts('headers', options.headers)
    this.params = requireHyperparameters(where, 'params', params)
    this.format =
      model === false ? undefined : requireOneOf(where, 'model', model, ['hornbeam', 'keras', 'onnx'] as const)
    this.options = options
  }

  setModel(model: CallbackHost): void {
    this.model = model
  }

  setParameters(parameters: RunParameters): void {
    this.parameters = parameters
  }

  onTrainBegin(): void {
    this.run = undefined
    this.waiting = []
    this.isTold = false
  }

  getState(): State | undefined {
    return this.run === undefined ? undefined : { run: this.run }
  }

  setState(state: unknown): void {
    // As getState gave it.
    if (state !== undefined) this.run = (state as State).run
  }

  /** Begins the run: an error here ends training before it has begun. */
  async onEpochBegin(): Promise<void> {
    if (this.run !== undefined) return
    const { experiment = 'Default', runName, tags = {} } = this.options
    const client = await this.client()
    this.run = await client.begin(experiment, runName, tags)
    const { epochs, steps } = this.parameters
    await client.params(this.run, {
      epochs,
      ...(steps === undefined ? {} : { steps }),
      learning_rate: await this.model.getLearningRate(),
      ...this.params,
    })
  }

  async onEpochEnd(epoch: number, logs: Logs): Promise<void> {
    const timestamp = Date.now()
    for (const [key, value] of Object.entries({ ...logs, learning_rate: await this.model.getLearningRate() })) {
      if (!isListOfResults(value)) this.waiting.push({ key, value, timestamp, step: epoch })
      else
        for (const [i, each] of value.entries())
          this.waiting.push({ key: `${key}_${i}`, value: each, timestamp, step: epoch })
    }
    await this.quietly((client, run) => this.send(client, run))
  }

  async onTrainEnd(): Promise<void> {
    await this.quietly(async (client, run) => {
      await this.send(client, run)
      if (this.format !== undefined && this.model.toBytes !== undefined) {
        const bytes = await this.model.toBytes({ format: this.format })
        await client.artifact(run, `model/${fileNames[this.format]}`, bytes)
      }
      await client.end(run)
    })
  }

  private client(): Promise<MlflowClient> {
    const { uri, headers = {} } = this.options
    this.loading ??= import('./mlflowClient').then(({ MlflowClient }) => new MlflowClient(uri, headers))
    return this.loading
  }

  private async send(client: MlflowClient, run: RunAddress): Promise<void> {
    const sent = [...this.waiting]
    if (sent.length === 0) return
    await client.metrics(run, sent)
    this.waiting = this.waiting.slice(sent.length)
  }

  /** A server that is away for a while does not end what may have trained for days: it is told once, and tried again. */
  private async quietly(work: (client: MlflowClient, run: RunAddress) => Promise<void>): Promise<void> {
    if (this.run === undefined) return
    try {
      await work(await this.client(), this.run)
    } catch (error) {
      if (!(error instanceof HornbeamError)) throw error
      if (!this.isTold) say(`${error.message}; training goes on`)
      this.isTold = true
    }
  }
}

function requireTexts(option: string, given: unknown): void {
  if (given === undefined) return
  if (hasNames(given) && Object.values(given).every((value) => typeof value === 'string')) return
  throw new OptionError(`${where}: ${option}: expected a record of texts, got ${describeValue(given)}`)
}

/**
 * Writes training to a server of MLflow (2 or 3), as a run of an experiment: `epochs`, `steps`, `learning_rate` and the `params` given; losses and
 * metrics of every epoch; the trained model as the artifact `model/model.safetensors`. Where the run cannot be begun, training does not begin;
 * where the server is away later, that is told, and what it missed is sent with the next epoch. Beside `backupAndRestore` a run that was
 * killed goes on as the same run.
 *
 * @throws OptionError for an unknown option or a value it cannot have; BackendError in `fit` where the server cannot be reached or refuses.
 *
 * @example
 * ```ts
 * const follow = mlflow({ uri: 'http://127.0.0.1:5000', experiment: 'weather', params: { units: 32 } })
 * // await model.fit(x, y, { epochs: 20, callbacks: [follow] })
 * ```
 */
export function mlflow(options: MlflowOptions): Callback {
  return new MlflowCallback(options)
}
