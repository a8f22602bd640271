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
export {
  type AdditiveAttentionOptions,
  type AttentionOptions,
  additiveAttention,
  attention,
} from './attention/attention'
export { type GroupQueryAttentionOptions, groupQueryAttention } from './attention/groupQueryAttention'
export type { HeadsOptions } from './attention/heads'
export { type MultiHeadAttentionOptions, multiHeadAttention } from './attention/multiHeadAttention'
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
export { type LayerClass, layerFromConfig, layerToConfig, registerLayer } from './base/registry'
export type { Ran, RunOptions } from './base/run'
export { type InputOptions, input, type LayerCall, SymbolicTensor } from './base/symbolic'
export type { Nudge, Watch, WatchedAttention, WatchedBlock, WatchedSweep } from './base/watch'
export type { Weight, WeightOptions } from './base/weights'
export {
  type Conv1dOptions,
  type Conv2dOptions,
  type Conv3dOptions,
  conv1d,
  conv2d,
  conv3d,
} from './convolution/convolution'
export {
  type ChannelwiseOptions,
  type DepthwiseConv1dOptions,
  type DepthwiseConv2dOptions,
  depthwiseConv1d,
  depthwiseConv2d,
  type SeparableConv1dOptions,
  type SeparableConv2dOptions,
  separableConv1d,
  separableConv2d,
} from './convolution/depthwise'
export {
  type Conv1dTransposeOptions,
  type Conv2dTransposeOptions,
  type Conv3dTransposeOptions,
  conv1dTranspose,
  conv2dTranspose,
  conv3dTranspose,
  type TransposedConvolutionOptions,
} from './convolution/transposed'
export type { Padding } from './convolution/windows'
export { type DenseOptions, dense } from './core/dense'
export { type EinsumDenseOptions, type EinsumShape, einsumDense } from './core/einsumDense'
export { type EmbeddingOptions, embedding } from './core/embedding'
export { type ActivityRegularizationOptions, activityRegularization, identity } from './core/identity'
export { type LambdaOptions, lambda } from './core/lambda'
export { type MaskingOptions, masking } from './core/masking'
export { type ReversibleEmbeddingOptions, reversibleEmbedding } from './core/reversibleEmbedding'
export type { LoraOptions } from './lowRank/lora'
export { type ConcatenateOptions, concatenate } from './merging/concatenate'
export { type DotOptions, dot } from './merging/dot'
export { add, average, maximum, minimum, multiply, subtract } from './merging/merge'
export { type BatchNormalizationOptions, batchNormalization } from './normalization/batchNormalization'
export { type GroupNormalizationOptions, groupNormalization } from './normalization/groupNormalization'
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
export { type RmsNormalizationOptions, rmsNormalization } from './normalization/rmsNormalization'
export type { ScaleAndShiftOptions } from './normalization/scaleAndShift'
export {
  type SpectralNormalizationOptions,
  spectralNormalization,
} from './normalization/spectralNormalization'
export { type UnitNormalizationOptions, unitNormalization } from './normalization/unitNormalization'
export type { CallArguments, CallOptions, CallSettings } from './options/callOptions'
export type { DataFormatOptions } from './options/dataFormat'
export type { Expected } from './options/expected'
export type { KernelOptions } from './options/kernelOptions'
export {
  type AdaptivePoolingOptions,
  adaptiveAveragePooling1d,
  adaptiveAveragePooling2d,
  adaptiveAveragePooling3d,
  adaptiveMaxPooling1d,
  adaptiveMaxPooling2d,
  adaptiveMaxPooling3d,
} from './pooling/adaptivePooling'
export {
  type GlobalPoolingOptions,
  globalAveragePooling1d,
  globalAveragePooling2d,
  globalAveragePooling3d,
  globalMaxPooling1d,
  globalMaxPooling2d,
  globalMaxPooling3d,
} from './pooling/globalPooling'
export {
  averagePooling1d,
  averagePooling2d,
  averagePooling3d,
  maxPooling1d,
  maxPooling2d,
  maxPooling3d,
  type Pooling1dOptions,
  type Pooling2dOptions,
  type Pooling3dOptions,
} from './pooling/pooling'
export {
  type CategoryEncodingOptions,
  type CategoryMode,
  categoryEncoding,
  type Discretization,
  type DiscretizationOptions,
  discretization,
} from './preprocessing/encoding'
export { type CenterCropOptions, centerCrop, type ResizingOptions, resizing } from './preprocessing/images'
export {
  type IntegerLookup,
  type IntegerLookupOptions,
  integerLookup,
} from './preprocessing/integerLookup'
export {
  type Factor,
  type RandomAffineOptions,
  type RandomFlipOptions,
  type RandomImageOptions,
  type RandomLightOptions,
  type RandomZoomOptions,
  randomBrightness,
  randomContrast,
  randomCrop,
  randomFlip,
  randomRotation,
  randomTranslation,
  randomZoom,
} from './preprocessing/randomImages'
export {
  type MelSpectrogramOptions,
  melSpectrogram,
  type StftSpectrogramOptions,
  stftSpectrogram,
  type WindowOption,
} from './preprocessing/spectrogram'
export * from './recurrent'
export {
  type DropoutOptions,
  dropout,
  type SpatialDropout2dOptions,
  type SpatialDropout3dOptions,
  type SpatialDropoutOptions,
  spatialDropout1d,
  spatialDropout2d,
  spatialDropout3d,
} from './regularization/dropout'
export {
  type AlphaDropoutOptions,
  alphaDropout,
  gaussianDropout,
  gaussianNoise,
  type NoiseOptions,
} from './regularization/noise'
export {
  type Cropping1dOptions,
  type Cropping2dOptions,
  type Cropping3dOptions,
  cropping1d,
  cropping2d,
  cropping3d,
} from './reshaping/cropping'
export { type FlattenOptions, flatten } from './reshaping/flatten'
export { permute } from './reshaping/permute'
export { repeatVector } from './reshaping/repeatVector'
export { reshape } from './reshaping/reshape'
export {
  type UpSampling1dOptions,
  type UpSampling2dOptions,
  type UpSampling3dOptions,
  upSampling1d,
  upSampling2d,
  upSampling3d,
} from './reshaping/upSampling'
export {
  type ImageSides,
  type VolumeSides,
  type ZeroPadding1dOptions,
  type ZeroPadding2dOptions,
  type ZeroPadding3dOptions,
  zeroPadding1d,
  zeroPadding2d,
  zeroPadding3d,
} from './reshaping/zeroPadding'
export {
  type HashedCrossingOptions,
  type HashingOptions,
  hashedCrossing,
  hashing,
} from './texts/hashing'
export type { HostInput, HostLayer } from './texts/hostLayer'
export {
  type StringLookupLayer,
  type StringLookupLayerOptions,
  stringLookup,
  type TextVectorizationLayer,
  type TextVectorizationLayerOptions,
  textVectorization,
} from './texts/lookups'
export type { TransformerOptions } from './transformers/block'
export { type PositionEmbeddingOptions, positionEmbedding } from './transformers/positionEmbedding'
export { type RotaryEmbeddingOptions, rotaryEmbedding } from './transformers/rotaryEmbedding'
export { type SinePositionEncodingOptions, sinePositionEncoding } from './transformers/sinePositionEncoding'
export {
  type TokenAndPositionEmbeddingOptions,
  tokenAndPositionEmbedding,
} from './transformers/tokenAndPositionEmbedding'
export { type TransformerDecoderOptions, transformerDecoder } from './transformers/transformerDecoder'
export { type TransformerEncoderOptions, transformerEncoder } from './transformers/transformerEncoder'
