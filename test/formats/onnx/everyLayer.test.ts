// Every kind of layer as an ONNX file: onnxruntime gives what hornbeam gives.
import { describe, expect, test } from 'vitest'
import { writeOnnx } from '../../../src/formats/onnx'
import { input } from '../../../src/layers'
import { model } from '../../../src/model'
import { asTensor, Tensor } from '../../../src/tensor'
import { type LayerCase, layerCases } from '../../layers/cases'
import { recurrentCases } from '../../layers/recurrent/cases'
import { expectClose } from '../../support'
import { runOnnx } from './run'

const cases = [...layerCases, ...recurrentCases].map((each) => ({ ...each, training: false }))

/** A model of one layer, its inputs as in the case; lengths of sequences are open where `open`. */
function modelOf({ make, inputs, masks = [] }: LayerCase, open: boolean) {
  const layer = make()
  const slots = inputs.map(({ shape, dtype }, i) => {
    const sample = shape.slice(1)
    return input({ shape: open && sample.length > 1 ? [null, ...sample.slice(1)] : sample, dtype, name: `x${i}` })
  })
  const given = masks.flatMap((mask, i) => {
    if (mask === undefined) return []
    const tensor = asTensor(mask, 'bool')
    return [{ tensor, slot: input({ shape: open ? [null] : tensor.shape.slice(1), dtype: 'bool', name: `mask${i}` }) }]
  })
  const [mask] = given
  const applied = layer.apply(slots.length === 1 ? slots[0] : slots, mask === undefined ? {} : { mask: mask.slot })
  const made = model({ inputs: [...slots, ...given.map(({ slot }) => slot)], outputs: applied })
  return { made, data: [...inputs, ...given.map(({ tensor }) => tensor)] }
}

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

/** Those that have to know their lengths: weights by place, fixed shapes, padding or weights that follow from the length. */
const needLengths = new Set([
  'reshape',
  'dot of sequences',
  'layerNormalization over other axes',
  'batchNormalization on axis 1, masked, in training',
  'normalization, the other way',
  'conv2d',
  'maxPooling1d',
  'averagePooling2d',
  'upSampling2d, bilinear',
])

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
