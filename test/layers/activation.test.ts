// Activations as layers: values by hand, and the options they refuse.
import { expect, test } from 'vitest'
import { type ActivationName, activationRegistry } from '../../src/activations'
import { OptionError } from '../../src/errors'
import { activation, elu, leakyReLU, prelu, reLU, softmax } from '../../src/layers'
import { callLayer, expectClose } from '../support'

const x = [[-2, -0.5, 0, 1, 7]]

test('every activation by name is a layer', async () => {
  const names = activationRegistry.names().filter((name) => name !== 'threshold')
  expect(names.length).toBeGreaterThan(25)
  for (const name of names) expect((await activation(name as ActivationName).run([[-1, 0.5, 2, 3]])).shape[0]).toBe(1)
})

test('activation takes a name, options or a function', async () => {
  expectClose(await activation('relu').run(x), [[0, 0, 0, 1, 7]])
  expectClose(await activation({ name: 'elu', options: { alpha: 2 } }).run([[-1]]), [[2 * Math.expm1(-1)]])
  expectClose(await activation((value) => value).run(x), x)
  expect(() => activation('sigmiod' as never)).toThrow(/Did you mean 'sigmoid'\?/)
})

test('reLU bends at its threshold and stops at its largest value', async () => {
  expectClose(await reLU().run(x), [[0, 0, 0, 1, 7]])
  const layer = reLU({ maxValue: 6, threshold: 0.5, negativeSlope: 0.1 })
  expectClose(await layer.run(x), [[-0.25, -0.1, -0.05, 1, 6]])
})

test('leakyReLU has a slope of 0.3, or the one it is given in either way', async () => {
  expectClose(await leakyReLU().run(x), [[-0.6, -0.15, 0, 1, 7]])
  expectClose(await leakyReLU(0.1).run(x), [[-0.2, -0.05, 0, 1, 7]])
  expectClose(await leakyReLU({ negativeSlope: 0.1 }).run(x), [[-0.2, -0.05, 0, 1, 7]])
})

test('elu tends to -alpha', async () => {
  expectClose(await elu().run([[-50, 3]]), [[-1, 3]])
  expectClose(await elu(2).run([[-50, 3]]), [[-2, 3]])
})

test('prelu has one slope for each place but along shared axes', async () => {
  const layer = prelu({ alphaInitializer: 'ones', sharedAxes: [1] })
  layer.buildFor([[null, 3]])
  expect(layer.weights[0].variable.shape).toEqual([1, 3])
  await layer.setWeights([[[0.1, 0.2, 0.3]]])
  expectClose(
    await layer.run([
      [
        [-1, -1, -1],
        [-2, 5, -2],
      ],
    ]),
    [
      [
        [-0.1, -0.2, -0.3],
        [-0.2, 5, -0.6],
      ],
    ],
  )
})

test('softmax adds up to 1 along its axis, and gives masked places nothing', async () => {
  expectClose(await softmax().run([[0, Math.log(3)]]), [[0.25, 0.75]])
  expectClose(
    await softmax({ axis: 1 }).run([
      [
        [0, 5],
        [Math.log(3), 5],
      ],
    ]),
    [
      [
        [0.25, 0.5],
        [0.75, 0.5],
      ],
    ],
  )
  const { outputs, masks } = await callLayer(
    softmax(),
    [
      [
        [0, 9, 0],
        [1, 2, 3],
      ],
    ],
    {
      masks: [
        [
          [true, false, true],
          [false, false, false],
        ],
      ],
    },
  )
  expectClose(outputs[0], [
    [0.5, 0, 0.5],
    [0, 0, 0],
  ])
  expect(masks[0]?.toArray()).toEqual([
    [true, false, true],
    [false, false, false],
  ])
})

test.each([
  ['reLU: maxValue', () => reLU({ maxValue: -1 })],
  ['reLU: negativeSlope', () => reLU({ negativeSlope: -1 })],
  ['reLU: threshold', () => reLU({ threshold: -1 })],
  ['leakyReLU: negativeSlope', () => leakyReLU(-0.1)],
  ['elu: alpha', () => elu(Number.NaN)],
  ['prelu: sharedAxes', () => prelu({ sharedAxes: [0] })],
  ['softmax: axis', () => softmax({ axis: 0 })],
  ['softmax: axis', () => softmax({ axis: 1.5 })],
])('%s is checked when the layer is made', (start, make) => {
  expect(make).toThrow(OptionError)
  expect(make).toThrow(start)
})
