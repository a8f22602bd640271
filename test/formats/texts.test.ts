// Models that read texts in Keras' files: with the vocabularies beside the weights they give Keras' answers, and so do files written here.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { embedding, FormatError, flatten, loadModel, sequential, textVectorization } from '../../src'
import { openZip } from '../../src/formats/zip'
import type { TensorLike } from '../../src/tensor'
import { expectClose } from '../support'

const path = (file: string): URL => new URL(`./fixtures/texts/${file}`, import.meta.url)

describe.each(['sequential', 'functional'])('%s', (name) => {
  test('gives what Keras gave, also when it was written and read again', async () => {
    const { inputs, output } = JSON.parse(readFileSync(path(`${name}.json`), 'utf8'))
    const model = await loadModel(new Uint8Array(readFileSync(path(`${name}.keras`))))
    const given = inputs.length === 1 ? inputs[0] : inputs
    for (const format of [undefined, 'keras', 'hornbeam'] as const) {
      const each = format === undefined ? model : await loadModel(await model.toBytes({ format }))
      expectClose(await each.predict(given), output as TensorLike, { absolute: 1e-6, relative: 1e-5 }, format ?? name)
    }
  })
})

test('a written file has vocabularies in its config, and inputs of texts', async () => {
  const words = textVectorization({ outputSequenceLength: 2 })
  await words.adapt(['rain and sun'])
  const net = sequential([words, embedding(9, 2), flatten()], { inputShape: [1] })
  const zip = openZip('written', await net.toBytes({ format: 'keras' }))
  const { config } = JSON.parse(new TextDecoder().decode(zip.read('config.json', 1e6)))
  expect(config.layers[0].config).toMatchObject({ batch_shape: [null, 1], dtype: 'string' })
  expect(config.layers[1].config.vocabulary).toEqual(['sun', 'rain', 'and'])
})

test('what files of other kinds cannot say is an error', async () => {
  const words = textVectorization({ vocabulary: ['rain'], outputMode: 'tfIdf', idfWeights: [1] })
  const net = sequential([words], { inputShape: [1] })
  const known = sequential([textVectorization({ vocabulary: ['rain'] })], { inputShape: [1] })
  await expect(known.toBytes({ format: 'tfjs' })).rejects.toThrow(/no layer TextVectorization/)
  for (const [format, message] of [
    ['keras', /'tfIdf' cannot be written/],
    ['onnx', /textVectorization works on texts, before there is a graph/],
    ['module', /works on texts/],
    ['c', /works on texts/],
  ] as const) {
    const writing = net.toBytes({ format })
    await expect(writing).rejects.toThrow(message)
    await expect(writing).rejects.toBeInstanceOf(FormatError)
  }
})
