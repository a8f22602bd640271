// Matrix products: batches become one instruction where their matrices follow each other evenly.
import { broadcastStrides, type Shape, sizeOf } from '../../../tensor'
import { merged } from '../../boxes'
import { Opcode } from '../assembly/opcodes'
import { MultiplyWords } from '../assembly/words'
import { words } from '../emitter'
import { type Kernel, output } from './kernel'

/** Cycles of a product: sixteen operations at once at best, and what packing costs. */
function productCycles(rows: number, columns: number, depth: number): number {
  return 100 + (rows * columns * depth) / 7 + (rows + columns) * depth
}

export const matmul: Kernel<'matmul'> = (bound, { emitter }) => {
  const [a, b] = bound.inputs
  const c = output(bound)
  const { transposeA, transposeB } = bound.attributes
  const [rows, columns] = c.shape.slice(-2)
  const depth = a.shape[a.shape.length - (transposeA ? 2 : 1)]
  const batchShape = c.shape.slice(0, -2)
  if (sizeOf(c.shape) === 0) return
  const stepsOf = (shape: Shape, size: number): number[] =>
    broadcastStrides(shape.slice(0, -2), batchShape).map((step) => step * size * 4)
  const { dims, strides } = merged(batchShape, [
    stepsOf(a.shape, rows * depth),
    stepsOf(b.shape, depth * columns),
    stepsOf(c.shape, rows * columns),
  ])
  const batch = dims[dims.length - 1]
  const steps = strides.map((own) => own[own.length - 1])
  const cycles = batch * productCycles(rows, columns, depth)
  for (let outer = 0; outer < sizeOf(dims.slice(0, -1)); outer++) {
    const [atA, atB, atC] = [a, b, c].map(({ address }, i) => address + offsetOf(outer, dims, strides[i]))
    const list = words<MultiplyWords>({
      [MultiplyWords.batch]: batch,
      [MultiplyWords.stepA]: steps[0],
      [MultiplyWords.stepB]: steps[1],
      [MultiplyWords.stepC]: steps[2],
      [MultiplyWords.rows]: rows,
      [MultiplyWords.columns]: columns,
      [MultiplyWords.depth]: depth,
      [MultiplyWords.a]: atA,
      [MultiplyWords.rowA]: (transposeA ? rows : depth) * 4,
      [MultiplyWords.transposedA]: Number(transposeA),
      [MultiplyWords.b]: atB,
      [MultiplyWords.rowB]: (transposeB ? depth : columns) * 4,
      [MultiplyWords.transposedB]: Number(transposeB),
      [MultiplyWords.c]: atC,
      [MultiplyWords.rowC]: columns * 4,
      [MultiplyWords.start]: 0,
      [MultiplyWords.bias]: 0,
    })
    emitter.emit(Opcode.multiply, list, {
      reads: [a, b],
      writes: [{ address: atC, bytes: batch * rows * columns * 4 }],
      cycles,
    })
  }
}

/** The offset of number `index` of the boxes that all axes but the last one make. */
function offsetOf(index: number, dims: readonly number[], strides: readonly number[]): number {
  let [left, offset] = [index, 0]
  for (let axis = dims.length - 2; axis >= 0; axis--) {
    offset += (left % dims[axis]) * strides[axis]
    left = Math.floor(left / dims[axis])
  }
  return offset
}
