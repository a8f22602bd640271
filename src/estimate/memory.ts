// Bytes that training would hold on the backend: from the plans of the programs that fit compiles, and the variables they use.
import { BackendError } from '../errors'
import type { StepData } from '../feed/stepData'
import { bytesOf, type Program, type Variable } from '../graph'
import type { Learner } from '../step/learner'
import type { ScratchEngine } from '../step/scratchEngine'
import type { Tally } from '../step/tally'
import type { Estimate } from './estimate'
import { type SampleShapes, sampleBatch, tests, trains } from './sample'

/** The size of batches, and how many samples are trained on and kept for validation. */
interface Sizes {
  readonly batchSize: number
  readonly training: number
  readonly validation: number
}

/** Bytes of all that `fit` holds on the backend. */
export async function memoryOf(
  model: Learner,
  engine: ScratchEngine,
  tally: Tally,
  { batchSize, training, validation }: Sizes,
  shapes: SampleShapes,
  batch: StepData,
): Promise<{ memory: Estimate['memory']; isTooLarge: boolean }> {
  const rest = training > batchSize ? training % batchSize : 0
  const testRest = validation % batchSize
  const validates = { ...tests, tally }
  const steps = [
    [batch, trains] as const,
    ...(rest === 0 ? [] : [[sampleBatch(model, engine, shapes, rest), trains] as const]),
    ...(validation < batchSize ? [] : [[sampleBatch(model, engine, shapes, batchSize), validates] as const]),
    ...(testRest === 0 ? [] : [[sampleBatch(model, engine, shapes, testRest), validates] as const]),
  ]
  // Programs share what they need while they run.
  let [programs, shared, isTooLarge] = [0, 0, false]
  const count = ({ bytes, arenaBytes }: { bytes: number; arenaBytes: number }): void => {
    programs += bytes
    shared = Math.max(shared, arenaBytes)
  }
  for (const [data, mode] of steps) {
    try {
      count(await engine.stepProgram(data, mode))
    } catch (error) {
      if (!(error instanceof BackendError || error instanceof RangeError)) throw error
      // There is no room for it: what it would take is in its plan.
      isTooLarge = true
      const plan = await engine.plan(data, mode)
      count({ bytes: constantBytes(plan), arenaBytes: plan.arenaBytes })
    }
  }
  for (const each of [engine.training, tally]) {
    const results = await engine.resultsProgram(each)
    if (results !== undefined) count(results)
  }
  const weights = new Set(model.weights.map(({ variable }) => variable))
  const slots = new Set(engine.optimizerState.variables)
  const held = (isMeant: (variable: Variable) => boolean) => bytesOfAll(engine.usedVariables.filter(isMeant))
  const memory = {
    weights: held((variable) => weights.has(variable)),
    optimizer: held((variable) => slots.has(variable)),
    programs: programs + shared,
    others: held((variable) => !weights.has(variable) && !slots.has(variable)),
  }
  return { memory, isTooLarge }
}

function bytesOfAll(variables: readonly Variable[]): number {
  return variables.reduce((total, { size, dtype }) => total + size * bytesOf(dtype), 0)
}

function constantBytes({ storages }: Program): number {
  return storages.reduce((total, { kind, bytes }) => total + (kind === 'constant' ? bytes : 0), 0)
}
