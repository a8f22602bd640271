// Learning rate schedules: their formulas, on the host and in a graph.

import { describe, expect, test } from 'vitest'
import { OptionError } from '../../src/errors'
import type { Value } from '../../src/graph'
import { jit } from '../../src/runtime'
import { resolveSchedule, type Schedule, scheduleRegistry } from '../../src/schedules'
import {
  cosineDecay,
  cosineDecayRestarts,
  exponentialDecay,
  inverseTimeDecay,
  piecewiseConstantDecay,
  polynomialDecay,
  warmup,
} from '../../src/schedules/factories'
import { fc } from '../support/random'

const initialLearningRate = 0.8
const half = { initialLearningRate, decaySteps: 10, decayRate: 0.5 }
const { cos, PI } = Math

describe('the rate at a step', () => {
  const cases: [string, Schedule, [number, number][]][] = [
    [
      'exponentialDecay',
      exponentialDecay(half),
      [
        [0, 0.8],
        [10, 0.4],
        [15, 0.4 * Math.SQRT1_2],
      ],
    ],
    [
      'exponentialDecay in jumps',
      exponentialDecay({ ...half, staircase: true }),
      [
        [9, 0.8],
        [10, 0.4],
        [29, 0.2],
      ],
    ],
    [
      'inverseTimeDecay',
      inverseTimeDecay(half),
      [
        [0, 0.8],
        [10, 0.8 / 1.5],
        [40, 0.8 / 3],
      ],
    ],
    [
      'inverseTimeDecay in jumps',
      inverseTimeDecay({ ...half, staircase: true }),
      [
        [19, 0.8 / 1.5],
        [20, 0.4],
      ],
    ],
    [
      'polynomialDecay',
      polynomialDecay({ initialLearningRate, decaySteps: 10, endLearningRate: 0.2 }),
      [
        [0, 0.8],
        [5, 0.5],
        [10, 0.2],
        [50, 0.2],
      ],
    ],
    [
      'polynomialDecay by its square',
      polynomialDecay({ initialLearningRate, decaySteps: 10, endLearningRate: 0, power: 2 }),
      [
        [5, 0.2],
        [10, 0],
      ],
    ],
    [
      'polynomialDecay in cycles',
      polynomialDecay({ initialLearningRate, decaySteps: 10, endLearningRate: 0, cycle: true }),
      [
        [0, 0.8],
        [10, 0],
        [15, 0.2],
        [20, 0],
      ],
    ],
    [
      'piecewiseConstantDecay',
      piecewiseConstantDecay({ boundaries: [3, 5], values: [1, 0.5, 0.1] }),
      [
        [0, 1],
        [3, 1],
        [4, 0.5],
        [5, 0.5],
        [6, 0.1],
      ],
    ],
    [
      'cosineDecay',
      cosineDecay({ initialLearningRate, decaySteps: 10 }),
      [
        [0, 0.8],
        [5, 0.4],
        [10, 0],
        [99, 0],
      ],
    ],
    [
      'cosineDecay to a rest',
      cosineDecay({ initialLearningRate, decaySteps: 10, alpha: 0.25 }),
      [
        [0, 0.8],
        [5, 0.5],
        [10, 0.2],
      ],
    ],
    [
      'cosineDecay after a warm-up',
      cosineDecay({ initialLearningRate: 0.2, decaySteps: 10, warmupTarget: 0.8, warmupSteps: 4 }),
      [
        [0, 0.2],
        [2, 0.5],
        [4, 0.8],
        [9, 0.4],
        [14, 0],
      ],
    ],
    [
      'cosineDecayRestarts',
      cosineDecayRestarts({ initialLearningRate, firstDecaySteps: 10 }),
      [
        [0, 0.8],
        [5, 0.4],
        [10, 0.8],
        [20, 0.4],
        [30, 0.8],
        [70, 0.8],
      ],
    ],
    [
      'cosineDecayRestarts, ever lower',
      cosineDecayRestarts({ initialLearningRate, firstDecaySteps: 10, tMul: 1, mMul: 0.5 }),
      [
        [10, 0.4],
        [25, 0.1],
        [30, 0.1],
      ],
    ],
    [
      'warmup of a number',
      warmup(0.8, 4),
      [
        [0, 0.2],
        [1, 0.4],
        [3, 0.8],
        [100, 0.8],
      ],
    ],
    [
      'warmup of a schedule',
      warmup(exponentialDecay({ ...half, decaySteps: 1 }), 2),
      [
        [0, 0.4],
        [1, 0.4],
        [2, 0.2],
      ],
    ],
  ]
  test.each(cases)('%s', (_, schedule, rates) => {
    for (const [step, rate] of rates) expect(schedule.at(step), `step ${step}`).toBeCloseTo(rate, 10)
  })

  test.each(cases)('%s is the same in a graph', async (_, schedule) => {
    const inGraph = jit((step: Value) => schedule.call(step), { backend: 'cpu' })
    for (const step of [0, 1, 2.5, 7, 13, 40]) {
      const rate = await inGraph(step)
      expect(rate.shape).toEqual([])
      expect(rate.item()).toBeCloseTo(schedule.at(step), 5)
    }
  })

  test.each(cases)('%s comes back from its config', (_, schedule) => {
    const config = JSON.parse(JSON.stringify(scheduleRegistry.toConfig(schedule)))
    const again = scheduleRegistry.fromConfig(config)
    for (const step of [0, 3, 17]) expect(again.at(step)).toBe(schedule.at(step))
  })
})

test('a cosine decay never leaves its bounds', () => {
  const bounded = { initialLearningRate: 1, decaySteps: 50, alpha: 0.1 }
  fc.assert(
    fc.property(fc.nat(200), (step) => {
      const rate = cosineDecay(bounded).at(step)
      expect(rate).toBeGreaterThanOrEqual(0.1 - 1e-12)
      expect(rate).toBeCloseTo(step > 50 ? 0.1 : 0.55 + 0.45 * cos((PI * step) / 50), 10)
    }),
  )
})

describe('what cannot be is refused', () => {
  test.each<[string, () => Schedule]>([
    [
      'exponentialDecay: decayRate: expected a value, got none',
      () => exponentialDecay({ initialLearningRate, decaySteps: 1 } as never),
    ],
    ['decaySteps: expected a number above 0, got 0', () => polynomialDecay({ initialLearningRate, decaySteps: 0 })],
    ['one value more than boundaries', () => piecewiseConstantDecay({ boundaries: [1], values: [1] })],
    ['ascending boundaries', () => piecewiseConstantDecay({ boundaries: [2, 1], values: [1, 2, 3] })],
    ['without the warmupTarget', () => cosineDecay({ initialLearningRate, decaySteps: 5, warmupSteps: 5 })],
    ['steps: expected a whole number from 1', () => warmup(0.1, 0)],
    ["unknown schedule 'slow'", () => warmup('slow' as never, 3)],
  ])('%s', (message, make) => {
    expect(make).toThrow(OptionError)
    expect(make).toThrow(message)
  })

  test('a name alone is no schedule', () => {
    expect(() => resolveSchedule({ name: 'cosineDcay', options: {} })).toThrow("Did you mean 'cosineDecay'?")
  })
})

test('a function that does not use ops is refused, since it would be asked once and not in every step', () => {
  expect(() => resolveSchedule((() => 0.1) as never)).toThrow(
    /^learningRate: expected a function that works the rate out with ops .* got one that gives 0\.1/,
  )
})
