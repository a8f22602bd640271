// Gradients that vanish end in zeros on the wasm backend, not in subnormal numbers, with which processors are slow.
import { grad, jit, ops, randomNormal, type Value, zeros } from 'hornbeam'
import { expect, test } from 'vitest'

const [features, units] = [3, 5]
const shapes = [[features, 4 * units], [units, 4 * units], [4 * units]] as const
const [kernel, recurrentKernel, bias] = shapes.map((shape, i) => randomNormal([...shape], { seed: i + 1 }))

/** The gradient by the kernel of the last hidden states' sum, times a factor. */
function derivative(factor: number) {
  const loss = (W: Value, x: Value, U: Value, b: Value, start: Value) => {
    const { hn } = ops.lstm({ x, h0: start, c0: start, kernel: W, recurrentKernel: U, bias: b })
    return ops.mul(ops.sum(hn), factor)
  }
  const found = jit(grad(loss), { backend: { name: 'wasm', threads: 1 } })
  return found(kernel, randomNormal([7, 4, features], { seed: 9 }), recurrentKernel, bias, zeros([4, units]))
}

test('what is next to nothing is zero', async () => {
  expect((await derivative(1e-31)).data.every((value) => value === 0)).toBe(true)
})

test('what is small but of use stays as it is', async () => {
  const [small, plain] = [await derivative(1e-20), await derivative(1)]
  for (const [i, value] of small.data.entries()) expect(value * 1e20).toBeCloseTo(plain.data[i], 4)
})

test('what is not a number stays that', async () => {
  expect((await derivative(Number.NaN)).data.every(Number.isNaN)).toBe(true)
})
