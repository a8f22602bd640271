// The schedules by name: what users see as the namespace `schedules`.

export { type CosineDecayOptions, cosineDecay } from './cosineDecay'
export { type CosineDecayRestartsOptions, cosineDecayRestarts } from './cosineDecayRestarts'
export { type ExponentialDecayOptions, exponentialDecay } from './exponentialDecay'
export { type InverseTimeDecayOptions, inverseTimeDecay } from './inverseTimeDecay'
export { type PiecewiseConstantDecayOptions, piecewiseConstantDecay } from './piecewiseConstantDecay'
export { type PolynomialDecayOptions, polynomialDecay } from './polynomialDecay'
export { warmup } from './warmup'
