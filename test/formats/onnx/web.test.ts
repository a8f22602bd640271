// Every kind of layer in onnxruntime-web, which is another build of the runtime: WebAssembly, as pages run it.
import * as ort from 'onnxruntime-web'
import { beforeEach, expect, test } from 'vitest'
import { setSeed } from '../../../src'
import { cases, modelOf } from '../layerModels'

// Other weights each time would be close in most runs, and not in all: a normalization of two numbers can make much of a last bit.
beforeEach(() => {
  setSeed(1)
})

test.each(cases)('$says gives the same', async (layerCase) => {
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
