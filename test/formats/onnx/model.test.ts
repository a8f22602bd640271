// Whole models as ONNX files: their inputs and outputs, states, masks, and what is refused.
import { InferenceSession } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { FormatError, OptionError } from '../../../src/errors'
import { writeOnnx } from '../../../src/formats/onnx'
import {
  add,
  averagePooling1d,
  bidirectional,
  conv1d,
  dense,
  depthwiseConv1d,
  embedding,
  gru,
  input,
  lambda,
  lstm,
  masking,
  simpleRNN,
} from '../../../src/layers'
import { type Model, model, sequential } from '../../../src/model'
import * as ops from '../../../src/ops'
import { asTensor, type Tensor, tensor } from '../../../src/tensor'
import { expectClose, floats, integers } from '../../support'
import { runOnnx } from './run'

const close = { relative: 5e-5, absolute: 5e-5 }

async function expectSame(made: Model<Tensor | readonly Tensor[]>, inputs: readonly Tensor[]): Promise<void> {
  const expected = [await made.predict([...inputs], { backend: 'cpu' })].flat()
  const given = Object.fromEntries(made.inputs.map(({ name }, i) => [name, inputs[i]]))
  const results = await runOnnx(await made.toBytes({ format: 'onnx' }), given)
  expected.forEach((output, i) => {
    expectClose(results[made.outputNames[i]], output, close)
  })
}

describe('a model', () => {
  test('takes any number of samples and steps', async () => {
    const made = sequential([lstm(4, { returnSequences: true }), gru(3), dense(2)], { inputShape: [null, 3] })
    for (const shape of [
      [1, 1, 3],
      [2, 5, 3],
      [3, 40, 3],
    ])
      await expectSame(made, [floats(shape)])
  })

  test('has inputs of its names, and adds inputs of equal open lengths', async () => {
    const [left, right] = [input({ shape: [null, 2], name: 'left' }), input({ shape: [null, 2], name: 'right' })]
    const made = model({ inputs: [left, right], outputs: [add().apply([left, right]), lstm(2).apply(right)] })
    await expectSame(made, [floats([2, 5, 2]), floats([2, 5, 2], { seed: 2 })])
  })

  test('has one length for inputs that are joined, and others for the rest', async () => {
    const [x, mask, y] = [
      input({ shape: [null, 2], name: 'x' }),
      input({ shape: [null], name: 'mask', dtype: 'bool' }),
      input({ shape: [null, 2], name: 'y' }),
    ]
    const made = model({ inputs: [x, mask, y], outputs: add().apply([lstm(3).apply(x, { mask }), lstm(3).apply(y)]) })
    const marks = tensor([
      [true, false, true, true, true],
      [false, true, true, false, true],
    ])
    await expectSame(made, [floats([2, 5, 2]), marks, floats([2, 3, 2], { seed: 2 })])
    const session = await InferenceSession.create(await made.toBytes({ format: 'onnx' }))
    const lengths = session.inputMetadata.map((each) => (each.isTensor ? each.shape[1] : undefined))
    expect(lengths).toEqual(['x_length', 'x_length', 'y_length'])
    await session.release()
  })

  test('reads words by their numbers, and leaves padding out', async () => {
    const made = sequential([embedding(9, 4, { maskZero: true }), bidirectional(lstm(3)), dense(1)], {
      inputShape: [null],
    })
    const words = integers([3, 7], { to: 9 })
    await expectSame(
      made,
      [
        words,
        tensor(
          [
            [0, 0, 0],
            [1, 0, 2],
          ],
          [2, 3],
          'int32',
        ),
      ].slice(0, 1),
    )
    await expectSame(made, [
      tensor(
        [
          [0, 0, 0],
          [1, 0, 2],
        ],
        undefined,
        'int32',
      ),
    ])
  })

  test('computes in float64 where it is built so', async () => {
    const made = sequential([lstm(3), dense(2, { activation: 'tanh' })], { inputShape: [4, 2], dtype: 'float64' })
    await expectSame(made, [asTensor(floats([2, 4, 2]), 'float64')])
  })

  test.each([
    ['in groups', () => conv1d(4, 2, { strides: 2, groups: 2 })],
    ['in groups, of larger windows', () => conv1d(4, 3, { strides: 3, groups: 4, dilationRate: 1 })],
    ['by channel', () => depthwiseConv1d(2, { strides: 3, padding: 'causal' })],
    ['whose means are taken', () => averagePooling1d({ poolSize: 3, strides: 2 })],
  ])('takes sequences of any length by strides: windows %s', async (_, make) => {
    const made = sequential([make()], { inputShape: [null, 4] })
    for (const length of [3, 4, 5, 6, 7, 8, 9, 10]) await expectSame(made, [floats([2, length, 4])])
  })

  test('gives what its own layers compute with any primitives', async () => {
    const own = lambda((x) => ops.cumSum(ops.sort(ops.mul(ops.sin(x), 2), { axis: 1 }), { axis: 1, reverse: true }))
    await expectSame(sequential([own], { inputShape: [null, 2] }), [floats([2, 5, 2])])
  })
})

describe('masks of any pattern', () => {
  test.each([
    ['lstm', () => lstm(3, { returnSequences: true })],
    ['gru', () => gru(3, { returnSequences: true })],
    ['gru that resets before', () => gru(3, { resetAfter: false })],
    ['simpleRNN', () => simpleRNN(3, { returnSequences: true, goBackwards: true })],
    ['lstm in both directions', () => bidirectional(lstm(3, { returnSequences: true }))],
  ])('%s', async (_, make) => {
    const made = sequential([masking({ maskValue: 0 }), make()], { inputShape: [null, 2] })
    const patterns = ['11111', '01101', '10010', '00000', '00001']
    const data = floats([5, 5, 2]).toArray() as number[][][] // of that shape
    patterns.forEach((pattern, row) => {
      ;[...pattern].forEach((mark, step) => {
        if (mark === '0') data[row][step] = [0, 0]
      })
    })
    await expectSame(made, [asTensor(data)])
  })
})

describe('states', () => {
  test('go in and come out where the model streams: chunk by chunk gives what the whole sequence gives', async () => {
    const made = sequential(
      [conv1d(3, 3, { padding: 'causal' }), lstm(4, { returnSequences: true }), gru(2, { returnSequences: true })],
      { inputShape: [null, 2] },
    )
    const bytes = await made.toBytes({ format: 'onnx', streaming: true })
    const x = floats([2, 9, 2])
    const whole = await made.predict(x, { backend: 'cpu' })
    const names = ['conv1d/steps0', 'lstm/states0', 'lstm/states1', 'gru/states0']
    const shapes = [
      [2, 2, 2],
      [2, 4],
      [2, 4],
      [2, 2],
    ]
    let states = Object.fromEntries(names.map((name, i) => [name, floats(shapes[i], { from: 0, to: 0 })]))
    const rows = x.toArray() as number[][][] // of that shape
    const expected = whole.toArray() as number[][][]
    for (const [from, to] of [
      [0, 4],
      [4, 5],
      [5, 9],
    ]) {
      const chunk = asTensor(rows.map((steps) => steps.slice(from, to)))
      const results = await runOnnx(bytes, { [made.inputs[0].name]: chunk, ...states })
      expectClose(results[made.outputNames[0]], asTensor(expected.map((steps) => steps.slice(from, to))), close)
      states = Object.fromEntries(names.map((name) => [name, results[`${name}/next`]]))
    }
  })

  test('go in and come out of a stateful model', async () => {
    const made = sequential([lstm(3, { stateful: true }), dense(1)], { inputShape: [4, 2] })
    const bytes = await made.toBytes({ format: 'onnx' })
    const [first, second] = [floats([2, 4, 2]), floats([2, 4, 2], { seed: 2 })]
    const zero = floats([2, 3], { from: 0, to: 0 })
    const name = made.inputs[0].name
    const one = await runOnnx(bytes, { [name]: first, 'lstm/states0': zero, 'lstm/states1': zero })
    const two = await runOnnx(bytes, {
      [name]: second,
      'lstm/states0': one['lstm/states0/next'],
      'lstm/states1': one['lstm/states1/next'],
    })
    expectClose(one[made.outputNames[0]], await made.predict(first, { backend: 'cpu' }), close)
    expectClose(two[made.outputNames[0]], await made.predict(second, { backend: 'cpu' }), close)
  })

  test('of a stateful model stay as they are when it is written', async () => {
    const made = sequential([lstm(3, { stateful: true })], { inputShape: [4, 2] })
    const again = sequential([lstm(3, { stateful: true })], { inputShape: [4, 2] })
    await again.setWeights(await made.getWeights())
    const x = floats([2, 4, 2])
    for (const each of [made, again]) await each.predict(x)
    await made.toBytes({ format: 'onnx' })
    expectClose(await made.predict(x), await again.predict(x))
  })
})

describe('what cannot be written is an error that names the layer', () => {
  test.each([
    [
      'a length that must be known',
      () => sequential([conv1d(1, 3, { padding: 'same', strides: 2, name: 'odd' })], { inputShape: [null, 2] }),
      {},
      FormatError,
      /layer 'odd': the padding depends on an open length/,
    ],
    ['a model without weights', () => sequential([dense(1)]), {}, OptionError, /has no weights yet/],
    [
      'a stream that looks ahead',
      () => sequential([bidirectional(lstm(1), { name: 'both' })], { inputShape: [null, 1] }),
      { streaming: true },
      OptionError,
      /'both' cannot take a sequence in parts/,
    ],
  ])('%s', async (_, make, options, kind, message) => {
    const writing = make().toBytes({ format: 'onnx', ...options })
    await expect(writing).rejects.toThrow(kind)
    await expect(make().toBytes({ format: 'onnx', ...options })).rejects.toThrow(message)
  })

  test('random numbers', async () => {
    const noisy = lambda((x) => ops.add(x, ops.randomNormal([1, 2], x.shape)), { name: 'noisy' })
    const made = sequential([noisy], { inputShape: [3] })
    await expect(writeOnnx(made, { where: 'save' })).rejects.toThrow(/layer 'noisy' computes randomNormal/)
  })

  test('streaming is for ONNX alone', async () => {
    const made = sequential([lstm(1)], { inputShape: [null, 1] })
    await expect(made.toBytes({ streaming: true })).rejects.toThrow(/streaming: expected the format 'onnx'/)
  })
})
