// Constraints: they hold after every step of training, along the axes they are for.
import { constraints, dense, sequential, sgd, type Tensor } from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { floats } from '../support'

type Constraint = Parameters<typeof dense>[1] extends infer O ? NonNullable<O> : never

async function trained(kernelConstraint: NonNullable<Constraint['kernelConstraint']>): Promise<Tensor> {
  const layer = dense(4, { kernelConstraint, kernelInitializer: 'heNormal' })
  const net = sequential([layer], { inputShape: [3] }).compile({ optimizer: sgd({ learningRate: 1 }), loss: 'mse' })
  await net.fit(floats([8, 3]), floats([8, 4], { from: -9, to: 9 }), { batchSize: 4, verbose: 0 })
  return (await net.getWeights())[0]
}

/** The length of each column (axis 0) or row (axis 1) of a 3 x 4 kernel. */
function norms({ data }: Tensor, axis: 0 | 1): number[] {
  const [count, length] = axis === 0 ? [4, 3] : [3, 4]
  const at = (i: number, k: number): number => (axis === 0 ? data[k * 4 + i] : data[i * 4 + k])
  return Array.from({ length: count }, (_, i) => Math.hypot(...Array.from({ length }, (__, k) => at(i, k))))
}

describe('after a step', () => {
  test('maxNorm holds the weights of each unit within a length', async () => {
    for (const norm of norms(await trained(constraints.maxNorm(1.5)), 0)) expect(norm).toBeLessThan(1.5 + 1e-5)
    for (const norm of norms(await trained({ name: 'maxNorm', options: { maxValue: 0.5, axis: 1 } }), 1)) {
      expect(norm).toBeLessThan(0.5 + 1e-5)
    }
  })

  test('unitNorm gives the weights of each unit the length 1', async () => {
    for (const norm of norms(await trained('unitNorm'), 0)) expect(norm).toBeCloseTo(1, 5)
  })

  test('minMaxNorm holds them between two lengths', async () => {
    for (const norm of norms(await trained(constraints.minMaxNorm({ minValue: 0.8, maxValue: 0.9 })), 0)) {
      expect(norm).toBeGreaterThan(0.8 - 1e-5)
      expect(norm).toBeLessThan(0.9 + 1e-5)
    }
  })

  test('nonNeg lets no weight be below 0', async () => {
    const { data } = await trained('nonNeg')
    expect(Math.min(...data)).toBe(0)
  })
})
