// Recurrent layers on wasm over rows of many features: no more of them are swept together than a thread's scratch holds.
import { jit, ops, Tensor, type Value } from 'hornbeam'
import { expect, test } from 'vitest'
import { expectClose } from '../../support'

type Sweep = (x: Value, h0: Value, kernel: Value, recurrentKernel: Value, bias: Value) => Value

const batch = 7
const sweeps: Record<string, readonly [gates: number, biasRows: number, sweep: Sweep]> = {
  lstm: [4, 1, (x, h0, kernel, recurrentKernel, bias) => ops.lstm({ x, h0, c0: h0, kernel, recurrentKernel, bias }).ys],
  gru: [3, 2, (x, h0, kernel, recurrentKernel, bias) => ops.gru({ x, h0, kernel, recurrentKernel, bias }).ys],
  'gru with the reset before': [
    3,
    1,
    (x, h0, kernel, recurrentKernel, bias) => ops.gru({ x, h0, kernel, recurrentKernel, bias, resetAfter: false }).ys,
  ],
  simpleRnn: [
    1,
    1,
    (x, h0, kernel, recurrentKernel, bias) => ops.simpleRnn({ x, h0, kernel, recurrentKernel, bias }).ys,
  ],
}

/** Small numbers of both signs, spread so that no sum of a row is large. */
function spread(...shape: number[]): Tensor {
  const size = shape.reduce((product, length) => product * length, 1)
  return new Tensor(
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * 0.7) / 50),
    shape,
  )
}

type Inputs = readonly [x: Tensor, h0: Tensor, kernel: Tensor, recurrentKernel: Tensor, bias: Tensor]

function inputs(features: number, units: number, gates: number, biasRows: number): Inputs {
  const bias = biasRows === 1 ? spread(gates * units) : spread(biasRows, gates * units)
  return [
    spread(1, batch, features),
    spread(batch, units),
    spread(features, gates * units),
    spread(units, gates * units),
    bias,
  ]
}

test.each(Object.entries(sweeps))('%s gives what it gives on cpu', async (_, [gates, biasRows, sweep]) => {
  const given = inputs(150_000, 2, gates, biasRows)
  const found = await jit(sweep, { backend: { name: 'wasm', threads: 2 } })(...given)
  expectClose(found, await jit(sweep, { backend: 'cpu' })(...given))
})

test.each(Object.entries(sweeps))('%s refuses rows of which not one fits', async (_, [gates, biasRows, sweep]) => {
  const given = inputs(330_000, 1, gates, biasRows)
  await expect(jit(sweep, { backend: 'wasm' })(...given)).rejects.toThrow(/expected at most \d+ features/)
})
