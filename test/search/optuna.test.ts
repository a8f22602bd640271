// Studies that Python takes part in, with the real Optuna: it reads what hornbeam wrote, and both work on one study at the same time.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dense, randomNormal, search, sequential } from 'hornbeam'
import { afterAll, describe, expect, test } from 'vitest'
import { Journal } from '../../src/search/journal/journal'
import { hasOptuna, python, shareWithPython } from './python'
import { told } from './told'

const folder = mkdtempSync(join(tmpdir(), 'hornbeam-optuna-'))
afterAll(() => rmSync(folder, { recursive: true }))

const [x, y] = [randomNormal([24, 2], { seed: 1 }), randomNormal([24, 1], { seed: 2 })]

describe.skipIf(!hasOptuna)(
  'with the real Optuna (skipped where python3 has no optuna: pip install optuna redis)',
  () => {
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
      const states = read.studies[0].trials.map(({ state }) => state)
      expect(states).toEqual(
        [...found.trials].sort((a, b) => a.trial - b.trial).map(({ status }) => (status === 'finished' ? 1 : 2)),
      )
      const best = read.studies[0].trials[found.best.trial]
      expect(Object.values(best.intermediate)).toEqual(found.best.history.val_loss)
    })

    test('a worker in Python and a search share a study at the same time: both see all trials', () =>
      shareWithPython(join(folder, 'shared.log')))
  },
)
