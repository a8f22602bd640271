// Fitting targets to predictions: which shapes go together, and how a pair of them is brought to one shape and type.
import { DataError, ShapeError } from '../errors'
import type { Value } from '../graph'
import { cast, expandDims, squeeze } from '../ops'
import { formatShape, isFloat, type Shape, sameShape, type Tensor } from '../tensor'

/**
 * Targets and predictions with the same number of axes: where one has an axis of length 1 more at the end, it is taken
 * off, or put on the other if that has only one axis.
 */
function alignRanks(yTrue: Value, yPred: Value): [Value, Value] {
  if (yTrue.rank === yPred.rank + 1 && yTrue.shape.at(-1) === 1) {
    return yPred.rank === 1 ? [yTrue, expandDims(yPred, -1)] : [squeeze(yTrue, -1), yPred]
  }
  if (yPred.rank === yTrue.rank + 1 && yPred.shape.at(-1) === 1) {
    return yTrue.rank === 1 ? [expandDims(yTrue, -1), yPred] : [yTrue, squeeze(yPred, -1)]
  }
  return [yTrue, yPred]
}

/** Targets and predictions of the same rank and the same float type, for formulas that go element by element. */
export function alignTargets(yTrue: Value, yPred: Value): [Value, Value] {
  const [targets, predictions] = alignRanks(yTrue, yPred)
  const dtype = isFloat(predictions.dtype) ? predictions.dtype : 'float32'
  return [cast(targets, dtype), cast(predictions, dtype)]
}

/** Throws a ShapeError unless targets have the shape of the predictions, but for a last axis of length 1. */
export function checkSameTargets(name: string, yTrueShape: Shape, yPredShape: Shape): void {
  requireSameShape(name, yTrueShape, yPredShape, hintFor(yTrueShape, yPredShape))
}

/** What to do about the two mistakes that are made most: too many units at the end, and targets for steps that are not handed on. */
function hintFor(yTrueShape: Shape, yPredShape: Shape): string {
  const numbers = yTrueShape.length === 1 || (yTrueShape.length === 2 && yTrueShape[1] === 1)
  if (numbers && yPredShape.length === 2) {
    return ' One number a sample is learned with a last layer of one unit; class indices with sparseCategoricalCrossentropy.'
  }
  if (yTrueShape.length === 3 && yPredShape.length === 2 && yTrueShape[0] === yPredShape[0]) {
    return ' For a target at each step the last recurrent layer needs returnSequences: true.'
  }
  return ''
}

/** The same for one-hot targets, with a hint for those that look like class indices. */
export function checkOneHotTargets(name: string, yTrueShape: Shape, yPredShape: Shape): void {
  requireSameShape(name, yTrueShape, yPredShape, ' For class indices use sparseCategoricalCrossentropy.')
}

function requireSameShape(name: string, yTrueShape: Shape, yPredShape: Shape, hint: string): void {
  const [longer, shorter] = yTrueShape.length > yPredShape.length ? [yTrueShape, yPredShape] : [yPredShape, yTrueShape]
  const oneMore = longer.length === shorter.length + 1 && longer.at(-1) === 1
  if (sameShape(oneMore ? longer.slice(0, -1) : longer, shorter)) return
  throw new ShapeError(
    `${name}: expected targets of the predictions' shape ${formatShape(yPredShape)}, got ${formatShape(yTrueShape)}.${hint}`,
  )
}

/** Throws a ShapeError unless targets hold one class index for each prediction of class probabilities. */
export function checkSparseTargets(name: string, yTrueShape: Shape, yPredShape: Shape): void {
  const expected = yPredShape.slice(0, -1)
  if (yPredShape.length > 0 && (sameShape(yTrueShape, expected) || sameShape(yTrueShape, [...expected, 1]))) return
  throw new ShapeError(
    `${name}: expected one class index for each prediction, targets of shape ${formatShape(expected)}, ` +
      `got ${formatShape(yTrueShape)}. For one-hot targets use categoricalCrossentropy.`,
  )
}

/** Throws a DataError for a label that is not a whole number from 0 to the number of classes - 1 (or `ignored`). */
export function checkClassIndices(name: string, labels: Tensor, yPredShape: Shape, ignored?: number): void {
  const classes = yPredShape.at(-1) ?? 0
  const { data } = labels
  for (let i = 0; i < data.length; i++) {
    const label = data[i]
    if ((Number.isInteger(label) && label >= 0 && label < classes) || label === ignored) continue
    throw new DataError(
      `${name}: expected class indices from 0 to ${classes - 1} for ${classes} classes, got ${label} (label number ${i})`,
    )
  }
}
