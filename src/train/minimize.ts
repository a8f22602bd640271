// Training on all data at once, by a search for the minimum of the loss: L-BFGS.
import { checkOptions, DataError, OptionError, requireNumber, requirePositiveInteger, requireSignal } from '../errors'
import type { ModelData } from '../feed/binding'
import { type FitData, optionsBeside, wholeData } from '../feed/dataset'
import { inputsOf, type StepData } from '../feed/stepData'
import { acceptBatch, type Weighting } from '../feed/targets'
import { joinedArrays } from '../io'
import { type LbfgsEnd, type LbfgsOptions, lbfgs } from '../optimizers'
import { breathe } from '../step/breathe'
import type { Learner } from '../step/learner'
import type { GradientPrograms } from '../step/trainingEngine'
import { allocate, Tensor } from '../tensor'

/** Options of `model.minimize`. */
export interface MinimizeOptions extends Weighting, Partial<LbfgsOptions> {
  /** The most iterations, each of which is a line search; 100 by default. */
  readonly maxIterations?: number
  /** The most evaluations of the loss, which an iteration that has begun may pass by some; 1.25 times `maxIterations` by default. */
  readonly maxEvaluations?: number
  /** Is told the loss after each iteration, which counts from 1. */
  readonly onIteration?: (iteration: number, loss: number) => void | Promise<void>
  /** Aborted, the call rejects with its reason; the model keeps the weights of the last iteration. */
  readonly signal?: AbortSignal
}

/** What `model.minimize` came to. */
export interface Minimum {
  /** The loss before the first iteration, and after each. */
  readonly loss: readonly number[]
  readonly iterations: number
  /** How often the loss and its gradients were worked out. */
  readonly evaluations: number
  /**
   * Why it ended: no element of the gradient is larger than `toleranceGradient`, the loss or the weights change by no more than
   * `toleranceChange`, or there were as many iterations or evaluations as there may be.
   */
  readonly stopped: LbfgsEnd
}

const where = 'minimize'
const names = [
  ...['learningRate', 'maxIterations', 'maxEvaluations', 'toleranceGradient', 'toleranceChange', 'historySize'],
  ...['onIteration', 'signal', 'sampleWeight', 'classWeight'],
]

function isOptions(given: unknown): given is MinimizeOptions {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return false
  const keys = Object.keys(given)
  return keys.length > 0 && keys.every((key) => names.includes(key))
}

export async function minimize(
  model: Learner,
  x: FitData,
  y: ModelData | MinimizeOptions | undefined,
  given: MinimizeOptions | undefined,
): Promise<Minimum> {
  const engine = await model.trainingEngine(where)
  // A step of one's own may need no targets, and options stand in their place.
  const hasNone = model.hasOwnStep && given === undefined && isOptions(y)
  const options = ((hasNone ? y : optionsBeside(where, x, y, given)) ?? {}) as MinimizeOptions // by what x is
  const search = checked(options)
  const whole = wholeData(x, (hasNone ? undefined : y) as ModelData | undefined, where) // y is no options here
  const data = acceptBatch(model, whole.x, whole.y, options, where)
  requireFree(model)
  const programs = await engine.gradientPrograms(data)
  try {
    return await searched(programs, data, search, options)
  } finally {
    programs.look.dispose()
    programs.settle?.dispose()
  }
}

function checked(options: MinimizeOptions): LbfgsOptions {
  checkOptions(where, options, names)
  const { learningRate = 1, maxIterations = 100, toleranceGradient = 1e-7, toleranceChange = 1e-9 } = options
  const { maxEvaluations = Math.floor(maxIterations * 1.25), historySize = 100, onIteration } = options
  for (const [option, value] of Object.entries({ maxIterations, maxEvaluations, historySize })) {
    requirePositiveInteger(where, option, value)
  }
  for (const [option, value] of Object.entries({ toleranceGradient, toleranceChange })) {
    requireNumber(where, option, value, 0)
  }
  requireNumber(where, 'learningRate', learningRate, Number.MIN_VALUE, Number.MAX_VALUE)
  requireSignal(where, options.signal)
  if (onIteration !== undefined && typeof onIteration !== 'function') {
    throw new OptionError(`${where}: onIteration: expected a function, got ${typeof onIteration}`)
  }
  return { learningRate, maxIterations, maxEvaluations, toleranceGradient, toleranceChange, historySize }
}

/** @throws OptionError where the loss is not a function of the weights alone, or not all weights are allowed. */
function requireFree(model: Learner): void {
  if (model.isStateful) {
    throw new OptionError(
      `${where}: ${model.name}: expected layers that carry no states from call to call, got stateful ones`,
    )
  }
  const held = model.trainableWeights.find(({ constraint }) => constraint !== undefined)
  if (held !== undefined) {
    throw new OptionError(
      `${where}: ${held.variable.name}: expected weights without constraints; fit holds weights to them`,
    )
  }
}

async function searched(
  { look, settle, variables }: GradientPrograms,
  data: StepData,
  search: LbfgsOptions,
  { onIteration, signal }: MinimizeOptions,
): Promise<Minimum> {
  const inputs = inputsOf(data)
  const start = joined(await Promise.all(variables.map((variable) => variable.read())))
  let reached = start
  const evaluate = async (point: Float64Array) => {
    signal?.throwIfAborted()
    await write(variables, point)
    const [loss, ...found] = await look.run(inputs)
    await breathe()
    return { value: loss.item(), gradient: joined(found) }
  }
  try {
    const first = await evaluate(start)
    if (![first.value, ...first.gradient].every(Number.isFinite)) {
      throw new DataError(
        `${where}: expected a finite loss with finite gradients, got ${first.value} before any change`,
      )
    }
    const loss = [first.value]
    const { iterations, evaluations, stopped } = await lbfgs(evaluate, start, first, search, async (point, value) => {
      reached = point
      loss.push(value)
      if (settle !== undefined) {
        await write(variables, point)
        await settle.run(inputs)
      }
      await onIteration?.(loss.length - 1, value)
    })
    return { loss, iterations, evaluations, stopped }
  } finally {
    await write(variables, reached)
  }
}

/** All elements, one after the other. */
function joined(tensors: readonly Tensor[]): Float64Array {
  return joinedArrays(
    Float64Array,
    tensors.map(({ data }) => data),
  )
}

async function write(variables: GradientPrograms['variables'], all: Float64Array): Promise<void> {
  let at = 0
  for (const variable of variables) {
    const data = allocate(variable.dtype, variable.size)
    data.set(all.subarray(at, at + variable.size))
    at += variable.size
    await variable.write(new Tensor(data, variable.shape, variable.dtype))
  }
}
