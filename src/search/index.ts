// Hyperparameter search: a space, trials, random draws and successive halving, threads. Imports errors, io, tensors, callbacks and
// vis; of models only their types.

export { type FollowedStudy, followStudy, type TrialSeen } from './follow'
export type { SearchOptions } from './options'
export { runWorker, type TrialProcessor, trialProcessor, type WorkerOptions, type WorkerResult } from './runWorker'
export { type SearchResult, search } from './search'
export type {
  Choices as SearchChoices,
  Dimension,
  Parameters as SearchParameters,
  Range as SearchRange,
  Space as SearchSpace,
} from './space'
export type { Trial } from './study/record'
export type { Build as SearchBuild, Candidate as SearchCandidate, TrialContext } from './trial'
