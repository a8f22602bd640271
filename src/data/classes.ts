// From what a classifier predicts back to classes, and how they go with the true ones: the way back from one-hot vectors.

import { checkOptions, DataError, OptionError, requirePositiveInteger } from '../errors'
import { allocate, asTensor, formatShape, Tensor, type TensorLike } from '../tensor'
import { oneHot } from './oneHot'

/** Options of {@link confusionMatrix}. */
export interface ConfusionMatrixOptions {
  /** How many classes there are, or their names in order; one more than the largest label by default. */
  readonly classes?: number | readonly string[]
}

/**
 * The place of the largest number along the last axis, the first where several are equal: the classes that probabilities stand for.
 * `[..., classes]` becomes `[...]`, `int32`.
 *
 * @throws DataError where there is no last axis, nothing along it, or a number that is NaN.
 *
 * @example
 * ```ts
 * data.argMax([[0.1, 0.7, 0.2], [0.9, 0.1, 0]]).toArray() // [1, 0]
 * ```
 */
export function argMax(values: TensorLike): Tensor {
  const { data, shape } = asTensor(values)
  const width = shape[shape.length - 1] ?? 0
  if (width === 0) throw new DataError(`argMax: expected numbers along a last axis, got shape ${formatShape(shape)}`)
  const out = allocate('int32', data.length / width)
  for (let i = 0; i < out.length; i++) {
    let best = 0
    for (let k = 0; k < width; k++) {
      const value = data[i * width + k]
      if (Number.isNaN(value)) throw new DataError(`argMax: expected numbers, got NaN in row ${i}`)
      if (value > data[i * width + best]) best = k
    }
    out[i] = best
  }
  return new Tensor(out, shape.slice(0, -1), 'int32')
}

/**
 * How often each true class (rows) was predicted as each class (columns). `int32`, `[classes, classes]`.
 *
 * @param yTrue - classes as whole numbers from 0, names, or one-hot vectors `[samples, classes]`.
 * @param yPred - the same, or the probabilities a model predicts, `[samples, classes]`: the likeliest class counts.
 * @throws DataError where there are not as many of both, or for a label that is no class.
 *
 * @example
 * ```ts
 * data.confusionMatrix([0, 1, 1], [[0.8, 0.2], [0.6, 0.4], [0.1, 0.9]]).toArray() // [[1, 0], [1, 1]]
 * ```
 */
export function confusionMatrix(
  yTrue: TensorLike | readonly string[],
  yPred: TensorLike | readonly string[],
  options: ConfusionMatrixOptions = {},
): Tensor {
  checkOptions('confusionMatrix', options, ['classes'])
  const [truth, guess] = [classesOf(yTrue, options.classes), classesOf(yPred, options.classes)]
  if (truth.length !== guess.length) {
    throw new DataError(
      `confusionMatrix: expected as many predictions as true classes, got ${guess.length} for ${truth.length}`,
    )
  }
  const count = countOf(options.classes, [truth, guess])
  const out = allocate('int32', count * count)
  for (let i = 0; i < truth.length; i++) {
    for (const label of [truth[i], guess[i]]) {
      if (Number.isInteger(label) && label >= 0 && label < count) continue
      throw new DataError(`confusionMatrix: expected classes from 0 to ${count - 1}, got ${label} at place ${i}`)
    }
    out[truth[i] * count + guess[i]]++
  }
  return new Tensor(out, [count, count], 'int32')
}

/** Labels as they are; names, one-hot vectors and probabilities as the classes they stand for. */
function classesOf(labels: TensorLike | readonly string[], classes: ConfusionMatrixOptions['classes']): Tensor['data'] {
  if (Array.isArray(labels) && typeof labels[0] === 'string') {
    // By the test before, these are names.
    return argMax(oneHot(labels as readonly string[], classes === undefined ? {} : { classes })).data
  }
  const tensor = asTensor(labels as TensorLike) // what is no list of names
  if (tensor.rank === 1 || (tensor.rank === 2 && tensor.shape[1] === 1)) return tensor.data
  if (tensor.rank === 2) return argMax(tensor).data
  throw new DataError(
    `confusionMatrix: expected [samples] or [samples, classes], got shape ${formatShape(tensor.shape)}`,
  )
}

function countOf(classes: ConfusionMatrixOptions['classes'], labels: readonly Tensor['data'][]): number {
  if (typeof classes === 'object') return classes.length
  if (classes !== undefined) return requirePositiveInteger('confusionMatrix', 'classes', classes)
  let most = -1
  for (const list of labels) for (const label of list) most = Math.max(most, label)
  if (most >= 0 && Number.isFinite(most)) return Math.floor(most) + 1
  throw new OptionError('confusionMatrix: classes: expected their number, since there are no labels to tell')
}
