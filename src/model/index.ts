// Models: Sequential and functional, compile, fit, evaluate, predict, save and load. Imports everything below it;
// nothing imports models but the package root and what looks inside them.

export type { Estimate, EstimateOptions, LayerEstimate } from '../estimate'
export type { ModelJSON } from './architecture'
export type { ModelData } from './binding'
export type { CompileOptions } from './compile-options'
export type { DatasetBatch, DatasetLike } from './dataset'
export type { EvaluateOptions } from './evaluate'
export { type FunctionalOptions, model, sequential } from './factories'
export type { FindLearningRateOptions } from './find-learning-rate'
export type { FitData, FitOptions, History } from './fit'
export { modelFromJSON } from './from-json'
export type { LearningRateCurve, LearningRateRule, LearningRateTest } from './learning-rate-curve'
export { loadModel } from './load'
export { Model, type ModelOptions } from './model'
export type { PredictOptions } from './predict'
export type { Stream, StreamOptions, StreamState } from './stream'
export type { SummaryOptions } from './summary'
