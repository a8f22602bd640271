// Calls with arguments that are drawn, mostly wrong ones, and what came of them.
import { appendFileSync } from 'node:fs'
import { afterAll, beforeAll, vi } from 'vitest'
import { seeded } from '../support/seeded'
import type { Target } from './calls'
import { judged } from './judge'
import { rightValues, wrongValues } from './values'

/** A file to which each call is written before it is made: of one that does not come back nothing else is known. */
const trace = process.env.HORNBEAM_FUZZ_TRACE

/** How many calls are made: as many as the environment says, else `count`. */
export const callCount = (count: number): number => Number(process.env.HORNBEAM_FUZZ ?? count)

const ignore = (): void => undefined

/** Keeps what the calls print and leave behind out of the test. */
export function quietly(): void {
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
}

/**
 * The calls that were answered badly, with what was wrong.
 *
 * @param seed - draws the calls.
 * @param wrong - the share of arguments that are wrong wherever they stand.
 */
export async function badAnswers(
  targets: readonly Target[],
  count: number,
  seed: string,
  wrong: number,
): Promise<Record<string, string>> {
  const random = seeded(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]
  const values = [Object.entries(rightValues), Object.entries(wrongValues)] as const
  const bad: Record<string, string> = {}
  for (let i = 0; i < count; i++) {
    const target = pick(targets)
    const length = 1 + Math.floor(random() * target.most)
    const given = Array.from({ length }, () => pick(values[random() < wrong ? 1 : 0]))
    const what = `${target.name}(${given.map(([name]) => name).join(', ')})`
    if (trace !== undefined) appendFileSync(trace, `${what}\n`)
    const verdict = await judged(() => target.call(given.map(([, make]) => make())))
    if (verdict !== undefined) bad[what] = verdict
  }
  return bad
}
