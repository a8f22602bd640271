// Calls that read and write, with arguments of every wrong kind, in a folder of their own: each ends in an error that was thrown on purpose, or in a
// good answer, and soon. Nothing is left where it was not told to be. HORNBEAM_SEED=... draws other calls, HORNBEAM_FUZZ=6000 more of them.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { badAnswers, callCount, quietly } from './draw'
import { fileTargets } from './files'

const calls = callCount(600)
quietly()

const home = process.cwd()
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hornbeam-fuzz-'))
  process.chdir(folder)
})
afterAll(() => {
  process.chdir(home)
  rmSync(folder, { recursive: true, force: true })
})

test(`${calls} wrong calls with places are answered well`, { timeout: 60_000 + 50 * calls }, async () => {
  expect(await badAnswers(fileTargets(), calls, 'wrong files', 0.7)).toEqual({})
  // Texts that are names became files of these names; nothing else did.
  const names = readdirSync(folder).filter((name) => !/^(wrong|relu|adam|mse|__proto__|constructor|n)(\.|$)/.test(name))
  expect(names).toEqual([])
})
