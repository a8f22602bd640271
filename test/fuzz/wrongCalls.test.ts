// Calls with arguments of every wrong kind: each ends in an error that was thrown on purpose, or in a good answer, and soon. The calls are the same
// in every run; HORNBEAM_SEED=... draws others, HORNBEAM_FUZZ=60000 more of them.
import { expect, test } from 'vitest'
import { targets } from './calls'
import { badAnswers, callCount, quietly } from './draw'

const calls = callCount(6000)
quietly()

test(`${calls} wrong calls are answered well`, { timeout: 60_000 + 20 * calls }, async () => {
  expect(await badAnswers(targets(), calls, 'wrong calls', 0.55)).toEqual({})
})
