// Programs are kept by shape as long as there is room, and share the memory that they need while they run.
import {
  dense,
  jit,
  lstm,
  OptionError,
  ops,
  randomNormal,
  sequential,
  setSeed,
  tensor,
  type Value,
  zeros,
} from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { createWasmBackend } from '../../src/backends/wasm'
import { placeholder } from '../../src/graph'
import { compile, Programs, selectBackend } from '../../src/runtime'

const wasm = { name: 'wasm', threads: 1 } as const

async function bytesInUse(): Promise<number> {
  return Number((await selectBackend(wasm)).info.bytesInUse)
}

/** A program that multiplies n numbers by two. */
async function doubler(n: number) {
  const x = placeholder([n])
  return compile({ inputs: [x], outputs: [ops.mul(x, 2)], updates: [] }, await selectBackend(wasm))
}

const range = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => i)

describe('programs of a model', () => {
  test('of many lengths need little more than that of the longest', async () => {
    const before = await bytesInUse()
    const model = sequential([lstm(32), dense(1)], { inputShape: [null, 8] }).compile({ loss: 'mse', backend: wasm })
    const step = (length: number) => model.trainOnBatch(randomNormal([8, length, 8], { seed: length }), zeros([8, 1]))
    await step(130)
    const one = (await bytesInUse()) - before
    for (let length = 100; length < 130; length++) await step(length)
    expect((await bytesInUse()) - before).toBeLessThan(1.6 * one)
    await model.dispose()
    expect(await bytesInUse()).toBe(before)
  })

  test('that there is no room for are made anew, and the results are the same', async () => {
    const run = async (maxProgramBytes: number, backend: 'cpu' | 'wasm') => {
      setSeed(1)
      const model = sequential([lstm(4, { kernelInitializer: 'ones' }), dense(1, { kernelInitializer: 'ones' })], {
        inputShape: [null, 2],
      }).compile({ optimizer: 'adam', loss: 'mse', backend, maxProgramBytes })
      const losses: number[] = []
      for (const length of [3, 5, 3, 4, 5, 3]) {
        const { loss } = await model.trainOnBatch(randomNormal([2, length, 2], { seed: length }), zeros([2, 1]))
        losses.push(loss)
      }
      return losses
    }
    for (const backend of ['cpu', 'wasm'] as const) expect(await run(0, backend)).toEqual(await run(1e9, backend))
  })

  test.each(['fit', 'predict', 'jit'] as const)('hold no more than there is room for: %s', async (call) => {
    const maxProgramBytes = 100_000
    const model = sequential([lstm(4), dense(1)], { inputShape: [null, 2] })
    model.compile({ loss: 'mse', backend: wasm, maxProgramBytes })
    const numbers = randomNormal([1000], { seed: 1 })
    const scaled = jit((x: Value) => ops.mul(ops.sum(x), numbers), { backend: wasm, maxProgramBytes })
    const run = async (length: number) => {
      const x = zeros([2, length, 2])
      if (call === 'fit') await model.trainOnBatch(x, zeros([2, 1]))
      else await (call === 'jit' ? scaled(x) : model.predict(x))
    }
    // The longest first: the memory in which all run is as large as it needs.
    for (let length = 230; length > 200; length--) await run(length)
    const before = await bytesInUse()
    for (let length = 200; length > 80; length--) await run(length)
    expect(await bytesInUse()).toBeLessThan(before + 20_000)
    await model.dispose()
  })

  test('refuse a bound that is none', () => {
    const model = sequential([dense(1)])
    for (const maxProgramBytes of [-1, Number.NaN, '1 MB' as unknown as number]) {
      expect(() => model.compile({ loss: 'mse', maxProgramBytes })).toThrow(OptionError)
      expect(() => jit((x: Value) => x, { maxProgramBytes })).toThrow(OptionError)
    }
  })
})

describe('a store of programs', () => {
  test('lets the least recently used go, and what was let go still runs for whoever has it', async () => {
    const kept = new Programs<{ compiled: Awaited<ReturnType<typeof doubler>> }>(5000)
    let made = 0
    const get = async (n: number) => {
      const { compiled } = await kept.get(String(n), async () => {
        made++
        return { compiled: await doubler(n) }
      })
      return compiled
    }
    const first = await get(8)
    for (const n of [9, 10, 11, 12, 13, 14]) await get(n)
    expect(first.bytes).toBe(0)
    expect((await first.run([zeros([8])]))[0].toArray()).toEqual(new Array(8).fill(0))
    expect(first.bytes).toBeGreaterThan(0)
    first.unload()
    expect(made).toBe(7)
    await get(14)
    expect(made).toBe(7)
    await get(8)
    expect(made).toBe(8)
    kept.clear()
  })

  test('keeps nothing of what could not be made', async () => {
    const kept = new Programs<{ compiled: Awaited<ReturnType<typeof doubler>> }>(5000)
    await expect(kept.get('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    const { compiled } = await kept.get('a', async () => ({ compiled: await doubler(3) }))
    expect((await compiled.run([zeros([3])]))[0].toArray()).toEqual([0, 0, 0])
    kept.clear()
    await expect(compiled.run([zeros([3])])).rejects.toThrow('disposed')
  })
})

describe('the arena', () => {
  test('moves under programs that were made before it grew, while others run', async () => {
    const programs = [await doubler(100)]
    for (const n of [1_000, 10_000, 100_000]) programs.push(await doubler(n))
    const sizes = [100, 1_000, 10_000, 100_000]
    const results = await Promise.all(
      [0, 3, 1, 2, 0].map(async (i) => (await programs[i].run([tensor(range(sizes[i]), [sizes[i]])]))[0]),
    )
    for (const { data } of results)
      for (const [i, value] of data.entries()) if (value !== 2 * i) expect(value).toBe(2 * i)
    programs[3].dispose()
    const [again] = await programs[2].run([tensor(range(10_000), [10_000])])
    expect(again.data[9_999]).toBe(19_998)
    for (const program of programs) program.dispose()
  })

  test('stays what it was where there is no room for more', async () => {
    const backend = await createWasmBackend({ threads: 1 })
    const make = (n: number) => {
      const x = placeholder([n])
      return compile({ inputs: [x], outputs: [ops.mul(x, 2)], updates: [] }, backend)
    }
    const small = await make(10)
    const before = backend.info.bytesInUse
    await expect(make(2 ** 30)).rejects.toThrow('does not grow')
    expect((await small.run([zeros([10])]))[0].size).toBe(10)
    expect(backend.info.bytesInUse).toBe(before)
  })
})
