// The callbacks, and what callbacks of one's own are written with: what the package root exports.

export type {
  Callback,
  CallbackHost,
  CallSeen,
  Direction,
  EndSeen,
  Logs,
  RunParameters,
  SamplesSeen,
} from './callback'
export { type CSVLoggerOptions, csvLogger } from './csvLogger'
export { type EarlyStopping, type EarlyStoppingOptions, earlyStopping } from './earlyStopping'
export { lambdaCallback } from './lambdaCallback'
export { type LearningRateSchedulerOptions, learningRateScheduler } from './learningRateScheduler'
export { type BatchEvent, CallbackList, type EpochEvent, type RunEvent } from './list'
export { type ModelCheckpointOptions, modelCheckpoint } from './modelCheckpoint'
export type { MonitorOptions } from './monitor'
export { type ReduceLROnPlateauOptions, reduceLROnPlateau } from './reduceLROnPlateau'
export { type BackupAndRestoreOptions, backupAndRestore } from './runs/backupAndRestore'
export type { RunContent, SafePoint, TrainingRun } from './runs/run'
export { type SwapEMAWeightsOptions, swapEMAWeights } from './swapEMAWeights'
export { type ProgressOptions, progress, type Verbose } from './terminal/progress'
export { terminateOnNaN } from './terminateOnNaN'
export type { Hyperparameter } from './tracking/hyperparameters'
export { type MlflowOptions, mlflow } from './tracking/mlflow'
export { type RemoteMonitorOptions, remoteMonitor } from './tracking/remoteMonitor'
export { type TensorBoard, type TensorBoardOptions, tensorBoard } from './tracking/tensorBoard'
