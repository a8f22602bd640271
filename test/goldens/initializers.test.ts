// Initializers against the spread that Keras' have, and the biases with which its recurrent layers start.
import { describe, expect, test } from 'vitest'
import { initializerRegistry } from '../../src/initializers'
import { decode, type Encoded, expectGolden, named, readFixture } from './fixtures'
import { type LayerSpec, makeLayer } from './makeLayer'

interface InitializerCase {
  readonly name: string
  readonly initializer: string
  readonly config: Readonly<Record<string, unknown>>
  readonly shape: readonly number[]
  /** No value is further from zero; null where there is no such limit. */
  readonly limit: number | null
  readonly deviation: number
}

interface BiasCase extends LayerSpec {
  readonly name: string
  readonly bias: Encoded
}

const fixture = readFixture<InitializerCase, { readonly biases: readonly BiasCase[] }>('initializers')

describe('an initializer spreads as far as in Keras', () => {
  test.for(named(fixture))('%s', ([, golden]) => {
    const initializer = initializerRegistry.resolve({ name: golden.initializer, options: golden.config })
    const { shape, data } = initializer.initialize(golden.shape, 'float32', { seed: 1, stream: 1 })
    const values = Array.from(data)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
    const largest = Math.max(...values.map(Math.abs))
    expect(shape).toEqual(golden.shape)
    expect(Math.abs(mean)).toBeLessThan(0.1 * golden.deviation)
    expect(deviation / golden.deviation).toBeGreaterThan(0.94)
    expect(deviation / golden.deviation).toBeLessThan(1.06)
    if (golden.limit === null) {
      expect(largest).toBeGreaterThan(2.5 * golden.deviation)
    } else {
      expect(largest).toBeLessThanOrEqual(golden.limit * (1 + 1e-6))
      expect(largest).toBeGreaterThan(0.97 * golden.limit)
    }
  })
})

describe('biases start as in Keras', () => {
  test.for(named({ cases: fixture.biases }))('%s', async ([, golden]) => {
    const layer = makeLayer(golden)
    layer.buildFor([[4, 5]])
    const bias = (await layer.getWeights()).at(-1)
    if (bias === undefined) throw new Error('the layer has no bias')
    expect(bias.shape).toEqual(golden.bias.shape)
    expectGolden(bias, golden.bias, 'bias')
    expect(decode(golden.bias).size).toBe(bias.size)
  })
})
