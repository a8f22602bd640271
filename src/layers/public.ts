// The layers, and what layers of a user's own are written with: what the package root exports.

export { activation } from './activation'
export { type BatchNormalizationOptions, batchNormalization } from './batchNormalization'
export { type ConcatenateOptions, concatenate } from './concatenate'
export type { CallContext, RandomKey } from './context'
export { type Conv1dOptions, type Conv2dOptions, conv1d, conv2d } from './convolution'
export { type Cropping1dOptions, type Cropping2dOptions, cropping1d, cropping2d } from './cropping'
export { type DenseOptions, dense } from './dense'
export { type DotOptions, dot } from './dot'
export { type DropoutOptions, dropout, type SpatialDropoutOptions, spatialDropout1d, spatialDropout2d } from './dropout'
export { type EmbeddingOptions, embedding } from './embedding'
export type { Expected } from './expected'
export { flatten } from './flatten'
export {
  type GlobalPoolingOptions,
  globalAveragePooling1d,
  globalAveragePooling2d,
  globalMaxPooling1d,
  globalMaxPooling2d,
} from './globalPooling'
export type { KernelOptions } from './kernel'
export { type LambdaOptions, lambda } from './lambda'
export {
  type Applied,
  type ApplyOptions,
  type Called,
  Layer,
  type LayerOptions,
  type ResetOptions,
} from './layer'
export { type LayerNormalizationOptions, layerNormalization } from './layerNormalization'
export { type MaskingOptions, masking } from './masking'
export { add, average, maximum, minimum, multiply, subtract } from './merge'
export { type AlphaDropoutOptions, alphaDropout, gaussianDropout, gaussianNoise, type NoiseOptions } from './noise'
export {
  type AdaptBatch,
  type AdaptData,
  type Normalization,
  type NormalizationOptions,
  normalization,
} from './normalization'
export type { OverTime } from './overTime'
export {
  type EluOptions,
  elu,
  type LeakyReLUOptions,
  leakyReLU,
  type ReLUOptions,
  reLU,
} from './parametricActivations'
export { permute } from './permute'
export {
  averagePooling1d,
  averagePooling2d,
  maxPooling1d,
  maxPooling2d,
  type Pooling1dOptions,
  type Pooling2dOptions,
} from './pooling'
export { type PreluOptions, prelu } from './prelu'
export * from './recurrent'
export { layerFromConfig, layerToConfig, registerLayer } from './registry'
export { repeatVector } from './repeatVector'
export { type RescalingOptions, rescaling } from './rescaling'
export { reshape } from './reshape'
export type { Ran, RunOptions } from './run'
export type { ScaleAndShiftOptions } from './scaleAndShift'
export { type SoftmaxOptions, softmax } from './softmax'
export { type InputOptions, input, type LayerCall, SymbolicTensor } from './symbolic'
export { type UnitNormalizationOptions, unitNormalization } from './unitNormalization'
export { type UpSampling1dOptions, type UpSampling2dOptions, upSampling1d, upSampling2d } from './upSampling'
export type { Nudge, Watch, WatchedSweep } from './watch'
export type { Weight, WeightOptions } from './weights'
export {
  type ImageSides,
  type ZeroPadding1dOptions,
  type ZeroPadding2dOptions,
  zeroPadding1d,
  zeroPadding2d,
} from './zeroPadding'
