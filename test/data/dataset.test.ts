// Datasets: lazy, in order, epoch by epoch, closed early; each stage against plain arrays.

import { DataError, data, OptionError, setSeed, type Tensor, tensor } from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { fc } from '../support/random'

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

/** A source that counts how many elements were asked for, how many at once are open, and whether it was closed. */
function watched(length: number) {
  const seen = { asked: 0, opened: 0, closed: 0 }
  const dataset = data.fromGenerator(async function* () {
    seen.opened++
    try {
      for (let i = 0; i < length; i++) {
        seen.asked++
        yield i
      }
    } finally {
      seen.closed++
    }
  })
  return { seen, dataset }
}

describe('stages', () => {
  test('do what the methods of arrays do', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer()),
        fc.nat(12),
        fc.nat(12),
        fc.integer({ min: 1, max: 4 }),
        async (all, skip, take, n) => {
          const dataset = data
            .fromIterable(all)
            .map(async (x, i) => x + i)
            .filter((x) => x % 3 !== 0)
            .skip(skip)
            .take(take)
            .repeat(n)
          const expected = all
            .map((x, i) => x + i)
            .filter((x) => x % 3 !== 0)
            .slice(skip)
            .slice(0, take)
          expect(await dataset.toArray()).toEqual(upTo(n).flatMap(() => expected))
        },
      ),
      { numRuns: 50 },
    )
  })

  test('say how many elements there are where that is known', async () => {
    const ten = data.fromIterable(upTo(10))
    const cases: readonly [data.Dataset<unknown>, number | undefined][] = [
      [ten.map((x) => x), 10],
      [ten.filter(() => true), undefined],
      [ten.batch(3), 4],
      [ten.batch(3, { dropRemainder: true }), 3],
      [ten.shuffle(4).repeat(3).skip(1).take(100), 29],
      [ten.repeat(), Infinity],
      [ten.repeat().batch(4).take(7).prefetch(2).cache(), 7],
      [data.fromGenerator(() => [1], { size: 1 }), 1],
      [data.fromIterable(new Set([1, 2])), 2],
    ]
    for (const [dataset, size] of cases) {
      expect(dataset.size).toBe(size)
      if (size !== undefined && size !== Infinity) expect(await dataset.toArray()).toHaveLength(size)
    }
  })

  test('ask for no more elements than are needed, and close the source early', async () => {
    const { seen, dataset } = watched(1000)
    const taken = dataset
      .map((x) => x * 2)
      .batch(2)
      .take(3)
    expect(seen.opened).toBe(0)
    expect((await taken.toArray()).map((batch) => [...batch.data])).toEqual([
      [0, 2],
      [4, 6],
      [8, 10],
    ])
    expect(seen).toEqual({ asked: 6, opened: 1, closed: 1 })
  })

  test.each([
    ['map', (dataset: data.Dataset<number>) => dataset.map((x) => x)],
    ['shuffle', (dataset: data.Dataset<number>) => dataset.shuffle(5)],
    ['repeat', (dataset: data.Dataset<number>) => dataset.repeat()],
    ['cache', (dataset: data.Dataset<number>) => dataset.cache()],
    ['prefetch', (dataset: data.Dataset<number>) => dataset.prefetch(3)],
    ['batch', (dataset: data.Dataset<number>) => dataset.batch(2)],
  ])('%s closes the source when the walk is given up', async (_, stage) => {
    const { seen, dataset } = watched(1000)
    for await (const _element of stage(dataset)) break
    expect(seen.closed).toBe(1)
    expect(seen.asked).toBeLessThan(10)
  })

  test('pass errors of the source on, and close what they read', async () => {
    const { seen, dataset } = watched(10)
    const failing = dataset
      .map((x) => {
        if (x === 3) throw new RangeError('three')
        return x
      })
      .prefetch(2)
      .batch(2)
    await expect(failing.toArray()).rejects.toThrow(RangeError)
    expect(seen.closed).toBe(1)
  })

  test('take the options that they know, and no others', () => {
    const dataset = data.fromIterable([1])
    expect(() => dataset.batch(0)).toThrow(OptionError)
    expect(() => dataset.batch(2, { dropRemainders: true } as object)).toThrow("Did you mean 'dropRemainder'?")
    expect(() => dataset.shuffle(1.5)).toThrow(OptionError)
    expect(() => dataset.repeat(-1)).toThrow(OptionError)
    expect(() => dataset.take(-1)).toThrow(OptionError)
    expect(() => dataset.prefetch(0)).toThrow(OptionError)
    expect(() => dataset.repeat().shuffle()).toThrow('no end')
  })
})

describe('shuffle', () => {
  test('gives every element once, none far before its turn', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(60), fc.integer({ min: 1, max: 70 }), fc.nat(), async (n, bufferSize, seed) => {
        const order = await data.fromIterable(upTo(n)).shuffle(bufferSize, { seed }).toArray()
        expect([...order].sort((a, b) => a - b)).toEqual(upTo(n))
        order.forEach((element, place) => {
          expect(element - place).toBeLessThan(bufferSize)
        })
      }),
      { numRuns: 50 },
    )
  })

  test('has another order each epoch, the same for the same seed and epoch', async () => {
    const make = () => data.fromIterable(upTo(50)).shuffle(50, { seed: 3 })
    const [a, b] = [make(), make()]
    const first = await a.toArray()
    const second = await a.toArray()
    expect(second).not.toEqual(first)
    expect(await b.toArray()).toEqual(first)
    const again: number[] = []
    for await (const element of b.epoch(1)) again.push(element)
    expect(again).toEqual(second)
    const still = data.fromIterable(upTo(50)).shuffle(50, { seed: 3, reshuffle: false })
    expect(await still.toArray()).toEqual(await still.toArray())
  })

  test('shuffles anew within a repetition, and follows setSeed', async () => {
    const run = async () => {
      setSeed(8)
      return data.fromIterable(upTo(20)).shuffle().repeat(2).toArray()
    }
    const order = await run()
    expect(order.slice(0, 20)).not.toEqual(order.slice(20))
    expect(await run()).toEqual(order)
  })

  test('of all elements is fair: every element comes first about equally often', async () => {
    const firsts = new Map<number, number>()
    for (let seed = 0; seed < 400; seed++) {
      const [first] = await data.fromIterable(upTo(4)).shuffle(4, { seed }).take(1).toArray()
      firsts.set(first, (firsts.get(first) ?? 0) + 1)
    }
    for (const count of firsts.values()) expect(Math.abs(count - 100)).toBeLessThan(40)
  })
})

test('cache reads its source once, and only what was walked to the end', async () => {
  const { seen, dataset } = watched(5)
  const cached = dataset.cache()
  for await (const _element of cached) break
  expect(await cached.toArray()).toEqual(upTo(5))
  expect(await cached.toArray()).toEqual(upTo(5))
  expect(seen.opened).toBe(2)
})

test('prefetch has so many elements under way, and keeps their order', async () => {
  const { seen, dataset } = watched(20)
  const ahead: number[] = []
  const got: number[] = []
  for await (const element of dataset.prefetch(4)) {
    await new Promise((resolve) => setTimeout(resolve, 0))
    got.push(element)
    ahead.push(seen.asked - got.length)
  }
  expect(got).toEqual(upTo(20))
  expect(Math.max(...ahead)).toBe(4)
})

describe('batch', () => {
  test('stacks numbers, arrays and tensors, within records and lists', async () => {
    const elements = [
      { x: [1, 2], y: 5, t: tensor([[1], [2]]), name: 'a', pair: [tensor([1]), 7] as const },
      { x: [3, 4], y: 6, t: tensor([[3], [4]]), name: 'b', pair: [tensor([2]), 8] as const },
    ]
    const [batch] = await data.fromIterable(elements).batch(2).toArray()
    expect(batch.x.toArray()).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(batch.y.toArray()).toEqual([5, 6])
    expect(batch.t.shape).toEqual([2, 2, 1])
    expect(batch.name).toEqual(['a', 'b'])
    expect(batch.pair[0].toArray()).toEqual([[1], [2]])
    expect(batch.pair[1].toArray()).toEqual([7, 8])
  })

  test('says so where shapes or names differ', async () => {
    const join = (elements: readonly unknown[]) => data.fromIterable(elements).batch(2).toArray()
    await expect(join([[1, 2], [1]])).rejects.toThrow('paddedBatch')
    await expect(join([{ x: 1 }, { y: 1 }])).rejects.toThrow(DataError)
    await expect(join([1, 'a'])).rejects.toThrow(DataError)
    await expect(join([{ x: 1 }, { x: 2, y: 1 }])).rejects.toThrow('batch.y')
  })

  test('leaves out what all elements leave out', async () => {
    const [batch] = await data
      .fromIterable([{ x: 1, y: undefined }])
      .batch(2)
      .toArray()
    expect(batch.y).toBeUndefined()
  })

  test('loses no digits where one element is of whole numbers and another is not', async () => {
    const elements = [{ x: new Int32Array([1]) }, { x: new Float32Array([1.5]) }, { x: [true] }]
    const [batch] = await data.fromIterable<{ x: Int32Array | Float32Array | boolean[] }>(elements).batch(3).toArray()
    expect(batch.x.toArray()).toEqual([[1], [1.5], [1]])
    expect(data.padSequences([new Int32Array([1]), [0.5, 2.5]]).toArray()).toEqual([
      [0, 1],
      [0.5, 2.5],
    ])
  })
})

describe('paddedBatch', () => {
  test('pads sequences and targets for their steps, and says which steps there are', async () => {
    const dataset = data.fromArrays([[1, 2, 3], [4], [5, 6]], [[1, 0, 1], [1], [0, 1]])
    const [first, second] = await dataset.paddedBatch(2, { perStep: true }).toArray()
    expect(first.x.toArray()).toEqual([
      [1, 2, 3],
      [4, 0, 0],
    ])
    expect(first.y?.toArray()).toEqual([
      [1, 0, 1],
      [1, 0, 0],
    ])
    expect(first.mask.toArray()).toEqual([
      [true, true, true],
      [true, false, false],
    ])
    expect(second.x.toArray()).toEqual([[5, 6]])
  })

  test('keeps targets of whole sequences, and pads to a length and side of choice', async () => {
    const dataset = data.fromArrays(
      [[1, 2, 3], [4]],
      [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
      ],
    )
    const [batch] = await dataset.paddedBatch(2, { length: 2, padding: 'pre', value: -1 }).toArray()
    expect(batch.x.toArray()).toEqual([
      [1, 2],
      [-1, 4],
    ])
    expect(batch.y?.shape).toEqual([2, 4])
    expect(batch.mask.toArray()).toEqual([
      [true, true],
      [false, true],
    ])
    await expect(dataset.paddedBatch(2, { perStep: true }).toArray()).rejects.toThrow('perStep')
  })
})

describe('sources', () => {
  test('fromArrays gives sample by sample what the arrays hold', async () => {
    const [, second] = await data
      .fromArrays({ a: [[1], [2]], b: new Float32Array([3, 4]) }, [5, 6], { sampleWeight: [1, 2] })
      .toArray()
    const { a, b } = second.x as Record<string, Tensor>
    expect([a.toArray(), b.toArray(), second.y, second.sampleWeight?.item()]).toEqual([[2], 4, tensor(6), 2])
    expect(() => data.fromArrays([1, 2], [1])).toThrow('expected 2 samples')
  })

  test('a generator object can be walked once, and says so', async () => {
    const once = data.fromIterable(
      (function* () {
        yield 1
      })(),
    )
    expect(await once.toArray()).toEqual([1])
    await expect(once.toArray()).rejects.toThrow('fromGenerator')
  })

  test('fromGenerator makes one for each epoch, and knows its number', async () => {
    const dataset = data.fromGenerator(function* (epoch) {
      yield epoch
    })
    expect(await dataset.repeat(3).toArray()).toEqual([0, 1, 2])
    expect(() => data.fromGenerator([1] as never)).toThrow(OptionError)
    await expect(data.fromGenerator(() => 5 as never).toArray()).rejects.toThrow(DataError)
  })
})
