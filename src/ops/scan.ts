// Loops over time: a primitive with a sub-graph that is run once for each step, handing its carries from step to step.
import { OptionError, ShapeError } from '../errors'
import {
  type AttributesOf,
  type Graph,
  gradients,
  type Operand,
  placeholder,
  primitive,
  reachable,
  type Spec,
  toValue,
  type Value,
} from '../graph'
import { formatShape, isFloat, sameShape } from '../tensor'
import { closed, instantiate } from './control/cut'
import { callback, flag, length, listOfNumbers, options } from './declaration/kinds'
import { op } from './declaration/signature'
import { broadcastTo } from './elementwise/broadcast'
import { abs, add, cast, identity, less, where } from './elementwise/elementwise'

/**
 * `scan`. With n carries, m sequences and r results a step:
 *
 * - inputs: n initial carries, m sequences (`[length, ...]`), then the captured values;
 * - `body.inputs`: n carries, m slices (one step of each sequence), then the captured values;
 * - `body.outputs`: n next carries (shape and type of the carries), then r results;
 * - outputs: n final carries, r stacked results (`[length, ...]`), then for each carry its content before each step,
 *   stacked (`[length, ...]`). The last group is there for the gradient and is seldom wanted.
 *
 * Step s works on index s of every stacked axis, or on `length - 1 - s` where `reverse` is set.
 *
 * In a Program `body` is a Program, and `workspace` the buffer in which its arena lies. Nothing in it ever writes to
 * the buffers of its inputs, and none of its outputs shares memory with them: captured values are copied in once, and
 * after a step outputs can be copied over the carries in any order.
 */
const scanPrimitive = /* @__PURE__ */ primitive('scan', {
  infer: (inputs, { body, carries, sequences, length }) => {
    inputs.forEach(({ shape, dtype }, i) => {
      const expected = body.inputs[i]
      const isSequence = i >= carries && i < carries + sequences
      const full = isSequence ? [length, ...expected.shape] : expected.shape
      if (!sameShape(full, shape) || dtype !== expected.dtype) {
        throw new ShapeError(
          `scan: expected ${expected.dtype} ${formatShape(full)} as input ${i}, got ${dtype} ${formatShape(shape)}`,
        )
      }
    })
    const stacked = ({ shape, dtype }: Spec): Spec => ({ shape: [length, ...shape], dtype })
    return [
      ...body.outputs.slice(0, carries).map(({ shape, dtype }) => ({ shape, dtype })),
      ...body.outputs.slice(carries).map(stacked),
      ...body.inputs.slice(0, carries).map(stacked),
    ]
  },
  gradient: ({ inputs, attributes, outputs, upstreams, wanted }) =>
    scanGradient(inputs, attributes, outputs, upstreams, wanted),
})

/** Options of `scan`. */
export interface ScanOptions {
  /** Runs from the last step to the first; results keep the order of the sequences. */
  readonly reverse?: boolean
  /** The number of steps, where there are no sequences to tell it. */
  readonly length?: number
}

/** One step: from the carries and one slice of each sequence to the next carries and the results of the step. */
export type ScanStep = (
  carries: readonly Value[],
  slices: readonly Value[],
) => readonly [carries: readonly Operand[], results: readonly Operand[]]

/**
 * Runs a step for each index of the sequences' first axis, handing the carries from step to step.
 *
 * The step is traced once. Whatever else it uses (other values, variables) is captured, and gets its gradient too.
 *
 * @param step - from carries and slices to the next carries and the step's results.
 * @param initial - the carries before the first step; a next carry has the shape and type of the carry.
 * @param sequences - values with the same length along their first axis: time.
 * @returns the final carries, and each result stacked along a new first axis.
 *
 * @example
 * ```ts
 * const cumulative = jit((x) => {
 *   const [, [sums]] = ops.scan(([total], [element]) => [[ops.add(total, element)], [ops.add(total, element)]], [0], [x])
 *   return sums
 * })
 * await cumulative([1, 2, 3]) // [1, 3, 6]
 * ```
 */
export const scan = /* @__PURE__ */ op(
  'scan',
  {
    step: callback,
    initial: listOfNumbers,
    sequences: listOfNumbers,
    options: /* @__PURE__ */ options({ reverse: flag, length }),
  },
  (
    step: ScanStep,
    initial: readonly Operand[],
    sequences: readonly Operand[],
    options: ScanOptions = {},
  ): [carries: Value[], results: Value[]] => {
    const starts = initial.map((operand) => toValue(operand))
    const series = sequences.map((operand) => toValue(operand))
    const length = commonLength(series, options.length)
    const carries = starts.map(({ shape, dtype }) => placeholder(shape, dtype, 'carry'))
    const slices = series.map(({ shape, dtype }) => placeholder(shape.slice(1), dtype, 'slice'))
    const [next, given] = step(carries, slices)
    if (next.length !== starts.length) {
      throw new ShapeError(`scan: expected ${starts.length} carries from the step, got ${next.length}`)
    }
    const following = next.map((operand, i) => {
      const value = cast(toValue(operand, carries[i].dtype), carries[i].dtype)
      if (sameShape(value.shape, carries[i].shape)) return value
      throw new ShapeError(
        `scan: carry ${i} has shape ${formatShape(carries[i].shape)}, but the step returns ${formatShape(value.shape)}`,
      )
    })
    const results = given.map((operand) => toValue(operand))

    const { inputs, outputs, captured } = closed([...carries, ...slices], [...following, ...results])
    // A sequence that the step does not look at need not be kept for it.
    const used = new Set(reachable(outputs))
    const read = slices.map((slice) => used.has(slice.node))
    const body: Graph = {
      inputs: inputs.filter(
        (_, i) => i < starts.length || i >= starts.length + slices.length || read[i - starts.length],
      ),
      outputs,
      updates: [],
    }
    const attributes: AttributesOf<'scan'> = {
      body,
      carries: starts.length,
      sequences: read.filter((isRead) => isRead).length,
      length,
      reverse: options.reverse ?? false,
    }
    const made = scanPrimitive.apply([...starts, ...series.filter((_, i) => read[i]), ...captured], attributes)
    return [made.slice(0, starts.length), made.slice(starts.length, starts.length + results.length)]
  },
)

function commonLength(series: readonly Value[], given?: number): number {
  const lengths = series.map(({ shape }) => {
    if (shape.length === 0) throw new ShapeError('scan: expected sequences with a first axis for time, got a scalar')
    return shape[0]
  })
  const length = given ?? lengths[0]
  if (length === undefined) throw new ShapeError('scan: expected a sequence, or the option length')
  if (!Number.isInteger(length) || length < 0) {
    throw new OptionError(`scan: length: expected a whole number of steps, got ${length}`)
  }
  if (lengths.some((other) => other !== length)) {
    throw new ShapeError(`scan: expected sequences of one length (${length}), got ${lengths.join(', ')}`)
  }
  return length
}

/**
 * The gradient of a loop is a loop the other way round: each step runs the body's gradient on the carries it had
 * before that step, hands the carries' gradients on, and adds up those of captured values.
 */
function scanGradient(
  inputs: readonly Value[],
  { body, carries: n, sequences: m, length, reverse }: AttributesOf<'scan'>,
  outputs: readonly Value[],
  upstreams: readonly (Value | undefined)[],
  wanted: readonly boolean[],
): (Value | undefined)[] {
  const resultCount = body.outputs.length - n
  const history = outputs.slice(n + resultCount)
  const ofHistory = upstreams.slice(n + resultCount)
  const captured = inputs.slice(n + m)
  const flows = (value: Value): boolean => isFloat(value.dtype)
  const carried = indices(n).filter((i) => flows(inputs[i]))
  const sliced = indices(m).filter((i) => wanted[n + i] && flows(inputs[n + i]))
  const kept = indices(captured.length).filter((i) => wanted[n + m + i] && flows(captured[i]))
  const given = indices(resultCount).filter((i) => upstreams[n + i] !== undefined)
  const givenBefore = carried.filter((i) => ofHistory[i] !== undefined)

  const backward: ScanStep = (totals, slices) => {
    const [before, rest] = [slices.slice(0, n), slices.slice(n)]
    const stepUpstreams = rest.slice(m)
    // Behind identities captured values are leaves: what one of them owes to another is not this loop's business.
    const leaves = captured.map((value) => identity(value))
    const parameters = [...before, ...rest.slice(0, m), ...leaves]
    const computed = instantiate(body, parameters)
    const results = computed.map((_, i): Value | undefined => {
      if (i < n) return carried.includes(i) ? totals[carried.indexOf(i)] : undefined
      return given.includes(i - n) ? stepUpstreams[given.indexOf(i - n)] : undefined
    })
    const wrt = [...carried.map((i) => before[i]), ...sliced.map((i) => rest[i]), ...kept.map((i) => leaves[i])]
    const found = gradients(computed, results, wrt)
    const nextCarried = carried.map((i, at) => {
      const gradient = flushed(found[at] ?? zerosLike(before[i]))
      const direct = givenBefore.indexOf(i)
      return direct < 0 ? gradient : add(gradient, stepUpstreams[given.length + direct])
    })
    const nextKept = kept.map((_, at) => {
      const total = totals[carried.length + at]
      const more = found[carried.length + sliced.length + at]
      return more === undefined ? total : add(total, more)
    })
    const ofSlices = sliced.map((i, at) => found[carried.length + at] ?? zerosLike(rest[i]))
    return [[...nextCarried, ...nextKept], ofSlices]
  }

  const present = (value: Value | undefined): readonly Value[] => (value === undefined ? [] : [value])
  const [totals, ofSequences] = scan(
    backward,
    [...carried.map((i) => upstreams[i] ?? zerosLike(inputs[i])), ...kept.map((i) => zerosLike(captured[i]))],
    [
      ...history,
      ...inputs.slice(n, n + m),
      ...given.flatMap((i) => present(upstreams[n + i])),
      ...givenBefore.flatMap((i) => present(ofHistory[i])),
    ],
    { reverse: !reverse, length },
  )
  return inputs.map((_, i) => {
    if (i < n) return carried.includes(i) ? totals[carried.indexOf(i)] : undefined
    if (i < n + m) return sliced.includes(i - n) ? ofSequences[sliced.indexOf(i - n)] : undefined
    return kept.includes(i - n - m) ? totals[carried.length + kept.indexOf(i - n - m)] : undefined
  })
}

/**
 * Zero for what is next to nothing, NaN as it is: a gradient that vanishes over hundreds of steps would end in subnormal
 * numbers, with which processors are up to fifty times as slow.
 */
function flushed(gradient: Value): Value {
  return gradient.dtype === 'float32' ? where(less(abs(gradient), 1e-28), 0, gradient) : gradient
}

function indices(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i)
}

function zerosLike({ shape, dtype }: Spec): Value {
  return broadcastTo(toValue(0, dtype), shape)
}
