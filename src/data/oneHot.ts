// Classes as vectors with a single 1.

import {
  checkOptions,
  DataError,
  didYouMean,
  OptionError,
  requireList,
  requireOneOf,
  requirePositiveInteger,
  requireWalkable,
  textOf,
} from '../errors'
import { allocate, asTensor, type DType, dtypes, Tensor, type TensorLike } from '../tensor'

/** Options of {@link oneHot}. */
export interface OneHotOptions {
  /** How many classes there are, or their names in order; for numbers one more than the largest by default. */
  readonly classes?: number | readonly string[]
  /** `float32` by default. */
  readonly dtype?: DType
}

/**
 * Turns classes into vectors: 1 at the place of the class, 0 elsewhere. `[...]` becomes `[..., classes]`.
 *
 * @param labels - whole numbers from 0 in any shape, or an array of names, whose order `classes` gives.
 * @throws DataError for a label that is not among the classes.
 *
 * @example
 * ```ts
 * data.oneHot([2, 0]).toArray() // [[0, 0, 1], [1, 0, 0]]
 * data.oneHot(['rain', 'sun'], { classes: ['sun', 'rain'] }).toArray() // [[0, 1], [1, 0]]
 * ```
 */
export function oneHot(labels: TensorLike | readonly string[], options: OneHotOptions = {}): Tensor {
  requireWalkable('oneHot', labels)
  checkOptions('oneHot', options, ['classes', 'dtype'])
  const dtype = requireOneOf('oneHot', 'dtype', options.dtype ?? 'float32', dtypes)
  const numbers = isNames(labels) ? namedClasses(labels, options.classes) : asTensor(labels)
  const classes = countOf(options.classes, numbers)
  const out = allocate(dtype, numbers.size * classes)
  for (const [i, label] of numbers.data.entries()) {
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      const range = options.classes === undefined ? 'from 0' : `from 0 to ${classes - 1}`
      throw new DataError(`oneHot: expected whole numbers ${range}, got ${label} at place ${i}`)
    }
    out[i * classes + label] = 1
  }
  return new Tensor(out, [...numbers.shape, classes], dtype)
}

function countOf(classes: OneHotOptions['classes'], { data, size }: Tensor): number {
  if (typeof classes === 'object') return requireList('oneHot', 'classes', classes).length
  if (classes !== undefined) return requirePositiveInteger('oneHot', 'classes', classes)
  if (size === 0) throw new OptionError('oneHot: classes: expected their number, since there are no labels to tell')
  let most = 0
  for (const label of data) most = Math.max(most, Math.floor(label))
  return most + 1
}

function isNames(labels: TensorLike | readonly string[]): labels is readonly string[] {
  if (!Array.isArray(labels) || typeof labels[0] !== 'string') return false
  const other: unknown = labels.find((label) => typeof label !== 'string')
  if (other === undefined) return true
  throw new DataError(`oneHot: expected names alone, got ${textOf(other)} among them`)
}

function namedClasses(labels: readonly string[], classes: OneHotOptions['classes']): Tensor {
  if (typeof classes !== 'object') {
    throw new OptionError('oneHot: classes: expected the names of all classes in order, since the labels are names')
  }
  const places = new Map(classes.map((name, i) => [name, i]))
  if (places.size < classes.length) {
    throw new OptionError(`oneHot: classes: expected each name once, got ${classes.join(', ')}`)
  }
  const numbers = labels.map((label) => {
    const place = places.get(label)
    if (place !== undefined) return place
    throw new DataError(
      `oneHot: unknown class '${label}'.${didYouMean(label, classes)} Classes: ${classes.join(', ')}.`,
    )
  })
  return new Tensor(Float64Array.from(numbers), [numbers.length])
}
