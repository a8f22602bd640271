// What training would take, before it begins. Imports the graph's Program, layers, tensors, errors, tables from vis, and the engine
// that works on copies of a model's variables; of models only their types.

export type { Estimate, EstimateOptions, LayerEstimate } from './estimate'
export { estimate } from './estimate'
