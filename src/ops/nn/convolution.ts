// Convolution and pooling, channels last: windows laid out by `unfold`, then a matrix product or a reduction.
import { OptionError, ShapeError } from '../../errors'
import { constant, type Operand, toValue, type Value } from '../../graph'
import { allocate, type DType, formatShape, isFloat, type Shape, Tensor } from '../../tensor'
import { number, numbers, oneOf, oneOrPair, options } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { cast, div } from '../elementwise/elementwise'
import { takeAlongAxis } from '../indexing'
import { matmul } from '../matmul'
import { argMax, mean, sum } from '../reduce'
import { expandDims, reshape, squeeze, transpose } from '../shape'
import { paddingAround, pair, requireRank } from './placement'
import { unfold, windowCount } from './unfold'

type Pair = readonly [number, number]

const size = /* @__PURE__ */ number({ from: 1, integer: true })
const sizes = /* @__PURE__ */ oneOrPair({ from: 1, integer: true })

/** Options of the convolutions; `Size` is a number, or one for each axis. */
export interface ConvolutionOptions<Size> {
  /** How far the window moves; 1 by default. */
  readonly strides?: Size
  /**
   * `valid` (default): windows inside the data only. `same`: zeros around it, so that stride 1 keeps the length.
   * `causal` (one spatial axis): zeros before it, so that a result never depends on what comes later.
   */
  readonly padding?: 'valid' | 'same' | 'causal'
  /** How far apart the elements of a window are; 1 by default. */
  readonly dilation?: Size
  /** Into how many parts the channels are cut, each with filters of its own; 1 by default. */
  readonly groups?: number
}

/**
 * Convolution over time: `x` `[batch, length, channels]` with `kernel` `[size, channels / groups, filters]` gives
 * `[batch, new length, filters]`.
 *
 * @throws ShapeError when the ranks, or channels and kernel, do not fit.
 *
 * @example
 * ```ts
 * ops.conv1d([[[1], [2], [4]]], [[[-1]], [[1]]]) // [[[1], [2]]]
 * ```
 */
export const conv1d = /* @__PURE__ */ op(
  'conv1d',
  {
    x: numbers,
    kernel: numbers,
    options: /* @__PURE__ */ options({
      strides: size,
      padding: /* @__PURE__ */ oneOf(['valid', 'same', 'causal']),
      dilation: size,
      groups: size,
    }),
  },
  (x: Operand, kernel: Operand, options: ConvolutionOptions<number> = {}): Value => {
    const [series, filters] = [toValue(x), toValue(kernel)]
    requireRank(series, 3, 'conv1d', '[batch, length, channels]')
    requireRank(filters, 3, 'conv1d', 'a kernel [size, channels, filters]')
    const { strides = 1, dilation = 1, padding, groups } = options
    const image = convolve(expandDims(series, 1), expandDims(filters, 0), 'conv1d', {
      strides: [1, strides],
      dilation: [1, dilation],
      padding: padding ?? 'valid',
      groups: groups ?? 1,
    })
    return squeeze(image, 1)
  },
)

/**
 * Convolution over images: `x` `[batch, height, width, channels]` with `kernel`
 * `[rows, columns, channels / groups, filters]` gives `[batch, new height, new width, filters]`.
 */
export const conv2d = /* @__PURE__ */ op(
  'conv2d',
  {
    x: numbers,
    kernel: numbers,
    options: /* @__PURE__ */ options({
      strides: sizes,
      padding: /* @__PURE__ */ oneOf(['valid', 'same', 'causal']),
      dilation: sizes,
      groups: size,
    }),
  },
  (x: Operand, kernel: Operand, options: ConvolutionOptions<number | Pair> = {}): Value => {
    const [image, filters] = [toValue(x), toValue(kernel)]
    requireRank(image, 4, 'conv2d', '[batch, height, width, channels]')
    requireRank(filters, 4, 'conv2d', 'a kernel [rows, columns, channels, filters]')
    if (options.padding === 'causal') throw new OptionError("conv2d: padding 'causal' needs a single axis of time")
    return convolve(image, filters, 'conv2d', {
      strides: pair(options.strides ?? 1),
      dilation: pair(options.dilation ?? 1),
      padding: options.padding ?? 'valid',
      groups: options.groups ?? 1,
    })
  },
)

interface Convolution {
  readonly strides: Pair
  readonly dilation: Pair
  readonly padding: 'valid' | 'same' | 'causal'
  readonly groups: number
}

function convolve(x: Value, kernel: Value, where: string, { strides, dilation, padding, groups }: Convolution): Value {
  const [rows, columns, depth, filters] = kernel.shape
  const channels = x.shape[3]
  if (depth * groups !== channels || filters % groups !== 0) {
    throw new ShapeError(
      `${where}: ${channels} channels and a kernel ${formatShape(kernel.shape)} do not fit with groups ${groups}: expected channels / groups in the kernel and filters divisible by groups`,
    )
  }
  const around = paddingAround(x.shape, [rows, columns], strides, dilation, padding)
  const isPointwise = rows * columns === 1 && strides[0] * strides[1] === 1
  const laid = isPointwise ? x : unfold(x, { kernel: [rows, columns], strides, dilation, padding: around, value: 0 })
  if (groups === 1) return matmul(laid, reshape(kernel, [rows * columns * depth, filters]))
  // A group is a batch of the product: its windows [places, window * depth] times its filters [window * depth, filters].
  const [batch, height, width] = laid.shape
  const places = batch * height * width
  const parts = transpose(reshape(laid, [places, rows * columns, groups, depth]), [2, 0, 1, 3])
  const weights = transpose(reshape(kernel, [rows * columns * depth, groups, filters / groups]), [1, 0, 2])
  const products = matmul(reshape(parts, [groups, places, rows * columns * depth]), weights)
  return reshape(transpose(products, [1, 0, 2]), [batch, height, width, filters])
}

/** Options of the poolings; `Size` is a number, or one for each axis. */
export interface PoolOptions<Size> {
  /** How far the window moves; by its own size by default. */
  readonly strides?: Size
  /** `valid` (default) or `same`; what pads counts neither as a maximum nor in an average. */
  readonly padding?: 'valid' | 'same'
}

/** The largest of each window of `[batch, height, width, channels]`; of equal ones the first has the gradient. */
export const maxPool2d = /* @__PURE__ */ op(
  'maxPool2d',
  {
    x: numbers,
    size: sizes,
    options: /* @__PURE__ */ options({ strides: sizes, padding: /* @__PURE__ */ oneOf(['valid', 'same']) }),
  },
  (x: Operand, size: number | Pair, options: PoolOptions<number | Pair> = {}): Value => {
    const image = toValue(x)
    const windows = pooled(image, 'maxPool2d', size, options, least(image.dtype))
    return squeeze(takeAlongAxis(windows, expandDims(argMax(windows, 3), 3), 3), 3)
  },
)

/** What is above nothing of its type. */
function least(dtype: DType): number {
  if (isFloat(dtype)) return -Infinity
  return dtype === 'int32' ? -(2 ** 31) : 0
}

/** The mean of each window of `[batch, height, width, channels]`. */
export const averagePool2d = /* @__PURE__ */ op(
  'averagePool2d',
  {
    x: numbers,
    size: sizes,
    options: /* @__PURE__ */ options({ strides: sizes, padding: /* @__PURE__ */ oneOf(['valid', 'same']) }),
  },
  (x: Operand, size: number | Pair, options: PoolOptions<number | Pair> = {}): Value => {
    const image = toValue(x)
    const windows = pooled(image, 'averagePool2d', size, options, 0)
    if (options.padding !== 'same') return mean(windows, { axis: 3 })
    const strides = pair(options.strides ?? size)
    const around = paddingAround(image.shape, pair(size), strides, [1, 1], 'same')
    const counts = elementCounts(image.shape, pair(size), strides, around)
    return div(sum(windows, { axis: 3 }), cast(constant(counts), windows.dtype))
  },
)

/**
 * The largest of each window of `[batch, length, channels]`, a window every `size` steps by default.
 *
 * @example
 * ```ts
 * ops.maxPool1d([[[1], [3], [2], [4]]], 2) // [[[3], [4]]]
 * ```
 */
export const maxPool1d = /* @__PURE__ */ op(
  'maxPool1d',
  {
    x: numbers,
    size,
    options: /* @__PURE__ */ options({ strides: size, padding: /* @__PURE__ */ oneOf(['valid', 'same']) }),
  },
  (x: Operand, size: number, options: PoolOptions<number> = {}): Value => {
    return alongTime(x, 'maxPool1d', size, options, maxPool2d)
  },
)

/** The mean of each window of `[batch, length, channels]`. */
export const averagePool1d = /* @__PURE__ */ op(
  'averagePool1d',
  {
    x: numbers,
    size,
    options: /* @__PURE__ */ options({ strides: size, padding: /* @__PURE__ */ oneOf(['valid', 'same']) }),
  },
  (x: Operand, size: number, options: PoolOptions<number> = {}): Value => {
    return alongTime(x, 'averagePool1d', size, options, averagePool2d)
  },
)

function alongTime(
  x: Operand,
  where: string,
  size: number,
  { strides = size, padding = 'valid' }: PoolOptions<number>,
  pool: typeof maxPool2d,
): Value {
  const series = toValue(x)
  requireRank(series, 3, where, '[batch, length, channels]')
  return squeeze(pool(expandDims(series, 1), [1, size], { strides: [1, strides], padding }), 1)
}

/** The windows as `[batch, rows, columns, elements of a window, channels]`. */
function pooled(
  x: Operand,
  where: string,
  size: number | Pair,
  { strides = size, padding = 'valid' }: PoolOptions<number | Pair>,
  value: number,
): Value {
  const image = toValue(x)
  requireRank(image, 4, where, '[batch, height, width, channels]')
  const kernel = pair(size)
  const around = paddingAround(image.shape, kernel, pair(strides), [1, 1], padding)
  const laid = unfold(image, { kernel, strides: pair(strides), dilation: [1, 1], padding: around, value })
  return reshape(laid, [...laid.shape.slice(0, 3), kernel[0] * kernel[1], image.shape[3]])
}

/** How many elements of each window are not padding: `[rows, columns, 1]`. */
function elementCounts(
  shape: Shape,
  kernel: Pair,
  strides: Pair,
  around: readonly [number, number, number, number],
): Tensor {
  const along = (axis: 0 | 1): number[] => {
    const [before, after] = [around[2 * axis], around[2 * axis + 1]]
    const length = shape[axis + 1]
    const count = windowCount(length, kernel[axis], strides[axis], 1, before + after)
    return Array.from({ length: count }, (_, i) => {
      const begin = i * strides[axis] - before
      return Math.min(begin + kernel[axis], length) - Math.max(begin, 0)
    })
  }
  const [rows, columns] = [along(0), along(1)]
  const counts = allocate('float32', rows.length * columns.length)
  counts.set(rows.flatMap((height) => columns.map((width) => height * width)))
  return new Tensor(counts, [rows.length, columns.length, 1])
}
