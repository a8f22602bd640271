// L-BFGS against PyTorch's, iteration by iteration: functions on the host, and a network by model.minimize.
import { describe, expect, test } from 'vitest'
import { type DType, dense, sequential } from '../../src'
import { lbfgs } from '../../src/optimizers'
import { backend, decode, type Encoded, named, readFixture } from './fixtures'

interface Reached {
  readonly iterations: number
  readonly loss: number
  readonly evaluations: number
  readonly at: readonly number[]
}

interface LbfgsCase {
  readonly name: string
  readonly function: string
  readonly start: readonly number[]
  readonly options: Readonly<Record<string, number>>
  readonly reached: readonly Reached[]
}

const fixture = readFixture<
  LbfgsCase,
  { x: Encoded; y: Encoded; weights: readonly Encoded[]; float64: readonly Reached[]; float32: readonly Reached[] }
>('lbfgs')

type Evaluated = readonly [value: number, gradient: readonly number[]]

const functions: Readonly<Record<string, (x: Float64Array) => Evaluated>> = {
  rosenbrock(x) {
    const gradient = Array.from(x, () => 0)
    let value = 0
    for (let i = 0; i + 1 < x.length; i++) {
      const [rise, left] = [x[i + 1] - x[i] ** 2, 1 - x[i]]
      value += 100 * rise ** 2 + left ** 2
      gradient[i] += -400 * x[i] * rise - 2 * left
      gradient[i + 1] += 200 * rise
    }
    return [value, gradient]
  },
  quartic([a, b, c, d]) {
    const [p, q, r, s] = [a + 10 * b, c - d, b - 2 * c, a - d]
    const gradient = [2 * p + 40 * s ** 3, 20 * p + 4 * r ** 3, 10 * q - 8 * r ** 3, -10 * q - 40 * s ** 3]
    return [p ** 2 + 5 * q ** 2 + r ** 4 + 10 * s ** 4, gradient]
  },
  waves(x) {
    const value = x.reduce((sum, each) => sum + Math.cos(3 * each) + 0.1 * each ** 2 + Math.exp(-each), 0)
    return [value, Array.from(x, (each) => -3 * Math.sin(3 * each) + 0.2 * each - Math.exp(-each))]
  },
}

const usual = {
  learningRate: 1,
  maxEvaluations: 1000,
  toleranceGradient: 1e-7,
  toleranceChange: 1e-9,
  historySize: 100,
}

describe('a function is minimized as PyTorch minimizes it', () => {
  test.for(named(fixture))('%s', async ([, golden]) => {
    const evaluate = async (x: Float64Array) => {
      const [value, gradient] = functions[golden.function](x)
      return { value, gradient: Float64Array.from(gradient) }
    }
    for (const { iterations, loss, evaluations, at } of golden.reached) {
      const start = Float64Array.from(golden.start)
      const options = { ...usual, ...golden.options, maxIterations: iterations }
      const found = await lbfgs(evaluate, start, await evaluate(start), options)
      expect(found.evaluations, `evaluations in ${iterations} iterations`).toBe(evaluations)
      expect(found.value, `value after ${iterations}`).toBeCloseTo(loss, 10)
      for (const [i, each] of at.entries())
        expect(found.point[i], `element ${i} after ${iterations}`).toBeCloseTo(each, 7)
    }
  })
})

describe('a network is trained as PyTorch trains it', () => {
  const net = async (dtype: DType) => {
    const model = sequential([dense(4, { activation: 'tanh' }), dense(1)], { inputShape: [1], dtype })
    await model.setWeights(fixture.weights.map(decode))
    return model.compile({ loss: 'mse', backend: dtype === 'float64' ? 'cpu' : backend })
  }

  test.each([
    ['float64', 1e-8],
    ['float32', 1e-3],
  ] as const)('in %s', async (dtype, relative) => {
    for (const { iterations, loss, evaluations, at } of fixture[dtype]) {
      const model = await net(dtype)
      const found = await model.minimize(decode(fixture.x), decode(fixture.y), {
        maxIterations: iterations,
        maxEvaluations: 1000,
      })
      expect(found.evaluations).toBe(evaluations)
      expect(found.loss).toHaveLength(iterations + 1)
      expect(Math.abs(found.loss[iterations] - loss), `loss after ${iterations}`).toBeLessThan(relative * loss)
      const reached = (await model.getWeights()).flatMap(({ data }) => Array.from(data))
      at.forEach((each, i) => {
        expect(Math.abs(reached[i] - each), `weight ${i} after ${iterations}`).toBeLessThan(
          relative * (1 + Math.abs(each)),
        )
      })
    }
  })
})
