// Fourier transforms, of whole axes and of stretches of time.
import { OptionError, ShapeError } from '../../errors'
import { constant, type Operand, toValue, type Value } from '../../graph'
import { castTensor, formatShape, isFloat, sameShape, Tensor } from '../../tensor'
import {
  either,
  flag,
  length,
  listOfNumbers,
  nothing,
  number,
  numbers,
  oneOf,
  optional,
  options,
} from '../declaration/kinds'
import { op } from '../declaration/signature'
import { cast, div, mul, neg } from '../elementwise/elementwise'
import { gather, scatterAdd } from '../indexing'
import { concatenate, pad, reshape, reverse, slice } from '../shape'
import { type Complex, type Pair, swapped, transformed } from './transform'

export { viewAsComplex, viewAsReal } from './views'

/** Real and imaginary part. */
export type ComplexOperand = readonly [real: Operand, imaginary: Operand]

/**
 * The discrete Fourier transform along the last axis, `sum over t of x[t] exp(-2 pi i k t / n)`, as `keras.ops.fft`. A length is cut into
 * its divisors up to 32, so that n numbers cost some n log n steps; a length that has none costs n².
 *
 * @param x - real and imaginary part, of one shape.
 * @returns real and imaginary part.
 * @throws ShapeError where the parts differ in shape.
 *
 * @example
 * ```ts
 * const [real, imaginary] = ops.fft([[1, 2, 3, 4], [0, 0, 0, 0]]) // [10, -2, -2, -2], [0, 2, 0, -2]
 * ```
 */
export const fft = /* @__PURE__ */ op('fft', { x: listOfNumbers }, (x: ComplexOperand): [Value, Value] =>
  listed(transformed(complex(x, 1), -1)),
)

/**
 * The same along the last two axes, as `keras.ops.fft2`.
 *
 * @example
 * ```ts
 * ops.fft2([randomNormal([8, 8]), zeros([8, 8])])
 * ```
 */
export const fft2 = /* @__PURE__ */ op('fft2', { x: listOfNumbers }, (x: ComplexOperand): [Value, Value] =>
  listed(overTwo(complex(x, 2), -1)),
)

/**
 * What `fft2` makes `x` of, as `keras.ops.ifft2`.
 *
 * @example
 * ```ts
 * ops.ifft2(ops.fft2([randomNormal([8, 8]), zeros([8, 8])]))
 * ```
 */
export const ifft2 = /* @__PURE__ */ op('ifft2', { x: listOfNumbers }, (x: ComplexOperand): [Value, Value] => {
  const given = complex(x, 2)
  const [rows, columns] = given.real.shape.slice(-2)
  const { real, imaginary } = overTwo(given, 1)
  return [div(real, rows * columns), div(imaginary, rows * columns)]
})

/**
 * The first half of the transform of real numbers, n / 2 + 1 frequencies, of which the rest follows, as `keras.ops.rfft`.
 *
 * @param x - real numbers.
 * @param fftLength - how many of them count, zeros being added where there are fewer; all of them by default.
 * @returns real and imaginary part.
 *
 * @example
 * ```ts
 * const [real, imaginary] = ops.rfft([1, 2, 3, 4]) // [10, -2, -2], [0, 2, 0]
 * ```
 */
export const rfft = /* @__PURE__ */ op(
  'rfft',
  { x: numbers, fftLength: /* @__PURE__ */ optional(/* @__PURE__ */ number({ from: 1, integer: true })) },
  (x: Operand, fftLength?: number): [Value, Value] => listed(halfOf(real(x), fftLength)),
)

/**
 * What `rfft` makes the two parts of, as `keras.ops.irfft`.
 *
 * @param x - real and imaginary part of the first half of the frequencies.
 * @param fftLength - how many numbers there were; twice the frequencies but one by default, an even number.
 * @returns real numbers.
 *
 * @example
 * ```ts
 * ops.irfft(ops.rfft([1, 2, 3, 4])) // [1, 2, 3, 4]
 * ```
 */
export const irfft = /* @__PURE__ */ op(
  'irfft',
  { x: listOfNumbers, fftLength: /* @__PURE__ */ optional(/* @__PURE__ */ number({ from: 1, integer: true })) },
  (x: ComplexOperand, fftLength?: number): Value => wholeOf(complex(x, 1), fftLength),
)

/** Options of `stft`. */
export interface StftOptions {
  /** What each stretch is multiplied by: a window by name, its numbers, or none; `'hann'` by default. */
  readonly window?: 'hann' | 'hamming' | readonly number[] | null
  /** Whether the middle of stretch t stands at `t * sequenceStride`, the ends being mirrored; `true` by default. */
  readonly center?: boolean
}

const windowKind = /* @__PURE__ */ either(nothing, numbers, /* @__PURE__ */ oneOf(['hann', 'hamming']))

/**
 * The Fourier transforms of stretches of time, as `keras.ops.stft`.
 *
 * @param x - real numbers `[..., time]`.
 * @param sequenceLength - how many of them the window takes in.
 * @param sequenceStride - how far apart stretches begin.
 * @param fftLength - the length of each transform, from `sequenceLength`: the rest are zeros on both sides.
 * @returns real and imaginary part, `[..., stretches, fftLength / 2 + 1]`.
 * @throws OptionError for lengths that do not go together.
 *
 * @example
 * ```ts
 * const [real, imaginary] = ops.stft(randomNormal([2, 100]), 16, 8, 16)
 * real.shape // [2, 13, 9]
 * ```
 */
export const stft = /* @__PURE__ */ op(
  'stft',
  {
    x: numbers,
    sequenceLength: length,
    sequenceStride: length,
    fftLength: length,
    options: /* @__PURE__ */ options({ window: windowKind, center: flag }),
  },
  (
    operand: Operand,
    sequenceLength: number,
    sequenceStride: number,
    fftLength: number,
    { window = 'hann', center = true }: StftOptions = {},
  ): [Value, Value] => {
    checkLengths(sequenceLength, sequenceStride, fftLength)
    const given = real(operand)
    const x = center ? mirrored(given, Math.floor(fftLength / 2)) : given
    const time = x.shape[x.rank - 1]
    if (time < fftLength) throw new ShapeError(`x: expected at least ${fftLength} steps, got ${time}`)
    const count = 1 + Math.floor((time - fftLength) / sequenceStride)
    const places = placesOf(count, sequenceStride, fftLength)
    const stretches = gather(x, places, { axis: -1 })
    const weights = windowOf(window, sequenceLength, fftLength)
    return listed(halfOf(mul(stretches, constant(castTensor(weights, x.dtype))), undefined))
  },
)

/** Options of `istft`. */
export interface IstftOptions extends StftOptions {
  /** How many steps the result has; as many as the stretches tell by default. */
  readonly length?: number
}

/**
 * What `stft` makes the two parts of, as `keras.ops.istft`: stretches are transformed back, weighed by the window and added where they
 * overlap.
 *
 * @param x - real and imaginary part, `[..., stretches, fftLength / 2 + 1]`.
 * @returns real numbers `[..., time]`.
 * @throws OptionError for lengths that do not go together.
 *
 * @example
 * ```ts
 * ops.istft(ops.stft(randomNormal([2, 96]), 16, 8, 16), 16, 8, 16).shape // [2, 96]
 * ```
 */
export const istft = /* @__PURE__ */ op(
  'istft',
  {
    x: listOfNumbers,
    sequenceLength: length,
    sequenceStride: length,
    fftLength: length,
    options: /* @__PURE__ */ options({ window: windowKind, center: flag, length }),
  },
  (
    x: ComplexOperand,
    sequenceLength: number,
    sequenceStride: number,
    fftLength: number,
    { window = 'hann', center = true, length: wanted }: IstftOptions = {},
  ): Value => {
    checkLengths(sequenceLength, sequenceStride, fftLength)
    const stretches = wholeOf(complex(x, 2), fftLength)
    const count = stretches.shape[stretches.rank - 2]
    const total = fftLength + sequenceStride * (count - 1)
    const weights = windowOf(window, sequenceLength, fftLength)
    const places = placesOf(count, sequenceStride, fftLength)
    const weighed = mul(stretches, constant(castTensor(weights, stretches.dtype)))
    const lead = stretches.shape.slice(0, -2)
    const sums = scatterAdd(reshape(weighed, [...lead, count * fftLength]), flat(places), total, { axis: -1 })
    const covered = new Float64Array(total)
    for (let i = 0; i < places.data.length; i++) covered[places.data[i]] += weights.data[i % fftLength] ** 2
    const norms = new Tensor(
      covered.map((sum) => (sum > 1e-10 ? sum : 1)),
      [total],
    )
    const whole = div(sums, constant(castTensor(norms, sums.dtype)))
    const begin = center ? Math.floor(fftLength / 2) : 0
    const end = wanted === undefined ? total - begin : Math.min(total, begin + wanted)
    const part = slice(whole, [...lead.map(() => 0), begin], [...lead, end - begin])
    const missing = (wanted ?? end - begin) - (end - begin)
    return missing === 0 ? part : pad(part, [...lead.map((): [number, number] => [0, 0]), [0, missing]])
  },
)

// ---- parts ----------------------------------------------------------------------------------------------------

function real(operand: Operand): Value {
  const x = toValue(operand)
  if (x.rank === 0) throw new ShapeError('expected at least one axis, got a scalar')
  return isFloat(x.dtype) ? x : cast(x, 'float32')
}

/** @throws ShapeError for parts of two shapes, or with fewer axes. */
function complex(x: ComplexOperand, axes: number): Pair {
  if (x.length !== 2) throw new ShapeError(`expected [real, imaginary], got ${x.length} values`)
  const [re, im] = x.map((part) => real(part))
  if (sameShape(re.shape, im.shape) && re.rank >= axes) return { real: re, imaginary: cast(im, re.dtype) }
  const many = axes === 1 ? 'one axis' : `${axes} axes`
  throw new ShapeError(
    `expected a real and an imaginary part of one shape with at least ${many}, got ${formatShape(re.shape)} and ${formatShape(im.shape)}`,
  )
}

function listed({ real: re, imaginary }: Pair): [Value, Value] {
  return [re, imaginary]
}

function overTwo(x: Pair, sign: 1 | -1): Pair {
  const rows = transformed(x, sign)
  const columns = transformed({ real: swapped(rows.real), imaginary: swapped(rows.imaginary) }, sign)
  return { real: swapped(columns.real), imaginary: swapped(columns.imaginary) }
}

/** The first `count` numbers of the last axis, with zeros behind where there are fewer. */
function fitted(x: Value, count: number): Value {
  const own = x.shape[x.rank - 1]
  const lead = x.shape.slice(0, -1)
  if (own > count)
    return slice(
      x,
      x.shape.map(() => 0),
      [...lead, count],
    )
  return own === count ? x : pad(x, [...lead.map((): [number, number] => [0, 0]), [0, count - own]])
}

function halfOf(x: Value, fftLength: number | undefined): Pair {
  const given = fftLength === undefined ? x : fitted(x, fftLength)
  const whole: Complex = { real: given, imaginary: undefined }
  const { real: re, imaginary } = transformed(whole, -1)
  const count = Math.floor(given.shape[given.rank - 1] / 2) + 1
  return { real: fitted(re, count), imaginary: fitted(imaginary, count) }
}

/** The numbers whose first half of frequencies is given: the other half is the conjugate, the other way round. */
function wholeOf({ real: re, imaginary }: Pair, fftLength: number | undefined): Value {
  const n = fftLength ?? 2 * (re.shape[re.rank - 1] - 1)
  if (n < 1) throw new ShapeError(`expected more than one frequency, got ${formatShape(re.shape)}`)
  const count = Math.floor(n / 2) + 1
  const [half, halfImaginary] = [fitted(re, count), fitted(imaginary, count)]
  const others = n - count
  const lead = re.shape.slice(0, -1)
  const mirror = (part: Value): Value =>
    reverse(slice(part, [...lead.map(() => 0), 1], [...lead, others]), part.rank - 1)
  const both = (part: Value, other: (value: Value) => Value): Value =>
    others === 0 ? part : concatenate([part, other(mirror(part))], -1)
  // The imaginary parts of frequency 0 and of the middle one of an even number do not count.
  const counted = new Tensor(
    Float64Array.from({ length: count }, (_, k) => (k === 0 || 2 * k === n ? 0 : 1)),
    [count],
  )
  const kept = mul(halfImaginary, constant(castTensor(counted, half.dtype)))
  const { real: result } = transformed({ real: both(half, (part) => part), imaginary: both(kept, neg) }, 1)
  return div(result, n)
}

// ---- stretches ------------------------------------------------------------------------------------------------

function checkLengths(sequenceLength: number, sequenceStride: number, fftLength: number): void {
  if (sequenceLength < 1 || sequenceStride < 1) {
    throw new OptionError(`expected lengths and strides from 1, got ${sequenceLength} and ${sequenceStride}`)
  }
  if (fftLength < sequenceLength) {
    throw new OptionError(`fftLength: expected a number from ${sequenceLength}, the sequenceLength, got ${fftLength}`)
  }
}

/** The places of the elements of each stretch. */
function placesOf(count: number, stride: number, width: number): Tensor {
  const data = Int32Array.from({ length: count * width }, (_, i) => Math.floor(i / width) * stride + (i % width))
  return new Tensor(data, [count, width], 'int32')
}

function flat({ data, dtype }: Tensor): Tensor {
  return new Tensor(data, [data.length], dtype)
}

/** With so many steps before and behind that mirror those at the ends. */
function mirrored(x: Value, by: number): Value {
  const time = x.shape[x.rank - 1]
  if (by >= time) throw new ShapeError(`x: expected more than ${by} steps to mirror, got ${time}`)
  const at = Int32Array.from({ length: time + 2 * by }, (_, i) => {
    const place = Math.abs(i - by)
    return place < time ? place : 2 * (time - 1) - place
  })
  return gather(x, new Tensor(at, [at.length], 'int32'), { axis: -1 })
}

/** The numbers of a window, in the middle of `width`. */
function windowOf(window: StftOptions['window'], count: number, width: number): Tensor {
  const given =
    typeof window === 'string' || window === null ? named(window ?? undefined, count) : Array.from(window ?? [])
  if (given.length !== count) throw new OptionError(`window: expected ${count} numbers, got ${given.length}`)
  const before = Math.floor((width - count) / 2)
  const data = new Float64Array(width)
  // Without a window the zeros on both sides count, too, as in Keras.
  if (window === null) data.fill(1)
  else data.set(given, before)
  return new Tensor(data, [width])
}

/** Windows of one period, as scipy makes them for analysis. */
function named(window: 'hann' | 'hamming' | undefined, count: number): number[] {
  const share = window === 'hamming' ? 0.54 : 0.5
  if (window === undefined || count === 1) return Array.from({ length: count }, () => 1)
  return Array.from({ length: count }, (_, i) => share - (1 - share) * Math.cos((2 * Math.PI * i) / count))
}
