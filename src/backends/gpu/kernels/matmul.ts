// Matrix products: a thread makes one element, or four neighbouring ones of a row where the rows divide into fours.
import { broadcastStrides, type Shape, sizeOf } from '../../../tensor'
import { Arrays, coordinates, dotted, launch, numeral, requireExact, thread } from './code'
import type { Kernel, Operand, Region, Target } from './kernel'

export const matmul: Kernel<'matmul'> = ({ inputs: [a, b], outputs: [c], attributes }, target) => {
  return [multiply(target, a, b, c.shape, attributes)]
}

interface Options {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
  /** Added to every row. */
  readonly bias?: Operand
}

/** The product of two batches of matrices. */
export function multiply(target: Target, a: Operand, b: Operand, shape: Shape, options: Options = {}): Region {
  const { transposeA = false, transposeB = false, bias } = options
  const [m, n] = shape.slice(-2)
  const k = a.shape[a.shape.length - (transposeA ? 2 : 1)]
  const batch = shape.slice(0, -2)
  for (const size of [a.shape, b.shape, shape].map(sizeOf)) requireExact(size, 'a matrix product')
  const wide = n % 4 === 0 ? 4 : 1
  const columns = n / wide

  const [rowA, stepA] = transposeA ? [1, m] : [k, 1]
  const [stepB, columnB] = transposeB ? [1, k] : [n, 1]
  // The batch axes, then row and column of the result; the operands' strides along all of these.
  const kept = batch.flatMap((length, axis) => (length > 1 ? [axis] : []))
  const dims = [...kept.map((axis) => batch[axis]), m, columns]
  const along = (own: Shape, size: number): number[] => {
    const strides = broadcastStrides(own.slice(0, -2), batch)
    return kept.map((axis) => strides[axis] * size)
  }
  const { lines, names: place } = coordinates(thread, dims, 'c')
  const startA = dotted(place, [...along(a.shape, m * k), rowA, 0])
  const startB = dotted(place, [...along(b.shape, k * n), 0, columnB * wide])
  const arrays = new Arrays()
  const element = (column: number): string =>
    arrays.read(b, `q + l * ${numeral(stepB)}${column === 0 ? '' : ` + ${numeral(column * columnB)}`}`)
  const start = (column: number): string =>
    bias === undefined ? '0' : arrays.read(bias, `${place[place.length - 1]} * ${wide} + ${column}`)
  const names = Array.from({ length: wide }, (_, i) => `s${i}`)
  const body = [
    ...lines,
    `const p = ${startA} + 0;`,
    `const q = ${startB} + 0;`,
    ...names.map((name, i) => `let ${name} = ${start(i)};`),
    'for (let l = 0; l < this.constants.K; l++) {',
    `const x = ${arrays.read(a, `p + l * ${numeral(stepA)}`)};`,
    ...names.map((name, i) => `${name} = ${name} + x * ${element(i)};`),
    '}',
    wide === 1 ? 'return s0;' : `return [${names.join(', ')}];`,
  ]
  const slot = launch(target, arrays, sizeOf(shape) / wide, body, { components: wide, bounds: { K: k } })
  return { slot, offset: 0 }
}
