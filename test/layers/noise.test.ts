// Layers that are random in training: what they do to numbers, and that they do nothing otherwise.
import { expect, test } from 'vitest'
import { OptionError } from '../../src/errors'
import {
  alphaDropout,
  dropout,
  gaussianDropout,
  gaussianNoise,
  type Layer,
  spatialDropout1d,
  spatialDropout2d,
} from '../../src/layers'
import { ones, setSeed, type Tensor } from '../../src/tensor'
import { callLayer, expectClose } from '../support'

const training = { training: true }
const many = ones([100, 100])

function meanAndDeviation(y: Tensor): [number, number] {
  const numbers = Array.from(y.data)
  const mean = numbers.reduce((sum, x) => sum + x, 0) / y.size
  const variance = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / y.size
  return [mean, Math.sqrt(variance)]
}

const layers: readonly (readonly [string, () => Layer])[] = [
  ['dropout', () => dropout(0.5)],
  ['gaussianNoise', () => gaussianNoise(0.5)],
  ['gaussianDropout', () => gaussianDropout(0.5)],
  ['alphaDropout', () => alphaDropout(0.5)],
]

test.each(layers)('%s does nothing unless the model trains', async (_, make) => {
  expectClose(await make().run(many), many)
})

test.each(layers)('%s draws other numbers each time, and the same after the same seed', async (_, make) => {
  setSeed(3)
  const layer = make()
  const [first, second] = [await layer.run(many, training), await layer.run(many, training)]
  expect(first.data).not.toEqual(second.data)
  setSeed(3)
  expectClose(await make().run(many, training), first)
})

test('a seed of its own fixes what a layer draws, whatever setSeed says', async () => {
  const draw = async (layer: Layer, seed: number): Promise<Tensor> => {
    setSeed(seed)
    return layer.run(many, training)
  }
  const first = await draw(dropout(0.5, { seed: 7 }), 1)
  expectClose(await draw(dropout(0.5, { seed: 7 }), 2), first)
  expect((await draw(dropout(0.5, { seed: 8 }), 1)).data).not.toEqual(first.data)
  expect((await draw(dropout(0.5), 1)).data).not.toEqual((await draw(dropout(0.5), 2)).data)
})

test.each(layers)('%s passes a mask on', async (_, make) => {
  const { masks } = await callLayer(make(), [ones([1, 2, 1])], { masks: [[[true, false]]] })
  expect(masks[0]?.toArray()).toEqual([[true, false]])
})

test('dropout drops its share and scales up the rest', async () => {
  const { data } = await dropout(0.2).run(many, training)
  expect(new Set(data)).toEqual(new Set([0, Math.fround(1 / 0.8)]))
  expect(data.filter((x) => x === 0).length / data.length).toBeCloseTo(0.2, 1)
})

test('dropout of everything or nothing is exact', async () => {
  expectClose(await dropout(1).run([[1, 2]], training), [[0, 0]])
  expectClose(await dropout(0).run([[1, 2]], training), [[1, 2]])
})

test('dropout along an axis of its noise shape drops all or none', async () => {
  const y = await dropout(0.5, { noiseShape: [null, 1, 50] }).run(ones([4, 6, 50]), training)
  const steps = y.toArray() as number[][][] // three axes
  for (const sample of steps) for (const step of sample) expect(step).toEqual(sample[0])
  expect(new Set(y.data).size).toBe(2)
})

test('spatial dropout drops whole channels', async () => {
  const series = (await spatialDropout1d(0.5).run(ones([2, 3, 40]), training)).toArray() as number[][][]
  for (const sample of series) for (const step of sample) expect(step).toEqual(sample[0])
  expect(new Set(series[0][0])).toEqual(new Set([0, 2]))
  const images = (await spatialDropout2d(0.5).run(ones([1, 2, 2, 40]), training)).toArray() as number[][][][]
  expect(images[0][1][1]).toEqual(images[0][0][0])
  expect(new Set(images[0][0][0])).toEqual(new Set([0, 2]))
})

test('gaussian noise has mean 0 and its deviation', async () => {
  const [mean, deviation] = meanAndDeviation(await gaussianNoise(0.3).run(many, training))
  expect(mean).toBeCloseTo(1, 1)
  expect(deviation).toBeCloseTo(0.3, 1)
})

test('gaussian dropout has the variance of dropout', async () => {
  const [mean, deviation] = meanAndDeviation(await gaussianDropout(0.2).run(many, training))
  expect(mean).toBeCloseTo(1, 1)
  expect(deviation).toBeCloseTo(0.5, 1)
})

test('alpha dropout keeps mean 0 and variance 1', async () => {
  const normal = await gaussianNoise(1).run(ones([200, 200]), training)
  const [before] = meanAndDeviation(normal)
  const centred = normal.toArray() as number[][] // two axes
  const y = await alphaDropout(0.3).run(
    centred.map((row) => row.map((x) => x - before)),
    training,
  )
  const [mean, deviation] = meanAndDeviation(y)
  expect(Math.abs(mean)).toBeLessThan(0.03)
  expect(Math.abs(deviation - 1)).toBeLessThan(0.03)
})

test.each([
  ['dropout: rate', () => dropout(1.1)],
  ['dropout: rate', () => dropout(-0.1)],
  ['dropout: noiseShape', () => dropout(0.5, { noiseShape: [0, 1] })],
  ['spatialDropout1d: rate', () => spatialDropout1d(2)],
  ['gaussianNoise: stddev', () => gaussianNoise(-1)],
  ['gaussianDropout: rate', () => gaussianDropout(1)],
  ['alphaDropout: rate', () => alphaDropout(Number.NaN)],
])('%s is checked when the layer is made', (start, make) => {
  expect(make).toThrow(OptionError)
  expect(make).toThrow(start)
})

test('a noise shape of another rank is refused', async () => {
  await expect(dropout(0.5, { noiseShape: [null, 1] }).run(ones([1, 2, 3]))).rejects.toThrow(
    /dropout: noiseShape: expected 3 lengths, the batch first, got 2/,
  )
})
