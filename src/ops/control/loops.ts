// Loops and maps, each a scan.
import { OptionError, ShapeError } from '../../errors'
import { newestId, type Operand, toValue, type Value, type Variable } from '../../graph'
import { broadcastShapes, formatShape, type Shape, sizeOf, type Tensor } from '../../tensor'
import { callback, number, numbers, options, operands as requiredOptions, text } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { broadcastTo } from '../elementwise/broadcast'
import { cast, where } from '../elementwise/elementwise'
import { arange } from '../indexing'
import { scan } from '../scan'
import { reshape } from '../shape'
import { gate } from './customGradient'
import { gated } from './cut'
import { asList, isListOfValues, likeGiven, type Outcome, type Outcomes } from './outcome'

const wholeNumber = /* @__PURE__ */ number({ integer: true })

/** Options of {@link whileLoop}. */
export interface WhileLoopOptions {
  /** The most rounds there are: a Program is of one length. */
  readonly maximumIterations: number
}

/**
 * Repeats a function as long as a condition holds, as `keras.ops.while_loop`, and at most so many times. All rounds are computed; those behind
 * the end leave the values as they are. Unlike a loop of open length it has a gradient.
 *
 * @param condition - from the values to a scalar.
 * @param body - from the values to the next ones, of the same shapes and types.
 * @param initial - a value, or a list of values.
 * @throws ShapeError where shapes change.
 *
 * @example
 * ```ts
 * const halved = jit((x: Value) =>
 *   ops.whileLoop((value) => ops.greater(value, 1), (value) => ops.div(value, 2), x, { maximumIterations: 20 }),
 * )
 * console.log((await halved(10)).item()) // 0.625
 * ```
 */
export const whileLoop = /* @__PURE__ */ op(
  'whileLoop',
  {
    condition: callback,
    body: callback,
    initial: numbers,
    options: /* @__PURE__ */ requiredOptions({ maximumIterations: /* @__PURE__ */ number({ from: 0, integer: true }) }),
  },
  <R extends Outcome>(
    condition: (...values: Value[]) => Operand,
    body: (...values: Value[]) => Outcome,
    initial: R,
    { maximumIterations }: WhileLoopOptions,
  ): Outcomes<R> => {
    const [last] = scan(
      (values) => {
        const goesOn = cast(toValue(condition(...values)), 'bool')
        if (goesOn.rank !== 0) {
          throw new ShapeError(`condition: expected a scalar, got shape ${formatShape(goesOn.shape)}`)
        }
        const since = newestId()
        const next = asList(body(...values), 'body')
        if (next.length !== values.length) {
          throw new OptionError(`body: expected ${values.length} values, got ${next.length}`)
        }
        const open = (value: Value) => gate(value, goesOn)
        const inside = gated(next, since, open)
        return [values.map((value, i) => where(goesOn, requireShape(inside[i], value), value)), []]
      },
      asList(initial, 'initial'),
      [],
      { length: maximumIterations },
    )
    return likeGiven(last, initial)
  },
)

function requireShape(next: Value, { shape, dtype }: Value): Value {
  if (formatShape(next.shape) === formatShape(shape)) return cast(next, dtype)
  throw new ShapeError(`body: expected shape ${formatShape(shape)}, got ${formatShape(next.shape)}`)
}

/**
 * Repeats a function for each whole number from `lower` up to `upper`, which is left out, as `keras.ops.fori_loop`.
 *
 * @param body - from the number, a scalar, and the value to the next value, of the same shape and type.
 * @throws ShapeError where the shape changes.
 *
 * @example
 * ```ts
 * const factorial = jit(() => ops.foriLoop(1, 6, (i, product) => ops.mul(product, i), tensor(1)))
 * console.log((await factorial()).item()) // 120
 * ```
 */
export const foriLoop = /* @__PURE__ */ op(
  'foriLoop',
  { lower: wholeNumber, upper: wholeNumber, body: callback, initial: numbers },
  <R extends Outcome>(
    lower: number,
    upper: number,
    body: (i: Value, value: Outcomes<R>) => Outcome,
    initial: R,
  ): Outcomes<R> => {
    const starts = asList(initial, 'initial')
    if (upper <= lower) return likeGiven(starts, initial)
    const [last] = scan((values, [i]) => [asList(body(i, likeGiven(values, initial)), 'body'), []], starts, [
      arange(lower, upper, 1, 'int32'),
    ])
    return likeGiven(last, initial)
  },
)

/** What maps go over: a value, or several with the same length along their first axis. */
export type Mapped = Operand | readonly (Value | Variable | Tensor)[]

/** What the function is given of them. */
type Slice<E> = E extends readonly (Value | Variable | Tensor)[] ? Value[] : Value

/**
 * A function of each element along the first axis, one after the other, and its results joined along a new first axis, as `keras.ops.map`.
 *
 * @param f - from an element, or a list of one of each value, to a value or a list of values.
 *
 * @example
 * ```ts
 * ops.map((row) => ops.sum(ops.square(row)), [[3, 4], [6, 8]]) // [25, 100]
 * ```
 */
export const map = /* @__PURE__ */ op(
  'map',
  { f: callback, elements: numbers },
  <E extends Mapped, R extends Outcome>(f: (element: Slice<E>) => R, elements: E): Outcomes<R> => mapped(f, elements),
)

/**
 * A function written for one element, of all along the first axis, as `keras.ops.vectorized_map`. It runs for one after the other, like
 * {@link map}: what can be written for all of them at once is faster.
 *
 * @example
 * ```ts
 * ops.vectorizedMap(([matrix, vector]) => ops.matmul(matrix, vector), [randomNormal([4, 3, 3]), randomNormal([4, 3, 1])])
 * ```
 */
export const vectorizedMap = /* @__PURE__ */ op(
  'vectorizedMap',
  { f: callback, elements: numbers },
  <E extends Mapped, R extends Outcome>(f: (element: Slice<E>) => R, elements: E): Outcomes<R> => mapped(f, elements),
)

function mapped<E extends Mapped, R extends Outcome>(f: (element: Slice<E>) => R, elements: E): Outcomes<R> {
  const isList = isListOfValues(elements)
  const series = isList ? elements.map((each) => toValue(each)) : [toValue(elements as Operand)] // it is no list
  let outcome: R | undefined
  const [, results] = scan(
    (_, slices) => {
      const given = f((isList ? slices : slices[0]) as Slice<E>)
      outcome = given
      return [[], asList(given, 'f')]
    },
    [],
    series,
  )
  return likeGiven(results, outcome as R) // the function was called
}

/** Options of {@link vectorize}. */
export interface VectorizeOptions {
  /** The axes that the function takes and gives, such as `(m,n),(n)->(m)`; scalars by default. */
  readonly signature?: string
}

/**
 * A function of scalars, or of the axes that the signature names, made into one of values with any axes before these, which broadcast, as
 * `keras.ops.vectorize`. It runs for one element after the other.
 *
 * @param f - from values to a value or a list of values.
 * @throws OptionError for a signature that is none; ShapeError where axes of one name differ in length.
 *
 * @example
 * ```ts
 * const distance = ops.vectorize((a, b) => ops.norm(ops.sub(a, b)), { signature: '(n),(n)->()' })
 * distance([[0, 0], [3, 0]], [0, 4]) // [4, 5]
 * ```
 */
export const vectorize = /* @__PURE__ */ op(
  'vectorize',
  { f: callback, options: /* @__PURE__ */ options({ signature: text }) },
  <R extends Outcome>(f: (...values: Value[]) => R, { signature }: VectorizeOptions = {}) => {
    const inner = signature === undefined ? undefined : innerAxes(signature)
    return (...operands: Operand[]): Outcomes<R> => {
      const values = operands.map((operand, i) => {
        numbers.check(operand, 'vectorize', `operand ${i}`)
        return toValue(operand)
      })
      const axes = inner ?? values.map(() => [])
      requireAxes(values, axes)
      const outer = values.map(({ shape }, i) => shape.slice(0, shape.length - axes[i].length))
      const whole = outer.reduce<Shape>((sofar, each) => broadcastShapes(sofar, each), [])
      const count = sizeOf(whole)
      const flat = values.map((value, i) => {
        const own = value.shape.slice(outer[i].length)
        return reshape(broadcastTo(value, [...whole, ...own]), [count, ...own])
      })
      const results = mapped<readonly Value[], R>((slices) => f(...slices), flat)
      const list = [results].flat() as Value[]
      const unfolded = list.map((value) => reshape(value, [...whole, ...value.shape.slice(1)]))
      return (Array.isArray(results) ? unfolded : unfolded[0]) as Outcomes<R>
    }
  },
)

/** The names of the axes of each operand. */
function innerAxes(signature: string): string[][] {
  const plain = signature.replaceAll(' ', '')
  const list = String.raw`\((?:\w+(?:,\w+)*)?\)`
  if (!new RegExp(`^${list}(?:,${list})*->${list}(?:,${list})*$`).test(plain)) {
    throw new OptionError(`signature: expected one such as '(m,n),(n)->(m)', got '${signature}'`)
  }
  const [before] = plain.split('->')
  return Array.from(before.matchAll(/\(([^)]*)\)/g), ([, names]) => (names === '' ? [] : names.split(',')))
}

function requireAxes(values: readonly Value[], axes: readonly (readonly string[])[]): void {
  if (values.length !== axes.length) {
    throw new OptionError(`vectorize: expected ${axes.length} operands, got ${values.length}`)
  }
  const lengths = new Map<string, number>()
  for (const [i, { shape }] of values.entries()) {
    if (shape.length < axes[i].length) {
      throw new ShapeError(`vectorize: expected axes (${axes[i].join(',')}) of operand ${i}, got ${formatShape(shape)}`)
    }
    for (const [k, name] of axes[i].entries()) {
      const length = shape[shape.length - axes[i].length + k]
      const known = lengths.get(name) ?? length
      if (known !== length)
        throw new ShapeError(`vectorize: expected one length of ${name}, got ${known} and ${length}`)
      lengths.set(name, length)
    }
  }
}
