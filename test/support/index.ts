// Helpers of the tests for numbers: closeness, deterministic data, and gradients against central differences.

export { expectClose, type Tolerance } from './close'
export { expectGradients, type GradientCheck, weightedSum } from './gradients'
export { type CallOptions, type CallResult, callLayer, expectLayerGradients, type LayerGradientCheck } from './layers'
export { distinct, floats, integers } from './numbers'
