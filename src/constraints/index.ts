// Constraints: what weights must satisfy after each update. Formulas in ops. Imports ops, graph, errors and the
// registry.

export {
  type Constraint,
  type ConstraintDefinition,
  type ConstraintFunction,
  type ConstraintName,
  type ConstraintNames,
  type ConstraintOption,
  constraint,
  constraintRegistry,
  registerConstraint,
  resolveConstraint,
} from './constraint'
export * from './factories'
