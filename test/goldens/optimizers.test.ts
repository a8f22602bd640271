// Optimizers step by step, and learning rate schedules, against the real Keras.
import { describe, expect, test } from 'vitest'
import { placeholder, Variable } from '../../src/graph'
import { applyOptimizer, createOptimizerState, finalizeAverages, optimizerRegistry } from '../../src/optimizers'
import type { Config } from '../../src/registry'
import { compile, selectBackend } from '../../src/runtime'
import { scheduleRegistry } from '../../src/schedules'
import { Tensor } from '../../src/tensor'
import { expectClose } from '../support'
import { backend, compute, decode, type Encoded, named, readFixture } from './fixtures'

interface OptimizerCase {
  readonly name: string
  readonly optimizer: string
  readonly config: Readonly<Record<string, unknown>>
  /** The variables after some steps, by the number of the step. */
  readonly after: Readonly<Record<string, readonly Encoded[]>>
  /** The variables when training has ended, with a moving average. */
  readonly finalized?: readonly Encoded[]
}

const fixture = readFixture<
  OptimizerCase,
  { readonly variables: readonly Encoded[]; readonly gradients: readonly (readonly Encoded[])[] }
>('optimizers')
const initial = fixture.variables.map(decode)
const gradients = fixture.gradients.map((step) => step.map(decode))

describe('an optimizer steps as it does in Keras', () => {
  test.for(named(fixture))('%s', async ([, golden]) => {
    const optimizer = optimizerRegistry.resolve({ name: golden.optimizer, options: resolved(golden.config) })
    const variables = initial.map((content, i) => new Variable(`variable_${i}`, content))
    const state = createOptimizerState(optimizer, variables)
    const inputs = initial.map(({ shape, dtype }) => placeholder(shape, dtype))
    const { updates } = applyOptimizer(optimizer, variables, inputs, state)
    const compiled = await compile({ inputs, outputs: [], updates }, await selectBackend(backend))
    for (const [index, step] of gradients.entries()) {
      await compiled.run(step)
      await expectMoved(variables, golden.after[index + 1], `after step ${index + 1}`)
    }
    await finalizeAverages(state)
    await expectMoved(variables, golden.finalized, 'at the end')
    compiled.dispose()
  })
})

/** Compares how far the variables have moved, which tells more than where they are. */
async function expectMoved(
  variables: readonly Variable[],
  expected: readonly Encoded[] | undefined,
  when: string,
): Promise<void> {
  if (expected === undefined) return
  for (const [i, variable] of variables.entries()) {
    const from = initial[i]
    const moved = difference(await variable.read(), from)
    const wanted = difference(decode(expected[i]), from)
    const largest = Math.max(...Array.from(wanted.data, Math.abs))
    // Beside what is asked of the movement, the variables themselves are rounded to float32.
    expectClose(moved, wanted, { relative: 1e-4, absolute: 1e-5 * largest + 2e-7 }, `variable ${i} ${when}`)
  }
}

function difference(to: Tensor, from: Tensor): Tensor {
  return new Tensor(
    Float32Array.from(to.data, (value, i) => value - from.data[i]),
    to.shape,
  )
}

/** The options of an optimizer, those of several in one among them. */
function resolved(config: OptimizerCase['config']): Readonly<Record<string, unknown>> {
  const { defaultOptimizer, optimizerMap } = config as {
    defaultOptimizer?: Config
    optimizerMap?: Record<string, Config>
  } // as its script writes it
  const one = ({ name, options }: Config): Config => ({ name, options: withSchedule(options) })
  if (defaultOptimizer === undefined) return withSchedule(config)
  const mapped = Object.entries(optimizerMap ?? {}).map(([pattern, each]) => [pattern, one(each)])
  return { defaultOptimizer: one(defaultOptimizer), optimizerMap: Object.fromEntries(mapped) }
}

function withSchedule(config: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { learningRate } = config
  if (typeof learningRate !== 'object' || learningRate === null) return config
  const { schedule, config: options } = learningRate as Pick<ScheduleCase, 'schedule' | 'config'> // as its script writes it
  return { ...config, learningRate: scheduleRegistry.resolve({ name: schedule, options }) }
}

interface ScheduleCase {
  readonly name: string
  readonly schedule: string
  readonly config: Readonly<Record<string, unknown>>
  readonly values: readonly (readonly [step: number, rate: number])[]
}

describe('a schedule gives the learning rates of Keras, on the host and in a program', () => {
  test.for(named(readFixture<ScheduleCase>('schedules')))('%s', async ([, golden]) => {
    const schedule = scheduleRegistry.resolve({ name: golden.schedule, options: golden.config })
    const steps = golden.values.map(([step]) => step)
    const rates = golden.values.map(([, rate]) => rate)
    steps.forEach((step, i) => {
      expect(Math.abs(schedule.at(step) - rates[i]), `rate at step ${step}`).toBeLessThan(1e-6)
    })
    const values = steps.map(() => placeholder([], 'float32'))
    const computed = await compute(
      steps.map((step) => new Tensor(Float32Array.of(step), [])),
      values,
      values.map((value) => schedule.call(value)),
    )
    computed.forEach((rate, i) => {
      expectClose(rate, rates[i], { relative: 1e-4, absolute: 1e-6 }, `rate at step ${steps[i]} in a program`)
    })
  })
})
