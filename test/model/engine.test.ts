// What runs under a model: one Program a train step, no memory that grows, any split of a prediction the same.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  batchNormalization,
  dense,
  dropout,
  embedding,
  gru,
  lstm,
  type Model,
  sequential,
  setSeed,
  type Tensor,
} from 'hornbeam'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Executable } from '../../src/backends/backend'
import { cpuBackend } from '../../src/backends/cpu'
import { type Program, printProgram } from '../../src/graph'
import { expectClose, floats, integers } from '../support'
import { fc } from '../support/random'

const forecaster = (units: number, features: number): Model =>
  sequential([lstm(units, { kernelRegularizer: 'l2' }), dense(1)], { inputShape: [null, features] }).compile({
    optimizer: 'adam',
    loss: 'mse',
    metrics: ['mae'],
    globalClipNorm: 1,
    backend: 'cpu',
  })

describe('a train step', () => {
  /** The Programs that are compiled from here on, each with how often it ran. */
  const runs = new Map<Program, number>()
  const { compile } = cpuBackend
  const spy = vi.spyOn(cpuBackend, 'compile').mockImplementation(async (program, places) => {
    const made: Executable = await compile.call(cpuBackend, program, places)
    const { run } = made
    made.run = (inputs) => {
      runs.set(program, (runs.get(program) ?? 0) + 1)
      return run.call(made, inputs)
    }
    return made
  })
  afterEach(() => void runs.clear())

  test('is one Program, run once a batch', async () => {
    await forecaster(3, 2).fit(floats([12, 4, 2]), floats([12, 1]), { epochs: 2, batchSize: 4, verbose: 0 })
    const onBatches = [...runs].filter(([program]) => program.inputs.length > 0)
    expect(onBatches.map(([, times]) => times)).toEqual([6])
    expect(spy).toHaveBeenCalled()
  })

  test('holds forward, loss, gradients, clipping, update and running metrics', async () => {
    await forecaster(3, 2).fit(floats([4, 4, 2]), floats([4, 1]), { verbose: 0, onNonFinite: 'continue' })
    const [text] = [...runs.keys()].map((program) => printProgram(program))
    expect(text).toMatch(/= lstm\(/)
    expect(text).toMatch(/= lstmGradient\(/)
    const written = [...text.matchAll(/^.*? = /gm)].join('\n')
    for (const name of [
      'lstm/kernel',
      'lstm/recurrentKernel',
      'dense/bias',
      'adam/iterations',
      'adam/lstm_kernel_velocity',
      'metrics/loss/total',
      'metrics/mae/total',
    ]) {
      expect(written).toContain(`${name}:`)
    }
    // The norm of all gradients, and Adam's square root.
    expect(text.match(/sqrt/g)?.length).toBeGreaterThan(1)
  })

  test('is compiled once for each shape of batches, the smaller last one among them', async () => {
    const model = forecaster(3, 2)
    const train = (): Promise<unknown> => model.fit(floats([10, 4, 2]), floats([10, 1]), { batchSize: 4, verbose: 0 })
    await train()
    const programs = (): number => [...runs.keys()].filter(({ inputs }) => inputs.length > 0).length
    expect(programs()).toBe(2)
    await train()
    expect(programs()).toBe(2)
  })
})

describe('memory', () => {
  setFlagsFromString('--expose_gc')
  const collectGarbage = runInNewContext('gc') as () => void // what the flag gives

  /** Bytes of heap and of array buffers that steps allocate, each on average, with no collection in between. */
  async function allocated(units: number, features: number, batch: number): Promise<{ heap: number; buffers: number }> {
    const model = forecaster(units, features)
    const [x, y] = [floats([batch, 8, features]), floats([batch, 1])]
    const step = (): Promise<unknown> => model.trainOnBatch(x, y)
    for (let i = 0; i < 20; i++) await step()
    const steps = 30
    const measured: { heap: number; buffers: number }[] = []
    for (let round = 0; round < 3; round++) {
      collectGarbage()
      const before = process.memoryUsage()
      for (let i = 0; i < steps; i++) await step()
      const after = process.memoryUsage()
      const buffers = (after.arrayBuffers - before.arrayBuffers) / steps
      measured.push({ heap: (after.heapUsed - before.heapUsed) / steps, buffers })
    }
    // Code that is compiled meanwhile, or a collection, may spoil one round.
    return measured.sort((a, b) => Math.abs(a.heap) - Math.abs(b.heap))[0]
  }

  test('that a step allocates does not grow with the work', async () => {
    const small = await allocated(4, 2, 4)
    const large = await allocated(32, 16, 64)
    // 8 times the units and 16 times the batch: activations alone have more than 500 kB.
    expect(large.heap - small.heap).toBeLessThan(30_000)
    expect(large.buffers - small.buffers).toBeLessThan(10_000)
  })
})

describe('a prediction', () => {
  const x = floats([9, 6, 2])
  const words = integers([9, 5], { to: 7 })
  setSeed(4)
  const models: readonly (readonly [Model, Tensor])[] = [
    [sequential([lstm(3, { returnSequences: true }), batchNormalization(), gru(2), dropout(0.5), dense(2)]), x],
    [sequential([embedding(7, 3, { maskZero: true }), gru(4), dense(1)]), words],
  ]

  test('is the same for any size of batches', async () => {
    for (const [model, data] of models) {
      const whole = await model.predict(data, { batchSize: 100, backend: 'cpu' })
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 12 }), async (batchSize) => {
          expectClose(await model.predict(data, { batchSize, backend: 'cpu' }), whole, {
            relative: 1e-6,
            absolute: 1e-7,
          })
        }),
        { numRuns: 12 },
      )
    }
  })

  test('is right for each of several that are asked for at once', async () => {
    const [[model]] = models
    const parts = [0, 1, 2].map((seed) => floats([3, 6, 2], { seed: seed + 5 }))
    for (const backend of ['cpu', 'wasm'] as const) {
      const one: Tensor[] = []
      for (const part of parts) one.push(await model.predict(part, { backend }))
      const all = await Promise.all(parts.map((part) => model.predict(part, { backend })))
      for (const [i, result] of all.entries()) expectClose(result, one[i], { relative: 0, absolute: 0 })
    }
  })
})
