// ONNX files in onnxruntime-web, which is another build of the runtime: WebAssembly, as pages run it.
import * as ort from 'onnxruntime-web'
import { expect, test } from 'vitest'
import { cases, modelOf } from '../layerModels'

/** One case for each way in which a file is written: own operators, masks, loops, convolutions, poolings, and the rest. */
const chosen = [
  'lstm with all it can give',
  'gru that resets before',
  'simpleRNN',
  'rnn of several cells',
  'conv2d',
  'maxPooling1d',
  'layerNormalization',
  'embedding',
  'softmax over time, masked',
]

test.each(cases.filter(({ says }) => chosen.includes(says)))('$says gives the same', async (layerCase) => {
  ort.env.wasm.numThreads = 1
  const { made, data } = modelOf(layerCase, false)
  const expected = [await made.predict([...data], { backend: 'cpu' })].flat()
  const bytes = await made.toBytes({ format: 'onnx' })
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'], logSeverityLevel: 3 })
  const feeds = made.inputs.map(({ name }, i) => {
    const { dtype, data: numbers, shape } = data[i]
    return [name, new ort.Tensor(dtype, numbers, [...shape])] as const
  })
  const results = await session.run(Object.fromEntries(feeds))
  expected.forEach((output, i) => {
    const { data: given, dims } = results[made.outputNames[i]]
    expect(dims).toEqual([...output.shape])
    Array.from(output.data).forEach((number, k) => {
      expect(Math.abs(Number(given[k]) - number)).toBeLessThan(5e-5)
    })
  })
  await session.release()
})

test('all of them are there', () => {
  expect(chosen.filter((name) => !cases.some(({ says }) => says === name))).toEqual([])
})
