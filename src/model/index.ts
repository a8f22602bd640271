// Models: Sequential and functional, compile, fit, evaluate, predict, save and load. Imports everything below it;
// nothing imports models but the package root and what looks inside them.

export type { Estimate, EstimateOptions, LayerEstimate } from '../estimate'
export type { ModelData } from '../feed/binding'
export type { DatasetBatch, DatasetLike, FitData } from '../feed/dataset'
export type { BatchMask, SampleWeight, Weighting } from '../feed/targets'
export type { CallJSON, Metadata, ModelJSON } from '../formats/architecture'
export type { LoadedWeights, LoadWeightsOptions } from '../formats/loadWeights'
export { readTensors, writeTensors } from '../formats/tensorFiles'
export type { ToTorchOptions } from '../formats/torch/write'
export type { WeightMap } from '../formats/weightMap'
export type { Place } from '../io'
export type { CompileOptions, LossByOutput, MetricsOption } from '../step/compileOptions'
export type {
  Differentiable,
  StepResults,
  StepValue,
  Trainable,
  TrainStep,
  TrainStepFunction,
} from '../step/own/trainStep'
export { type Generated, type GenerateOptions, generate, generateEach, type TextCodec } from '../time/generate'
export type { Stream, StreamingModel, StreamOptions, StreamState } from '../time/stream'
export type { EvaluateOptions } from '../train/evaluate'
export type { FindLearningRateOptions } from '../train/findLearningRate'
export type { History } from '../train/fit'
export type { FitOptions } from '../train/fitOptions'
export type { LearningRateCurve, LearningRateRule, LearningRateTest } from '../train/learningRateCurve'
export type { MinimizeOptions, Minimum } from '../train/minimize'
export type { PredictOptions } from '../train/predict'
export { type FunctionalOptions, model, registerModel, sequential } from './factories'
export { modelFromJSON } from './fromJSON'
export type { HandOverOptions } from './handOver/handOver'
export { type LoadOptions, loadModel } from './load'
export { Model, type ModelOptions, type SubclassOptions } from './model'
export type { SaveOptions } from './save'
export type { SummaryOptions } from './summary'
export type { Ends, LogKey, Predicted } from './typed'
