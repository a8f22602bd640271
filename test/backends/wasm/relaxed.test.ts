// Runs that are equal everywhere: without fused multiplication and addition, on every engine, with any number of threads.
import { setFlagsFromString } from 'node:v8'
import {
  adam,
  conv1d,
  dense,
  dropout,
  gru,
  jit,
  layerNormalization,
  lstm,
  ops,
  randomUniform,
  sequential,
  setSeed,
  Tensor,
} from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { canRun } from '../../../src/backends/wasm/module'
import { OptionError } from '../../../src/errors'
import { bytesOf, crc32 } from '../../../src/io'
import { selectBackend } from '../../../src/runtime'

// Node 20 has relaxed SIMD behind a flag: so the choice is one.
if (!(await canRun('relaxed'))) setFlagsFromString('--experimental-wasm-relaxed-simd')

async function trained(backend: { name: 'wasm'; threads?: number; relaxed?: boolean }): Promise<number> {
  setSeed(5)
  const uniform = { kernelInitializer: 'glorotUniform', recurrentInitializer: 'glorotUniform' } as const
  const model = sequential(
    [
      conv1d(8, 3, { padding: 'causal', activation: 'gelu' }),
      lstm(17, { ...uniform, returnSequences: true }),
      layerNormalization(),
      gru(9, uniform),
      dropout(0.2),
      dense(2),
    ],
    { inputShape: [12, 3] },
  ).compile({ optimizer: adam({ learningRate: 0.01, globalClipNorm: 1 }), loss: 'mse', backend })
  const [x, y] = [randomUniform([40, 12, 3], { seed: 1 }), randomUniform([40, 2], { seed: 2 })]
  await model.fit(x, y, { epochs: 3, batchSize: 16, verbose: 0 })
  expect(model.backend).toMatchObject({ relaxed: (backend.relaxed ?? true) && (await canRun('relaxed')) })
  let sum = 0
  for (const { data } of await model.getWeights()) sum = crc32(bytesOf(data), sum)
  return sum
}

describe('relaxed: false', () => {
  test('does not depend on the number of threads, and is not what the other build gives', async () => {
    const expected = await trained({ name: 'wasm', relaxed: false, threads: 1 })
    for (const threads of [2, 3]) expect(await trained({ name: 'wasm', relaxed: false, threads })).toBe(expected)
    if (await canRun('relaxed')) expect(await trained({ name: 'wasm', threads: 1 })).not.toBe(expected)
  })

  test('rounds twice where the other build rounds once', async () => {
    // (1 + e)² - 1 - 2e = e²: lost where the product is rounded before it is added.
    const e = 2 ** -12
    const product = (relaxed: boolean) =>
      jit((a, b) => ops.matmul(a, b), { backend: { name: 'wasm', threads: 1, relaxed } })
    const [a, b] = [
      new Tensor(Float32Array.of(1, 1 + e), [1, 2]),
      new Tensor(Float32Array.of(-1 - 2 * e, 1 + e), [2, 1]),
    ]
    expect((await product(false)(a, b)).item()).toBe(0)
    expect((await product(true)(a, b)).item()).toBe((await canRun('relaxed')) ? e * e : 0)
  })

  test('is a backend of its own', async () => {
    const plain = await selectBackend({ name: 'wasm', threads: 1, relaxed: false })
    const best = await selectBackend({ name: 'wasm', threads: 1 })
    expect(plain.info.relaxed).toBe(false)
    expect(best.info.relaxed).toBe(await canRun('relaxed'))
    expect(await selectBackend({ relaxed: false, threads: 1, name: 'wasm' })).toBe(plain)
  })
})

test('anything but true and false is refused', async () => {
  // As JavaScript may give it.
  const wrong = { name: 'wasm', relaxed: 'no' } as unknown as { name: 'wasm' }
  await expect(selectBackend(wrong)).rejects.toThrow(OptionError)
  expect(() =>
    sequential([dense(1)]).compile({ backend: { name: 'wasm', relxed: true } as unknown as 'wasm' }),
  ).toThrow(/unknown option 'relxed'. Did you mean 'relaxed'/)
})
