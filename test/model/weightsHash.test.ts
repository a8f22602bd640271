// The hash by which two people compare their runs.
import { createHash } from 'node:crypto'
import { batchNormalization, dense, lstm, OptionError, randomNormal, sequential, setSeed } from 'hornbeam'
import { expect, test } from 'vitest'

const x = randomNormal([8, 4, 2], { seed: 1 })
const y = randomNormal([8, 1], { seed: 2 })

async function trained(seed: number) {
  setSeed(seed)
  const net = sequential([lstm(3), batchNormalization(), dense(1)], { inputShape: [4, 2] })
  net.compile({ optimizer: 'adam', loss: 'mse', backend: 'cpu' })
  await net.fit(x, y, { epochs: 2, batchSize: 4, verbose: 0 })
  return net
}

test('is that of the bytes of all weights, one after the other, as NumPy has them', async () => {
  const net = await trained(1)
  const hash = createHash('sha256')
  for (const { data } of await net.getWeights()) hash.update(new Uint8Array(Float32Array.from(data).buffer))
  expect(await net.weightsHash()).toBe(hash.digest('hex'))
})

test('is the same for the same run, and another one for another', async () => {
  const hash = await (await trained(1)).weightsHash()
  expect(await (await trained(1)).weightsHash()).toBe(hash)
  expect(await (await trained(2)).weightsHash()).not.toBe(hash)
})

test('is refused before the model is built', async () => {
  await expect(sequential([dense(1)]).weightsHash()).rejects.toThrow(OptionError)
})
