// Calls that read and write, with arguments of every wrong kind, in a folder of their own: each ends in an error that was thrown on purpose, or in a
// good answer, and soon. Nothing is left where it was not told to be. HORNBEAM_SEED=... draws other calls, HORNBEAM_FUZZ=6000 more of them.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { seeded } from '../support/seeded'
import { fileTargets } from './files'
import { judged } from './judge'
import { rightValues, wrongValues } from './values'

const calls = Number(process.env.HORNBEAM_FUZZ ?? 600)

const ignore = (): void => undefined
const home = process.cwd()
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hornbeam-fuzz-'))
  process.chdir(folder)
  process.on('unhandledRejection', ignore)
  vi.spyOn(console, 'warn').mockImplementation(ignore)
  vi.spyOn(console, 'log').mockImplementation(ignore)
})
afterAll(() => {
  process.chdir(home)
  process.off('unhandledRejection', ignore)
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

test(`${calls} wrong calls with places are answered well`, { timeout: 60_000 + 50 * calls }, async () => {
  const random = seeded('wrong files')
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]
  const all = fileTargets()
  const [wrong, right] = [Object.entries(wrongValues), Object.entries(rightValues)]
  const bad = new Map<string, string>()
  for (let i = 0; i < calls; i++) {
    const target = pick(all)
    const length = 1 + Math.floor(random() * target.most)
    const given = Array.from({ length }, () => (random() < 0.7 ? pick(wrong) : pick(right)))
    const what = `${target.name}(${given.map(([name]) => name).join(', ')})`
    const verdict = await judged(() => target.call(given.map(([, make]) => make())))
    if (verdict !== undefined) bad.set(what, verdict)
  }
  expect(Object.fromEntries(bad)).toEqual({})
  // Texts that are names became files of these names; nothing else did.
  const names = readdirSync(folder).filter((name) => !/^(wrong|relu|adam|mse|__proto__|constructor|n)(\.|$)/.test(name))
  expect(names).toEqual([])
})
