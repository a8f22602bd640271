// Discrete Fourier transforms along the last axis, as products with matrices of waves, cut into lengths that divide the whole one (Cooley
// and Tukey, 1965). A complex value is a pair of real ones, as Keras has it.
import { constant, type Value } from '../../graph'
import { castTensor, type Shape, Tensor } from '../../tensor'
import { add, mul, sub } from '../elementwise/elementwise'
import { matmul } from '../matmul'
import { reshape, transpose } from '../shape'

/** Real and imaginary part, of one shape; no imaginary part where it is zero. */
export interface Complex {
  readonly real: Value
  readonly imaginary: Value | undefined
}

/** The same with both parts. */
export interface Pair extends Complex {
  readonly imaginary: Value
}

/** sum over t of x[t] exp(-2 pi i k t / n), for each k; the other way round with 1 for the sign, which is not divided by n. */
export function transformed(x: Complex, sign: 1 | -1): Pair {
  const { shape } = x.real
  const length = shape[shape.length - 1]
  const first = firstFactor(length)
  if (first === length) return product(x, length, sign)
  // Index second * a + c becomes [a, c]; frequency k1 + first * k2 becomes [k2, k1].
  const second = length / first
  const lead = shape.slice(0, -1)
  const columns = each(x, (part) => swapped(reshape(part, [...lead, first, second])))
  const turned = times(product(columns, first, sign), twiddles(second, first, sign, x.real))
  const rows = transformed(each(turned, swapped), sign)
  return bothOf(each(rows, (part) => reshape(swapped(part), shape)))
}

/** The largest length of a matrix of waves where a smaller one will do. */
const mostAtOnce = 32

/** The largest divisor of a length up to 32; the length itself where it is short, or has no such divisor. */
function firstFactor(length: number): number {
  if (length <= mostAtOnce) return length
  for (let factor = mostAtOnce; factor > 1; factor--) if (length % factor === 0) return factor
  return length
}

/** The transform by a matrix. */
function product({ real, imaginary }: Complex, length: number, sign: 1 | -1): Pair {
  const waves = wavesOf([length, length], length, sign, real)
  const by = (part: Value, wave: Value): Value => rowsTimes(part, wave)
  if (imaginary === undefined) return { real: by(real, waves.real), imaginary: by(real, waves.imaginary) }
  return {
    real: sub(by(real, waves.real), by(imaginary, waves.imaginary)),
    imaginary: add(by(real, waves.imaginary), by(imaginary, waves.real)),
  }
}

/** All rows at once times a matrix. */
function rowsTimes(x: Value, matrix: Value): Value {
  const length = x.shape[x.rank - 1]
  return reshape(matmul(reshape(x, [-1, length]), matrix), x.shape)
}

/** exp(sign 2 pi i row column / (rows columns)), which stands between two transforms. */
function twiddles(rows: number, columns: number, sign: 1 | -1, like: Value): Pair {
  return wavesOf([rows, columns], rows * columns, sign, like)
}

/** exp(sign 2 pi i row column / period). */
function wavesOf([rows, columns]: readonly [number, number], period: number, sign: 1 | -1, like: Value): Pair {
  const table = (wave: (angle: number) => number): Value => {
    const data = new Float64Array(rows * columns)
    // The angle's whole turns are left out before it is rounded.
    for (let i = 0; i < data.length; i++) {
      const turns = ((Math.floor(i / columns) * (i % columns)) % period) / period
      data[i] = wave(sign * 2 * Math.PI * turns)
    }
    return constant(castTensor(new Tensor(data, [rows, columns]), like.dtype))
  }
  return { real: table(Math.cos), imaginary: table(Math.sin) }
}

/** The product of complex values; the second has both parts. */
export function times({ real, imaginary }: Pair, by: Pair): Pair {
  return {
    real: sub(mul(real, by.real), mul(imaginary, by.imaginary)),
    imaginary: add(mul(real, by.imaginary), mul(imaginary, by.real)),
  }
}

function each({ real, imaginary }: Complex, f: (part: Value) => Value): Complex {
  return { real: f(real), imaginary: imaginary && f(imaginary) }
}

function bothOf({ real, imaginary }: Complex): Pair {
  if (imaginary === undefined) throw new Error('expected both parts')
  return { real, imaginary }
}

/** The last two axes the other way round. */
export function swapped(x: Value): Value {
  const { rank } = x
  const axes: Shape = Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i))
  return transpose(x, axes)
}
