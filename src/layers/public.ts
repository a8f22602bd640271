// The layers, and what layers of a user's own are written with: what the package root exports.

export { activation } from './activations/activation'
export {
  type EluOptions,
  elu,
  type LeakyReLUOptions,
  leakyReLU,
  type ReLUOptions,
  reLU,
} from './activations/parametricActivations'
export { type PreluOptions, prelu } from './activations/prelu'
export { type SoftmaxOptions, softmax } from './activations/softmax'
export type { ApplyToValuesOptions } from './base/applying'
export type { CallContext, RandomKey } from './base/context'
export {
  type Applied,
  type AppliedToValues,
  type ApplyOptions,
  type Called,
  Layer,
  type LayerOptions,
  type ResetOptions,
} from './base/layer'
export type { OverTime } from './base/overTime'
export { layerFromConfig, layerToConfig, registerLayer } from './base/registry'
export type { Ran, RunOptions } from './base/run'
export { type InputOptions, input, type LayerCall, SymbolicTensor } from './base/symbolic'
export type { Nudge, Watch, WatchedSweep } from './base/watch'
export type { Weight, WeightOptions } from './base/weights'
export { type Conv1dOptions, type Conv2dOptions, conv1d, conv2d } from './convolution/convolution'
export { type DenseOptions, dense } from './core/dense'
export { type EmbeddingOptions, embedding } from './core/embedding'
export { type LambdaOptions, lambda } from './core/lambda'
export { type MaskingOptions, masking } from './core/masking'
export { type ConcatenateOptions, concatenate } from './merging/concatenate'
export { type DotOptions, dot } from './merging/dot'
export { add, average, maximum, minimum, multiply, subtract } from './merging/merge'
export { type BatchNormalizationOptions, batchNormalization } from './normalization/batchNormalization'
export { type LayerNormalizationOptions, layerNormalization } from './normalization/layerNormalization'
export {
  type AdaptBatch,
  type AdaptData,
  type FeatureNumbers,
  type Normalization,
  type NormalizationOptions,
  normalization,
} from './normalization/normalization'
export { type RescalingOptions, rescaling } from './normalization/rescaling'
export type { ScaleAndShiftOptions } from './normalization/scaleAndShift'
export { type UnitNormalizationOptions, unitNormalization } from './normalization/unitNormalization'
export type { DataFormatOptions } from './options/dataFormat'
export type { Expected } from './options/expected'
export type { KernelOptions } from './options/kernelOptions'
export {
  type GlobalPoolingOptions,
  globalAveragePooling1d,
  globalAveragePooling2d,
  globalMaxPooling1d,
  globalMaxPooling2d,
} from './pooling/globalPooling'
export {
  averagePooling1d,
  averagePooling2d,
  maxPooling1d,
  maxPooling2d,
  type Pooling1dOptions,
  type Pooling2dOptions,
} from './pooling/pooling'
export * from './recurrent'
export {
  type DropoutOptions,
  dropout,
  type SpatialDropout2dOptions,
  type SpatialDropoutOptions,
  spatialDropout1d,
  spatialDropout2d,
} from './regularization/dropout'
export {
  type AlphaDropoutOptions,
  alphaDropout,
  gaussianDropout,
  gaussianNoise,
  type NoiseOptions,
} from './regularization/noise'
export { type Cropping1dOptions, type Cropping2dOptions, cropping1d, cropping2d } from './reshaping/cropping'
export { type FlattenOptions, flatten } from './reshaping/flatten'
export { permute } from './reshaping/permute'
export { repeatVector } from './reshaping/repeatVector'
export { reshape } from './reshaping/reshape'
export { type UpSampling1dOptions, type UpSampling2dOptions, upSampling1d, upSampling2d } from './reshaping/upSampling'
export {
  type ImageSides,
  type ZeroPadding1dOptions,
  type ZeroPadding2dOptions,
  zeroPadding1d,
  zeroPadding2d,
} from './reshaping/zeroPadding'
