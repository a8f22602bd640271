// The schedules by name: what users see as the namespace `schedules`.

/**
 * Learning rates that change from step to step.
 *
 * @example
 * ```ts
 * model.compile({ loss: 'mse', learningRate: schedules.cosineDecay({ initialLearningRate: 0.01, decaySteps: 1000 }) })
 * ```
 *
 * @module
 */

export { type CosineDecayOptions, cosineDecay } from './cosineDecay'
export { type CosineDecayRestartsOptions, cosineDecayRestarts } from './cosineDecayRestarts'
export { type ExponentialDecayOptions, exponentialDecay } from './exponentialDecay'
export { type InverseTimeDecayOptions, inverseTimeDecay } from './inverseTimeDecay'
export { type PiecewiseConstantDecayOptions, piecewiseConstantDecay } from './piecewiseConstantDecay'
export { type PolynomialDecayOptions, polynomialDecay } from './polynomialDecay'
export { warmup } from './warmup'
