// Kernels that read and add by index, and windows of images.
import type { WindowAttributes } from '../../../graph'
import { sizeOf } from '../../../tensor'
import { aroundAxis } from '../../operands'
import { Opcode } from '../assembly/opcodes'
import { GatherWords, ScatterWords, WindowsWords } from '../assembly/words'
import { type Range, words } from '../emitter'
import { isWhole, type Kernel, type Operand, output, wordOf } from './kernel'
import { fill } from './movement'

type Box = readonly [outer: number, length: number, inner: number]

function gatherWords([outer, length, inner]: Box, count: number, from: Range, indices: Range, to: Range): number[] {
  return words<GatherWords>({
    [GatherWords.outer]: outer,
    [GatherWords.length]: length,
    [GatherWords.inner]: inner,
    [GatherWords.count]: count,
    [GatherWords.from]: from.address,
    [GatherWords.indices]: indices.address,
    [GatherWords.to]: to.address,
  })
}

function scatterWords(
  [outer, length, inner]: Box,
  count: number,
  updates: Range,
  indices: Range,
  to: Operand,
): number[] {
  return words<ScatterWords>({
    [ScatterWords.outer]: outer,
    [ScatterWords.length]: length,
    [ScatterWords.inner]: inner,
    [ScatterWords.count]: count,
    [ScatterWords.updates]: updates.address,
    [ScatterWords.indices]: indices.address,
    [ScatterWords.to]: to.address,
    [ScatterWords.whole]: Number(isWhole(to.dtype)),
  })
}

export const gather: Kernel<'gather'> = (bound, target) => {
  const [x, indices] = bound.inputs
  const out = output(bound)
  const count = sizeOf(indices.shape)
  if (sizeOf(out.shape) === 0) return
  const box = aroundAxis(x.shape, bound.attributes.axis)
  const list = gatherWords(box, count, x, indices, out)
  const effects = { reads: [x, indices], writes: [out], cycles: 50 + box[0] * count * (15 + box[2] / 2) }
  target.emitter.emit(Opcode.gather, list, effects)
}

export const scatterAdd: Kernel<'scatterAdd'> = (bound, target) => {
  const [updates, indices] = bound.inputs
  const out = output(bound)
  if (sizeOf(out.shape) === 0) return
  const count = sizeOf(indices.shape)
  const box = aroundAxis(out.shape, bound.attributes.axis)
  const list = scatterWords(box, count, updates, indices, out)
  const cycles = 50 + box[0] * count * (10 + box[2]) + sizeOf(out.shape) / 8
  target.emitter.emit(Opcode.scatterAdd, list, { reads: [updates, indices], writes: [out], cycles })
}

export const takeAlongAxis: Kernel<'takeAlongAxis'> = (bound, { emitter }) => {
  const [x, indices] = bound.inputs
  const out = output(bound)
  if (sizeOf(out.shape) === 0) return
  const axis = bound.attributes.axis
  const list = gatherWords(aroundAxis(x.shape, axis), out.shape[axis], x, indices, out)
  emitter.emit(Opcode.takeAlong, list, { reads: [x, indices], writes: [out], cycles: 50 + sizeOf(out.shape) * 5 })
}

export const scatterAlongAxis: Kernel<'scatterAlongAxis'> = (bound, { emitter }) => {
  const [updates, indices] = bound.inputs
  const out = output(bound)
  if (sizeOf(out.shape) === 0) return
  const axis = bound.attributes.axis
  const list = scatterWords(aroundAxis(out.shape, axis), updates.shape[axis], updates, indices, out)
  const cycles = 50 + sizeOf(updates.shape) * 5 + sizeOf(out.shape) / 8
  emitter.emit(Opcode.scatterAlong, list, { reads: [updates, indices], writes: [out], cycles })
}

/** The words of `unfold` and `fold`. */
function windowWords(
  { kernel, strides, dilation, padding }: WindowAttributes,
  image: Operand,
  windows: Operand,
  valueOrWhole: number,
): number[] {
  return words<WindowsWords>({
    [WindowsWords.batch]: image.shape[0],
    [WindowsWords.height]: image.shape[1],
    [WindowsWords.width]: image.shape[2],
    [WindowsWords.channels]: image.shape[3],
    [WindowsWords.rows]: windows.shape[1],
    [WindowsWords.columns]: windows.shape[2],
    [WindowsWords.kernelRows]: kernel[0],
    [WindowsWords.kernelColumns]: kernel[1],
    [WindowsWords.strideRows]: strides[0],
    [WindowsWords.strideColumns]: strides[1],
    [WindowsWords.dilationRows]: dilation[0],
    [WindowsWords.dilationColumns]: dilation[1],
    [WindowsWords.top]: padding[0],
    [WindowsWords.left]: padding[2],
    [WindowsWords.image]: image.address,
    [WindowsWords.windows]: windows.address,
    [WindowsWords.valueOrWhole]: valueOrWhole,
  })
}

export const unfold: Kernel<'unfold'> = (bound, { emitter }) => {
  const [image] = bound.inputs
  const windows = output(bound)
  if (sizeOf(windows.shape) === 0) return
  const value = wordOf(bound.attributes.value, image.dtype)
  const list = windowWords(bound.attributes, image, windows, value)
  emitter.emit(Opcode.unfold, list, { reads: [image], writes: [windows], cycles: 50 + sizeOf(windows.shape) * 2 })
}

export const fold: Kernel<'fold'> = (bound, target) => {
  const [windows] = bound.inputs
  const image = output(bound)
  if (sizeOf(windows.shape) === 0) {
    fill(target, image, sizeOf(image.shape), 0)
    return
  }
  const list = windowWords(bound.attributes, image, windows, Number(isWhole(image.dtype)))
  const cycles = 50 + sizeOf(windows.shape) * 2 + sizeOf(image.shape) / 4
  target.emitter.emit(Opcode.fold, list, { reads: [windows], writes: [image], cycles })
}
