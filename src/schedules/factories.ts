// The schedules by name: what users see as the namespace `schedules`.

export { type ExponentialDecayOptions, exponentialDecay } from './exponentialDecay'
