// Layers with options drawn at random, in ONNX files and modules: the same answers, or an error that asks for known lengths.
import { beforeEach, describe, expect, test } from 'vitest'
import { setSeed } from '../../../src'
import { FormatError } from '../../../src/errors'
import * as layers from '../../../src/layers'
import { model } from '../../../src/model'
import { type Tensor, tensor } from '../../../src/tensor'
import { expectClose, floats } from '../../support'
import { seeded } from '../../support/seeded'
import { moduleOf } from '../code/load'
import { runOnnx } from '../onnx/run'

// Other weights each time would be close in most runs, and not in all: a normalization of two numbers can make much of a last bit.
beforeEach(() => {
  setSeed(1)
})

const near = { relative: 5e-5, absolute: 5e-5 }

/** Choices that a name decides. */
function drawing(name: string) {
  const random = seeded(name)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]
  const flip = (): boolean => random() < 0.5
  /** Some of the options. */
  const some = <T extends object>(options: T): Partial<T> =>
    Object.fromEntries(Object.entries(options).filter(flip)) as Partial<T>
  return { random, pick, flip, some }
}

const activations = [
  'tanh',
  'relu',
  'sigmoid',
  'hardSigmoid',
  'softsign',
  'softplus',
  'elu',
  'gelu',
  'selu',
  'silu',
  'linear',
  'leakyRelu',
] as const
const gates = activations.slice(0, 5)

type Drawing = ReturnType<typeof drawing>

/** A recurrent layer on a sequence of 5 steps, with a mask now and then. */
function recurrent({ pick, flip, some }: Drawing, isOpen: boolean, seed: number) {
  const x = layers.input({ shape: [isOpen ? null : 5, 3], name: 'x' })
  const mask = layers.input({ shape: [isOpen ? null : 5], name: 'mask', dtype: 'bool' })
  const given = { ...some({ returnSequences: true, returnState: true, zeroOutputForMask: true, useBias: false }) }
  const direction = some({ goBackwards: true })
  const activation = pick(activations)
  const make = pick([
    () => layers.lstm(2, { ...given, ...direction, activation, recurrentActivation: pick(gates) }),
    () => layers.gru(2, { ...given, ...direction, activation, ...some({ resetAfter: false }) }),
    () => layers.simpleRNN(2, { ...given, ...direction, activation }),
    () => layers.lstm(2, { ...given, numLayers: 2 }),
    () => layers.bidirectional(layers.gru(2, given), { mergeMode: pick(['concat', 'sum', 'ave', 'mul'] as const) }),
    () => layers.minGRU(2, { ...given, ...direction }),
    () => layers.mLSTM(2, { ...given, ...direction }),
    () => layers.mamba(2, { returnSequences: flip(), ...direction, stateUnits: 2 }),
    () => layers.rgLRU(2, { ...given, ...direction }),
  ])
  const marks = tensor(Array.from({ length: 3 }, () => Array.from({ length: 5 }, flip)))
  const isMasked = flip()
  const outputs = make().apply(x, isMasked ? { mask } : {})
  const inputs = isMasked ? [x, mask] : [x]
  return { made: model({ inputs, outputs }), data: [floats([3, 5, 3], { seed }), marks].slice(0, inputs.length) }
}

/** A layer that looks at windows, on a sequence or an image. */
function windows({ pick, some, flip }: Drawing, isOpen: boolean, seed: number) {
  const isImage = flip()
  const shape = isImage ? [pick([5, 6, 7]), pick([5, 6, 8]), 4] : [pick([6, 7, 9]), 4]
  const x = layers.input({ shape: isOpen ? [null, ...shape.slice(1)] : shape, name: 'x' })
  const size = pick([1, 2, 3])
  const padding = pick(['same', 'valid'] as const)
  const steps = flip() ? { strides: pick([1, 2, 3]) } : { dilationRate: pick([1, 2]) }
  const own = some({ activation: pick(activations), useBias: false })
  const { conv1d, conv2d, conv1dTranspose, conv2dTranspose, depthwiseConv1d, depthwiseConv2d, separableConv2d } = layers
  const { maxPooling1d, maxPooling2d, averagePooling1d, averagePooling2d, upSampling2d } = layers
  const pool = { poolSize: size, padding, ...some({ strides: pick([1, 2, 3]) }) }
  const make = pick<() => layers.Layer>(
    isImage
      ? [
          () => conv2d(4, size, { padding, ...steps, ...own, ...some({ groups: 2 }) }),
          () => conv2dTranspose(3, size, { padding, strides: pick([1, 2]), ...own }),
          () => depthwiseConv2d(size, { padding, strides: pick([1, 2]), ...own, ...some({ depthMultiplier: 2 }) }),
          () => separableConv2d(3, size, { padding, ...own }),
          () => maxPooling2d(pool),
          () => averagePooling2d(pool),
          () => upSampling2d(2, { interpolation: pick(['nearest', 'bilinear', 'bicubic'] as const) }),
        ]
      : [
          () =>
            conv1d(4, size, {
              padding: pick(['same', 'valid', 'causal'] as const),
              ...steps,
              ...own,
              ...some({ groups: 2 }),
            }),
          () => conv1dTranspose(3, size, { padding, strides: pick([1, 2]), ...own }),
          () => depthwiseConv1d(size, { padding, strides: pick([1, 2, 3]), ...own }),
          () => maxPooling1d(pool),
          () => averagePooling1d(pool),
        ],
  )
  return { made: model({ inputs: x, outputs: make().apply(x) }), data: [floats([2, ...shape], { seed })] }
}

/** What `write` gives; undefined where it asks for known lengths of a model that has open ones. */
async function unlessOpen<T>(isOpen: boolean, write: () => Promise<T>): Promise<T | undefined> {
  try {
    return await write()
  } catch (error) {
    if (!isOpen || !(error instanceof FormatError)) throw error
    expect(error.message).toMatch(/give the model an inputShape without null/)
    return undefined
  }
}

describe.each([
  ['recurrent layers', recurrent],
  ['layers over windows', windows],
] as const)('%s', (name, draw) => {
  test.each(Array.from({ length: 40 }, (_, seed) => seed))('drawn by %i', async (seed) => {
    const drawn = drawing(`${name} ${seed}`)
    const isOpen = seed % 2 === 0
    const { made, data } = draw(drawn, isOpen, seed + 1)
    await made.setWeights(
      (await made.getWeights()).map(({ shape, data: { length } }) =>
        tensor(
          Float32Array.from({ length }, () => drawn.random() - 0.5),
          shape,
        ),
      ),
    )
    const expected: readonly Tensor[] = [await made.predict([...data], { backend: 'cpu' })].flat()
    const bytes = await unlessOpen(isOpen, () => made.toBytes({ format: 'onnx' }))
    if (bytes !== undefined) {
      const results = await runOnnx(bytes, Object.fromEntries(data.map((each, i) => [made.inputs[i].name, each])))
      expected.forEach((output, i) => {
        expectClose(results[made.outputNames[i]], output, near)
      })
    }
    const saved = await unlessOpen(isOpen, () => moduleOf<Float32Array | Float32Array[]>(made))
    if (saved === undefined) return
    const arrays = data.map((each) => each.toArray())
    const answers = [saved.predict(arrays.length === 1 ? arrays[0] : arrays)].flat()
    expect(answers.map((each) => [...each])).toEqual(expected.map((each) => Array.from(each.data)))
  })
})
