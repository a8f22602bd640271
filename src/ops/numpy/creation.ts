// New values: filled, spaced, windows, grids.
import { OptionError } from '../../errors'
import { constant, type Operand, toValue, type Value } from '../../graph'
import { allocate, type DType, full as fullTensor, type Shape, Tensor } from '../../tensor'
import { dtype, element, flag, length, number, numbers, optional, options, rest, shape } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { broadcastTo } from '../elementwise/broadcast'
import { add, cast, lessEqual, pow } from '../elementwise/elementwise'
import { iota } from '../indexing'
import { expandDims, reshape, reverse } from '../shape'

const ofShape = { shape, dtype: /* @__PURE__ */ optional(dtype) }

function filled(lengths: Shape, value: number, type: DType): Value {
  return constant(fullTensor(lengths, value, type))
}

/** Every element is `value`. */
export const full = /* @__PURE__ */ op(
  'full',
  { shape, value: element, dtype: /* @__PURE__ */ optional(dtype) },
  (lengths: Shape, value: number, type: DType = 'float32'): Value => filled(lengths, value, type),
)

/** Zeros. */
export const zeros = /* @__PURE__ */ op(
  'zeros',
  ofShape,
  (lengths: Shape, type: DType = 'float32'): Value => filled(lengths, 0, type),
)

/** Ones. */
export const ones = /* @__PURE__ */ op(
  'ones',
  ofShape,
  (lengths: Shape, type: DType = 'float32'): Value => filled(lengths, 1, type),
)

/** A value to be written over; here it holds zeros. */
export const empty = /* @__PURE__ */ op(
  'empty',
  ofShape,
  (lengths: Shape, type: DType = 'float32'): Value => filled(lengths, 0, type),
)

/** The same with the shape and type of another. */
export const emptyLike = /* @__PURE__ */ op('emptyLike', { like: numbers }, (like: Operand): Value => {
  const x = toValue(like)
  return filled(x.shape, 0, x.dtype)
})

function listed(numbersOf: readonly number[], type: DType): Value {
  const data = allocate(type, numbersOf.length)
  data.set(numbersOf)
  return constant(new Tensor(data, [numbersOf.length], type))
}

/** Options of `logSpace` and `geomSpace`. */
export interface SpacingOptions {
  /** How many numbers; 50 by default. */
  readonly num?: number
  /** Whether `stop` is the last of them; `true` by default. */
  readonly endpoint?: boolean
  /** What is raised to the powers; 10 by default. */
  readonly base?: number
  /** `float32` by default. */
  readonly dtype?: DType
}

const spacing = /* @__PURE__ */ options({ num: length, endpoint: flag, base: /* @__PURE__ */ number(), dtype })
const ends = { start: /* @__PURE__ */ number(), stop: /* @__PURE__ */ number(), options: spacing }

function spaced(start: number, stop: number, { num = 50, endpoint = true }: SpacingOptions): number[] {
  const steps = Math.max(1, endpoint ? num - 1 : num)
  return Array.from({ length: num }, (_, i) => (i === steps && endpoint ? stop : start + ((stop - start) * i) / steps))
}

/** Powers of a base, with exponents at equal distances. */
export const logSpace = /* @__PURE__ */ op(
  'logSpace',
  ends,
  (start: number, stop: number, given: SpacingOptions = {}): Value =>
    listed(
      spaced(start, stop, given).map((exponent) => (given.base ?? 10) ** exponent),
      given.dtype ?? 'float32',
    ),
)

/** Numbers each of which is the same multiple of the one before. */
export const geomSpace = /* @__PURE__ */ op(
  'geomSpace',
  ends,
  (start: number, stop: number, given: SpacingOptions = {}): Value => {
    if (start === 0 || stop === 0 || start < 0 !== stop < 0) {
      throw new OptionError(`geomSpace: expected two numbers of one sign, got ${start} and ${stop}`)
    }
    const sign = Math.sign(start)
    const exponents = spaced(Math.log(Math.abs(start)), Math.log(Math.abs(stop)), given)
    const values = exponents.map((exponent) => sign * Math.exp(exponent))
    if (values.length > 0) values[0] = start
    if (values.length > 1 && (given.endpoint ?? true)) values[values.length - 1] = stop
    return listed(values, given.dtype ?? 'float32')
  },
)

/** A window of `n` numbers, from the function of the place from 0 to 1. */
function windowOf(name: string, at: (place: number) => number) {
  return op(
    name,
    { n: length },
    (n: number): Value =>
      listed(
        Array.from({ length: n }, (_, i) => (n === 1 ? 1 : at(i / (n - 1)))),
        'float32',
      ),
  )
}

const turn = (place: number): number => Math.cos(2 * Math.PI * place)

/** Bartlett's window: a triangle. */
export const bartlett = /* @__PURE__ */ windowOf('bartlett', (place) => 1 - Math.abs(2 * place - 1))
/** Hann's window: a wave that begins and ends with 0. */
export const hanning = /* @__PURE__ */ windowOf('hanning', (place) => 0.5 - 0.5 * turn(place))
/** Hamming's window: a wave that begins and ends with 0.08. */
export const hamming = /* @__PURE__ */ windowOf('hamming', (place) => 0.54 - 0.46 * turn(place))
/** Blackman's window: two waves. */
export const blackman = /* @__PURE__ */ windowOf(
  'blackman',
  (place) => 0.42 - 0.5 * turn(place) + 0.08 * turn(2 * place),
)

/** Kaiser's window of `n` numbers, the narrower the larger `beta` is. */
export const kaiser = /* @__PURE__ */ op(
  'kaiser',
  { n: length, beta: /* @__PURE__ */ number() },
  (n: number, beta: number): Value => {
    const place = (i: number): number => (n === 1 ? 0 : (2 * i) / (n - 1) - 1)
    const values = Array.from({ length: n }, (_, i) => bessel(beta * Math.sqrt(Math.max(0, 1 - place(i) ** 2))))
    return listed(
      values.map((value) => value / bessel(beta)),
      'float32',
    )
  },
)

/** The modified Bessel function of order 0, by its series. */
function bessel(x: number): number {
  let [sum, term] = [1, 1]
  for (let k = 1; k < 500 && term > sum * 1e-17; k++) {
    term *= (x / 2 / k) ** 2
    sum += term
  }
  return sum
}

/** Ones at and below the `k`-th diagonal, zeros above. */
export const tri = /* @__PURE__ */ op(
  'tri',
  {
    rows: length,
    columns: /* @__PURE__ */ optional(length),
    k: /* @__PURE__ */ optional(/* @__PURE__ */ number({ integer: true })),
    dtype: /* @__PURE__ */ optional(dtype),
  },
  (rows: number, columns: number = rows, k: number = 0, type: DType = 'float32'): Value =>
    cast(lessEqual(iota(columns), add(expandDims(iota(rows), 1), k)), type),
)

/** The powers of each element of a vector, in columns: the highest first, unless `increasing`. */
export const vander = /* @__PURE__ */ op(
  'vander',
  { x: numbers, count: /* @__PURE__ */ optional(length), increasing: /* @__PURE__ */ optional(flag) },
  (operand: Operand, given?: number, increasing: boolean = false): Value => {
    const x = toValue(operand)
    const exponents = iota(given ?? x.shape[0])
    return pow(expandDims(x, 1), increasing ? exponents : reverse(exponents))
  },
)

/** Vectors stretched over a grid, one value for each, the first two axes in the order of images (rows, then columns). */
export const meshgrid = /* @__PURE__ */ op(
  'meshgrid',
  { values: /* @__PURE__ */ rest(numbers) },
  (...operands: readonly Operand[]): readonly Value[] => gridOf(operands),
)

function gridOf(operands: readonly Operand[]): readonly Value[] {
  const vectors = operands.map((operand) => reshape(toValue(operand), [-1]))
  const order = vectors.map((_, i) => (i < 2 && vectors.length > 1 ? 1 - i : i))
  const shapeOf = order.map((i) => vectors[i].shape[0])
  return vectors.map((vector, i) => {
    const placed = shapeOf.map((_, axis) => (order[axis] === i ? vector.shape[0] : 1))
    return broadcastTo(reshape(vector, placed), shapeOf)
  })
}
