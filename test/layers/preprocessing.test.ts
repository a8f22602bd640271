// Layers that prepare data: numbers of Keras 3.15.1 on TensorFlow, and what is drawn at random.
import {
  discretization,
  integerLookup,
  OptionError,
  randomBrightness,
  randomCrop,
  randomFlip,
  type Tensor,
  tensor,
} from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { expectClose } from '../support'

const run = async (layer: { run: (x: number[][]) => Promise<unknown> }, x: number[][]) =>
  ((await layer.run(x)) as Tensor).toArray()

describe('integerLookup', () => {
  test('finds its vocabulary by frequency', async () => {
    const layer = integerLookup()
    await layer.adapt([
      [12, 7, 12],
      [3, 7, 12],
    ])
    expect(layer.getVocabulary()).toEqual([-1, 12, 7, 3])
    expect(await run(layer, [[12, 3, 99]])).toEqual([[1, 3, 0]])
  })

  test('has places for masks and several for what is unknown', async () => {
    const layer = integerLookup({ vocabulary: [10, 20, 30], maskToken: 0, numOovIndices: 2 })
    expect(layer.getVocabulary()).toEqual([0, -1, -1, 10, 20, 30])
    expect(await run(layer, [[10, 0, 30, 7, 8]])).toEqual([[3, 0, 5, 2, 1]])
  })

  test('gives vectors, and numbers again', async () => {
    expect(await run(integerLookup({ vocabulary: [10, 20, 30], outputMode: 'multiHot' }), [[10, 30, 7]])).toEqual([
      [1, 1, 0, 1],
    ])
    expect(await run(integerLookup({ vocabulary: [10, 20, 30], invert: true }), [[1, 3, 0]])).toEqual([[10, 30, -1]])
  })

  test('says what is missing or wrong', async () => {
    await expect(integerLookup().run([[1]])).rejects.toThrow(/adapt\(data\)/)
    expect(() => integerLookup({ vocabulary: [1, 1] })).toThrow(OptionError)
    await expect(integerLookup({ vocabulary: [1] }).adapt([1])).rejects.toThrow(OptionError)
  })
})

describe('discretization', () => {
  test('finds boundaries as Keras does', async () => {
    const layer = discretization({ numBins: 4 })
    await layer.adapt([
      [-1.5, 1, 3.4, 0.5],
      [0, 3, 1.3, 0],
    ])
    expect(layer.binBoundaries).toEqual([0, 0.5, Math.fround(1.3)])
    expect(await run(layer, [[-1, 0, 0.1, 2, 5]])).toEqual([[0, 1, 1, 3, 3]])
  })

  test('of many numbers by a summary', async () => {
    const layer = discretization({ numBins: 5 })
    await layer.adapt(Array.from({ length: 300 }, (_, i) => Math.round(Math.sin(i * i) * 3 * 1000) / 1000))
    const found = [-2.4350006580352783, -0.9850008487701416, 0.8379996418952942, 2.371000289916992]
    layer.binBoundaries?.forEach((boundary, i) => {
      expect(boundary).toBeCloseTo(found[i], 5)
    })
    expect(layer.binBoundaries).toHaveLength(4)
  })

  test('is made again with what it found', async () => {
    const layer = discretization({ numBins: 2 })
    await layer.adapt([1, 2, 3, 4])
    expect(layer.config()).toMatchObject({ binBoundaries: layer.binBoundaries })
    expect(() => discretization({})).toThrow(/binBoundaries or numBins/)
    expect(() => discretization({ binBoundaries: [1, 0] })).toThrow(/ascending/)
  })
})

describe('what is drawn at random', () => {
  test('lightness moves by a part of the range, and stays in it', async () => {
    const y = await randomBrightness([0.2, 0.2]).run(tensor([10, 250], [1, 1, 2, 1]), { training: true })
    expectClose(y as Tensor, tensor([61, 255], [1, 1, 2, 1]))
  })

  test('about half of the images are turned round, each as a whole', async () => {
    const images = tensor(
      Array.from({ length: 400 }, (_, i) => i % 2),
      [200, 1, 2, 1],
    )
    const y = (await randomFlip('horizontal', { seed: 5 }).run(images, { training: true })) as Tensor
    const turned = Array.from({ length: 200 }, (_, i) => y.data[2 * i]).filter((first) => first === 1).length
    expect(turned).toBeGreaterThan(70)
    expect(turned).toBeLessThan(130)
    expect(Array.from({ length: 200 }, (_, i) => y.data[2 * i] + y.data[2 * i + 1]).every((sum) => sum === 1)).toBe(
      true,
    )
  })

  test('a part of an image is a box of it', async () => {
    const image = tensor(
      Array.from({ length: 30 }, (_, i) => i),
      [1, 5, 6, 1],
    )
    const y = (await randomCrop(2, 3).run(image, { training: true })) as Tensor
    const [first] = y.data
    expect(Array.from(y.data)).toEqual([0, 1, 2, 6, 7, 8].map((step) => first + step))
  })
})
