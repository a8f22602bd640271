// Linear recurrences h' = a h + b, element by element, over a whole sequence: as one primitive, and its gradient.
import { OptionError, ShapeError } from '../../errors'
import { type Operand, type PrimitiveNamed, primitive, type Spec, toValue, type Value } from '../../graph'
import { broadcastShapes, commonDType, floatOf, formatShape, type Shape, sameShape, sizeOf } from '../../tensor'
import { flag, listOfNumbers, numbers, options } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { broadcastTo } from '../elementwise/broadcast'
import { add, cast, mul, neg, sub } from '../elementwise/elementwise'
import { sum } from '../reduce'
import { concatenate, reshape, reverse, slice } from '../shape'
import { associativeScan } from './associativeScan'

/** A number: itself, or its real and imaginary part. */
type Parts = readonly Value[]

/**
 * `linearScan`: a recurrence over T steps; every value stands for one part of a number, or with `complex` for two in a row (the real
 * parts, then the imaginary ones).
 *
 * Inputs: a[T,...] (or [1,...], the same at every step), b[T,...], h0[...].
 *
 * Output: h[T,...], with h[t] = a[t] h[t - 1] + b[t] and h[-1] = h0.
 *
 * `linearScanGradient`: its gradient, from the last step to the first.
 *
 * Inputs: a, h0, h, and g[T,...], the gradient of h. Outputs: the gradients of a, b and h0.
 *
 * With r the gradient of h[t] on all its ways (at first 0), and ' the conjugate:
 * ```
 * r = g[t] + a[t + 1]' r;  db[t] = r;  da[t] = r h[t - 1]';  at last dh0 = a[0]' r
 * ```
 * Where a is the same at every step da is the sum over all.
 */
const linearScanPrimitive: PrimitiveNamed<'linearScan'> = /* @__PURE__ */ primitive('linearScan', {
  infer: (inputs, { complex }) => {
    const [a, b, h0] = grouped(inputs, complex)
    const [steps, ...rest] = b[0].shape
    const fits = [
      ...a.map(({ shape }) => sameShape(shape.slice(1), rest) && (shape[0] === 1 || shape[0] === steps)),
      ...b.map(({ shape }) => sameShape(shape, b[0].shape)),
      ...h0.map(({ shape }) => sameShape(shape, rest)),
    ]
    if (steps === undefined || fits.includes(false)) {
      const got = inputs.map(({ shape }) => formatShape(shape)).join(', ')
      throw new ShapeError(`linearScan: expected a and b [time, ...] and a first state [...], got ${got}`)
    }
    return b.map(({ shape, dtype }) => ({ shape, dtype }))
  },
  decompose: (inputs, { complex }) => {
    const [a, b, h0] = grouped(inputs, complex)
    const [steps] = b[0].shape
    if (steps === 0) return b
    const first = plus(times(atStep(a, 0), h0), atStep(b, 0))
    const begun = b.map((part, i) => concatenate([stepped(first[i]), slice(part, [1])], 0))
    const all = a.map((part, i) => broadcastTo(part, b[i].shape))
    const count = a.length
    // (a2, b2) after (a1, b1) is (a2 a1, a2 b1 + b2).
    const found = associativeScan(
      (before, after) => {
        const [a1, b1] = [before.slice(0, count), before.slice(count)]
        const [a2, b2] = [after.slice(0, count), after.slice(count)]
        return [...times(a2, a1), ...plus(times(a2, b1), b2)]
      },
      [...all, ...begun],
    )
    return found.slice(count)
  },
  gradient: ({ inputs, outputs, upstreams, attributes }) => {
    const [a, , h0] = grouped(inputs, attributes.complex)
    const g = upstreams.map((upstream, i) => upstream ?? zerosLike(outputs[i]))
    return linearScanGradientPrimitive.apply([...a, ...h0, ...outputs, ...g], attributes)
  },
  work: ({ outputs, attributes }) => workOf(outputs, attributes.complex ? 4 : 1),
})

const linearScanGradientPrimitive: PrimitiveNamed<'linearScanGradient'> = /* @__PURE__ */ primitive(
  'linearScanGradient',
  {
    infer: (inputs, { complex }) => {
      const [a, h0, h] = grouped(inputs, complex)
      return [...a, ...h, ...h0].map(({ shape, dtype }) => ({ shape, dtype }))
    },
    decompose: (inputs, { complex }) => {
      const [a, h0, h, g] = grouped(inputs, complex)
      const [steps] = h[0].shape
      if (steps === 0) return [...a.map(zerosLike), ...g, ...h0.map(zerosLike)]
      const isSame = a[0].shape[0] === 1
      // What takes the gradient of a step to the one before is the factor of the later step.
      const factors = isSame
        ? conjugate(a)
        : conjugate(a).map((part) => concatenate([slice(part, [1]), zerosLike(slice(part, [0], [1]))], 0))
      const turned = (parts: Parts): Parts => parts.map((part) => reverse(part, 0))
      const backwards = [...(isSame ? factors : turned(factors)), ...turned(g), ...h0.map(zerosLike)]
      const r = turned(linearScanPrimitive.apply(backwards, { complex }))
      const before = h.map((part, i) => concatenate([stepped(h0[i]), slice(part, [0], [steps - 1])], 0))
      const each = times(r, conjugate(before))
      const da = isSame ? each.map((part) => sum(part, { axis: 0, keepDims: true })) : each
      return [...da, ...r, ...times(conjugate(atStep(a, 0)), atStep(r, 0))]
    },
    work: ({ inputs, attributes }) => workOf(grouped(inputs, attributes.complex)[2], attributes.complex ? 8 : 2),
  },
)

function workOf(parts: readonly (Spec | undefined)[], products: number) {
  const [first] = parts
  return { multiplyAdds: first === undefined ? 0 : sizeOf(first.shape) * products }
}

/** What belongs together: one value each, or two of complex numbers. */
function grouped<T>(values: readonly T[], complex: boolean): readonly (readonly T[])[] {
  const count = complex ? 2 : 1
  return Array.from({ length: values.length / count }, (_, i) => values.slice(i * count, (i + 1) * count))
}

function times(a: Parts, b: Parts): Parts {
  if (a.length === 1) return [mul(a[0], b[0])]
  return [sub(mul(a[0], b[0]), mul(a[1], b[1])), add(mul(a[0], b[1]), mul(a[1], b[0]))]
}

function plus(a: Parts, b: Parts): Parts {
  return a.map((part, i) => add(part, b[i]))
}

function conjugate([real, ...imaginary]: Parts): Parts {
  return [real, ...imaginary.map((part) => neg(part))]
}

function atStep(parts: Parts, step: number): Parts {
  return parts.map((part) => reshape(slice(part, [step], [1]), part.shape.slice(1)))
}

/** As a sequence of one step. */
function stepped(value: Value): Value {
  return reshape(value, [1, ...value.shape])
}

function zerosLike({ shape, dtype }: Spec): Value {
  return broadcastTo(toValue(0, dtype), shape)
}

/** Options of `linearScan`; `State` is a value, or two of complex numbers. */
export interface LinearScanOptions<State> {
  /** h before the first step; zeros by default. */
  readonly initial?: State
  /** From the last step to the first: h[t] = a[t] h[t + 1] + b[t]. */
  readonly reverse?: boolean
}

/**
 * A linear recurrence, element by element: h[t] = a[t] h[t - 1] + b[t], with time as the first axis. On wasm its elements, or for few of
 * them the stretches of time, are shared out among the threads; its gradient needs h alone, so that memory grows with the length as b does.
 *
 * @param a - the shape of b, or one that broadcasts to it; without the axis of time, or with a length of 1, the same at every step.
 * @param b - `[time, ...]`
 * @returns h, of the shape of b
 * @throws ShapeError where the shapes do not go together.
 *
 * @example
 * ```ts
 * ops.linearScan([0.5, 0.5, 2], [1, 1, 1]) // [1, 1.5, 4]
 * ```
 */
export const linearScan = /* @__PURE__ */ op(
  'linearScan',
  { a: numbers, b: numbers, options: /* @__PURE__ */ options({ initial: numbers, reverse: flag }) },
  (a: Operand, b: Operand, { initial, reverse }: LinearScanOptions<Operand> = {}): Value =>
    recurrence([a], [b], initial === undefined ? undefined : [initial], reverse)[0],
)

/**
 * The same of complex numbers, each given as its real and its imaginary part.
 *
 * @throws ShapeError where the shapes do not go together; OptionError for anything but pairs.
 *
 * @example
 * ```ts
 * ops.complexLinearScan([0, 1], [[1, 0, 0], [0, 0, 0]]) // multiplied by i at each step: [[1, 0, -1], [0, 1, 0]]
 * ```
 */
export const complexLinearScan = /* @__PURE__ */ op(
  'complexLinearScan',
  {
    a: listOfNumbers,
    b: listOfNumbers,
    options: /* @__PURE__ */ options({ initial: listOfNumbers, reverse: flag }),
  },
  (
    a: readonly Operand[],
    b: readonly Operand[],
    { initial, reverse }: LinearScanOptions<readonly Operand[]> = {},
  ): readonly [real: Value, imaginary: Value] => {
    for (const [name, parts] of Object.entries({ a, b, initial })) {
      if (parts === undefined || parts.length === 2) continue
      throw new OptionError(`${name}: expected a real and an imaginary part, got ${parts.length} values`)
    }
    const [real, imaginary] = recurrence(a, b, initial, reverse)
    return [real, imaginary]
  },
)

function recurrence(
  factors: readonly Operand[],
  sums: readonly Operand[],
  initial: readonly Operand[] | undefined,
  backwards = false,
): Parts {
  const given = [...factors, ...sums, ...(initial ?? [])].map((operand) => toValue(operand))
  const dtype = floatOf(given.map((value) => value.dtype).reduce(commonDType))
  const [a, b, first] = grouped(
    given.map((value) => cast(value, dtype)),
    factors.length === 2,
  )
  const shape = [...a, ...b].map((part) => part.shape).reduce((one, other) => broadcastShapes(one, other))
  if (shape.length === 0) throw new ShapeError('expected b to have a first axis for time, got a scalar')
  const isSame = a.every((part) => part.rank < shape.length || part.shape[0] === 1)
  const [, ...rest]: Shape = shape
  const turned = (parts: Parts): Parts => (backwards ? parts.map((part) => reverse(part, 0)) : parts)
  const all = [
    ...turned(a.map((part) => broadcastTo(part, [isSame ? 1 : shape[0], ...rest]))),
    ...turned(b.map((part) => broadcastTo(part, shape))),
    ...(first ?? b.map(() => cast(0, dtype))).map((part) => broadcastTo(part, rest)),
  ]
  return turned(linearScanPrimitive.apply(all, { complex: factors.length === 2 }))
}
