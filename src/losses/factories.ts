// The losses by name: what users see as the namespace `losses`.

/**
 * What training makes small. A loss is an option of `compile`: by name, or made here where it has options.
 *
 * @example
 * ```ts
 * model.compile({ optimizer: 'adam', loss: losses.huber({ delta: 2 }) })
 * ```
 *
 * @module
 */

export {
  type CircleOptions,
  categoricalGeneralizedCrossEntropy,
  circle,
  type GeneralizedCrossEntropyOptions,
} from './circle'
export {
  binaryCrossentropy,
  type CrossentropyOptions,
  categoricalCrossentropy,
  type SparseCategoricalCrossentropyOptions,
  sparseCategoricalCrossentropy,
} from './crossentropy'
export { ctc } from './ctc'
export { type DiceOptions, dice, klDivergence, type TverskyOptions, tversky } from './distributions'
export {
  type BinaryFocalOptions,
  binaryFocalCrossentropy,
  categoricalFocalCrossentropy,
  type FocalOptions,
} from './focal'
export { categoricalHinge, hinge, squaredHinge } from './hinge'
export {
  type CosineSimilarityOptions,
  cosineSimilarity,
  type HuberOptions,
  huber,
  logCosh,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogarithmicError,
  poisson,
} from './regression'
