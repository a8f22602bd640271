import { expect, test } from 'vitest'
import { constant } from '../../src/initializers/factories'

test('a constant is rounded to the type of the weight, and to no other', () => {
  const random = { seed: 0, stream: 0 }
  expect([...constant(0.1).initialize([2], 'float64', random).data]).toEqual([0.1, 0.1])
  expect([...constant(0.1).initialize([1], 'float32', random).data]).toEqual([Math.fround(0.1)])
  expect([...constant([0.1, 0.2]).initialize([2], 'float64', random).data]).toEqual([0.1, 0.2])
})
