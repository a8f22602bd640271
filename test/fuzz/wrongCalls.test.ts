// Calls with arguments of every wrong kind: each ends in an error that was thrown on purpose, or in a good answer, and soon. The calls are the same
// in every run; HORNBEAM_SEED=... draws others, HORNBEAM_FUZZ=60000 more of them.
import { appendFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { seeded } from '../support/seeded'
import { targets } from './calls'
import { judged } from './judge'
import { rightValues, wrongValues } from './values'

const calls = Number(process.env.HORNBEAM_FUZZ ?? 6000)
/** A file to which each call is written before it is made: of one that does not come back nothing else is known. */
const trace = process.env.HORNBEAM_FUZZ_TRACE

const ignore = (): void => undefined
beforeAll(() => {
  // Promises that are wrong arguments themselves are nobody's.
  process.on('unhandledRejection', ignore)
  vi.spyOn(console, 'warn').mockImplementation(ignore)
  vi.spyOn(console, 'log').mockImplementation(ignore)
})
afterAll(() => {
  process.off('unhandledRejection', ignore)
  vi.restoreAllMocks()
})

test(`${calls} wrong calls are answered well`, { timeout: 60_000 + 20 * calls }, async () => {
  const random = seeded('wrong calls')
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]
  const all = targets()
  const [wrong, right] = [Object.entries(wrongValues), Object.entries(rightValues)]
  const bad = new Map<string, string>()
  for (let i = 0; i < calls; i++) {
    const target = pick(all)
    const length = 1 + Math.floor(random() * target.most)
    const given = Array.from({ length }, () => (random() < 0.55 ? pick(wrong) : pick(right)))
    const what = `${target.name}(${given.map(([name]) => name).join(', ')})`
    if (trace !== undefined) appendFileSync(trace, `${what}\n`)
    const verdict = await judged(() => target.call(given.map(([, make]) => make())))
    if (verdict !== undefined) bad.set(what, verdict)
  }
  expect(Object.fromEntries(bad)).toEqual({})
})
