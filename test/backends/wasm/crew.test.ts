// Threads that do not start: the error says so, and none of the others stays behind.
import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { dense, jit, lstm, ops, randomNormal, sequential, setSeed, type Tensor } from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { nodeThreads } from '../../../src/backends/wasm/threads'
import { BackendError } from '../../../src/errors'

/** A module that wants a function nobody gives it: one type () -> (), one import 'e'.'f' of that type. */
const demanding = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 4, 1, 0x60, 0, 0],
  ...[2, 7, 1, 1, 0x65, 1, 0x66, 0, 0],
)

test('where one thread does not start all of them end', async () => {
  const workers: Worker[] = []
  const collect = (worker: Worker): void => {
    workers.push(worker)
  }
  process.on('worker', collect)
  const order = {
    module: new WebAssembly.Module(demanding),
    memory: new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }),
    threads: 3,
    scratch: () => 0,
  }
  await expect(nodeThreads(order)).rejects.toThrow(BackendError)
  process.off('worker', collect)
  expect(workers).toHaveLength(2)
  for (const worker of workers) if (worker.threadId !== -1) await once(worker, 'exit')
  expect(workers.map(({ threadId }) => threadId)).toEqual([-1, -1])
})

/** The workers that are made meanwhile. */
async function workersOf<T>(work: () => Promise<T>): Promise<[T, Worker[]]> {
  const workers: Worker[] = []
  const collect = (worker: Worker): void => {
    workers.push(worker)
  }
  process.on('worker', collect)
  try {
    return [await work(), workers]
  } finally {
    process.off('worker', collect)
  }
}

// So many threads that nobody else here has them: machines are shared by all who ask for the same.
describe.each([3, 5])('of %i threads', (threads) => {
  const backend = { name: 'wasm', threads } as const
  const x = randomNormal([200, 200], { seed: 1 })
  const power = (times: number) =>
    jit(
      (a) => {
        let product = ops.mul(a, 1)
        for (let i = 0; i < times; i++) product = ops.mul(ops.matmul(product, a), 0.07)
        return product
      },
      { backend },
    )

  test('one that ends between two calls is replaced', async () => {
    const cube = power(2)
    const [expected, workers] = await workersOf(() => cube(x))
    expect(workers).toHaveLength(threads - 1)
    await workers[threads - 2].terminate()
    const [again, others] = await workersOf(() => cube(x))
    expect(others).toHaveLength(threads - 1)
    expect(again).toEqual(expected)
    for (const worker of workers) expect(worker.threadId).toBe(-1)
    const [, none] = await workersOf(() => cube(x))
    expect(none).toEqual([])
    for (const worker of others) await worker.terminate()
  })

  test('one that ends while it computes is an error, and the next call starts new ones', async () => {
    const long = power(400)
    const [expected, workers] = await workersOf(() => long(x))
    let errors = 0
    // It is told to end, and is computing before it does.
    for (let i = 0; i < 3; i++) {
      const [, current] = i === 0 ? [undefined, workers] : await workersOf(() => long(x))
      const ending = current[0].terminate()
      const error = await long(x).catch((thrown: unknown) => thrown)
      // Now and then it had time to end before: then it was replaced.
      if (error instanceof Error) {
        errors++
        expect(error).toBeInstanceOf(BackendError)
        expect(String(error)).toMatch(/a thread ended before its work was done.*the next call starts new threads/)
      }
      await ending
    }
    expect(errors).toBeGreaterThan(0)
    expect(await long(x)).toEqual(expected)
  })

  test('a model trains on after it', async () => {
    setSeed(1)
    const model = sequential([lstm(32), dense(1)], { inputShape: [20, 8] }).compile({ loss: 'mse', backend })
    const data: [Tensor, Tensor] = [randomNormal([64, 20, 8], { seed: 2 }), randomNormal([64, 1], { seed: 3 })]
    const [, workers] = await workersOf(() => model.trainOnBatch(...data))
    for (const worker of workers) worker.terminate()
    const error = await model.trainOnBatch(...data).catch((thrown: unknown) => thrown)
    if (error instanceof Error) expect(error).toBeInstanceOf(BackendError)
    const { loss } = await model.trainOnBatch(...data)
    expect(Number.isFinite(loss)).toBe(true)
  })
})
