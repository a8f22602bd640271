// What training would take, found before it begins: memory from the plan, work from the Program, time from a few timed steps.
import type { BackendInfo } from '../backends/backend'
import { checkOptions, OptionError, requireList, requireNumber, requirePositiveInteger, ShapeError } from '../errors'
import { requireOneSize } from '../feed/stateful'
import type { StepData } from '../feed/stepData'
import type { Program } from '../graph'
import { checkCommon, isShapeList } from '../layers'
import type { Learner } from '../step/learner'
import { ScratchEngine } from '../step/scratchEngine'
import type { PartialShape } from '../tensor'
import { warningsFor } from './advice'
import { memoryOf } from './memory'
import { reportOf } from './report'
import { type SampleShapes, sampleBatch, sampleShapes, tests, trains } from './sample'
import { type Timing, timeStep } from './stopwatch'
import { totalWork, type Work, workByScope } from './work'

/** What is to be trained, for {@link Model.estimate}. */
export interface EstimateOptions {
  /** How many samples there are. */
  readonly samples: number
  /** 32 by default. */
  readonly batchSize?: number
  /** 1 by default. */
  readonly epochs?: number
  /** The steps of a sequence, where the model's input leaves them open. */
  readonly sequenceLength?: number
  /** The shape of one sample (of each input, where there are several), for a model that is not built yet. */
  readonly inputShape?: PartialShape | readonly PartialShape[]
  /** The share of the samples that `fit` is to keep for validation; 0 by default. */
  readonly validationSplit?: number
  /** `fit`'s truncated back-propagation: sequences are cut into parts of so many steps, each of which is trained on by itself. */
  readonly truncate?: number
}

/** One layer's part of a training step. */
export interface LayerEstimate {
  /** The name of the layer. */
  readonly name: string
  /** Its kind, such as `lstm`. */
  readonly kind: string
  /** The number of its weights' elements. */
  readonly parameters: number
  /** Multiplications with an addition in its products, forwards and backwards, a step. */
  readonly multiplyAdds: number
  /** Its share of a step's time, from 0 to 1: shared out by the work counted in the Program. */
  readonly share: number
  /** Its part of a step's time. */
  readonly seconds: number
}

/** What training would take. */
export interface Estimate {
  /** The number of all weights' elements. */
  readonly parameters: number
  /** Multiplications with an addition in matrix products, convolutions and recurrent sweeps of one training step. */
  readonly multiplyAddsPerStep: number
  /** Bytes held on the backend while training: weights, optimizer, running metrics, and all programs `fit` compiles. */
  readonly peakBytes: number
  /** What `peakBytes` is made of. */
  readonly memory: {
    readonly weights: number
    readonly optimizer: number
    /** Arenas, constants and workspaces: of the step, of the smaller last batch, of validation. */
    readonly programs: number
    /** Running metrics, random state, carried states. */
    readonly others: number
  }
  /** The time of one training step, in seconds. */
  readonly secondsPerStep: number
  /** Steps in all epochs, that of a smaller last batch included. */
  readonly steps: number
  /** Training and validation, in seconds; without loading data, callbacks and compilation. */
  readonly totalSeconds: number
  /** The part of `totalSeconds` that is validation. */
  readonly validationSeconds: number
  /** Layer by layer, in the order of the model. */
  readonly layers: readonly LayerEstimate[]
  /** What it was timed on. */
  readonly backend: BackendInfo
  /** What was timed: the step as it is, or steps of shorter sequences or smaller batches, of these sizes. */
  readonly timed: { readonly by: 'step' | 'sequences' | 'batches'; readonly sizes: readonly number[] }
  /** What to think of before training, with advice; none where all is well. */
  readonly warnings: readonly string[]
  /** The table. */
  toString(): string
  /** Prints the table. */
  print(): Estimate
}

const names = ['samples', 'batchSize', 'epochs', 'sequenceLength', 'inputShape', 'validationSplit', 'truncate']

/**
 * Works out what `fit` would take. The model stays as it is.
 *
 * @param builtFor - the same model built for inputs of a shape, with weights of its own: for one that is not built.
 */
export async function estimate(
  given: Learner,
  options: EstimateOptions,
  builtFor: (inputShape: PartialShape) => Learner,
): Promise<Estimate> {
  const plan = checked(options)
  const model = given.built ? given : builtFor(firstShape(given, options))
  const sizes = [plan.training, ...(plan.validation > 0 ? [plan.validation] : [])]
  requireOneSize(model, 'estimate', ...sizes.map((samples) => ({ samples, batchSize: plan.batchSize })))
  const engine = new ScratchEngine(model, (await given.trainingEngine('estimate')).choices, () => model.outputNames)
  const takeUpStates = model.setStatesAside()
  try {
    return await withReport(model, engine, plan)
  } finally {
    takeUpStates()
    await engine.dispose()
  }
}

/** Options with defaults, and what follows from them. */
interface Plan extends EstimateOptions {
  readonly batchSize: number
  readonly epochs: number
  /** Samples trained on, and kept for validation. */
  readonly training: number
  readonly validation: number
}

function checked(options: EstimateOptions): Plan {
  checkOptions('estimate', options, names)
  const { samples, batchSize = 32, epochs = 1, validationSplit = 0, sequenceLength, truncate } = options ?? {}
  requirePositiveInteger('estimate', 'samples', samples)
  requirePositiveInteger('estimate', 'batchSize', batchSize)
  requirePositiveInteger('estimate', 'epochs', epochs)
  if (sequenceLength !== undefined) requirePositiveInteger('estimate', 'sequenceLength', sequenceLength)
  if (truncate !== undefined) requirePositiveInteger('estimate', 'truncate', truncate)
  requireNumber('estimate', 'validationSplit', validationSplit, 0, 1)
  const training = Math.floor(samples * (1 - validationSplit))
  if (training === 0)
    throw new OptionError(`estimate: validationSplit: expected samples to train on, got none of ${samples}`)
  return { ...options, batchSize, epochs, training, validation: samples - training }
}

function firstShape(model: Learner, { inputShape }: EstimateOptions): PartialShape {
  const [shape] = shapesOf(inputShape) ?? []
  if (shape !== undefined) return shape
  throw new OptionError(
    `${model.name}.estimate: the model is not built yet: expected inputShape, the shape of one sample such as [100, 8], got none`,
  )
}

function shapesOf(given: EstimateOptions['inputShape']): readonly PartialShape[] | undefined {
  if (given === undefined) return undefined
  const shapes = isShapeList(requireList('estimate', 'inputShape', given as PartialShape)) ? given : [given]
  for (const shape of shapes as readonly PartialShape[]) checkCommon('estimate', { inputShape: shape })
  return shapes as readonly PartialShape[] // by that test
}

async function withReport(model: Learner, engine: ScratchEngine, plan: Plan): Promise<Estimate> {
  const { batchSize, epochs, training, validation, truncate } = plan
  const whole = sampleShapes(model.computed.inputs, shapesOf(plan.inputShape), plan.sequenceLength)
  const length = isSequence(whole) ? whole[0][0] : undefined
  const cut = truncate !== undefined && length !== undefined && truncate < length
  const shapes = cut ? withLength(whole, truncate) : whole
  const parts = cut ? Math.ceil(length / truncate) : 1
  const batch = sampleBatch(model, engine, shapes, Math.min(batchSize, training))
  const program = await engine.plan(batch, trains)
  const { timing, by } = await timed(model, engine, shapes, batch, program)

  const secondsPerStep = timing.seconds
  const stepsPerEpoch = Math.ceil(training / batchSize) * parts
  // A smaller last batch takes about as much less.
  const trainingSeconds = epochs * parts * secondsPerStep * Math.max(1, training / batchSize)
  const testWork = validation === 0 ? 0 : totalWork(await engine.plan(batch, tests)).weight
  const share = testWork / totalWork(program).weight
  const validationSeconds = epochs * parts * secondsPerStep * share * (validation / Math.min(batchSize, training))

  const { memory, isTooLarge } = await engine.evaluating((tally) => memoryOf(model, engine, tally, plan, shapes, batch))
  const layers = layersOf(model, workByScope(program), totalWork(program), secondsPerStep)
  const found = {
    parameters: model.countParams(),
    multiplyAddsPerStep: totalWork(program).multiplyAdds,
    peakBytes: memory.weights + memory.optimizer + memory.programs + memory.others,
    memory,
    secondsPerStep,
    steps: epochs * stepsPerEpoch,
    totalSeconds: trainingSeconds + validationSeconds,
    validationSeconds,
    layers,
    backend: backendOf(engine),
    timed: { by, sizes: timing.sizes },
  }
  const circumstances = { ...found, ...plan, sequenceLength: length, truncate, isTooLarge }
  const warnings = warningsFor(circumstances)
  const text = reportOf({ ...found, warnings })
  const result: Estimate = {
    ...found,
    warnings,
    toString: () => text,
    print() {
      console.log(text)
      return result
    },
  }
  return result
}

function backendOf({ info }: ScratchEngine): BackendInfo {
  if (info === undefined) throw new Error('a backend is chosen when the first program is planned')
  return info
}

// ---- time -----------------------------------------------------------------------------------------------------------

/** Times the step, with shorter sequences if it is a long one, or with smaller batches where a length cannot change. */
async function timed(
  model: Learner,
  engine: ScratchEngine,
  shapes: SampleShapes,
  batch: StepData,
  program: Program,
): Promise<{ timing: Timing; by: Estimate['timed']['by'] }> {
  const { multiplyAdds } = totalWork(program)
  const [batchSize] = batch.x[0].shape
  const run = (data: StepData) => async (runs: number) => {
    const started = performance.now()
    for (let i = 0; i < runs; i++) await engine.step(data, trains)
    await engine.randomState.read() // What runs on a device has finished when a variable can be read.
    return (performance.now() - started) / 1000
  }
  const time = async (by: 'sequences' | 'batches', full: number, dataAt: (size: number) => StepData) => {
    const timing = await timeStep({ full, multiplyAdds, at: async (size) => run(size === full ? batch : dataAt(size)) })
    return { timing, by: timing.sizes.at(-1) === full ? ('step' as const) : by }
  }
  if (isSequence(shapes)) {
    const dataAt = (steps: number) => sampleBatch(model, engine, withLength(shapes, steps), batchSize)
    try {
      return await time('sequences', shapes[0][0], dataAt)
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error
    }
  }
  return time('batches', batchSize, (size) => sampleBatch(model, engine, shapes, size))
}

/** Whether all inputs have a first axis of the same length: that of time. */
function isSequence(shapes: SampleShapes): boolean {
  const [length] = shapes[0]
  return length !== undefined && shapes.every((shape) => shape[0] === length)
}

function withLength(shapes: SampleShapes, length: number): SampleShapes {
  return shapes.map(([, ...rest]) => [length, ...rest])
}

// ---- layers ---------------------------------------------------------------------------------------------------------

function layersOf(
  model: Learner,
  works: ReadonlyMap<string, Work>,
  total: Work,
  secondsPerStep: number,
): LayerEstimate[] {
  return model.layers.map((layer) => {
    const own = [...works].filter(([scope]) => scope === layer.name || scope.startsWith(`${layer.name}/`))
    const multiplyAdds = own.reduce((sum, [, work]) => sum + work.multiplyAdds, 0)
    const share = own.reduce((sum, [, work]) => sum + work.weight, 0) / Math.max(1, total.weight)
    const { name, kind } = layer
    return { name, kind, parameters: layer.countParams(), multiplyAdds, share, seconds: share * secondsPerStep }
  })
}
