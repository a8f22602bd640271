// Vectors of 256 bits, where V8 has them: asked for, refused with what is missing, and the same results to the bit.
import { createHash } from 'node:crypto'
import { BackendError, dense, gru, lstm, OptionError, randomNormal, sequential, setSeed } from 'hornbeam'
import { expect, test } from 'vitest'

const hasWide = process.arch === 'x64' && Number.parseInt(process.versions.node, 10) >= 24
const isOn = process.execArgv.includes('--experimental-wasm-revectorize') || process.env.HORNBEAM_WIDE === '1'

/** A hash of the weights after some steps, and whether they were made in wide vectors. */
async function trained(wide?: boolean | 'auto'): Promise<[hash: string, wide: unknown]> {
  setSeed(5)
  const backend = { name: 'wasm', threads: 1, ...(wide === undefined ? {} : { wide }) } as const
  const model = sequential([gru(12, { returnSequences: true }), lstm(20), dense(3, { activation: 'softmax' })], {
    inputShape: [9, 7],
  }).compile({ optimizer: 'adam', loss: 'mse', globalClipNorm: 1, backend })
  await model.fit(randomNormal([40, 9, 7], { seed: 1 }), randomNormal([40, 3], { seed: 2 }), { epochs: 3, verbose: 0 })
  const hash = createHash('sha256')
  for (const { data } of await model.getWeights()) hash.update(new Uint8Array(data.buffer))
  return [hash.digest('hex'), Reflect.get(Object(model.backend), 'wide')]
}

test('they are used where the process was started for them, and nowhere unasked', async () => {
  expect((await trained())[1]).toBe(isOn)
})

test('asked for they give the same to the bit; where they cannot be had, it is said what is missing', async () => {
  const [narrow] = await trained('auto')
  if (hasWide) expect(await trained(true)).toEqual([narrow, true])
  else {
    await expect(trained(true)).rejects.toThrow(BackendError)
    await expect(trained(true)).rejects.toThrow(/expected Node 24 or newer on an x64 processor, got/)
  }
})

test('what is neither yes nor no is refused', async () => {
  await expect(trained('yes' as never)).rejects.toThrow(OptionError)
})
