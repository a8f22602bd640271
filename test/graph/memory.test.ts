// The memory plan, for any lifetimes.

import { expect, test } from 'vitest'
import { aligned, planMemory } from '../../src/graph/lowering/memory'
import { fc } from '../support/random'

const anyLifetime = fc
  .tuple(fc.integer({ min: 1, max: 4000 }), fc.nat(30), fc.nat(10))
  .map(([bytes, first, length]) => ({ bytes, first, last: first + length }))

test('what is needed at the same time lies apart, at whole cache lines, inside the arena', () => {
  fc.assert(
    fc.property(fc.array(anyLifetime, { maxLength: 40 }), (lifetimes) => {
      const { offsets, bytes } = planMemory(lifetimes)
      for (const [i, a] of lifetimes.entries()) {
        expect(offsets[i] % 64).toBe(0)
        expect(offsets[i] + a.bytes).toBeLessThanOrEqual(bytes)
        for (const [k, b] of lifetimes.entries()) {
          if (k >= i || a.last < b.first || b.last < a.first) continue
          expect(offsets[i] >= offsets[k] + b.bytes || offsets[k] >= offsets[i] + a.bytes).toBe(true)
        }
      }
    }),
  )
})

test('the arena is no larger than all together, and as large as what is needed at once', () => {
  fc.assert(
    fc.property(fc.array(anyLifetime, { maxLength: 40 }), (lifetimes) => {
      const { bytes } = planMemory(lifetimes)
      const at = (time: number): number =>
        lifetimes.reduce(
          (sum, { first, last, bytes: own }) => sum + (first <= time && time <= last ? aligned(own) : 0),
          0,
        )
      expect(bytes).toBeLessThanOrEqual(lifetimes.reduce((sum, { bytes: own }) => sum + aligned(own), 0))
      expect(bytes).toBeGreaterThanOrEqual(Math.max(0, ...Array.from({ length: 41 }, (_, time) => at(time))))
    }),
  )
})

test('one after the other they share the same place', () => {
  const chain = Array.from({ length: 10 }, (_, i) => ({ bytes: 640, first: i, last: i + 1 }))
  expect(planMemory(chain).bytes).toBe(1280)
})
