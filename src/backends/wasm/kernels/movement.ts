// Kernels that move elements: all but filling are copies of strided boxes.
import { broadcastStrides, sizeOf, stridesOf } from '../../../tensor'
import { merged } from '../../boxes'
import { Opcode } from '../assembly/opcodes'
import { CopyBoxWords, FillWords } from '../assembly/words'
import { type Range, words } from '../emitter'
import { type Kernel, type Operand, output, type Target, wordOf } from './kernel'

/** A walk over a box of elements from one strided place to another; offsets and strides in elements. */
interface Walk {
  readonly shape: readonly number[]
  readonly from: readonly number[]
  readonly fromOffset?: number
  readonly to: readonly number[]
  readonly toOffset?: number
}

function copyBox(
  { emitter }: Target,
  source: Operand,
  target: Operand,
  { shape, from, fromOffset = 0, to, toOffset = 0 }: Walk,
): void {
  const count = sizeOf(shape)
  if (count === 0) return
  const { dims, strides } = merged(shape, [from, to])
  const list = words<CopyBoxWords>({
    [CopyBoxWords.rank]: dims.length,
    [CopyBoxWords.source]: source.address + fromOffset * 4,
    [CopyBoxWords.target]: target.address + toOffset * 4,
  })
  emitter.emit(Opcode.copyBox, [...list, ...dims, ...strides[0], ...strides[1]], {
    reads: [source],
    writes: [target],
    cycles: 20 + count / 2,
  })
}

/** Puts one value everywhere. */
export function fill({ emitter }: Target, target: Range, count: number, word: number): void {
  if (count === 0) return
  const list = words<FillWords>({
    [FillWords.count]: count,
    [FillWords.value]: word,
    [FillWords.target]: target.address,
  })
  emitter.emit(Opcode.fill, list, { reads: [], writes: [target], cycles: 20 + count / 8 })
}

export const copy: Kernel<'copy'> = (bound, target) => {
  const [x] = bound.inputs
  const size = [sizeOf(x.shape)]
  copyBox(target, x, output(bound), { shape: size, from: [1], to: [1] })
}

export const transpose: Kernel<'transpose'> = (bound, target) => {
  const [x] = bound.inputs
  const out = output(bound)
  const permutation = bound.attributes.permutation
  const strides = stridesOf(x.shape)
  copyBox(target, x, out, {
    shape: out.shape,
    from: permutation.map((axis) => strides[axis]),
    to: stridesOf(out.shape),
  })
}

export const broadcastTo: Kernel<'broadcastTo'> = (bound, target) => {
  const [x] = bound.inputs
  const out = output(bound)
  copyBox(target, x, out, { shape: out.shape, from: broadcastStrides(x.shape, out.shape), to: stridesOf(out.shape) })
}

export const slice: Kernel<'slice'> = (bound, target) => {
  const [x] = bound.inputs
  const out = output(bound)
  const begin = bound.attributes.begin
  const stride = bound.attributes.stride
  const strides = stridesOf(x.shape)
  const from = strides.map((step, axis) => step * stride[axis])
  const fromOffset = strides.reduce((sum, step, axis) => sum + step * begin[axis], 0)
  copyBox(target, x, out, { shape: out.shape, from, fromOffset, to: stridesOf(out.shape) })
}

export const pad: Kernel<'pad'> = (bound, target) => {
  const [x] = bound.inputs
  const out = output(bound)
  const before = bound.attributes.before
  const interior = bound.attributes.interior
  fill(target, out, sizeOf(out.shape), wordOf(bound.attributes.value, out.dtype))
  const strides = stridesOf(out.shape)
  const to = strides.map((step, axis) => step * (interior[axis] + 1))
  const toOffset = strides.reduce((sum, step, axis) => sum + step * before[axis], 0)
  copyBox(target, x, out, { shape: x.shape, from: stridesOf(x.shape), to, toOffset })
}

export const concatenate: Kernel<'concatenate'> = (bound, target) => {
  const out = output(bound)
  const axis = bound.attributes.axis
  const to = stridesOf(out.shape)
  let at = 0
  for (const part of bound.inputs) {
    copyBox(target, part, out, { shape: part.shape, from: stridesOf(part.shape), to, toOffset: at * to[axis] })
    at += part.shape[axis]
  }
}

export const reverse: Kernel<'reverse'> = (bound, target) => {
  const [x] = bound.inputs
  const out = output(bound)
  const axes = bound.attributes.axes
  const strides = stridesOf(x.shape)
  const from = strides.map((step, axis) => (axes.includes(axis) ? -step : step))
  const fromOffset = axes.reduce((sum, axis) => sum + strides[axis] * (x.shape[axis] - 1), 0)
  copyBox(target, x, out, { shape: out.shape, from, fromOffset, to: strides })
}
