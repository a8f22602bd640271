// Vectors of 256 bits that were found wanting: from there on the process has those of 128, with the reason, and the same results. In a file,
// and so in a process, of its own.
import { dense, lstm, randomNormal, sequential, setSeed } from 'hornbeam'
import { expect, test } from 'vitest'
import { distrustWide } from '../../../src/backends/wasm/wide'

async function trained(threads: number): Promise<[hash: string, told: object]> {
  setSeed(8)
  const model = sequential([lstm(20), dense(3)], { inputShape: [9, 7] }).compile({
    optimizer: 'adam',
    loss: 'mse',
    backend: { name: 'wasm', threads },
  })
  await model.fit(randomNormal([40, 9, 7], { seed: 1 }), randomNormal([40, 3], { seed: 2 }), { epochs: 9, verbose: 0 })
  return [await model.weightsHash(), Object(model.backend)]
}

test('fall back to 128 bits, and say why', async () => {
  const [before, told] = await trained(1)
  expect(told).not.toHaveProperty('whyNotWide')
  distrustWide('a test does not trust them')
  const [after, then] = await trained(2)
  expect(then).toMatchObject({ wide: false, whyNotWide: 'a test does not trust them' })
  expect(after).toBe(before)
})
