// The learning-rate range test (Smith, 2017, "Cyclical learning rates for training neural networks", section 3.3): steps of training
// whose rate grows from tiny to far too large. It trains copies of the weights: the model itself stays as it is.
import { isSamples } from '../data'
import {
  checkOptions,
  DataError,
  OptionError,
  requireNumber,
  requireOneOf,
  requirePositiveInteger,
  requireSignal,
} from '../errors'
import { arrayBatches, type Batches, samplesOf } from '../feed/batches'
import type { ModelData } from '../feed/binding'
import { bringsTargets, datasetBatches, type FitData, isDataset, optionsBeside, sampleBatches } from '../feed/dataset'
import type { StepData } from '../feed/stepData'
import { acceptBatch, type Weighting } from '../feed/targets'
import { resolveOptimizer } from '../optimizers'
import { breathe } from '../step/breathe'
import type { Learner } from '../step/learner'
import { ScratchEngine } from '../step/scratchEngine'
import { getSeed, permutation, streamOf } from '../tensor'
import { untilAborted } from './abort'
import {
  type LearningRateCurve,
  type LearningRateRule,
  type LearningRateTest,
  learningRateTest,
} from './learningRateCurve'

/** Options of {@link Model.findLearningRate}. */
export interface FindLearningRateOptions extends Weighting {
  /** The rate of the first step; 1e-7 by default. */
  readonly min?: number
  /** The rate of the last step; 10 by default. */
  readonly max?: number
  /** How many steps there are at most; 100 by default. */
  readonly steps?: number
  /** 32 by default; a dataset brings batches of its own. */
  readonly batchSize?: number
  /** How much of the average loss is kept at each step, from 0 to below 1; 0.9 by default. */
  readonly smoothing?: number
  /** The test ends when the average loss is so many times its lowest; 4 by default. */
  readonly divergence?: number
  /**
   * How the suggestion is picked: the rate halfway along the longest stretch of falling losses (`'valley'`, the default), the
   * rate at which the smoothed loss falls fastest (`'steepest'`), or a tenth of the one with the lowest loss (`'minimum'`).
   */
  readonly rule?: LearningRateRule
  /** Aborted, the test rejects with its reason. */
  readonly signal?: AbortSignal
}

const names = [
  'min',
  'max',
  'steps',
  'batchSize',
  'smoothing',
  'divergence',
  'rule',
  'signal',
  'sampleWeight',
  'classWeight',
]
const rules = ['valley', 'steepest', 'minimum'] as const

export async function findLearningRate(
  model: Learner,
  x: FitData,
  y: ModelData | FindLearningRateOptions | undefined,
  given: FindLearningRateOptions | undefined,
): Promise<LearningRateTest> {
  const { choices } = await model.trainingEngine('findLearningRate')
  const options = (optionsBeside('findLearningRate', x, y, given) ?? {}) as FindLearningRateOptions // by what x is
  const range = checked(options)
  const batches = batchesOf(model, x, y, options)
  const optimizer = resolveOptimizer(choices.optimizer, { learningRate: range.min })
  const takeUpStates = model.setStatesAside()
  const engine = new ScratchEngine(model, { ...choices, optimizer }, () => (model.built ? model.outputNames : []))
  try {
    return learningRateTest(await sweep(engine, batches, range, options.signal), range.rule)
  } finally {
    takeUpStates()
    await engine.dispose()
  }
}

type Range = Required<Pick<FindLearningRateOptions, 'min' | 'max' | 'steps' | 'smoothing' | 'divergence' | 'rule'>>

function checked(options: FindLearningRateOptions): Range {
  const where = 'findLearningRate'
  checkOptions(where, options, names)
  const {
    min = 1e-7,
    max = 10,
    steps = 100,
    batchSize = 32,
    smoothing = 0.9,
    divergence = 4,
    rule = 'valley',
  } = options
  requirePositiveInteger(where, 'batchSize', batchSize)
  requirePositiveInteger(where, 'steps', steps)
  if (steps < 5) throw new OptionError(`${where}: steps: expected at least 5, got ${steps}`)
  requireNumber(where, 'min', min, Number.MIN_VALUE)
  requireNumber(where, 'max', max)
  if (!(max > min && Number.isFinite(max)))
    throw new OptionError(`${where}: max: expected a number above min (${min}), got ${max}`)
  requireNumber(where, 'smoothing', smoothing, 0, 1)
  if (smoothing === 1) throw new OptionError(`${where}: smoothing: expected a number below 1, got 1`)
  requireNumber(where, 'divergence', divergence, 1)
  requireOneOf(where, 'rule', rule, rules)
  requireSignal(where, options.signal)
  return { min, max, steps, smoothing, divergence, rule }
}

/** Steps at growing rates, until the loss is far from its lowest. */
async function sweep(
  engine: ScratchEngine,
  batches: AsyncIterable<StepData>,
  { min, max, steps, smoothing, divergence }: Range,
  signal: AbortSignal | undefined,
): Promise<LearningRateCurve> {
  const [rates, losses, smoothed]: number[][] = [[], [], []]
  const curve = (stopped: LearningRateCurve['stopped']): LearningRateCurve => ({ rates, losses, smoothed, stopped })
  let [average, lowest] = [0, Number.POSITIVE_INFINITY]
  for await (const batch of untilAborted(batches, signal)) {
    signal?.throwIfAborted()
    const step = rates.length
    const rate = min * (max / min) ** (step / (steps - 1))
    await engine.writeLearningRate(rate)
    const { loss } = (await engine.step(batch, { train: true, fresh: true })) ?? {}
    if (!Number.isFinite(loss)) {
      if (step === 0) throw new DataError(`findLearningRate: expected a finite loss, got ${loss} before any update`)
      return curve('nonFinite')
    }
    average = smoothing * average + (1 - smoothing) * loss
    const unbiased = average / (1 - smoothing ** (step + 1))
    rates.push(rate)
    losses.push(loss)
    smoothed.push(unbiased)
    lowest = Math.min(lowest, unbiased)
    if (rates.length === steps) return curve('finished')
    if (unbiased > lowest + (divergence - 1) * Math.abs(lowest)) return curve('diverged')
    await breathe()
  }
  throw new DataError(
    rates.length === 0
      ? 'findLearningRate: expected at least one batch, got none'
      : `findLearningRate: expected batches for ${steps} steps, epoch after epoch, got ${rates.length}; what can be walked only once, such as a generator, is given to data.fromGenerator as the function that makes it`,
  )
}

/** Batches without an end. */
function batchesOf(
  model: Learner,
  x: FitData,
  y: FindLearningRateOptions | ModelData | undefined,
  options: FindLearningRateOptions,
): AsyncIterable<StepData> {
  const where = 'findLearningRate'
  const { batchSize = 32, classWeight, sampleWeight } = options
  if (bringsTargets(x) && sampleWeight !== undefined)
    throw new OptionError(`${where}: sampleWeight: expected arrays, got data that bring their own`)
  if (isDataset(x)) return endless(datasetBatches(model, x, where, classWeight))
  const orderOf = (count: number) => (epoch: number) => permutation(count, getSeed(), streamOf(where), epoch)
  if (isSamples(x)) {
    // The first sample builds the model, and shows at once whether it fits.
    const { x: one, y: target } = x.draw([0])
    acceptBatch(model, one, target, {}, where)
    return endless(sampleBatches(model, x, batchSize, where, { order: orderOf(x.size), classWeight }))
  }
  const data = acceptBatch(model, x as ModelData, y as ModelData, options, where) // arrays come with y, which is checked there
  return endless(arrayBatches(data, batchSize, orderOf(samplesOf(data))))
}

/** Epoch after epoch of whole batches: a smaller last one would have another noise, and a program of its own. */
async function* endless(batches: Batches): AsyncGenerator<StepData> {
  let size = 0
  for (let epoch = 0; ; epoch++) {
    let count = 0
    for await (const batch of batches.walk(epoch)) {
      const samples = samplesOf(batch)
      if (samples < Math.max(1, size)) continue
      size = samples
      count++
      yield batch
    }
    if (count === 0) return
  }
}
