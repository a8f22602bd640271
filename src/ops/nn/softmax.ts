// Softmax, its logarithm, and the cross-entropy of both: primitives over the last axis, safe for large numbers, which a
// backend may compute in one sweep over memory.
import { ShapeError } from '../../errors'
import { type Operand, onceEach, type PrimitiveNamed, primitive, type Spec, toValue, type Value } from '../../graph'
import { formatShape, isFloat, normalizeAxis, sameShape } from '../../tensor'
import { axisOption, numbers } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { cast, div, exp, log, mul, sub } from '../elementwise/elementwise'
import { type AxisOption, settingOf } from '../elementwise/shorthand'
import { oneHot, takeAlongAxis } from '../indexing'
import { logSumExp, max, sum } from '../reduce'
import { expandDims, squeeze, swapAxes } from '../shape'

const last = { axis: -1, keepDims: true }

const softmaxPrimitive = /* @__PURE__ */ primitive('softmax', {
  work: onceEach,
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  decompose: ([x]) => {
    const powers = exp(sub(x, max(x, last)))
    return [div(powers, sum(powers, last))]
  },
  gradient: ({ output: y, upstream: g }) => [mul(y, sub(g, sum(mul(g, y), last)))],
})

const logSoftmaxPrimitive = /* @__PURE__ */ primitive('logSoftmax', {
  work: onceEach,
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  decompose: ([x]) => {
    const shifted = sub(x, max(x, last))
    return [sub(shifted, log(sum(exp(shifted), last)))]
  },
  gradient: ({ output: y, upstream: g }) => [sub(g, mul(exp(y), sum(g, last)))],
})

function alongAxis(made: PrimitiveNamed<'softmax' | 'logSoftmax'>, operand: Operand, axis: number): Value {
  const given = toValue(operand)
  const x = isFloat(given.dtype) ? given : cast(given, 'float32')
  const at = normalizeAxis(axis, x.rank, made.name)
  return swapAxes(made.one([swapAxes(x, at, -1)], {}), at, -1)
}

/**
 * exp(x) / sum(exp(x)) along an axis (the last by default): positive, with the sum 1. Large numbers are safe.
 *
 * @example
 * ```ts
 * ops.softmax([1000, 1000]) // [0.5, 0.5]
 * ```
 */
export const softmax = /* @__PURE__ */ op(
  'softmax',
  { x: numbers, options: axisOption },
  (x: Operand, axis?: AxisOption): Value => alongAxis(softmaxPrimitive, x, settingOf(axis, 'axis', -1)),
)

/** The logarithm of softmax along an axis (the last by default). */
export const logSoftmax = /* @__PURE__ */ op(
  'logSoftmax',
  { x: numbers, options: axisOption },
  (x: Operand, axis?: AxisOption): Value => alongAxis(logSoftmaxPrimitive, x, settingOf(axis, 'axis', -1)),
)

function requireLabels([logits, labels]: readonly Spec[]): void {
  if (logits.shape.length > 0 && sameShape(logits.shape.slice(0, -1), labels.shape)) return
  throw new ShapeError(
    `softmaxCrossEntropy: expected labels of the shape ${formatShape(logits.shape.slice(0, -1))} for logits ${formatShape(logits.shape)}, got ${formatShape(labels.shape)}`,
  )
}

const crossEntropyPrimitive = /* @__PURE__ */ primitive('softmaxCrossEntropy', {
  work: onceEach,
  infer: (inputs) => {
    requireLabels(inputs)
    return [{ shape: inputs[1].shape, dtype: inputs[0].dtype }]
  },
  decompose: ([logits, labels]) => {
    const chosen = squeeze(takeAlongAxis(logits, expandDims(labels, -1)), -1)
    return [sub(logSumExp(logits, { axis: -1 }), chosen)]
  },
  gradient: ({ inputs: [logits, labels], upstream }) => [
    crossEntropyGradient.one([logits, labels, upstream], {}),
    undefined,
  ],
})

/** (softmax(logits) - oneHot(labels)) * upstream. */
const crossEntropyGradient = /* @__PURE__ */ primitive('softmaxCrossEntropyGradient', {
  work: onceEach,
  infer: ([logits]) => [{ shape: logits.shape, dtype: logits.dtype }],
  decompose: ([logits, labels, upstream]) => {
    const classes = logits.shape[logits.rank - 1]
    return [mul(sub(softmax(logits), oneHot(labels, classes, -1, logits.dtype)), expandDims(upstream, -1))]
  },
})

/**
 * -log(softmax(logits)[label]): the cross-entropy of the last axis with class indices, one number for each label. An
 * index outside the classes counts as a logit of 0 that is none of theirs.
 *
 * @param logits - `[..., classes]`
 * @param labels - whole numbers from 0 to `classes - 1`, `[...]`
 */
export const softmaxCrossEntropy = /* @__PURE__ */ op(
  'softmaxCrossEntropy',
  { logits: numbers, labels: numbers },
  (logits: Operand, labels: Operand): Value => {
    const given = toValue(logits)
    const x = isFloat(given.dtype) ? given : cast(given, 'float32')
    return crossEntropyPrimitive.one([x, cast(toValue(labels, 'int32'), 'int32')], {})
  },
)
