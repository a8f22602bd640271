// Windows over images. A convolution is found by its parts (windows laid out, a product with the kernel) and written as
// one Conv, and so are the poolings; windows that serve anything else are laid out by slices.
import type { Node, Value } from '../../../graph'
import { reshape, transpose } from '../../../ops'
import { largestStride, type Varying } from '../../openLengths'
import { numberOf, numbersOf } from '../attributes'
import { fixed, isSame } from '../emitter'
import type { Fusion } from '../fusions'
import type { OnnxAttribute } from '../proto'
import type { Rules, Use } from '../use'
import { cut, padded, requireFixed } from './movement'

/** The numbers of windows that may not be open. */
interface Windows {
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  readonly dilation: readonly number[]
  /** Top, left, bottom, right: as ONNX orders them. */
  readonly pads: readonly number[]
}

function windowsOf(use: Use, pick: (node: Node) => Node): Windows {
  const node = pick(use.node)
  const padding = use.varyAll((each) => numbersOf(pick(each), 'padding'))
  const [top, bottom, left, right] = requireFixed(use, 'the padding', padding)
  const [kernel, strides, dilation] = ['kernel', 'strides', 'dilation'].map((name) => numbersOf(node, name))
  // Whether the padding follows from an open length shows only for strides that the stand-ins tell apart.
  const lengths = use.varyAll((each) => pick(each).inputs[0].shape).slice(1, 3)
  if (strides.some((stride) => stride > largestStride)) requireFixed(use, 'what its strides reach', lengths)
  return { kernel, strides, dilation, pads: [top, left, bottom, right] }
}

/** What ONNX' operators over windows are told. Where there is one row, that axis is left out. */
function windowAttributes({ kernel, strides, dilation, pads }: Windows, isLine: boolean) {
  const some = (pair: readonly number[]): readonly number[] => (isLine ? pair.slice(1) : pair)
  return {
    kernel_shape: some(kernel),
    strides: some(strides),
    dilations: some(dilation),
    pads: isLine ? [pads[1], pads[3]] : pads,
  }
}

// ---- convolution --------------------------------------------------------------------------------------------------

/** reshape(matmul(reshape(unfold(x)), kernel)), and, where x is a series, what made an image of one row of it. */
export const convolution: Fusion = (node, { isWeight, isOnlyRead }) => {
  const product = node.primitive.name === 'reshape' ? node.inputs[0].node : undefined
  if (product?.primitive.name !== 'matmul' || !isOnlyRead(node.inputs[0])) return undefined
  if (product.attributes.transposeA === true || product.attributes.transposeB === true) return undefined
  const [flat, kernel] = product.inputs
  const laid = flat.node.primitive.name === 'reshape' ? flat.node.inputs[0].node : undefined
  if (laid?.primitive.name !== 'unfold' || !isWeight(kernel) || numberOf(laid, 'value') !== 0) return undefined
  const pickUnfold = (each: Node): Node => each.inputs[0].node.inputs[0].node.inputs[0].node
  const source = seriesOf(laid)
  return {
    inputs: [source?.value ?? laid.inputs[0]],
    write: (use) => {
      const windows = windowsOf(use, pickUnfold)
      const isLine = source !== undefined
      const image = use.varyAll((each) => pickUnfold(each).inputs[0].shape)
      const filters = product.outputs[0].shape[1]
      const depth = laid.inputs[0].shape[3]
      const [rows, columns] = windows.kernel
      const order = isLine ? [2, 1, 0] : [3, 2, 0, 1]
      const placed = reshape(kernel, isLine ? [columns, depth, filters] : [rows, columns, depth, filters])
      const weights = use.weight(transpose(placed, order), 'kernel_of_conv')
      const places = use.varyAll((each) => pickUnfold(each).outputs[0].shape).slice(isLine ? 2 : 1, 3)
      const first = use.transpose(use.inputs[0], isLine ? [0, 2, 1] : [0, 3, 1, 2])
      const convolved = use.emit('Conv', [first, weights], windowAttributes(windows, isLine))
      const last = use.transpose(convolved, isLine ? [0, 2, 1] : [0, 2, 3, 1])
      const shape = [image[0], ...places, image[0].map(() => filters)]
      return inShape(use, last, shape)
    },
  }
}

/** The series that an image of one row was made of. */
function seriesOf(unfold: Node): { value: Value } | undefined {
  const [image] = unfold.inputs
  const isRow = image.shape[1] === 1 && numbersOf(unfold, 'kernel')[0] === 1
  if (!isRow || image.node.primitive.name !== 'reshape') return undefined
  const [value] = image.node.inputs
  const isSeries = value.rank === 3 && [0, 2, 3].every((axis, i) => value.shape[i] === image.shape[axis])
  return isSeries ? { value } : undefined
}

/** The value in the shape that the node has. */
function inShape(use: Use, name: string, shape: readonly Varying[]): string {
  const wanted = use.outputShape
  const isThere = wanted.length === shape.length && wanted.every((length, axis) => isSame(length, shape[axis]))
  return isThere ? name : use.reshape(name, shape, wanted)
}

// ---- pooling ------------------------------------------------------------------------------------------------------

/** The windows [batch, rows, columns, elements, channels] that a value is, and the node that lays them out. */
function windowsBehind(value: Value): Node | undefined {
  if (value.node.primitive.name !== 'reshape' || value.rank !== 5) return undefined
  const { node } = value.node.inputs[0]
  const isLaid = node.primitive.name === 'unfold' && value.shape[4] === node.inputs[0].shape[3]
  return isLaid ? node : undefined
}

/** takeAlongAxis(windows, argMax(windows)): the largest of each window. */
export const maxPooling: Fusion = (node) => {
  if (node.primitive.name !== 'takeAlongAxis' || numberOf(node, 'axis') !== 3) return undefined
  const [windows, place] = node.inputs
  const laid = windowsBehind(windows)
  const chosen = place.node.primitive.name === 'reshape' ? place.node.inputs[0].node : undefined
  const isLargest =
    chosen?.primitive.name === 'argMax' && chosen.inputs[0] === windows && numberOf(chosen, 'axis') === 3
  if (laid === undefined || !isLargest || numberOf(laid, 'value') !== -Infinity) return undefined
  return pooling('MaxPool', laid, (each) => each.inputs[0].node.inputs[0].node)
}

/** The sum of each window, as what their mean is made of. */
export const sumPooling: Fusion = (node) => {
  if (node.primitive.name !== 'sum' || String(numbersOf(node, 'axes')) !== '3') return undefined
  const laid = windowsBehind(node.inputs[0])
  if (laid === undefined || numberOf(laid, 'value') !== 0) return undefined
  const [rows, columns] = numbersOf(laid, 'kernel')
  const isPlain = numbersOf(laid, 'dilation').every((step) => step === 1)
  if (!isPlain) return undefined
  return pooling('AveragePool', laid, (each) => each.inputs[0].node.inputs[0].node, rows * columns)
}

function pooling(op: 'MaxPool' | 'AveragePool', laid: Node, pickUnfold: (node: Node) => Node, times?: number) {
  return {
    inputs: [laid.inputs[0]],
    write: (use: Use): string => {
      const { dilations, ...attributes } = windowAttributes(windowsOf(use, pickUnfold), false)
      const more: Record<string, OnnxAttribute> = op === 'MaxPool' ? { dilations } : { count_include_pad: 1 }
      const pooled = use.emit(op, [use.transpose(use.inputs[0], [0, 3, 1, 2])], { ...attributes, ...more })
      const last = use.transpose(pooled, [0, 2, 3, 1])
      const shape = use.varyAll((each) => pickUnfold(each).outputs[0].shape).slice(0, 3)
      const channels = shape[0].map(() => laid.inputs[0].shape[3])
      const result = inShape(use, last, [...shape, channels])
      return times === undefined ? result : use.emit('Mul', [result, use.emitter.scalar(times, use.dtype)])
    },
  }
}

// ---- windows by themselves ------------------------------------------------------------------------------------------

/** For each place of the kernel a slice of the image, side by side: nothing is computed, so infinities stay as they are. */
function unfold(use: Use): string {
  const { kernel, strides, dilation, pads } = windowsOf(use, (node) => node)
  const shape = use.shapeOf(0)
  const always = (number: number): Varying => shape[0].map(() => number)
  const [top, left, bottom, right] = pads
  const around = [0, top, left, 0].map(always)
  const behind = [0, bottom, right, 0].map(always)
  const image = padded(use, use.inputs[0], shape, {
    before: around,
    after: behind,
    interior: [0, 0, 0, 0],
    value: use.emitter.scalar(numberOf(use.node, 'value'), use.dtype),
  })
  const whole = shape.map((length, axis) => length.map((n, k) => n + around[axis][k] + behind[axis][k]))
  const along = (axis: 0 | 1, place: number) => {
    const from = place * dilation[axis]
    const count = use.outputShape[axis + 1]
    const to = count.map((n) => from + (n - 1) * strides[axis] + 1)
    const reach = (kernel[axis] - 1) * dilation[axis]
    // The last window ends with the image, or so near to it that no other begins.
    const end = whole[axis + 1].map((n) => n - reach + from)
    const open = fixed(to) === undefined
    return { axis: axis + 1, from: always(from), to: open ? end : to, step: strides[axis], isBound: open }
  }
  const slices = Array.from({ length: kernel[0] * kernel[1] }, (_, i) =>
    cut(use, image, whole, [along(0, Math.floor(i / kernel[1])), along(1, i % kernel[1])]),
  )
  return slices.length === 1 ? slices[0] : use.emit('Concat', slices, { axis: 3 })
}

/** Every window back to its place: a slice of the windows for each place of the kernel, spread apart and added up. */
function fold(use: Use): string {
  const { kernel, strides, dilation, pads } = windowsOf(use, (node) => node)
  const windows = use.shapeOf(0)
  const output = use.outputShape
  const always = (number: number): Varying => windows[0].map(() => number)
  const [channels] = requireFixed(use, 'the number of channels', output.slice(3))
  const zero = use.emitter.scalar(0, use.dtype)
  const places = Array.from({ length: kernel[0] * kernel[1] }, (_, i) => {
    const at = [Math.floor(i / kernel[1]) * dilation[0], (i % kernel[1]) * dilation[1]]
    const part = cut(use, use.inputs[0], windows, [
      { axis: 3, from: always(i * channels), to: always((i + 1) * channels), step: 1 },
    ])
    const shape = [...windows.slice(0, 3), always(channels)]
    const before = [0, 1].map((axis) => always(at[axis] - pads[axis]))
    const after = [0, 1].map((axis) =>
      output[axis + 1].map((n, k) => n - ((windows[axis + 1][k] - 1) * strides[axis] + 1) - before[axis][k]),
    )
    return padded(use, part, shape, {
      before: [always(0), ...before, always(0)],
      after: [always(0), ...after, always(0)],
      interior: [0, strides[0] - 1, strides[1] - 1, 0],
      value: zero,
    })
  })
  return places.reduce((total, place) => use.emit('Add', [total, place]))
}

export const windowRules: Rules = { unfold, fold }
