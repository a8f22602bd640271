// search: points, rungs, records, and that neither a break nor the order of things changes what is found.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dense, type Model, randomNormal, type SearchBuild, search, sequential, sgd, tensor } from 'hornbeam'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { halvingRungs } from '../../src/search/rungs'
import { drawPoints } from '../../src/search/space'

const folder = mkdtempSync(join(tmpdir(), 'hornbeam-search-'))
afterAll(() => rmSync(folder, { recursive: true }))

const x = randomNormal([40, 2], { seed: 1 })
const y = tensor(Array.from({ length: 40 }, (_, i) => [2 * x.data[2 * i] - x.data[2 * i + 1]]))

const space = { units: [1, 4, 8], learningRate: { min: 1e-5, max: 0.1, scale: 'log' } } as const
const build: SearchBuild<typeof space> = ({ units, learningRate }) => ({
  model: sequential([dense(units), dense(1)], { inputShape: [2] }).compile({
    optimizer: sgd({ learningRate }),
    loss: 'mse',
    backend: 'cpu',
  }),
  x,
  y,
  fit: { validationSplit: 0.25, batchSize: 10 },
})

/** What of a result does not depend on the clock. */
const timeless = (found: { readonly trials: readonly object[] }) =>
  found.trials.map((trial) => ({ ...trial, seconds: 0 }))

describe('points', () => {
  test('lie in their ranges, ends included, evenly in the scale', () => {
    const points = drawPoints(
      { rate: { min: 1e-4, max: 1, scale: 'log' }, count: { min: 1, max: 3, integer: true } },
      7,
      600,
    )
    const rates = points.map(({ rate }) => Number(rate))
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-4)
    expect(Math.max(...rates)).toBeLessThanOrEqual(1)
    expect(rates.filter((rate) => rate < 1e-2).length / 600).toBeCloseTo(0.5, 1)
    for (const n of [1, 2, 3]) expect(points.filter(({ count }) => count === n).length / 600).toBeCloseTo(1 / 3, 1)
  })

  test('do not depend on how many are asked for, nor on other dimensions, and differ from each other', () => {
    expect(drawPoints(space, 3, 20).slice(0, 5)).toEqual(drawPoints(space, 3, 5))
    expect(drawPoints({ a: space.learningRate, b: ['x'] }, 3, 4).map(({ a }) => a)).toEqual(
      drawPoints({ a: space.learningRate }, 3, 4).map(({ a }) => a),
    )
    expect(drawPoints(space, 3, 5)).not.toEqual(drawPoints(space, 4, 5))
    const all = drawPoints({ a: [1, 2], b: ['x', 'y', 'z'] }, 1, 50)
    expect(new Set(all.map((point) => JSON.stringify(point))).size).toBe(6)
    expect(all.length).toBe(6)
  })
})

describe('what hangs on other parameters', () => {
  const conditional = {
    cell: ['lstm', 'gru', 'none'],
    units: { choices: [4, 8], when: { cell: ['lstm', 'gru'] } },
    dropout: { min: 0, max: 0.5, when: { cell: 'lstm', units: 8 } },
  } as const

  test.each(['random', 'tpe', 'halving'] as const)('is there only where they are so: by %s', async (method) => {
    const storage = join(folder, `conditional-${method}.log`)
    const score: SearchBuild<typeof conditional> = ({ cell, units = 0, dropout = 0 }) => units + dropout + cell.length
    const found = await search(score, conditional, { method, trials: 40, objective: 'loss', seed: 1, storage })
    const { trials } = found
    expect(String(found)).toMatch(/cell +units +dropout/)
    for (const { parameters, score: value } of trials) {
      const { cell, units = 0, dropout = 0 } = parameters
      expect('units' in parameters).toBe(cell !== 'none')
      expect('dropout' in parameters).toBe(cell === 'lstm' && units === 8)
      expect(value).toBe(units + dropout + cell.length)
    }
    expect(new Set(trials.map(({ parameters }) => Object.keys(parameters).length))).toEqual(new Set([1, 2, 3]))
    // The points are the same where they are read back.
    const again = await search(score, conditional, { method, trials: 40, objective: 'loss', seed: 1, storage })
    expect(again.trials).toEqual(trials)
  })

  test('stands behind them', async () => {
    const one = () => 1
    await expect(search(one, { units: { choices: [1], when: { cel: 1 } }, cell: [1] })).rejects.toThrow(
      "units: when: expected names that stand before it, got 'cel'",
    )
    await expect(search(one, { cell: [1], units: { choices: [], when: { cell: 1 } } })).rejects.toThrow(
      'at least one choice',
    )
  })
})

test('rungs have a third of the trials and three times the epochs of those before', () => {
  expect(halvingRungs(27, 27, 1, 3)).toEqual([
    { trials: 27, epochs: 1 },
    { trials: 9, epochs: 3 },
    { trials: 3, epochs: 9 },
    { trials: 1, epochs: 27 },
  ])
  expect(halvingRungs(8, 10, 4, 2)).toEqual([
    { trials: 8, epochs: 5 },
    { trials: 4, epochs: 10 },
  ])
  expect(halvingRungs(1, 10, 1, 3)).toEqual([{ trials: 1, epochs: 10 }])
})

describe('a random search', () => {
  test('trains every trial to the end and has the best first', async () => {
    const found = await search(build, space, { trials: 6, epochs: 3, seed: 1 })
    expect(found.trials.length).toBe(6)
    const scores = found.trials.map(({ score }) => Number(score))
    expect(scores).toEqual([...scores].sort((a, b) => a - b))
    expect(found.best).toBe(found.trials[0])
    expect(
      found.trials.every(
        ({ status, epochs, history }) => status === 'finished' && epochs === 3 && history.loss.length === 3,
      ),
    ).toBe(true)
    expect(found.best.score).toBe(found.best.history.val_loss[2])
    expect(String(found).split('\n').length).toBe(8)
    expect(timeless(await search(build, space, { trials: 6, epochs: 3, seed: 1 }))).toEqual(timeless(found))
  })

  test('takes scores, more of which may be better, and leaves the random numbers of others alone', async () => {
    const seen = vi.fn()
    const before = randomNormal([3])
    const found = await search(
      ({ a }) => -((a - 2) ** 2),
      { a: [0, 1, 2, 3] },
      { objective: 'score', seed: 2, onTrial: seen },
    )
    expect(found.best.parameters).toEqual({ a: 2 })
    expect(found.best.score).toBe(-0)
    expect(seen).toHaveBeenCalledTimes(4)
    expect(randomNormal([3]).data).not.toEqual(before.data)
    const least = await search(
      ({ a }) => (a - 2) ** 2,
      { a: [0, 1, 2, 3] },
      { objective: 'score', mode: 'min', seed: 2 },
    )
    expect(least.best.parameters).toEqual({ a: 2 })
  })

  test('records trials that fail, and ranks them last', async () => {
    const failing = ({ a }: { a: number }): number => {
      if (a === 1) throw new Error('no such model')
      return a === 2 ? Number.NaN : a
    }
    const { trials } = await search(failing, { a: [0, 1, 2, 3] }, { seed: 5 })
    expect(trials.slice(0, 2).map(({ score }) => score)).toEqual([0, 3])
    expect(trials.find(({ status }) => status === 'failed')?.error).toBe('no such model')
    await expect(search(() => Number.NaN, { a: [0, 1] })).rejects.toThrow('all 2 trials failed')
  })
})

describe('successive halving', () => {
  const halving = { method: 'halving', trials: 9, epochs: 9, seed: 4 } as const

  test('trains the better third on, from where it was', async () => {
    const built: Model[] = []
    const counting: typeof build = (parameters, context) => {
      const candidate = build(parameters, context)
      if (typeof candidate === 'object' && 'model' in candidate) built.push(candidate.model)
      return candidate
    }
    const { trials, best } = await search(counting, space, halving)
    expect(built.length).toBe(9)
    expect(trials.map(({ epochs }) => epochs)).toEqual([9, 3, 3, 1, 1, 1, 1, 1, 1])
    expect(trials.map(({ status }) => status)).toEqual(['finished', ...Array.from({ length: 8 }, () => 'stopped')])
    expect(best.history.loss.length).toBe(9)
    // Those left behind were worse than those that went on, at the same number of epochs.
    const after = (trial: (typeof trials)[number]) => trial.history.val_loss[0]
    expect(Math.max(...trials.slice(0, 3).map(after))).toBeLessThanOrEqual(Math.min(...trials.slice(3).map(after)))
  })

  test('goes on from its file as if it had not been broken off', async () => {
    const whole = await search(build, space, halving)
    for (const breakAfter of [4, 11]) {
      const file = join(folder, `broken-${breakAfter}.jsonl`)
      const controller = new AbortController()
      let done = 0
      const onTrial = () => {
        if (++done === breakAfter) controller.abort(new Error('broken off'))
      }
      await expect(search(build, space, { ...halving, file, onTrial, signal: controller.signal })).rejects.toThrow(
        'broken off',
      )
      const lines = readFileSync(file, 'utf8').trim().split('\n')
      expect(lines.filter((line) => line.includes('"history"')).length).toBe(breakAfter)
      const ran = vi.fn()
      expect(timeless(await search(build, space, { ...halving, file, onTrial: ran }))).toEqual(timeless(whole))
      expect(ran).toHaveBeenCalledTimes(9 + 3 + 1 - breakAfter)
    }
  })

  test('trains a trial again whose line was cut off as it was written', async () => {
    const file = join(folder, 'cut.jsonl')
    const options = { trials: 3, epochs: 1, seed: 1, storage: file, grace: 0.2 }
    const whole = await search(build, space, options)
    writeFileSync(file, readFileSync(file, 'utf8').slice(0, -20))
    const ran = vi.fn()
    expect(timeless(await search(build, space, { ...options, onTrial: ran }))).toEqual(timeless(whole))
    expect(ran).toHaveBeenCalledTimes(1)
  })

  test('ends when it is aborted, also where the trials train by themselves', async () => {
    const controller = new AbortController()
    let built = 0
    const score = () => {
      if (++built === 2) controller.abort(new Error('enough'))
      return built
    }
    const options = { trials: 5, objective: 'loss', signal: controller.signal }
    await expect(search(score, { rate: { min: 0, max: 1 } }, options)).rejects.toThrow('enough')
    expect(built).toBe(2)
  })

  test('does not go on from the file of another search', async () => {
    const file = join(folder, 'other.jsonl')
    await search(build, space, { trials: 2, epochs: 1, seed: 1, file })
    const more = await search(build, space, { trials: 3, epochs: 1, seed: 1, file })
    expect(more.trials.length).toBe(3)
    await expect(search(build, space, { trials: 2, epochs: 1, seed: 2, file })).rejects.toThrow(
      'its seed is 1, expected 2',
    )
    writeFileSync(file, 'no search')
    await expect(search(build, space, { trials: 2, epochs: 1, seed: 1, file })).rejects.toThrow(
      'not the journal of a study',
    )
  })
})

test('mistakes are told', async () => {
  const one = () => 1
  await expect(search(one, {})).rejects.toThrow('space: expected choices and ranges by name')
  await expect(search(one, { a: [] })).rejects.toThrow('a: expected at least one choice')
  await expect(search(one, { a: { min: 0, max: 1, scale: 'log' } })).rejects.toThrow(
    'expected a number above 0 on a log scale',
  )
  await expect(search(one, { a: [1] }, { objective: 'happiness' })).rejects.toThrow("say mode: 'min' or mode: 'max'")
  await expect(search(one, { a: [1] }, { workers: 2 })).rejects.toThrow('a function cannot be sent to another thread')
  await expect(search(build, space, { trials: 1, epochs: 1, objective: 'val_los', mode: 'min' })).rejects.toThrow(
    "Did you mean 'val_loss'?",
  )
  await expect(search('./nowhere.js', { a: [1] })).rejects.toThrow('cannot be loaded')
})
