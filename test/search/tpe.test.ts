// Points drawn as Optuna draws them, and trials that are stopped as Optuna stops them.
import { readFileSync } from 'node:fs'
import { dense, randomNormal, search, sequential } from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { readDistribution } from '../../src/search/journal/distributions'
import { type JournalTrial, Replay } from '../../src/search/journal/replay'
import { atRung, bracketsOf, isBehindMedian } from '../../src/search/study/pruners'
import { logMass, quantile } from '../../src/search/tpe/normal'
import { densities } from '../../src/search/tpe/tpe'

interface Dealt {
  readonly study: string
  readonly epochs: number
  readonly minEpochs: number
  readonly reduction: number
  /** By the number of the trial. */
  readonly brackets: readonly number[]
}

const hyperband: readonly Dealt[] = JSON.parse(
  readFileSync(new URL('./fixtures/hyperband.json', import.meta.url), 'utf8'),
)

interface Fixture {
  readonly distributions: Readonly<Record<string, string>>
  readonly cases: readonly {
    readonly direction: string
    readonly trials: readonly {
      readonly state: number
      readonly value: number | null
      readonly point: readonly number[]
      readonly intermediate: Readonly<Record<string, number>>
    }[]
    readonly points: readonly (readonly number[])[]
    readonly logBelow: readonly number[]
    readonly logAbove: readonly number[]
  }[]
  readonly quantiles: readonly {
    readonly ends: readonly [number, number]
    readonly mass: number
    readonly at: readonly (readonly [number, number])[]
  }[]
}

const fixture: Fixture = JSON.parse(readFileSync(new URL('fixtures/tpe.json', import.meta.url), 'utf8'))
const names = Object.keys(fixture.distributions)
const parameters = names.map((name) => ({ name, distribution: readDistribution(fixture.distributions[name]) }))

/** The trials of a study that had these lines. */
function trialsOf(direction: number, trials: readonly object[]): readonly JournalTrial[] {
  const replay = new Replay()
  replay.apply({ op_code: 0, worker_id: 'me', study_name: 'study', directions: [direction] })
  for (const trial of trials) replay.apply({ op_code: 4, worker_id: 'me', study_id: 0, datetime_start: null, ...trial })
  return replay.find('study')?.trials ?? []
}

describe("the real Optuna's TPE", () => {
  test.each(fixture.cases)('holds points as likely to be of the best, and of the others: $direction', (one) => {
    const lines = one.trials.map(({ state, value, point, intermediate }) => ({
      state,
      value,
      intermediate_values: intermediate,
      distributions: fixture.distributions,
      params: Object.fromEntries(names.map((name, i) => [name, point[i]])),
    }))
    const { below, above } = densities(parameters, trialsOf(one.direction === 'maximize' ? 2 : 1, lines))
    for (const [i, point] of one.points.entries()) {
      expect(below.logDensity(point)).toBeCloseTo(one.logBelow[i], 8)
      expect(above.logDensity(point)).toBeCloseTo(one.logAbove[i], 8)
    }
    // What is drawn lies where it may.
    for (const at of [0, 0.25, 0.5, 0.999]) {
      const drawn = below.sample(at, [at, 1 - at, at, at, at])
      expect(Number.isFinite(below.logDensity(drawn))).toBe(true)
      expect([drawn[2], drawn[3], drawn[4]].every(Number.isInteger)).toBe(true)
    }
  })

  test.each(fixture.quantiles)('draws from the normal distribution between $ends', ({ ends: [a, b], mass, at }) => {
    expect(logMass(a, b)).toBeCloseTo(mass, 9)
    for (const [q, expected] of at) expect(quantile(q, a, b)).toBeCloseTo(expected, 6)
  })
})

test('TPE finds better points than chance, and the same for the same seed', async () => {
  const space = { a: { min: 0, max: 1 }, b: { min: 1e-4, max: 1, scale: 'log' }, c: ['x', 'y', 'z'] } as const
  const score = ({ a, b, c }: { readonly a: number; readonly b: number; readonly c: string }): number =>
    (a - 0.3) ** 2 + (Math.log10(b) / 4 + 0.7) ** 2 + (c === 'y' ? 0 : 0.3)
  const best = async (method: 'random' | 'tpe', seed: number): Promise<number> =>
    (await search(score, space, { method, objective: 'loss', trials: 50, seed })).best.score ?? Number.NaN
  const seeds = [1, 2, 3, 4, 5]
  const [random, tpe] = await Promise.all(
    (['random', 'tpe'] as const).map((method) => Promise.all(seeds.map((seed) => best(method, seed)))),
  )
  const median = (values: readonly number[]): number => [...values].sort((x, y) => x - y)[2]
  expect(median(tpe)).toBeLessThan(median(random) / 3)
  expect(await best('tpe', 2)).toBe(tpe[1])
})

test('TPE tries a choice that is null, too', async () => {
  const space = { activation: ['relu', null], a: { min: 0, max: 1 } } as const
  const score = ({ activation, a }: { readonly activation: string | null; readonly a: number }): number =>
    a + Number(activation !== null)
  const { best, trials } = await search(score, space, { method: 'tpe', objective: 'loss', trials: 30, seed: 1 })
  expect(best.parameters.activation).toBe(null)
  expect(
    trials.filter(({ trial, parameters }) => trial >= 10 && parameters.activation === null).length,
  ).toBeGreaterThan(9)
})

describe('pruning', () => {
  const ended = (values: readonly number[]) => ({
    state: 1,
    value: values[values.length - 1],
    intermediate_values: Object.fromEntries(values.entries()),
  })
  const running = (values: readonly number[]) => ({ ...ended(values), state: 0, value: null })

  test('by the median stops a trial whose best is behind half of the others after as many epochs', () => {
    const others = [1, 2, 3, 4].map((first) => ended([first, first - 1]))
    const of = (direction: number, more: readonly object[]) =>
      trialsOf(direction, [...others, ...more, running([3.5])])[5]
    const five = of(1, [ended([5, 1])])
    expect(isBehindMedian(five, 0, 3.5)).toBe(true)
    expect(isBehindMedian(of(1, [ended([5])]), 1, 1.4)).toBe(false)
    expect(isBehindMedian(of(1, [ended([5])]), 1, 1.6)).toBe(true)
    expect(isBehindMedian(of(2, [ended([5])]), 1, 1.4)).toBe(false)
    expect(isBehindMedian(five, 7, 9)).toBe(false) // nobody came so far
    expect(isBehindMedian(of(1, [running([9])]), 0, 9)).toBe(false) // four have come to the end, not five
    expect(isBehindMedian(trialsOf(1, [...others, ended([5]), running([Number.NaN])])[5], 1, Number.NaN)).toBe(true)
  })

  test('by halving lets the better third of those on that came so far', () => {
    const at = (values: readonly number[]) =>
      values.map((value) => ({ ...running([]), system_attrs: { completed_rung_0: value } }))
    const judge = (others: readonly number[], value: number, epochs = 1) => {
      const trials = trialsOf(1, [...at(others), running([])])
      return atRung(trials[trials.length - 1], trials, epochs, value, { minEpochs: 1, reduction: 3 })
    }
    expect(judge([], 5)).toEqual({ stops: false, reached: [{ key: 'completed_rung_0', value: 5 }] })
    expect(judge([1], 2).stops).toBe(true)
    expect(judge([1, 2, 3, 4, 5], 1.5).stops).toBe(false)
    expect(judge([1, 2, 3, 4, 5], 2.5).stops).toBe(true)
    expect(judge([], 5, 3).reached.map(({ key }) => key)).toEqual(['completed_rung_0', 'completed_rung_1'])
    expect(judge([], Number.NaN)).toEqual({ stops: true, reached: [] })
  })

  test.each(hyperband)(
    'by hyperband deals trials out as Optuna does: $epochs epochs, from $minEpochs, by $reduction',
    (golden) => {
      const bracketOf = bracketsOf(golden.study, golden.epochs, golden)
      expect(golden.brackets.map((_, trial) => bracketOf(trial))).toEqual(golden.brackets)
    },
  )

  test.each(['median', 'halving', 'hyperband'] as const)(
    'by %s ends trials early, which are told as stopped and rank behind the others',
    async (pruner) => {
      const [x, y] = [randomNormal([24, 2], { seed: 1 }), randomNormal([24, 1], { seed: 2 })]
      const trained: number[] = []
      const count = (trial: number): void => {
        trained[trial] = (trained[trial] ?? 0) + 1
      }
      const { trials } = await search(
        ({ learningRate }, { trial }) => ({
          model: sequential([dense(1)], { inputShape: [2] }).compile({
            optimizer: 'sgd',
            learningRate,
            loss: 'mse',
            backend: 'cpu',
          }),
          x,
          y,
          fit: {
            validationSplit: 0.25,
            callbacks: [{ onEpochEnd: () => count(trial) }],
          },
        }),
        { learningRate: { min: 1e-4, max: 0.3, scale: 'log' } },
        { method: 'tpe', pruner, trials: 14, epochs: 5, seed: 2 },
      )
      const stopped = trials.filter(({ status }) => status === 'stopped')
      expect(stopped.length).toBeGreaterThan(2)
      expect(trials.slice(-stopped.length)).toEqual(stopped)
      for (const { trial, epochs, status, score, history } of trials) {
        expect(epochs).toBe(trained[trial])
        expect(history.val_loss.length).toBe(epochs)
        expect(score).toBe(history.val_loss[epochs - 1])
        expect(epochs === 5).toBe(status === 'finished')
      }
    },
  )

  test('is refused beside a method that stops trials itself', async () => {
    const options = { objective: 'loss', method: 'halving', pruner: 'median' } as const
    await expect(search(() => 1, { a: [1] }, options)).rejects.toThrow('pruner: expected none')
  })
})
