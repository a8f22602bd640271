// Initializers: what each promises of its numbers.
import { describe, expect, test } from 'vitest'
import { HornbeamError } from '../../src/errors'
import { initializerRegistry, resolveInitializer } from '../../src/initializers'
import * as initializers from '../../src/initializers/factories'
import type { Shape, Tensor } from '../../src/tensor'
import { expectClose } from '../support'

const make = (option: Parameters<typeof resolveInitializer>[0], shape: Shape, stream = 1): Tensor =>
  resolveInitializer(option).initialize(shape, 'float64', { seed: 3, stream })

describe('orthogonal', () => {
  test.each<Shape>([
    [5, 5],
    [7, 3],
    [3, 7],
    [2, 3, 4],
  ])('has rows or columns of the length of its gain, at right angles (%o)', (...shape) => {
    const { data } = make(initializers.orthogonal({ gain: 2 }), shape)
    const columns = shape[shape.length - 1]
    const rows = data.length / columns
    const byRow = rows <= columns
    const [count, length] = byRow ? [rows, columns] : [columns, rows]
    const at = (vector: number, k: number): number => (byRow ? data[vector * columns + k] : data[k * columns + vector])
    for (let a = 0; a < count; a++) {
      for (let b = 0; b <= a; b++) {
        let product = 0
        for (let k = 0; k < length; k++) product += at(a, k) * at(b, k)
        expect(product).toBeCloseTo(a === b ? 4 : 0, 8)
      }
    }
  })
})

test('the constant ones are what they say', () => {
  expectClose(make('zeros', [2]), [0, 0])
  expectClose(make('ones', [2]), [1, 1])
  expectClose(make(initializers.constant(0.01), [2]), [0.01, 0.01])
  expectClose(make(initializers.identity({ gain: 3 }), [2, 3]), [
    [3, 0, 0],
    [0, 3, 0],
  ])
})

test.each(initializerRegistry.names())('%s gives the same for the same seed and stream', (name) => {
  expect(make(name, [4, 4])).toEqual(make(name, [4, 4]))
  if (!['zeros', 'ones', 'constant', 'identity'].includes(name)) {
    expect(make(name, [4, 4])).not.toEqual(make(name, [4, 4], 2))
  }
})

test('the uniform ones stay within their limits, truncated ones within two deviations', () => {
  const largest = (t: Tensor): number => Math.max(...Array.from(t.data, Math.abs))
  expect(largest(make('glorotUniform', [30, 20]))).toBeLessThanOrEqual(Math.sqrt(6 / 50))
  expect(largest(make('heUniform', [30, 20]))).toBeLessThanOrEqual(Math.sqrt(6 / 30))
  expect(largest(make(initializers.randomUniform({ minval: -2, maxval: 1 }), [500]))).toBeGreaterThan(1)
  expect(largest(make(initializers.truncatedNormal({ stddev: 3 }), [2000]))).toBeLessThanOrEqual(6)
})

test.each<[string, () => unknown]>([
  ['identity', () => make('identity', [2, 2, 2])],
  ['orthogonal', () => make('orthogonal', [4])],
  ['varianceScaling', () => initializers.varianceScaling({ mode: 'fanSideways' as never })],
  ['varianceScaling', () => initializers.varianceScaling({ scale: -1 })],
  ['glorotUnifrom', () => resolveInitializer('glorotUnifrom')],
])('%s refuses what it cannot make', (_, call) => {
  expect(call).toThrow(HornbeamError)
})
