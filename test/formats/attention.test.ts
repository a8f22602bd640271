// Models with attention in Keras' files: what Keras saved gives its answers here, and what is written is read as it was.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { loadModel, readTensors, type Tensor } from '../../src'
import { expectClose } from '../support'

const path = (file: string): URL => new URL(`./fixtures/attention/${file}`, import.meta.url)
const bytes = (file: string): Uint8Array => new Uint8Array(readFileSync(path(file)))

function numbered(tensors: Readonly<Record<string, Tensor>>, name: string): Tensor[] {
  const names = Object.keys(tensors).filter((each) => each.startsWith(name))
  return names.sort().map((each) => tensors[each])
}

describe.each(['layers', 'masks', 'hub', 'queries', 'pair'])('%s', (name) => {
  test('gives what Keras gave, also when it was written and read again', async () => {
    const answers = await readTensors(bytes(`${name}.npz`))
    const [inputs, expected] = [numbered(answers, 'input'), numbered(answers, 'output')]
    const model = await loadModel(bytes(`${name}.keras`))
    for (const format of ['keras', 'hornbeam'] as const) {
      const again = await loadModel(await model.toBytes({ format }))
      for (const each of [model, again]) {
        const outputs = [await each.predict(inputs, { backend: 'cpu' })].flat() as Tensor[] // one or a list
        expect(outputs).toHaveLength(expected.length)
        outputs.forEach((output, i) => {
          expectClose(output, expected[i], { absolute: 2e-5, relative: 2e-5 }, `output ${i}`)
        })
      }
    }
  })
})
