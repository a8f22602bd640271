// Workers in Python, with the real Optuna.
import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { search } from 'hornbeam'
import { expect } from 'vitest'
import { Journal } from '../../src/search/journal/journal'
import { told } from './told'

/** Whether python3 has what they need: `pip install optuna redis`. */
export const hasOptuna = spawnSync('python3', ['-c', 'import optuna, redis']).status === 0

const script = fileURLToPath(new URL('../../tools/study_worker.py', import.meta.url))

/** What Optuna reads from a storage. */
export interface Read {
  readonly best: number
  readonly parameters: Readonly<Record<string, unknown>>
  /** How many trials were trained to the end. */
  readonly complete: number
  /** In the plain data of `told`. */
  readonly studies: readonly {
    readonly trials: readonly { readonly state: number; readonly intermediate: Readonly<Record<string, number>> }[]
  }[]
}

/** Tries so many points of a study, and tells what Optuna reads in the end. */
export async function python(storage: string, study: string, trials: number): Promise<Read> {
  const { stdout } = await promisify(execFile)('python3', [script, storage, study, String(trials)])
  return JSON.parse(stdout)
}

/** Lets a worker in Python and a search work on one study at the same time, and holds what both see of it together. */
export async function shareWithPython(storage: string): Promise<void> {
  const score = async ({ a }: { readonly a: number }): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, 50))
    return (a - 0.3) ** 2
  }
  const space = { a: { min: 0, max: 1 }, cell: ['lstm', 'gru'] } as const
  const options = { objective: 'loss', epochs: 2, seed: 3, storage, study: 'shared' } as const
  await search(score, space, { ...options, trials: 1 })
  const working = python(storage, 'shared', 12)
  const journal = await Journal.open(storage)
  const trials = () => journal.replay.find('shared')?.trials ?? []
  while (trials().length < 2) {
    await journal.sync()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await search(score, space, { ...options, trials: 30 })
  await working
  const found = await search(score, space, { ...options, trials: 30 })
  await journal.sync()
  const pythons = trials().filter(({ user }) => user.seed === undefined)
  const ours = trials().filter(({ user, number }) => user.seed !== undefined && number > 0)
  expect(pythons.length).toBe(12)
  expect(found.trials.length).toBe(12 + 1 + ours.length)
  expect(found.trials.length).toBeGreaterThanOrEqual(30)
  // At the same time: Python went on after the search had begun.
  expect(pythons[pythons.length - 1].number).toBeGreaterThan(ours[0].number)
  expect(found.trials.every(({ parameters: { a }, score: value }) => value === (a - 0.3) ** 2)).toBe(true)
  const read = await python(storage, 'shared', 0)
  expect(read.complete).toBe(found.trials.length)
  expect(read.best).toBe(found.best.score)
  expect(read.studies).toEqual(told(journal.replay))
  await journal.close()
}
