// Matrix products: a thread makes one element, or four neighbouring ones of a row where the rows divide into fours.
import { broadcastStrides, sizeOf } from '../../../tensor'
import { Arrays, coordinates, dotted, launch, numeral, requireExact, thread } from './code'
import type { Kernel } from './kernel'

export const matmul: Kernel = ({ inputs: [a, b], outputs: [c], attributes }, target) => {
  const { transposeA, transposeB } = attributes
  const [m, n] = c.shape.slice(-2)
  const k = a.shape[a.shape.length - (transposeA ? 2 : 1)]
  const batch = c.shape.slice(0, -2)
  for (const { shape } of [a, b, c]) requireExact(sizeOf(shape), 'a matrix product')
  const wide = n % 4 === 0 ? 4 : 1
  const columns = n / wide

  const [rowA, stepA] = transposeA ? [1, m] : [k, 1]
  const [stepB, columnB] = transposeB ? [1, k] : [n, 1]
  // The batch axes, then row and column of the result; the operands' strides along all of these.
  const dims = [...batch.filter((length) => length > 1), m, columns]
  const kept = batch.flatMap((length, axis) => (length > 1 ? [axis] : []))
  const along = (shape: readonly number[], size: number): number[] => {
    const strides = broadcastStrides(shape.slice(0, -2), batch)
    return kept.map((axis) => strides[axis] * size)
  }
  const place = coordinates(thread, dims, 'c')
  const startA = dotted(place.names, [...along(a.shape, m * k), rowA, 0])
  const startB = dotted(place.names, [...along(b.shape, k * n), 0, columnB * wide])
  const arrays = new Arrays()
  const element = (column: number): string =>
    arrays.read(b, `q + l * ${numeral(stepB)}${column === 0 ? '' : ` + ${numeral(column * columnB)}`}`)
  const names = Array.from({ length: wide }, (_, i) => `s${i}`)
  const lines = [
    ...place.lines,
    `const p = ${startA} + 0;`,
    `const q = ${startB} + 0;`,
    ...names.map((name) => `let ${name} = 0;`),
    'for (let l = 0; l < this.constants.K; l++) {',
    `const x = ${arrays.read(a, `p + l * ${numeral(stepA)}`)};`,
    ...names.map((name, i) => `${name} = ${name} + x * ${element(i)};`),
    '}',
    wide === 1 ? 'return s0;' : `return [${names.join(', ')}];`,
  ]
  const slot = launch(target, arrays, sizeOf(c.shape) / wide, lines, { components: wide, bounds: { K: k } })
  return [{ slot, offset: 0 }]
}
