// One way to call each kind of layer (two where its options change the mathematics), with data on which it is smooth.
import {
  activation,
  add,
  alphaDropout,
  average,
  averagePooling1d,
  averagePooling2d,
  batchNormalization,
  concatenate,
  conv1d,
  conv2d,
  cropping1d,
  cropping2d,
  dense,
  dot,
  dropout,
  elu,
  embedding,
  flatten,
  gaussianDropout,
  gaussianNoise,
  globalAveragePooling1d,
  globalAveragePooling2d,
  globalMaxPooling1d,
  globalMaxPooling2d,
  type Layer,
  layerNormalization,
  leakyReLU,
  masking,
  maximum,
  maxPooling1d,
  maxPooling2d,
  minimum,
  multiply,
  normalization,
  permute,
  prelu,
  reLU,
  repeatVector,
  rescaling,
  reshape,
  softmax,
  spatialDropout1d,
  spatialDropout2d,
  subtract,
  unitNormalization,
  upSampling1d,
  upSampling2d,
  zeroPadding1d,
  zeroPadding2d,
} from '../../src/layers'
import type { Tensor } from '../../src/tensor'
import { type CallOptions, distinct, floats, integers } from '../support'

/** One call of a layer. */
export interface LayerCase extends CallOptions {
  readonly says: string
  make(): Layer
  readonly inputs: readonly Tensor[]
}

const vector = floats([3, 5])
const series = floats([2, 4, 3])
const image = floats([2, 4, 5, 2])
const otherSeries = floats([2, 4, 3], { seed: 2 })
const steps = [
  [true, true, false, true],
  [false, true, true, false],
]

const regularized = {
  kernelInitializer: 'heNormal',
  biasInitializer: { name: 'constant', options: { value: 0.5 } },
  kernelRegularizer: 'l2',
  biasConstraint: 'nonNeg',
} as const

/** The cases of all layers that are not recurrent. */
export const layerCases: readonly LayerCase[] = [
  { says: 'dense', make: () => dense(4, { activation: 'tanh', ...regularized }), inputs: [vector] },
  { says: 'dense on a sequence', make: () => dense(2, { useBias: false }), inputs: [series] },
  { says: 'dense with a price on its output', make: () => dense(2, { activityRegularizer: 'l2' }), inputs: [series] },
  { says: 'activation', make: () => activation('gelu'), inputs: [vector] },
  {
    says: 'activation with options',
    make: () => activation({ name: 'leakyRelu', options: { negativeSlope: 0.4 } }),
    inputs: [vector],
  },
  {
    says: 'reLU',
    make: () => reLU({ maxValue: 1.5, negativeSlope: 0.1, threshold: 0.25 }),
    inputs: [distinct([3, 5], { gap: 0.33 })],
  },
  { says: 'leakyReLU', make: () => leakyReLU(0.2), inputs: [vector] },
  { says: 'elu', make: () => elu({ alpha: 0.7 }), inputs: [vector] },
  { says: 'prelu', make: () => prelu({ sharedAxes: [1] }), inputs: [series] },
  { says: 'softmax', make: () => softmax(), inputs: [vector] },
  { says: 'softmax over time, masked', make: () => softmax({ axis: 1 }), inputs: [series], masks: [steps] },
  { says: 'softmax over two axes', make: () => softmax({ axis: [1, 2] }), inputs: [series] },
  { says: 'flatten', make: () => flatten(), inputs: [series] },
  { says: 'reshape', make: () => reshape([2, -1]), inputs: [series] },
  { says: 'permute', make: () => permute([2, 3, 1]), inputs: [image] },
  { says: 'repeatVector', make: () => repeatVector(3), inputs: [vector] },
  {
    says: 'embedding',
    make: () => embedding(6, 3, { maskZero: true, embeddingsRegularizer: 'l1' }),
    inputs: [integers([2, 4], { to: 6 })],
  },
  { says: 'masking', make: () => masking({ maskValue: -9 }), inputs: [series] },
  { says: 'add', make: () => add(), inputs: [series, otherSeries, floats([2, 1, 3])] },
  { says: 'subtract', make: () => subtract(), inputs: [series, otherSeries] },
  { says: 'multiply', make: () => multiply(), inputs: [series, otherSeries, floats([2, 3])] },
  { says: 'average', make: () => average(), inputs: [series, otherSeries] },
  { says: 'maximum', make: () => maximum(), inputs: [series, otherSeries] },
  { says: 'minimum', make: () => minimum(), inputs: [series, otherSeries] },
  { says: 'concatenate', make: () => concatenate(), inputs: [series, floats([2, 4, 2])] },
  { says: 'concatenate over time', make: () => concatenate({ axis: 1 }), inputs: [series, floats([2, 2, 3])] },
  { says: 'dot', make: () => dot(1), inputs: [vector, floats([3, 5], { seed: 2 })] },
  { says: 'dot of sequences', make: () => dot([2, 1], { normalize: true }), inputs: [series, floats([2, 3, 2])] },
  { says: 'dropout', make: () => dropout(0.4, { noiseShape: [null, 1, null] }), inputs: [series], training: true },
  { says: 'spatialDropout1d', make: () => spatialDropout1d(0.4), inputs: [series], training: true },
  { says: 'spatialDropout2d', make: () => spatialDropout2d(0.4), inputs: [image], training: true },
  { says: 'gaussianNoise', make: () => gaussianNoise(0.4), inputs: [series], training: true },
  { says: 'gaussianDropout', make: () => gaussianDropout(0.4), inputs: [series], training: true },
  { says: 'alphaDropout', make: () => alphaDropout(0.4), inputs: [series], training: true },
  { says: 'layerNormalization', make: () => layerNormalization(), inputs: [series] },
  {
    says: 'layerNormalization over other axes',
    make: () => layerNormalization({ axis: [1, 3], epsilon: 0.1 }),
    inputs: [image],
  },
  { says: 'batchNormalization', make: () => batchNormalization(), inputs: [image] },
  { says: 'batchNormalization in training', make: () => batchNormalization(), inputs: [image], training: true },
  {
    says: 'batchNormalization on axis 1, masked, in training',
    make: () => batchNormalization({ axis: 1, center: false }),
    inputs: [series],
    masks: [steps],
    training: true,
  },
  { says: 'unitNormalization', make: () => unitNormalization({ axis: [1, 2] }), inputs: [series] },
  { says: 'normalization', make: () => normalization({ mean: [1, 2, 3], variance: [1, 4, 9] }), inputs: [series] },
  {
    says: 'normalization, the other way',
    make: () => normalization({ axis: 1, mean: 0.5, variance: 4, inverse: true }),
    inputs: [series],
  },
  { says: 'rescaling', make: () => rescaling([2, 3, 4], { offset: -1 }), inputs: [series] },
  {
    says: 'conv1d',
    make: () => conv1d(4, 2, { padding: 'causal', dilationRate: 2, activation: 'tanh', ...regularized }),
    inputs: [series],
  },
  { says: 'conv1d in groups', make: () => conv1d(4, 3, { groups: 2, strides: 2 }), inputs: [floats([2, 7, 4])] },
  { says: 'conv2d', make: () => conv2d(3, [2, 3], { padding: 'same', strides: [2, 1] }), inputs: [image] },
  {
    says: 'maxPooling1d',
    make: () => maxPooling1d({ poolSize: 3, strides: 2, padding: 'same' }),
    inputs: [distinct([2, 6, 2])],
  },
  { says: 'averagePooling1d', make: () => averagePooling1d(2), inputs: [series] },
  { says: 'maxPooling2d', make: () => maxPooling2d([2, 3], { strides: 1 }), inputs: [distinct([2, 4, 5, 2])] },
  { says: 'averagePooling2d', make: () => averagePooling2d(2, { padding: 'same' }), inputs: [image] },
  { says: 'globalMaxPooling1d', make: () => globalMaxPooling1d(), inputs: [distinct([2, 4, 3])] },
  { says: 'globalAveragePooling1d, masked', make: () => globalAveragePooling1d(), inputs: [series], masks: [steps] },
  { says: 'globalMaxPooling2d', make: () => globalMaxPooling2d({ keepdims: true }), inputs: [distinct([2, 4, 5, 2])] },
  { says: 'globalAveragePooling2d', make: () => globalAveragePooling2d(), inputs: [image] },
  { says: 'zeroPadding1d', make: () => zeroPadding1d([0, 2]), inputs: [series] },
  {
    says: 'zeroPadding2d',
    make: () =>
      zeroPadding2d([
        [1, 0],
        [2, 3],
      ]),
    inputs: [image],
  },
  { says: 'cropping1d', make: () => cropping1d(1), inputs: [series] },
  { says: 'cropping2d', make: () => cropping2d([0, 2]), inputs: [image] },
  { says: 'upSampling1d', make: () => upSampling1d(3), inputs: [series] },
  { says: 'upSampling2d', make: () => upSampling2d([1, 2]), inputs: [image] },
  { says: 'upSampling2d, bilinear', make: () => upSampling2d(3, { interpolation: 'bilinear' }), inputs: [image] },
]
