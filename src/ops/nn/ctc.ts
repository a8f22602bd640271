// Connectionist temporal classification (Graves and others, 2006): the probability of a labelling over all its alignments to a sequence
// of outputs, and the labellings that outputs make most probable. Everything is in logarithms; `never` stands for that of 0.
import { OptionError, ShapeError } from '../../errors'
import { constant, type Operand, toValue, type Value } from '../../graph'
import { formatShape } from '../../tensor'
import { flag, number, numbers, oneOf, optional, options } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { floorDivide } from '../derived'
import { broadcastTo } from '../elementwise/broadcast'
import {
  add,
  cast,
  equal,
  greater,
  greaterEqual,
  less,
  logicalAnd,
  logicalOr,
  mod,
  mul,
  neg,
  notEqual,
  sub,
  where,
} from '../elementwise/elementwise'
import { iota, oneHot, takeAlongAxis } from '../indexing'
import { all, argMax, logSumExp, max, sum } from '../reduce'
import { scan } from '../scan'
import { concatenate, expandDims, reshape, slice, stack, transpose } from '../shape'
import { argSort, topK } from '../sort'
import { logSoftmax } from './softmax'

// Finite, so that no difference of two of them is not a number.
const never = -1e30

const count = /* @__PURE__ */ number({ from: 0, integer: true })

function together(values: readonly Value[]): Value {
  return logSumExp(stack(values, -1), { axis: -1 })
}

/** All but the last `by` elements of the last axis, with so many of `value` before them. */
function shifted(x: Value, by: number, value: number): Value {
  const [rows, length] = x.shape
  const before = broadcastTo(cast(value, x.dtype), [rows, by])
  return concatenate([before, slice(x, [0, 0], [rows, length - by])], 1)
}

/**
 * Minus the logarithm of the probability of each labelling: `target` `[batch, labels]` class numbers, `output` `[batch, steps, classes]`
 * logits, `targetLength` and `outputLength` how many of each count, `[batch]`. `maskIndex` (0 by default) is the class of no label.
 * Gives `[batch]`; infinity where a labelling does not fit into the steps.
 *
 * @throws ShapeError for other shapes.
 *
 * @example
 * ```ts
 * ops.ctcLoss([[1, 2]], randomNormal([1, 5, 3]), [2], [5])
 * ```
 */
export const ctcLoss = /* @__PURE__ */ op(
  'ctcLoss',
  {
    target: numbers,
    output: numbers,
    targetLength: numbers,
    outputLength: numbers,
    maskIndex: /* @__PURE__ */ optional(count),
  },
  (target: Operand, output: Operand, targetLength: Operand, outputLength: Operand, maskIndex: number = 0): Value => {
    const labels = cast(toValue(target, 'int32'), 'int32')
    const logits = toValue(output)
    if (labels.rank !== 2 || logits.rank !== 3 || labels.shape[0] !== logits.shape[0]) {
      throw new ShapeError(
        `ctcLoss: expected targets [batch, labels] and outputs [batch, steps, classes], got ${formatShape(labels.shape)} and ${formatShape(logits.shape)}`,
      )
    }
    const [batch, steps] = logits.shape
    const places = withBlanks(labels, maskIndex)
    const width = places.shape[1]
    const chances = takeAlongAxis(logSoftmax(logits), broadcastTo(expandDims(places, 1), [batch, steps, width]), -1)
    // A label may follow the one before it without a blank between them, unless they are equal.
    const jumps = logicalAnd(notEqual(places, maskIndex), notEqual(places, shifted(places, 2, maskIndex)))
    const counts = less(iota(steps), expandDims(lengths(outputLength), 1))
    const start = broadcastTo(where(equal(iota(width), 0), 0, never), [batch, width])
    const [[last]] = scan(
      ([alpha], [chance, isThere]) => {
        const jumped = where(jumps, shifted(alpha, 2, never), never)
        const next = add(chance, together([alpha, shifted(alpha, 1, never), jumped]))
        return [[where(expandDims(isThere, 1), next, alpha)], []]
      },
      [cast(start, logits.dtype)],
      [transpose(chances, [1, 0, 2]), transpose(counts)],
    )
    const end = mul(expandDims(lengths(targetLength), 1), 2)
    const at = logicalOr(equal(iota(width), end), equal(iota(width), sub(end, 1)))
    const likelihood = logSumExp(where(at, last, never), { axis: 1 })
    return where(less(likelihood, never / 2), Infinity, neg(likelihood))
  },
)

function lengths(given: Operand): Value {
  return cast(toValue(given, 'int32'), 'int32')
}

/** A blank before, between and behind all labels: `[batch, 2 labels + 1]`. */
function withBlanks(labels: Value, blank: number): Value {
  const [batch, length] = labels.shape
  const blanks = broadcastTo(constant(blank, 'int32'), [batch, length])
  const pairs = reshape(stack([blanks, labels], -1), [batch, 2 * length])
  return concatenate([pairs, broadcastTo(constant(blank, 'int32'), [batch, 1])], 1)
}

/** Options of `ctcDecode`. */
export interface CtcDecodeOptions {
  /** `greedy` (default) takes the most probable class of each step, `beamSearch` keeps many labellings at once. */
  readonly strategy?: 'greedy' | 'beamSearch'
  /** How many labellings a beam search keeps; 100 by default. */
  readonly beamWidth?: number
  /** How many it gives; 1 by default. */
  readonly topPaths?: number
  /** Whether equal classes one after the other are one label, in a greedy search; `true` by default. */
  readonly mergeRepeated?: boolean
  /** The class of no label; 0 by default. */
  readonly maskIndex?: number
}

/**
 * The labellings that logits `[batch, steps, classes]` make most probable: `[topPaths, batch, steps]`, filled up with -1, and their scores,
 * `[batch, topPaths]`: logarithms of probabilities of a beam search; of a greedy one minus the sum of the largest logits, as in Keras.
 *
 * @param sequenceLengths - how many steps count, `[batch]`.
 * @throws OptionError for more paths than beams.
 *
 * @example
 * ```ts
 * const [labels, scores] = ops.ctcDecode(randomNormal([1, 5, 3]), [5], { strategy: 'beamSearch', topPaths: 2 })
 * ```
 */
export const ctcDecode = /* @__PURE__ */ op(
  'ctcDecode',
  {
    inputs: numbers,
    sequenceLengths: numbers,
    options: /* @__PURE__ */ options({
      strategy: /* @__PURE__ */ oneOf(['greedy', 'beamSearch']),
      beamWidth: /* @__PURE__ */ number({ from: 1, integer: true }),
      topPaths: /* @__PURE__ */ number({ from: 1, integer: true }),
      mergeRepeated: flag,
      maskIndex: count,
    }),
  },
  (inputs: Operand, sequenceLengths: Operand, given: CtcDecodeOptions = {}): readonly [Value, Value] => {
    const { strategy = 'greedy', beamWidth = 100, topPaths = 1, mergeRepeated = true, maskIndex = 0 } = given
    const logits = toValue(inputs)
    if (logits.rank !== 3) {
      throw new ShapeError(`ctcDecode: expected [batch, steps, classes], got ${formatShape(logits.shape)}`)
    }
    const isThere = less(iota(logits.shape[1]), expandDims(lengths(sequenceLengths), 1))
    if (strategy === 'greedy') return greedy(logits, isThere, mergeRepeated, maskIndex)
    if (topPaths > beamWidth) {
      throw new OptionError(`ctcDecode: topPaths: expected at most beamWidth, ${beamWidth}, got ${topPaths}`)
    }
    return beamSearch(logits, isThere, beamWidth, topPaths, maskIndex)
  },
)

function greedy(logits: Value, isThere: Value, mergeRepeated: boolean, blank: number): readonly [Value, Value] {
  const best = where(isThere, argMax(logits, -1), blank)
  const repeats = mergeRepeated ? equal(best, shifted(best, 1, -1)) : false
  const isLabel = logicalAnd(notEqual(best, blank), equal(repeats, false))
  const steps = iota(logits.shape[1])
  const order = argSort(where(isLabel, steps, logits.shape[1]), -1)
  const labels = takeAlongAxis(where(isLabel, best, -1), order, -1)
  const scores = neg(sum(where(isThere, max(logits, { axis: -1 }), 0), { axis: 1, keepDims: true }))
  return [expandDims(labels, 0), scores]
}

/**
 * Prefix search: each labelling has two chances, of ending with a blank (`pb`) and with its last label (`pl`). In a step it stays, or
 * grows by a class; where it grows to one that is kept already, that one takes its chance.
 */
function beamSearch(
  logits: Value,
  isThere: Value,
  width: number,
  topPaths: number,
  blank: number,
): readonly [Value, Value] {
  const [batch, steps, classes] = logits.shape
  const whole = (value: number, ...shape: readonly number[]): Value => broadcastTo(constant(value, 'int32'), shape)
  const first = cast(broadcastTo(where(equal(iota(width), 0), 0, never), [batch, width]), logits.dtype)
  const nothing = broadcastTo(cast(never, logits.dtype), [batch, width])
  const [[paths, , pb, pl]] = scan(
    ([paths, sizes, pb, pl], [chances, counts]) => {
      const total = together([pb, pl])
      const lastPlace = equal(iota(steps), expandDims(sub(sizes, 1), 2))
      const last = where(greater(sizes, 0), sum(where(lastPlace, paths, 0), { axis: 2 }), -1)
      const ofLast = oneHot(last, classes, { dtype: 'bool' })
      // [batch, beam, class]: a label after itself needs a blank between.
      const isBlank = equal(iota(classes), blank)
      const grown = add(where(ofLast, expandDims(pb, 2), expandDims(total, 2)), expandDims(chances, 1))
      const shorter = where(lastPlace, -1, paths)
      // [batch, longer beam, shorter beam]: whether the one is the other and its last label.
      const isParent = logicalAnd(
        all(equal(expandDims(shorter, 2), expandDims(paths, 1)), { axis: 3 }),
        expandDims(greater(sizes, 0), 2),
      )
      const byLabel = sum(where(expandDims(ofLast, 2), expandDims(grown, 1), 0), { axis: 3 })
      const given = logSumExp(where(isParent, byLabel, never), { axis: 2 })
      const isTaken = logicalAnd(expandDims(isParent, 3), expandDims(ofLast, 2))
      const free = where(logicalOr(isBlank, greater(max(cast(isTaken, 'int32'), { axis: 1 }), 0)), never, grown)
      const ownChance = sum(where(ofLast, expandDims(chances, 1), 0), { axis: 2 })
      const staysPb = add(total, slice(chances, [0, blank], [batch, 1]))
      const staysPl = together([where(greater(sizes, 0), add(pl, ownChance), never), given])
      const candidates = concatenate([together([staysPb, staysPl]), reshape(free, [batch, width * classes])], 1)
      const { values, indices } = topK(candidates, width)
      const grows = greaterEqual(indices, width)
      const place = where(grows, sub(indices, width), 0)
      const label = mod(place, classes)
      const from = where(grows, cast(floorDivide(cast(place, 'float32'), classes), 'int32'), indices)
      const fromRow = (x: Value): Value => takeAlongAxis(x, from, 1)
      const oldSizes = fromRow(sizes)
      const oldPaths = takeAlongAxis(paths, broadcastTo(expandDims(from, 2), [batch, width, steps]), 1)
      const added = logicalAnd(expandDims(grows, 2), equal(iota(steps), expandDims(oldSizes, 2)))
      const next = [
        where(added, expandDims(label, 2), oldPaths),
        where(grows, add(oldSizes, 1), oldSizes),
        where(grows, never, fromRow(staysPb)),
        where(grows, values, fromRow(staysPl)),
      ]
      const kept = [paths, sizes, pb, pl]
      return [
        next.map((value, i) => where(reshape(counts, [batch, ...value.shape.slice(1).map(() => 1)]), value, kept[i])),
        [],
      ]
    },
    [whole(-1, batch, width, steps), whole(0, batch, width), first, nothing],
    [transpose(logSoftmax(logits), [1, 0, 2]), transpose(isThere)],
  )
  const { values, indices } = topK(together([pb, pl]), topPaths)
  const best = takeAlongAxis(paths, broadcastTo(expandDims(indices, 2), [batch, topPaths, steps]), 1)
  return [transpose(best, [1, 0, 2]), values]
}
