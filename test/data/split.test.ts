// Splitting at random, and classes back from what is predicted.

import { DataError, data, OptionError, setSeed, tensor } from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { fc } from '../support/random'

describe('split', () => {
  test('puts every sample into one of the parts, alike for all members of a record', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 60 }), fc.nat(), (count, seed) => {
        const numbers = Array.from({ length: count }, (_, i) => i)
        const given = { x: tensor(numbers.map((i) => [i, i])), y: numbers, z: Int32Array.from(numbers) }
        const { train, validation, test: last } = data.split(given, { validation: 0.25, test: 0.25, seed })
        const parts = [train, validation, last]
        expect(parts.flatMap(({ y }) => y).sort((a, b) => a - b)).toEqual(numbers)
        for (const { x, y, z } of parts) {
          expect(x.toArray()).toEqual(y.map((i) => [i, i]))
          expect([...z]).toEqual(y)
        }
        expect(train.y.length).toBe(Math.round(0.5 * count))
      }),
    )
  })

  test('is random, and the same for one seed', () => {
    const rows = Array.from({ length: 50 }, (_, i) => ({ i }))
    const once = data.split(rows, { test: 0.2, seed: 3 })
    expect(data.split(rows, { test: 0.2, seed: 3 })).toEqual(once)
    expect(data.split(rows, { test: 0.2, seed: 4 })).not.toEqual(once)
    expect(once.train.map(({ i }) => i)).not.toEqual([...once.train.map(({ i }) => i)].sort((a, b) => a - b))
    setSeed(1)
    const seeded = data.split(rows, { test: 0.2 })
    setSeed(1)
    expect(data.split(rows, { test: 0.2 })).toEqual(seeded)
  })

  test('gives each part its share of every label', () => {
    const y = Array.from({ length: 100 }, (_, i) => (i % 10 === 0 ? 'rare' : 'usual'))
    const { test: last } = data.split({ y }, { test: 0.2, stratify: y, seed: 1 })
    expect(last.y.filter((label) => label === 'rare')).toHaveLength(2)
    expect(last.y).toHaveLength(20)
  })

  test('says what is wrong', () => {
    expect(() => data.split([1, 2], {})).toThrow(OptionError)
    expect(() => data.split([1, 2], { test: 1 })).toThrow(OptionError)
    expect(() => data.split({ x: [1, 2], y: [1] }, { test: 0.5 })).toThrow('y: expected 2 samples')
    expect(() => data.split([1, 2], { test: 0.5, stratify: [1] })).toThrow(DataError)
    expect(() => data.split(data.windows([1, 2, 3], { length: 1 }) as never, { test: 0.5 })).toThrow('splitInTime')
  })
})

describe('classes', () => {
  test('are the places of the largest numbers', () => {
    expect(data.argMax([0.1, 0.7, 0.2]).item()).toBe(1)
    expect(data.argMax([[[1, 2]], [[3, 3]]]).toArray()).toEqual([[1], [0]])
    for (const wrong of [5, [], [[Number.NaN, 1]]]) expect(() => data.argMax(wrong)).toThrow(DataError)
    const labels = ['sun', 'rain', 'sun']
    const classes = ['rain', 'sun']
    expect(Array.from(data.argMax(data.oneHot(labels, { classes })).data, (i) => classes[i])).toEqual(labels)
  })

  test('are counted by what was predicted for them', () => {
    const expected = [
      [1, 0],
      [1, 1],
    ]
    const probabilities = [
      [0.8, 0.2],
      [0.6, 0.4],
      [0.1, 0.9],
    ]
    for (const truth of [[0, 1, 1], [[0], [1], [1]], data.oneHot([0, 1, 1])]) {
      expect(data.confusionMatrix(truth, probabilities).toArray()).toEqual(expected)
    }
    const classes = ['a', 'b']
    expect(data.confusionMatrix(['a', 'b', 'b'], ['a', 'a', 'b'], { classes }).toArray()).toEqual(expected)
    expect(data.confusionMatrix([0], [0], { classes: 3 }).shape).toEqual([3, 3])
    expect(() => data.confusionMatrix([0, 1], [0])).toThrow(DataError)
    expect(() => data.confusionMatrix([0, 5], [0, 1], { classes: 2 })).toThrow('got 5')
    expect(() => data.confusionMatrix([], [])).toThrow(OptionError)
  })
})
