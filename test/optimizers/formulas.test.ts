// The first steps of each optimizer, worked out from its formula by hand.
import { describe, expect, test } from 'vitest'
import type { Optimizer } from '../../src/optimizers'
import { adadelta, adagrad, adam, adamax, adamw, ftrl, lion, nadam, rmsprop, sgd } from '../../src/optimizers/factories'
import { training } from './support'

async function after(optimizer: Optimizer, gradients: readonly number[], start = 1): Promise<number> {
  const run = await training(optimizer, [start])
  for (const gradient of gradients) await run.step([gradient])
  return (await run.first())[0]
}

const { sqrt } = Math

describe('one weight of 1', () => {
  const learningRate = 0.1
  const cases: [string, Optimizer, number[], number][] = [
    ['sgd', sgd({ learningRate }), [2], 0.8],
    ['sgd with momentum', sgd({ learningRate, momentum: 0.5 }), [2, 0], 1 - 0.2 - 0.1],
    ['sgd with nesterov', sgd({ learningRate, momentum: 0.5, nesterov: true }), [2], 1 - 0.1 - 0.2],
    ['adam: the first step is the learning rate', adam({ learningRate, epsilon: 0 }), [7], 0.9],
    [
      'adam: a second step the other way',
      adam({ learningRate, epsilon: 0, beta1: 0.5, beta2: 0.5 }),
      [1, -1],
      1 - 0.1 + 0.1 / 3,
    ],
    ['adam without memory is the sign', adam({ learningRate, epsilon: 0, beta1: 0, beta2: 0 }), [3, -5, 2], 0.9],
    [
      'amsgrad divides by the largest',
      adam({ learningRate, epsilon: 0, beta1: 0, beta2: 0.5, amsgrad: true }),
      [2, 0],
      0.9,
    ],
    ['adamw decays by its default', adamw({ learningRate, epsilon: 0 }), [1], 1 - 0.1 * 0.004 - 0.1],
    ['nadam', nadam({ learningRate, epsilon: 0 }), [1], 1 - 0.1 * (nadamMean() / 1)],
    ['adamax', adamax({ learningRate, epsilon: 0 }), [3], 0.9],
    ['adamax keeps the largest', adamax({ learningRate, epsilon: 0, beta1: 0, beta2: 0.5 }), [4, 1], 1 - 0.1 - 0.05],
    ['rmsprop', rmsprop({ learningRate, rho: 0.75, epsilon: 0 }), [2], 1 - (0.1 * 2) / sqrt(1)],
    ['rmsprop with momentum', rmsprop({ learningRate, rho: 0.75, epsilon: 0, momentum: 0.5 }), [2, 0], 1 - 0.2 - 0.1],
    ['rmsprop, centered', rmsprop({ learningRate, rho: 0.5, epsilon: 0, centered: true }), [2], 1 - 0.2 / sqrt(2 - 1)],
    ['adagrad', adagrad({ learningRate, initialAccumulatorValue: 5, epsilon: 0 }), [2], 1 - 0.2 / 3],
    ['adadelta', adadelta({ learningRate: 1, rho: 0.75, epsilon: 3 }), [2], 1 - (sqrt(3) * 2) / sqrt(1 + 3)],
    ['ftrl', ftrl({ learningRate, initialAccumulatorValue: 5 }), [2], -(2 - (3 - sqrt(5)) / 0.1) / (3 / 0.1)],
    ['ftrl with a strong l1 leaves 0', ftrl({ learningRate, l1RegularizationStrength: 100 }), [2], 0],
    ['lion', lion({ learningRate }), [0.01], 0.9],
    ['lion by momentum', lion({ learningRate, beta1: 0.9, beta2: 0.5 }), [2, -1], 0.8],
  ]
  test.each(cases)('%s', async (_, optimizer, gradients, expected) => {
    expect(await after(optimizer, gradients)).toBeCloseTo(expected, 6)
  })

  // With g = 1: m = 0.1, v / (1 - beta2) = 1, u1 = 0.9 (1 - 0.48), u2 = 0.9 (1 - 0.96² / 2).
  function nadamMean(): number {
    const [u1, u2] = [0.9 * (1 - 0.5 * 0.96), 0.9 * (1 - 0.5 * 0.96 ** 2)]
    return (u2 * 0.1) / (1 - u1 * u2) + (1 - u1) / (1 - u1)
  }
})

describe('bias corrections', () => {
  test('stay accurate where beta^step is within rounding of 1', async () => {
    // With gradients of one size every step is the learning rate, however little of them has been seen.
    const betas = { beta1: 0.9999, beta2: 0.9999999 }
    expect(await after(adam({ learningRate: 0.1, epsilon: 0, ...betas }), [2, 2, 2], 0)).toBeCloseTo(-0.3, 5)
  })
})

describe('all of them', () => {
  const all: [string, Optimizer][] = [
    ['sgd', sgd({ learningRate: 0.05 })],
    ['adam', adam({ learningRate: 0.05 })],
    ['adamw', adamw({ learningRate: 0.05, weightDecay: 0 })],
    ['nadam', nadam({ learningRate: 0.05 })],
    ['adamax', adamax({ learningRate: 0.05 })],
    ['rmsprop', rmsprop({ learningRate: 0.05 })],
    ['adagrad', adagrad({ learningRate: 0.5 })],
    // Its steps begin near the root of epsilon and grow from there.
    ['adadelta', adadelta({ learningRate: 100 })],
    ['ftrl', ftrl({ learningRate: 0.5 })],
    ['lion', lion({ learningRate: 0.05 })],
  ]
  test.each(all)('%s finds the bottom of a valley', async (_, optimizer) => {
    // The gradient of (w - 3)², from 0.
    const run = await training(optimizer, [0])
    for (let step = 0; step < 600; step++) {
      const [w] = await run.first()
      await run.step([2 * (w - 3)])
    }
    expect(Math.abs((await run.first())[0] - 3)).toBeLessThan(0.1)
  })
})
