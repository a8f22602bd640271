// Random models of the real Keras, a few of those that tools/check_keras.py makes: what they answer, and three more steps of training.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { loadModel, type Model, readTensors, type Tensor } from '../../src'
import { openZip } from '../../src/formats/zip'
import { expectClose } from '../support/close'

const archive = openZip('random.zip', readFileSync(new URL('./fixtures/random.zip', import.meta.url)))
const bytesOf = (name: string): Uint8Array<ArrayBuffer> => archive.read(name, 2 ** 22)
const jsonOf = (name: string) => JSON.parse(new TextDecoder().decode(bytesOf(name)))

const near = { absolute: 1e-5, relative: 1e-5 }
const trained = { absolute: 1e-4, relative: 1e-4 }

function those(tensors: Readonly<Record<string, Tensor>>, prefix: string): readonly Tensor[] {
  const names = Object.keys(tensors).filter((name) => name.startsWith(prefix))
  return names.sort().map((name) => tensors[name])
}

const one = (list: readonly Tensor[]): Tensor | readonly Tensor[] => (list.length === 1 ? list[0] : list)

async function check(model: Model, number: string): Promise<void> {
  const data = await readTensors(bytesOf(`${number}/data.npz`))
  const known = await readTensors(bytesOf(`${number}/keras.npz`))
  const { losses }: { losses: readonly number[] } = jsonOf(`${number}/keras.json`)
  const { names }: { names: readonly string[] | null } = jsonOf(`${number}/info.json`)
  const inputs = those(data, 'input/')
  const x = names === null ? one(inputs) : Object.fromEntries(names.map((name, i) => [name, inputs[i]]))
  const y = await model.predict(x)
  for (const [i, wanted] of those(known, 'output/').entries())
    expectClose(Array.isArray(y) ? y[i] : y, wanted, near, `output ${i}`)
  for (const loss of losses) {
    const logs = await model.trainOnBatch(x, one(those(data, 'target/')))
    expect(Math.abs(logs.loss - loss) / Math.max(1, Math.abs(loss))).toBeLessThan(1e-4)
  }
  const weights = losses.length === 0 ? [] : await model.getWeights()
  const after = those(known, 'after/')
  expect(weights).toHaveLength(after.length)
  for (const [i, wanted] of after.entries()) expectClose(weights[i], wanted, trained, `weight ${i}`)
}

const numbers = [...new Set(archive.names.map((name) => name.slice(0, 3)))]

describe.each(numbers.map((number) => [number, jsonOf(`${number}/info.json`)] as const))('%s', (number, info) => {
  test(`${info.kinds.join(', ')}; ${info.optimizer ?? 'not compiled'}: as Keras made it, and written again`, async () => {
    const load = (): Promise<Model> => loadModel(bytesOf(`${number}/keras.keras`))
    await check(await load(), number)
    await check(await loadModel(await (await load()).toBytes({ format: 'keras' })), number)
  })
})
