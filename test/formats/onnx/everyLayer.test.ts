// Every kind of layer as an ONNX file: onnxruntime gives what hornbeam gives.
import { beforeEach, describe, expect, test } from 'vitest'
import { setSeed } from '../../../src'
import { writeOnnx } from '../../../src/formats/onnx'
import { asTensor, Tensor } from '../../../src/tensor'
import type { LayerCase } from '../../layers/cases'
import { expectClose } from '../../support'
import { cases, modelOf, needLengths } from '../layerModels'
import { runOnnx } from './run'

// Other weights each time would be close in most runs, and not in all: a normalization of two numbers can make much of a last bit.
beforeEach(() => {
  setSeed(1)
})

async function expectSame(layerCase: LayerCase, open: boolean, seen: readonly Tensor[] = []) {
  const { made, data } = modelOf(layerCase, open)
  const given = seen.length > 0 ? seen : data
  const names = [...made.inputs.keys()].map((i) => made.inputs[i].name)
  const expected = [await made.predict([...given], { backend: 'cpu' })].flat()
  const bytes = await writeOnnx(made, { where: 'save' })
  const results = await runOnnx(bytes, Object.fromEntries(names.map((name, i) => [name, given[i]])))
  expected.forEach((tensor, i) => {
    expectClose(results[made.outputNames[i]], tensor, { relative: 5e-5, absolute: 5e-5 })
  })
}

/** Twice the samples of a batch. */
function twice({ data, shape, dtype }: Tensor): Tensor {
  const all = [...data, ...data]
  return asTensor(new Tensor(Float64Array.from(all), [2 * shape[0], ...shape.slice(1)]), dtype)
}

describe.each(cases)('$says', (layerCase) => {
  test('gives the same in onnxruntime', async () => {
    await expectSame(layerCase, false)
  })

  test('takes batches of other sizes', async () => {
    const { data } = modelOf(layerCase, false)
    await expectSame(layerCase, false, data.map(twice))
  })
})

const sequences = cases.filter(({ inputs }) => inputs[0].rank > 2)

describe.each(sequences.filter(({ says }) => !needLengths.has(says)))('$says, with open lengths', (layerCase) => {
  test('gives the same in onnxruntime', async () => {
    await expectSame(layerCase, true)
  })
})

test.each(sequences.filter(({ says }) => needLengths.has(says)))(
  '$says says that lengths have to be known',
  async (layerCase) => {
    const writing = async () => writeOnnx(modelOf(layerCase, true).made, { where: 'save' })
    await expect(writing()).rejects.toThrow(/expected (a )?known|expected layers that take any length/)
  },
)
