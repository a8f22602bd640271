// The self-check of vectors of 256 bits: what it computes, and what it finds.
import { expect, test } from 'vitest'
import { lower } from '../../src/graph'
import { selectBackend } from '../../src/runtime'
import { everyKernel, whyNotSteady, whyNotTrusted } from '../../src/runtime/wideCheck'
import { Tensor } from '../../src/tensor'

test('it computes with every fused kernel of the wasm backend that adds or multiplies vectors', async () => {
  const { lowering } = await selectBackend({ name: 'wasm', threads: 1 })
  const { instructions } = lower(everyKernel().graph, lowering)
  const ops = new Set(instructions.map(({ op }) => op))
  expect([...ops]).toEqual(
    expect.arrayContaining([
      ...['matmul', 'elementwise', 'sum', 'layerNorm', 'layerNormGradient', 'logSoftmax'],
      ...['lstm', 'lstmGradient', 'gru', 'gruGradient', 'simpleRnn', 'simpleRnnGradient'],
      ...['attention', 'attentionGradient', 'unfold', 'fold', 'depthwise', 'depthwiseInput', 'depthwiseKernel'],
    ]),
  )
})

test('finds nothing in vectors of 128 bits', async () => {
  expect(await whyNotTrusted(await selectBackend({ name: 'wasm', threads: 1 }))).toBeUndefined()
})

test('finds one bit that comes out otherwise, be it in the sign of a zero, and takes a NaN for itself', async () => {
  const steady = (...values: number[]) => new Tensor(Float32Array.from(values), [values.length], 'float32')
  const from = (late: Tensor) => {
    let runs = 0
    return async () => {
      runs++
      return [steady(1, 2), runs < 5 ? steady(Number.NaN, 0, 0.1) : late]
    }
  }
  expect(await whyNotSteady(from(steady(Number.NaN, 0, 0.1)), 9)).toBeUndefined()
  const found = 'result 2 of the self-check came out otherwise at run 5'
  expect(await whyNotSteady(from(steady(Number.NaN, -0, 0.1)), 9)).toBe(found)
  expect(await whyNotSteady(from(steady(Number.NaN, 0, 0.1 + 2 ** -27)), 9)).toBe(found)
  expect(await whyNotSteady(from(steady(Number.NaN, 0, 0.1 + 2 ** -27)), 4)).toBeUndefined()
})
