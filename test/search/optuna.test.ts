// Studies that Python takes part in, with the real Optuna: it reads what hornbeam wrote, and both work on one study at the same time.
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { dense, randomNormal, search, sequential } from 'hornbeam'
import { afterAll, describe, expect, test } from 'vitest'
import { Journal } from '../../src/search/journal/journal'
import { told } from './told'

const folder = mkdtempSync(join(tmpdir(), 'hornbeam-optuna-'))
afterAll(() => rmSync(folder, { recursive: true }))

const hasOptuna = spawnSync('python3', ['-c', 'import optuna']).status === 0
const script = fileURLToPath(new URL('../../tools/study_worker.py', import.meta.url))

/** What Optuna reads in the end, when Python has tried so many points. */
async function python(storage: string, study: string, trials: number) {
  const { stdout } = await promisify(execFile)('python3', [script, storage, study, String(trials)])
  return JSON.parse(stdout)
}

const [x, y] = [randomNormal([24, 2], { seed: 1 }), randomNormal([24, 1], { seed: 2 })]

describe.skipIf(!hasOptuna)('with the real Optuna (skipped where python3 has no optuna: pip install optuna)', () => {
  test.each(['random', 'halving'] as const)('optuna.load_study reads what a search by %s wrote', async (method) => {
    const storage = join(folder, `${method}.log`)
    const found = await search(
      ({ units, rate }) => ({
        model: sequential([dense(units), dense(1)], { inputShape: [2] }).compile({
          optimizer: 'sgd',
          learningRate: rate,
          loss: 'mse',
          backend: 'cpu',
        }),
        x,
        y,
        fit: { validationSplit: 0.25 },
      }),
      { units: [1, 2, 4], rate: { min: 1e-3, max: 0.1, scale: 'log' }, depth: { min: 1, max: 3, integer: true } },
      { method, trials: 5, epochs: 4, seed: 2, storage, study: 'ours' },
    )
    const read = await python(storage, 'ours', 0)
    expect(read.best).toBe(found.best.score)
    expect(read.parameters).toEqual(found.best.parameters)
    expect(read.studies).toEqual(told((await Journal.open(storage)).replay))
    const states = read.studies[0].trials.map(({ state }: { readonly state: number }) => state)
    expect(states).toEqual(
      [...found.trials].sort((a, b) => a.trial - b.trial).map(({ status }) => (status === 'finished' ? 1 : 2)),
    )
    const best = read.studies[0].trials[found.best.trial]
    expect(Object.values(best.intermediate)).toEqual(found.best.history.val_loss)
  })

  test('a worker in Python and a search share a study at the same time: both see all trials', async () => {
    const storage = join(folder, 'shared.log')
    const space = { a: { min: 0, max: 1 }, cell: ['lstm', 'gru'] } as const
    const score = async ({ a }: { readonly a: number }): Promise<number> => {
      await new Promise((resolve) => setTimeout(resolve, 100))
      return (a - 0.3) ** 2
    }
    const options = { objective: 'loss', epochs: 2, seed: 3, storage, study: 'shared' } as const
    await search(score, space, { ...options, trials: 1 })
    const [read, found] = await Promise.all([
      python(storage, 'shared', 6),
      search(score, space, { ...options, trials: 60 }),
    ])
    expect(found.trials.length).toBe(60)
    expect(found.trials.every(({ parameters: { a }, score: value }) => value === (a - 0.3) ** 2)).toBe(true)
    const { trials } = (await Journal.open(storage)).replay.find('shared') ?? {}
    expect(trials?.length).toBe(60)
    expect(trials?.filter(({ user }) => user.seed === undefined).length).toBe(6)
    expect(new Set(trials?.map(({ number }) => number)).size).toBe(60)
    expect(read.complete).toBeGreaterThanOrEqual(7)
    expect((await python(storage, 'shared', 0)).complete).toBe(60)
  })
})
