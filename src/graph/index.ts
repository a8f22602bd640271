// The graph: values, primitives, differentiation, passes, and the Program a backend runs. Imports tensors and errors;
// knows nothing of layers or backends. The primitives themselves are declared in src/ops.

export type {
  AttentionKind,
  AttributesOf,
  ElementwiseOp,
  ElementwiseStep,
  FusedOp,
  InstructionAttributes,
  Op,
  PlainOp,
  PrimitiveName,
  ScanCounts,
  WindowAttributes,
} from './attributes'
export {
  addPrimitive,
  broadcastPrimitive,
  identityPrimitive,
  reshapePrimitive,
  sumPrimitive,
  sumTo,
} from './basics'
export { evaluate } from './evaluate'
export { gradients } from './gradient'
export { type LowerOptions, lower } from './lowering/lower'
export { optimize } from './lowering/passes'
export {
  allPrimitives,
  findPrimitive,
  type GradientContext,
  isElementwise,
  onceEach,
  Primitive,
  type PrimitiveDefinition,
  type PrimitiveNamed,
  primitive,
  type Work,
} from './primitive'
export {
  type Buffer,
  bytesOf,
  type Instruction,
  isProgram,
  type Program,
  printProgram,
  programFromJSON,
  programToJSON,
  type Storage,
} from './program'
export { constant, constantData, constantNumber, type Operand, placeholder, toValue } from './sources'
export { rebuildNode, substitute } from './substitute'
export {
  type Attributes,
  currentScope,
  type Graph,
  inScope,
  isGraph,
  type Node,
  newestId,
  nodesOf,
  reachable,
  type Spec,
  type Update,
  Value,
} from './value'
export {
  become,
  contentOf,
  hostStorage,
  originOf,
  Variable,
  type VariableStorage,
  variableOf,
  withContents,
} from './variable'
