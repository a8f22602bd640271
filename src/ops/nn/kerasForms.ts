// Normalisations and cross-entropies with the arguments that Keras gives them.
import { type Operand, toValue, type Value } from '../../graph'
import { isFloat, normalizeAxis, type Shape } from '../../tensor'
import { axes, axis, flag, type Kind, number, numbers, options } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { clip } from '../derived'
import { abs, add, cast, div, exp, log, log1p, maximum, mul, neg, sqrt, sub } from '../elementwise/elementwise'
import { oneHot } from '../indexing'
import { mean, sum, variance } from '../reduce'
import { reshape, squeeze } from '../shape'
import { logSoftmax } from './softmax'

const positive = /* @__PURE__ */ number({ from: 0 })

function real(operand: Operand): Value {
  const x = toValue(operand)
  return isFloat(x.dtype) ? x : cast(x, 'float32')
}

/** A vector along an axis, or what lies along several, so that it meets x there. */
function along(vector: Operand, shape: Shape, over: readonly number[]): Value {
  return reshape(
    vector,
    shape.map((length, i) => (over.includes(i) ? length : 1)),
  )
}

/** Options of `batchNormalization`. */
export interface BatchNormalizationForm {
  /** Added after the division, a vector along the axis. */
  readonly offset?: Operand
  /** Multiplied by before that. */
  readonly scale?: Operand
  /** 1e-3 by default. */
  readonly epsilon?: number
}

/** (x - mean) / sqrt(variance + epsilon) * scale + offset, with vectors along an axis. */
export const batchNormalization = /* @__PURE__ */ op(
  'batchNormalization',
  {
    x: numbers,
    mean: numbers,
    variance: numbers,
    axis,
    options: /* @__PURE__ */ options({ offset: numbers, scale: numbers, epsilon: positive }),
  },
  (
    operand: Operand,
    average: Operand,
    spread: Operand,
    given: number,
    { offset, scale, epsilon = 1e-3 }: BatchNormalizationForm = {},
  ): Value => {
    const x = real(operand)
    const over = [normalizeAxis(given, x.rank, 'batchNormalization')]
    const placed = (vector: Operand): Value => along(vector, x.shape, over)
    const centred = div(sub(x, placed(average)), sqrt(add(placed(spread), epsilon)))
    const scaled = scale === undefined ? centred : mul(centred, placed(scale))
    return offset === undefined ? scaled : add(scaled, placed(offset))
  },
)

/** Options of `layerNormalization` and `rmsNormalization`. */
export interface NormalizationForm {
  /** What the result is multiplied by, along the axes. */
  readonly gamma?: Operand
  /** The same of `rmsNormalization`. */
  readonly scale?: Operand
  /** Added to the result, along the axes. */
  readonly beta?: Operand
  /** The axes; the last by default. */
  readonly axis?: number | readonly number[]
  /** 1e-7 by default. */
  readonly epsilon?: number
}

function form(more: Readonly<Record<string, Kind>>): Kind {
  return options({ axis: axes, epsilon: positive, ...more })
}

/** (x - mean) / sqrt(variance + epsilon) over the axes, times gamma, plus beta. */
export const layerNormalization = /* @__PURE__ */ op(
  'layerNormalization',
  { x: numbers, options: /* @__PURE__ */ form({ gamma: numbers, beta: numbers }) },
  (operand: Operand, { gamma, beta, axis: given = -1, epsilon = 1e-7 }: NormalizationForm = {}): Value => {
    const x = real(operand)
    const over = [given].flat().map((each) => normalizeAxis(each, x.rank, 'layerNormalization'))
    const kept = { axis: over, keepDims: true }
    const normal = div(sub(x, mean(x, kept)), sqrt(add(variance(x, kept), epsilon)))
    const scaled = gamma === undefined ? normal : mul(normal, along(gamma, x.shape, over))
    return beta === undefined ? scaled : add(scaled, along(beta, x.shape, over))
  },
)

/** x / sqrt(mean(x²) + epsilon) over the axes, times scale. */
export const rmsNormalization = /* @__PURE__ */ op(
  'rmsNormalization',
  { x: numbers, options: /* @__PURE__ */ form({ scale: numbers }) },
  (operand: Operand, { scale, axis: given = -1, epsilon = 1e-7 }: NormalizationForm = {}): Value => {
    const x = real(operand)
    const over = [given].flat().map((each) => normalizeAxis(each, x.rank, 'rmsNormalization'))
    const normal = div(x, sqrt(add(mean(mul(x, x), { axis: over, keepDims: true }), epsilon)))
    return scale === undefined ? normal : mul(normal, along(scale, x.shape, over))
  },
)

/** Options of the cross-entropies. */
export interface CrossentropyForm {
  /** Whether outputs are logits rather than probabilities; `false` by default. */
  readonly fromLogits?: boolean
  /** The axis of classes; the last by default. */
  readonly axis?: number
}

// Keras' epsilon, by which probabilities are kept from 0 and 1.
const epsilon = 1e-7

function logarithms(output: Value, { fromLogits = false, axis: at = -1 }: CrossentropyForm): Value {
  if (fromLogits) return logSoftmax(output, at)
  const normal = div(output, sum(output, { axis: at, keepDims: true }))
  return log(clip(normal, epsilon, 1 - epsilon))
}

/** -target log(output) - (1 - target) log(1 - output), element by element. */
export const binaryCrossentropy = /* @__PURE__ */ op(
  'binaryCrossentropy',
  { target: numbers, output: numbers, options: /* @__PURE__ */ options({ fromLogits: flag }) },
  (target: Operand, output: Operand, { fromLogits = false }: CrossentropyForm = {}): Value => {
    const [y, x] = [real(target), real(output)]
    if (fromLogits) return add(sub(maximum(x, 0), mul(x, y)), log1p(exp(neg(abs(x)))))
    const p = clip(x, epsilon, 1 - epsilon)
    return neg(add(mul(y, log(p)), mul(sub(1, y), log(sub(1, p)))))
  },
)

const crossentropyOptions = /* @__PURE__ */ options({ fromLogits: flag, axis })

/** -sum(target log(output)) over the axis of classes. */
export const categoricalCrossentropy = /* @__PURE__ */ op(
  'categoricalCrossentropy',
  { target: numbers, output: numbers, options: crossentropyOptions },
  (target: Operand, output: Operand, given: CrossentropyForm = {}): Value =>
    neg(sum(mul(real(target), logarithms(real(output), given)), { axis: given.axis ?? -1 })),
)

/** -log(output) of the class that the target is the number of. */
export const sparseCategoricalCrossentropy = /* @__PURE__ */ op(
  'sparseCategoricalCrossentropy',
  { target: numbers, output: numbers, options: crossentropyOptions },
  (target: Operand, output: Operand, given: CrossentropyForm = {}): Value => {
    const x = real(output)
    const at = normalizeAxis(given.axis ?? -1, x.rank, 'sparseCategoricalCrossentropy')
    const labels = cast(toValue(target, 'int32'), 'int32')
    const numbersOf = labels.rank === x.rank ? squeeze(labels, at) : labels
    // As in Keras probabilities are taken as they are, without being brought to the sum 1.
    const values = given.fromLogits === true ? logSoftmax(x, at) : log(clip(x, epsilon, 1 - epsilon))
    return neg(sum(mul(oneHot(numbersOf, x.shape[at], { axis: at, dtype: 'float32' }), values), { axis: at }))
  },
)
