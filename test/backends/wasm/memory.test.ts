// Memory: what is disposed of or forgotten is used again, so that neither many steps nor many models make it grow.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { dense, lstm, type Model, ops, sequential, tensor } from 'hornbeam'
import { describe, expect, it } from 'vitest'
import { createWasmBackend } from '../../../src/backends/wasm'
import { placeholder, Variable } from '../../../src/graph'
import { compile, release } from '../../../src/runtime'

setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void // what the flag gives

const backendOption = { name: 'wasm', threads: 1 } as const

/** A small graph with a variable it updates. */
function counter(): { variable: Variable; graph: Parameters<typeof compile>[0] } {
  const variable = new Variable('counter', tensor(new Float32Array(1000), [1000]))
  const x = placeholder([1000])
  const next = ops.add(variable, ops.tanh(x))
  return {
    variable,
    graph: { inputs: [x], outputs: [ops.sum(next)], updates: [{ variable: variable.value, value: next }] },
  }
}

/** Bytes in use on the backend that a model has run on. */
function bytesInUse(model: Model): number {
  return Number(Reflect.get(Object(model.backend), 'bytesInUse'))
}

/** Bytes of the JavaScript heap in use when garbage is collected and finalisers, which run in turns of their own, have run. */
async function settledHeap(): Promise<number> {
  for (let turn = 0; turn < 4; turn++) {
    collectGarbage()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  return process.memoryUsage().heapUsed
}

describe('memory', () => {
  it('is free again when programs and variables are disposed of', async () => {
    const backend = await createWasmBackend({ threads: 1 })
    const before = backend.info.bytesInUse
    for (let i = 0; i < 1000; i++) {
      const { graph, variable } = counter()
      const compiled = await compile(graph, backend)
      expect(backend.info.bytesInUse).toBeGreaterThan(Number(before))
      compiled.dispose()
      compiled.dispose()
      await release(variable)
    }
    expect(backend.info.bytesInUse).toBe(before)
  })

  it('is free again when nobody holds models any more: 1,000 made, used and dropped', async () => {
    const x = tensor(new Float32Array(4 * 6).fill(0.5), [4, 6])
    const use = async (): Promise<number> => {
      const model = sequential([dense(64), dense(1)], { inputShape: [6] })
      await model.predict(x, { backend: backendOption })
      return bytesInUse(model)
    }
    const first = await use()
    const ofOne = (await use()) - first
    // What the engine compiles on the way is no model's: it is there after some hundreds.
    for (let i = 0; i < 300; i++) await use()
    const heapAtFirst = await settledHeap()
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 100; i++) await use()
      await settledHeap()
    }
    // Some may wait for their finaliser yet.
    expect(await use()).toBeLessThan(first + 20 * ofOne)
    expect((await settledHeap()) - heapAtFirst).toBeLessThan(2 ** 20)
  })

  it('is free again at once when a model is disposed of', async () => {
    const [x, y] = [tensor(new Float32Array(4 * 6 * 3).fill(0.5), [4, 6, 3]), tensor([[1], [2], [3], [4]])]
    const probe = sequential([dense(1)], { inputShape: [1] })
    await probe.predict([[1]], { backend: backendOption })
    const before = bytesInUse(probe)
    const model = sequential([lstm(16), dense(1)], { inputShape: [6, 3] })
    model.compile({ optimizer: 'adam', loss: 'mse', metrics: ['mae'], backend: backendOption })
    await model.fit(x, y, { epochs: 2, batchSize: 3, verbose: 0 })
    await model.predict(x)
    expect(bytesInUse(probe)).toBeGreaterThan(before)
    await model.dispose()
    expect(bytesInUse(probe)).toBe(before)
    const [again] = (await model.predict(x)).data
    expect(again).not.toBeNaN()
    await model.dispose()
    expect(bytesInUse(probe)).toBe(before)
  })

  it('grows for a program that needs more, and what lies in it stays', async () => {
    const backend = await createWasmBackend({ threads: 1 })
    const { graph, variable } = counter()
    const compiled = await compile(graph, backend)
    const ones = tensor(new Float32Array(1000).fill(1), [1000])
    await compiled.run([ones])
    const x = placeholder([3000, 3000])
    const large = await compile({ inputs: [x], outputs: [ops.sum(ops.exp(x), { axis: 0 })], updates: [] }, backend)
    const [sums] = await large.run([tensor(new Float32Array(9_000_000), [3000, 3000])])
    expect(sums.data[2999]).toBe(3000)
    await compiled.run([ones])
    expect((await variable.read()).data[0]).toBeCloseTo(2 * Math.tanh(1), 5)
  })
})

describe('a step of training', () => {
  const compiled = (): Model =>
    sequential([lstm(8), dense(1)], { inputShape: [5, 4] }).compile({
      optimizer: 'adam',
      loss: 'mse',
      globalClipNorm: 1,
      backend: backendOption,
    })
  const batch = (size: number) =>
    [tensor(new Float32Array(size * 20).fill(0.5), [size, 5, 4]), tensor(new Float32Array(size), [size, 1])] as const

  it('leaves memory as it was, 10,000 times', async () => {
    const model = compiled()
    const [x, y] = batch(2)
    for (let step = 0; step < 200; step++) await model.trainOnBatch(x, y)
    const heapBefore = await settledHeap()
    const before = bytesInUse(model)
    for (let step = 0; step < 10_000; step++) await model.trainOnBatch(x, y)
    expect(bytesInUse(model)).toBeLessThanOrEqual(before)
    expect((await settledHeap()) - heapBefore).toBeLessThan(2 ** 20)
  })

  it('allocates as much on the JavaScript heap for 2 samples as for 2,000', async () => {
    const allocated = async (size: number): Promise<number> => {
      const model = compiled()
      const [x, y] = batch(size)
      for (let step = 0; step < 20; step++) await model.trainOnBatch(x, y)
      await settledHeap()
      const before = process.memoryUsage()
      for (let step = 0; step < 20; step++) await model.trainOnBatch(x, y)
      const after = process.memoryUsage()
      return after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers
    }
    await allocated(2)
    const [few, many] = [await allocated(2), await allocated(2000)]
    // One copy of a batch of 2,000 in each step would be 3.2 MB.
    expect(many - few).toBeLessThan(500_000)
  })
})
