// Whole training runs against the real Keras, one of them also against PyTorch: from the same weights and batches come the
// same history, epoch by epoch, the same final weights and the same predictions.
import { describe, expect, test } from 'vitest'
import type { Tensor } from '../../src/tensor'
import { decode, type Encoded, expectGolden, named, readFixture } from './fixtures'
import { models } from './models'

type Data<T> = T | readonly T[] | Readonly<Record<string, T>>

/** A number, or a list of them where a metric has several. */
type Result = number | readonly number[]
type Results = Readonly<Record<string, Result>>

interface TrainingCase {
  readonly name: keyof typeof models
  readonly epochs: number
  readonly batchSize: number
  readonly x: Data<Encoded>
  readonly y: Data<Encoded>
  readonly xValidation: Data<Encoded>
  readonly yValidation: Data<Encoded>
  readonly classWeight?: Readonly<Record<string, number>>
  readonly sampleWeight?: Data<Encoded>
  /** By layer, in Keras' order. */
  readonly weights: Readonly<Record<string, readonly Encoded[]>>
  readonly evaluationBefore?: Results
  readonly history: Readonly<Record<string, readonly Result[]>>
  readonly finalWeights: Readonly<Record<string, readonly Encoded[]>>
  readonly prediction: Encoded | readonly Encoded[]
}

describe('a training run is the one of Keras or PyTorch', () => {
  test.for(named(readFixture<TrainingCase>('training')))('%s', async ([, golden]) => {
    const { batchSize, epochs } = golden
    const model = models[golden.name]()
    for (const [name, weights] of Object.entries(golden.weights))
      await model.getLayer(name).setWeights(weights.map(decode))
    const held = [decodeAll(golden.xValidation), decodeAll(golden.yValidation)] as const

    if (golden.evaluationBefore !== undefined) {
      expectNumbers(await model.evaluate(...held, { batchSize, verbose: 0 }), golden.evaluationBefore, 'evaluate')
    }
    const { epoch, history } = await model.fit(decodeAll(golden.x), decodeAll(golden.y), {
      epochs,
      batchSize,
      shuffle: false,
      validationData: held,
      verbose: 0,
      ...(golden.classWeight === undefined ? {} : { classWeight: golden.classWeight }),
      ...(golden.sampleWeight === undefined ? {} : { sampleWeight: decodeAll(golden.sampleWeight) }),
    })
    expect(epoch).toHaveLength(epochs)
    // With clipping on there are two keys more, which those libraries do not have.
    const clips = Object.keys(model.optimizer?.clip ?? {}).length > 0
    const keys = [...Object.keys(golden.history), ...(clips ? ['clippedShare', 'gradientNorm'] : [])]
    expect(Object.keys(history).sort()).toEqual(keys.sort())
    for (let i = 0; i < epochs; i++) {
      const at = (all: Readonly<Record<string, readonly Result[]>>) =>
        Object.fromEntries(Object.keys(golden.history).map((key) => [key, all[key][i]]))
      expectNumbers(at(history), at(golden.history), `epoch ${i + 1}`)
    }

    // Five epochs of rounding: a weight near zero may be off by more than 1e-4 of itself. PyTorch adds Adam's epsilon
    // after the bias correction, Keras (and so hornbeam) before: weights with small gradients move by a little less.
    const tolerance = golden.name.startsWith('torch') ? 0.1 : 1e-3
    for (const [name, weights] of Object.entries(golden.finalWeights)) {
      for (const [i, weight] of (await model.getLayer(name).getWeights()).entries()) {
        expectGolden(weight, weights[i], `weight ${i} of ${name}`, tolerance)
      }
    }
    const predicted = await model.predict(held[0], { batchSize })
    const expected = Array.isArray(golden.prediction) ? golden.prediction : [golden.prediction]
    for (const [i, output] of (Array.isArray(predicted) ? predicted : [predicted]).entries()) {
      expectGolden(output, expected[i], `prediction ${i}`, tolerance)
    }
  })
})

function decodeAll(data: Data<Encoded>): Data<Tensor> {
  if (Array.isArray(data)) return data.map(decode)
  if (isEncoded(data)) return decode(data)
  return Object.fromEntries(Object.entries(data).map(([name, encoded]) => [name, decode(encoded)]))
}

function isEncoded(data: Data<Encoded>): data is Encoded {
  return 'shape' in data && Array.isArray(data.shape)
}

function expectNumbers(actual: Results, expected: Results, what: string): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort())
  for (const [key, results] of Object.entries(expected)) {
    expect(Array.isArray(actual[key])).toBe(Array.isArray(results))
    const got = [actual[key]].flat()
    for (const [i, wanted] of [results].flat().entries()) {
      const allowed = 1e-4 * Math.abs(wanted) + 1e-6
      expect(Math.abs(got[i] - wanted), `${what}: ${key}: expected ${wanted}, got ${got[i]}`).toBeLessThan(allowed)
    }
  }
}
