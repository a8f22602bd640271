// Kernels that read and add by index, and windows of images.
import type { WindowAttributes } from '../../../graph'
import { sizeOf } from '../../../tensor'
import { aroundAxis } from '../../operands'
import { Opcode } from '../assembly/opcodes'
import { isWhole, type Kernel, output, wordOf } from './kernel'
import { fill } from './movement'

export const gather: Kernel<'gather'> = (bound, target) => {
  const [x, indices] = bound.inputs
  const out = output(bound)
  const count = sizeOf(indices.shape)
  if (sizeOf(out.shape) === 0) return
  const box = aroundAxis(x.shape, bound.attributes.axis)
  const words = [...box, count, x.address, indices.address, out.address]
  const effects = { reads: [x, indices], writes: [out], cycles: 50 + box[0] * count * (15 + box[2] / 2) }
  target.emitter.emit(Opcode.gather, words, effects)
}

export const scatterAdd: Kernel<'scatterAdd'> = (bound, target) => {
  const [updates, indices] = bound.inputs
  const out = output(bound)
  if (sizeOf(out.shape) === 0) return
  const count = sizeOf(indices.shape)
  const box = aroundAxis(out.shape, bound.attributes.axis)
  const words = [...box, count, updates.address, indices.address, out.address, Number(isWhole(out.dtype))]
  const cycles = 50 + box[0] * count * (10 + box[2]) + sizeOf(out.shape) / 8
  target.emitter.emit(Opcode.scatterAdd, words, { reads: [updates, indices], writes: [out], cycles })
}

export const takeAlongAxis: Kernel<'takeAlongAxis'> = (bound, { emitter }) => {
  const [x, indices] = bound.inputs
  const out = output(bound)
  if (sizeOf(out.shape) === 0) return
  const axis = bound.attributes.axis
  const words = [...aroundAxis(x.shape, axis), out.shape[axis], x.address, indices.address, out.address]
  emitter.emit(Opcode.takeAlong, words, { reads: [x, indices], writes: [out], cycles: 50 + sizeOf(out.shape) * 5 })
}

export const scatterAlongAxis: Kernel<'scatterAlongAxis'> = (bound, { emitter }) => {
  const [updates, indices] = bound.inputs
  const out = output(bound)
  if (sizeOf(out.shape) === 0) return
  const axis = bound.attributes.axis
  const box = [...aroundAxis(out.shape, axis), updates.shape[axis]]
  const words = [...box, updates.address, indices.address, out.address, Number(isWhole(out.dtype))]
  const cycles = 50 + sizeOf(updates.shape) * 5 + sizeOf(out.shape) / 8
  emitter.emit(Opcode.scatterAlong, words, { reads: [updates, indices], writes: [out], cycles })
}

/** The words that `unfold` and `fold` share, from their attributes and the shapes of images and windows. */
function windowWords(
  { kernel, strides, dilation, padding }: WindowAttributes,
  image: readonly number[],
  windows: readonly number[],
): number[] {
  return [...image, windows[1], windows[2], ...kernel, ...strides, ...dilation, padding[0], padding[2]]
}

export const unfold: Kernel<'unfold'> = (bound, { emitter }) => {
  const [image] = bound.inputs
  const windows = output(bound)
  if (sizeOf(windows.shape) === 0) return
  const value = wordOf(bound.attributes.value, image.dtype)
  const words = [...windowWords(bound.attributes, image.shape, windows.shape), image.address, windows.address, value]
  emitter.emit(Opcode.unfold, words, { reads: [image], writes: [windows], cycles: 50 + sizeOf(windows.shape) * 2 })
}

export const fold: Kernel<'fold'> = (bound, target) => {
  const [windows] = bound.inputs
  const image = output(bound)
  if (sizeOf(windows.shape) === 0) {
    fill(target, image, sizeOf(image.shape), 0)
    return
  }
  const places = [image.address, windows.address, Number(isWhole(image.dtype))]
  const words = [...windowWords(bound.attributes, image.shape, windows.shape), ...places]
  const cycles = 50 + sizeOf(windows.shape) * 2 + sizeOf(image.shape) / 4
  target.emitter.emit(Opcode.fold, words, { reads: [windows], writes: [image], cycles })
}
