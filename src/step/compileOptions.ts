// What compile takes, checked and resolved: optimizer, losses and metrics by output, clipping, backend.
import type { BackendOption } from '../backends/backend'
import { checkOptions, describeValue, didYouMean, OptionError, placed } from '../errors'
import { type Loss, type LossOption, resolveLoss } from '../losses'
import { checkMetricOption, type MetricOption } from '../metrics'
import { isOptimizer, type Optimizer, type OptimizerOption, resolveOptimizer } from '../optimizers'
import { checkBackendOption, checkProgramBytes } from '../runtime'
import type { ScheduleOption } from '../schedules'
import type { TrainStepFunction } from './own/trainStep'

/** One value for every output, a list in the order of the outputs, or a record by output. */
export type ByOutput<T> = T | readonly T[] | Readonly<Record<string, T>>

/** A loss for every output, a list in the order of the outputs, or a record by output; none where it is null. */
export type LossByOutput = LossOption | readonly (LossOption | null)[] | Readonly<Record<string, LossOption | null>>

/** What is measured: a list for every output, a list of lists, or a record by output. */
export type MetricsOption =
  | readonly (MetricOption | readonly MetricOption[])[]
  | Readonly<Record<string, MetricOption | readonly MetricOption[]>>

/** Options of `compile`: how a model learns, and where it computes. */
export interface CompileOptions<M extends MetricsOption = MetricsOption> {
  /** `'rmsprop'` by default, as in Keras. With a `trainStep` of one's own also several, by name. */
  readonly optimizer?: OptimizerOption | Readonly<Record<string, OptimizerOption>>
  /** A number or a schedule, in place of the optimizer's own. */
  readonly learningRate?: number | ScheduleOption
  /**
   * What training makes small: a name, one of `losses`, a function of targets and predictions, or these by output: a list or
   * a record, in which an output with `null` (or with no entry in the record) is left out.
   */
  readonly loss?: LossByOutput
  /** What each output's loss counts; 1 by default. */
  readonly lossWeights?: readonly number[] | Readonly<Record<string, number>>
  /** What is measured beside the loss: a list for every output, a list of lists, or a record by output. */
  readonly metrics?: M
  /** Likewise, but samples count in them by `sampleWeight` and `classWeight`, which `metrics` do not look at. */
  readonly weightedMetrics?: MetricsOption
  /** The most the norm of each variable's gradient may be. */
  readonly clipNorm?: number
  /** The most each element of a gradient may be in size. */
  readonly clipValue?: number
  /** The most the norm of all gradients together may be. */
  readonly globalClipNorm?: number
  /**
   * A training step of one's own, in place of the usual one: a function of symbolic values that says what is computed and what is
   * made smaller, and gives the numbers for the logs. It is traced once for each combination of shapes, into one Program. A saved model
   * leaves it out: it is compiled anew after loading.
   *
   * @example
   * ```ts
   * const net = sequential([dense(1)]).compile({
   *   optimizer: 'adam',
   *   trainStep(step) {
   *     const loss = ops.mean(ops.square(ops.sub(step.model.apply(step.x), step.y)))
   *     step.minimize(loss)
   *     return { loss }
   *   },
   * })
   * ```
   */
  readonly trainStep?: TrainStepFunction
  /** The same for `evaluate` and validation; by default the compiled losses and metrics. */
  readonly testStep?: TrainStepFunction
  /** `'auto'` by default. */
  readonly backend?: BackendOption
  /**
   * Bytes that the model's Programs, one for each combination of shapes it meets, may hold; the least recently used ones go first
   * and are made anew when they are needed. 32 MB by default, some hundreds of Programs of a small recurrent model.
   */
  readonly maxProgramBytes?: number
}

/** Compile options after all checks. */
export interface Choices {
  readonly given: CompileOptions
  readonly optimizer: Optimizer
  /** Several, by name, for a training step of one's own. */
  readonly optimizers: ReadonlyMap<string, Optimizer> | undefined
  readonly trainStep: TrainStepFunction | undefined
  readonly testStep: TrainStepFunction | undefined
  readonly backend: Exclude<BackendOption, string>
  readonly maxProgramBytes: number
  /** The loss of each output; undefined for an output that training ignores. */
  losses(outputNames: readonly string[]): readonly (Loss | undefined)[]
  lossWeights(outputNames: readonly string[]): readonly number[]
  /** The metrics of each output, unresolved: which accuracy is meant depends on the shapes. */
  metrics(outputNames: readonly string[]): readonly (readonly MetricOption[])[]
  /** Likewise those in which samples count by their weights. */
  weightedMetrics(outputNames: readonly string[]): readonly (readonly MetricOption[])[]
}

const names = [
  'optimizer',
  'learningRate',
  'loss',
  'lossWeights',
  'metrics',
  'weightedMetrics',
  'clipNorm',
  'clipValue',
  'globalClipNorm',
  'trainStep',
  'testStep',
  'backend',
  'maxProgramBytes',
]

/** Checks and resolves compile options; nothing is kept if they are wrong. */
export function resolveCompile(options: CompileOptions = {}): Choices {
  checkOptions('compile', options, names)
  const { clipNorm, clipValue, globalClipNorm, learningRate, loss } = options
  const overrides = { clipNorm, clipValue, globalClipNorm, ...(learningRate === undefined ? {} : { learningRate }) }
  const { trainStep, testStep } = options
  for (const [name, step] of Object.entries({ trainStep, testStep })) {
    if (step === undefined || typeof step === 'function') continue
    throw new OptionError(`compile: ${name}: expected a function, got ${describeValue(step)}`)
  }
  const optimizers = within('compile: optimizer', () => optimizersByName(options, overrides))
  const optimizer =
    optimizers?.values().next().value ??
    within('compile: optimizer', () => resolveOptimizer((options.optimizer as OptimizerOption) ?? 'rmsprop', overrides)) // not by name
  // Losses are resolved once, so that a wrong name is an error here and a function keeps its identity.
  const resolved = within('compile: loss', () => lossesByOutput(loss))
  for (const kind of ['metrics', 'weightedMetrics'] as const) {
    within(`compile: ${kind}`, () => checkMetrics(kind, options[kind]))
  }
  checkLossWeights(options.lossWeights)
  return {
    given: options,
    optimizer,
    optimizers,
    trainStep,
    testStep,
    backend: checkBackendOption(options.backend ?? 'auto'),
    maxProgramBytes: checkProgramBytes('compile', options.maxProgramBytes),
    losses: (outputs) => byOutput('loss', resolved, outputs),
    lossWeights: (outputs) =>
      byOutput<number>('lossWeights', options.lossWeights, outputs).map((weight) => weight ?? 1),
    metrics: (outputs) => metricsByOutput('metrics', options.metrics, outputs),
    weightedMetrics: (outputs) => metricsByOutput('weightedMetrics', options.weightedMetrics, outputs),
  }
}

/** Optimizers by name, which a training step of one's own chooses from; undefined where there is one. */
function optimizersByName(
  { optimizer, trainStep }: CompileOptions,
  overrides: Parameters<typeof resolveOptimizer>[1],
): ReadonlyMap<string, Optimizer> | undefined {
  if (!isByOutput(optimizer) || isOptimizer(optimizer)) return undefined
  const names = Object.keys(optimizer)
  if (trainStep === undefined || names.length === 0) {
    const why = names.length === 0 ? 'none' : `${names.length} by name, between which only a trainStep chooses`
    throw new OptionError(`expected an optimizer, got ${why}`)
  }
  return new Map(names.map((name) => [name, resolveOptimizer(optimizer[name] as OptimizerOption, overrides)])) // checked there
}

/** Does what resolves an option; what goes wrong there begins with its place. */
function within<T>(where: string, resolve: () => T): T {
  try {
    return resolve()
  } catch (error) {
    throw placed(error, where)
  }
}

/** The loss that an option stands for. @throws OptionError where it would not come to one number. */
function scalarLoss(option: LossOption): Loss {
  const loss = resolveLoss(option)
  if (loss.reduction !== 'none') return loss
  throw new OptionError(
    `compile: loss: ${loss.name}: expected a reduction to one number such as 'sumOverBatchSize', got 'none'`,
  )
}

function checkLossWeights(given: CompileOptions['lossWeights']): void {
  if (given === undefined) return
  if (!Array.isArray(given) && !isByOutput(given)) {
    throw new OptionError(`compile: lossWeights: expected a list or a record by output, got ${describeValue(given)}`)
  }
  for (const weight of Object.values<unknown>(given)) {
    if (typeof weight === 'number' && Number.isFinite(weight)) continue
    throw new OptionError(`compile: lossWeights: expected finite numbers, got ${describeValue(weight)}`)
  }
}

/** The two options that say what is measured. */
type MetricsKind = 'metrics' | 'weightedMetrics'

/** Which accuracy is meant is known when there are shapes; whether there is a metric of that name, already now. */
function checkMetrics(kind: MetricsKind, given: MetricsOption | undefined): void {
  if (given === undefined) return
  if (!Array.isArray(given) && !isByOutput(given)) {
    throw new OptionError(`compile: ${kind}: expected a list or a record by output, got ${describeValue(given)}`)
  }
  for (const item of Object.values(given) as (MetricOption | readonly MetricOption[])[]) {
    if (Array.isArray(item)) for (const one of item) checkMetricOption(one)
    else checkMetricOption(item as MetricOption) // not a list
  }
}

function lossesByOutput(given: LossByOutput | undefined): ByOutput<Loss | undefined> | undefined {
  if (given === undefined) return undefined
  const one = (item: LossOption | null | undefined): Loss | undefined =>
    item === null || item === undefined ? undefined : scalarLoss(item)
  if (Array.isArray(given)) return given.map(one)
  if (isByOutput(given)) {
    return Object.fromEntries(Object.entries(given).map(([key, item]) => [key, one(item as LossOption | null)]))
  }
  return scalarLoss(given as LossOption) // neither a list nor a record
}

function byOutput<T>(what: string, given: ByOutput<T> | undefined, outputs: readonly string[]): (T | undefined)[] {
  if (Array.isArray(given)) {
    if (given.length !== outputs.length) {
      throw new OptionError(`compile: ${what}: expected ${outputs.length} (${outputs.join(', ')}), got ${given.length}`)
    }
    return [...given]
  }
  if (isByOutput(given)) {
    checkOutputNames(what, Object.keys(given), outputs)
    return outputs.map((name) => given[name] as T | undefined)
  }
  return outputs.map(() => given as T | undefined) // neither a list nor a record
}

function metricsByOutput(
  kind: MetricsKind,
  given: MetricsOption | undefined,
  outputs: readonly string[],
): (readonly MetricOption[])[] {
  const list = (item: MetricOption | readonly MetricOption[] | undefined): readonly MetricOption[] =>
    item === undefined ? [] : Array.isArray(item) ? item : [item as MetricOption]
  if (given === undefined) return outputs.map(() => [])
  if (!Array.isArray(given)) {
    const record = given as Readonly<Record<string, MetricOption | readonly MetricOption[]>>
    checkOutputNames(kind, Object.keys(record), outputs)
    return outputs.map((name) => list(record[name]))
  }
  const nested = given.some((item) => Array.isArray(item))
  if (!nested) return outputs.map(() => given as readonly MetricOption[])
  if (given.length !== outputs.length) {
    throw new OptionError(`compile: ${kind}: expected ${outputs.length} lists, got ${given.length}`)
  }
  return given.map(list)
}

function checkOutputNames(what: string, given: readonly string[], outputs: readonly string[]): void {
  for (const name of given) {
    if (!outputs.includes(name))
      throw new OptionError(`compile: ${what}: no output is named '${name}'.${didYouMean(name, outputs)}`)
  }
}

/** A record by output, not a loss, the config of one, or any other object with a class or methods of its own. */
export function isByOutput(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return false
  const isConfig = 'name' in value && typeof value.name === 'string' && 'options' in value
  return !isConfig && !('config' in value) && !('call' in value)
}
