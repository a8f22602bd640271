// A layer from its fixture: the factory of that name, called as a user calls it.
import * as hornbeam from 'hornbeam'
import { Layer } from '../../src/layers'

/** A layer as fixtures describe it; configs nest. */
export interface LayerSpec {
  readonly layer: string
  readonly config: Readonly<Record<string, unknown>>
}

/** The options that a factory takes before its options object, in order. */
const leading: Readonly<Record<string, readonly string[]>> = {
  dense: ['units'],
  activation: ['activation'],
  reshape: ['targetShape'],
  permute: ['dims'],
  repeatVector: ['n'],
  embedding: ['inputDim', 'outputDim'],
  dot: ['axes'],
  rescaling: ['scale'],
  leakyReLU: ['negativeSlope'],
  elu: ['alpha'],
  timeDistributed: ['layer'],
  bidirectional: ['layer'],
  rnn: ['cell'],
  stackedRNNCells: ['cells'],
  lstm: ['units'],
  minGRU: ['units'],
  minLSTM: ['units'],
  indRNN: ['units'],
  lru: ['units'],
  rgLRU: ['units'],
  mamba: ['units'],
  sLSTM: ['units'],
  mLSTM: ['units'],
  gru: ['units'],
  simpleRNN: ['units'],
  lstmCell: ['units'],
  gruCell: ['units'],
  simpleRNNCell: ['units'],
  einsumDense: ['equation', 'outputShape'],
  reversibleEmbedding: ['inputDim', 'outputDim'],
  multiHeadAttention: ['numHeads', 'keyDim'],
  positionEmbedding: ['sequenceLength'],
  tokenAndPositionEmbedding: ['vocabularySize', 'sequenceLength', 'embeddingDim'],
  transformerEncoder: ['intermediateDim', 'numHeads'],
  transformerDecoder: ['intermediateDim', 'numHeads'],
  groupQueryAttention: ['headDim', 'numQueryHeads', 'numKeyValueHeads'],
  conv1d: ['filters', 'kernelSize'],
  conv2d: ['filters', 'kernelSize'],
  conv3d: ['filters', 'kernelSize'],
  conv1dTranspose: ['filters', 'kernelSize'],
  conv2dTranspose: ['filters', 'kernelSize'],
  conv3dTranspose: ['filters', 'kernelSize'],
  depthwiseConv1d: ['kernelSize'],
  depthwiseConv2d: ['kernelSize'],
  separableConv1d: ['filters', 'kernelSize'],
  separableConv2d: ['filters', 'kernelSize'],
  categoryEncoding: ['numTokens'],
  resizing: ['height', 'width'],
  centerCrop: ['height', 'width'],
  randomBrightness: ['factor'],
  randomContrast: ['factor'],
  randomCrop: ['height', 'width'],
  randomFlip: ['mode'],
  randomRotation: ['factor'],
  randomTranslation: ['heightFactor', 'widthFactor'],
  randomZoom: ['heightFactor'],
  convLSTM1d: ['filters', 'kernelSize'],
  convLSTM2d: ['filters', 'kernelSize'],
  convLSTM3d: ['filters', 'kernelSize'],
  spectralNormalization: ['layer'],
  adaptiveAveragePooling1d: ['outputSize'],
  adaptiveAveragePooling2d: ['outputSize'],
  adaptiveAveragePooling3d: ['outputSize'],
  adaptiveMaxPooling1d: ['outputSize'],
  adaptiveMaxPooling2d: ['outputSize'],
  adaptiveMaxPooling3d: ['outputSize'],
}

/** Makes the layer. */
export function makeLayer({ layer, config }: LayerSpec): Layer {
  const factory = Object.entries(hornbeam).find(([name]) => name === layer)?.[1]
  if (typeof factory !== 'function') throw new Error(`hornbeam exports no layer ${layer}`)
  const options = { ...config }
  const first = (leading[layer] ?? []).map((option) => {
    const value = nested(options[option])
    delete options[option]
    return value
  })
  const rest = Object.fromEntries(Object.entries(options).map(([option, value]) => [option, nested(value)]))
  const made = (factory as (...args: readonly unknown[]) => unknown)(...first, rest) // arguments as in the table above
  if (!(made instanceof Layer)) throw new Error(`${layer} made no layer`)
  return made
}

function nested(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(nested)
  return isSpec(value) ? makeLayer(value) : value
}

function isSpec(value: unknown): value is LayerSpec {
  return typeof value === 'object' && value !== null && 'layer' in value && 'config' in value
}
