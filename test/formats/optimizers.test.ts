// Models that were trained with several optimizers in Keras' files: they train on here as they do in Keras, and from files written here.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { loadModel, readTensors } from '../../src'
import { expectClose } from '../support'

const bytes = (file: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`./fixtures/optimizers/${file}`, import.meta.url)))

test.each(['sequential', 'functional'])('%s: training goes on as in Keras, in each format', async (name) => {
  const { x, y, ...weights } = await readTensors(bytes(`${name}.npz`))
  const begun = await loadModel(bytes(`${name}.keras`))
  const again = await Promise.all(
    (['keras', 'hornbeam'] as const).map(async (format) => loadModel(await begun.toBytes({ format }))),
  )
  for (const model of [begun, ...again]) {
    expect(await model.getIterations()).toBe(3)
    await model.fit(x, y, { batchSize: 8, epochs: 3, verbose: 0 })
    for (const [i, weight] of (await model.getWeights()).entries()) {
      expectClose(weight, weights[`weight${i}`], { absolute: 1e-5, relative: 1e-5 }, `weight ${i}`)
    }
  }
})

test('state that Keras keeps for one weight after the other is read so', async () => {
  const model = await loadModel(bytes('scheduleFree.keras'))
  expect(await model.getIterations()).toBe(3)
  await loadModel(await model.toBytes({ format: 'keras' }))
})
