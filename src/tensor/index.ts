// Host tensors: element types, shapes, data, random numbers. Imports nothing but the errors.

export {
  allocate,
  commonDType,
  type DType,
  dtypeOf,
  dtypes,
  type FloatType,
  floatOf,
  type IntegerArray,
  isFloat,
  type TypedArray,
} from './dtype'
export { isTensorJSON, type TensorJSON } from './json'
export { arange, full, ones, type RandomOptions, randomNormal, randomUniform, zeros } from './make'
export {
  fillNormal,
  fillUniform,
  getSeed,
  nextStream,
  normalizeSeed,
  permutation,
  rememberRandom,
  setSeed,
  streamOf,
  threefry,
  toUnit,
} from './random'
export {
  broadcastShapes,
  broadcastStrides,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  type PartialShape,
  type Shape,
  sameShape,
  sizeOf,
  stridesOf,
} from './shape'
export {
  type ArrayOfRank,
  asTensor,
  castTensor,
  completeShape,
  firstLeaf,
  hasNames,
  isTypedArray,
  type NestedArray,
  Tensor,
  type TensorLike,
  tensor,
} from './tensor'
