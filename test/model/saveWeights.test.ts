// Weights alone, saved and read again.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dense, lstm, modelCheckpoint, OptionError, randomNormal, sequential } from 'hornbeam'
import { afterAll, beforeAll, expect, test } from 'vitest'

const x = randomNormal([8, 4, 2], { seed: 1 })
const y = randomNormal([8, 1], { seed: 2 })
const make = () => sequential([lstm(3), dense(1)], { inputShape: [4, 2] })

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weights-'))
})
afterAll(() => rm(folder, { recursive: true }))

test.each(['w.safetensors', 'w.npz', 'w.weights.h5'])('as %s', async (name) => {
  const [net, again] = [make(), make()]
  await net.saveWeights(join(folder, name))
  await again.loadWeights(join(folder, name))
  expect((await again.predict(x)).toArray()).toEqual((await net.predict(x)).toArray())
})

test('as other files, and of a model that has none yet, is refused', async () => {
  await expect(make().saveWeights(join(folder, 'w.onnx'))).rejects.toThrow(OptionError)
  await expect(sequential([dense(1)]).saveWeights(join(folder, 'w.npz'))).rejects.toThrow(/no weights yet/)
})

test('by modelCheckpoint at each epoch', async () => {
  const net = make().compile({ loss: 'mse' })
  const place = join(folder, 'epoch-{epoch}.safetensors')
  await net.fit(x, y, { epochs: 2, verbose: 0, callbacks: [modelCheckpoint(place, { saveWeightsOnly: true })] })
  expect((await readdir(folder)).filter((name) => name.startsWith('epoch'))).toHaveLength(2)
  const again = make()
  await again.loadWeights(join(folder, 'epoch-2.safetensors'))
  expect((await again.predict(x)).toArray()).toEqual((await net.predict(x)).toArray())
  expect(() => modelCheckpoint(place, { saveWeightsOnly: 1 as never })).toThrow(OptionError)
})
