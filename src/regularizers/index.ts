// Regularizers: penalties on weights, added to the loss. Formulas in ops. Imports ops, graph, errors and the registry.

export * from './factories'
export {
  type Regularizer,
  type RegularizerDefinition,
  type RegularizerFunction,
  type RegularizerName,
  type RegularizerNames,
  type RegularizerOption,
  registerRegularizer,
  regularizer,
  regularizerRegistry,
  resolveRegularizer,
} from './regularizer'
