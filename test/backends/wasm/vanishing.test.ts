// Gradients that vanish end in zeros on the wasm backend, not in subnormal numbers, with which processors are slow.
import { grad, jit, type Operand, ops, randomNormal, type Value, zeros } from 'hornbeam'
import { describe, expect, test } from 'vitest'

const [steps, batch, features, units] = [7, 4, 3, 5]

/** The last hidden states of each kind of layer, by what is given to the fused instruction: W, then U. */
type Sweep = (W: Value, U: Operand, x: Operand, h0: Operand) => Value
const sweeps: Record<string, readonly [gates: number, sweep: Sweep]> = {
  lstm: [
    4,
    (kernel, recurrentKernel, x, h0) => ops.lstm({ x, h0, c0: h0, kernel, recurrentKernel, bias: zeros([20]) }).hn,
  ],
  gru: [3, (kernel, recurrentKernel, x, h0) => ops.gru({ x, h0, kernel, recurrentKernel, bias: zeros([2, 15]) }).hn],
  'gru with the reset before': [
    3,
    (kernel, recurrentKernel, x, h0) =>
      ops.gru({ x, h0, kernel, recurrentKernel, bias: zeros([15]), resetAfter: false }).hn,
  ],
  simpleRnn: [
    1,
    (kernel, recurrentKernel, x, h0) => ops.simpleRnn({ x, h0, kernel, recurrentKernel, bias: zeros([5]) }).hn,
  ],
}

describe.each(Object.entries(sweeps))('%s', (_, [gates, sweep]) => {
  /** The gradient by the kernel of the last hidden states' sum, times a factor. */
  function derivative(factor: number) {
    const loss = (W: Value, U: Value, x: Value, h0: Value) => ops.mul(ops.sum(sweep(W, U, x, h0)), factor)
    const found = jit(grad(loss), { backend: { name: 'wasm', threads: 1 } })
    return found(
      randomNormal([features, gates * units], { seed: 1 }),
      randomNormal([units, gates * units], { seed: 2 }),
      randomNormal([steps, batch, features], { seed: 9 }),
      zeros([batch, units]),
    )
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
})
