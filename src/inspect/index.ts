// Looking inside a model: what gradients and gates do over time. Imports models, layers, the graph and pictures; models
// load it when they are asked.

export {
  type BlockFlow,
  type FlowVerdict,
  GradientFlow,
  type GradientFlowOptions,
  gradientFlow,
  type LayerFlow,
  type WeightFlow,
} from './gradientFlow'
export {
  type InspectedName,
  type Inspection,
  type InspectionPlotOptions,
  type InspectionViews,
  type InspectOptions,
  inspect,
} from './inspect'
