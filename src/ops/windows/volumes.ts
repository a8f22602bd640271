// Convolution and pooling over volumes [batch, depth, height, width, channels], by those over images: the layers that a window takes
// in become channels of an image, and what pools over height and width pools over depth after it.
import { OptionError, ShapeError } from '../../errors'
import { type Operand, toValue, type Value } from '../../graph'
import { formatShape } from '../../tensor'
import { number, numbers, oneOf, oneOrTriple, options } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { averagePool2d, type ConvolutionOptions, conv2d, maxPool2d, type PoolOptions } from '../nn/convolution'
import { paddingAlong, requireRank, type Triple, triple } from '../nn/placement'
import { windowCount } from '../nn/unfold'
import { concatenate, pad, reshape, slice, transpose } from '../shape'

const sizes = /* @__PURE__ */ oneOrTriple({ from: 1, integer: true })
const paddings = /* @__PURE__ */ oneOf(['valid', 'same'])

/**
 * Convolution over volumes: `x` `[batch, depth, height, width, channels]` with `kernel`
 * `[layers, rows, columns, channels / groups, filters]` gives `[batch, new depth, new height, new width, filters]`.
 *
 * @throws ShapeError when the ranks, or channels and kernel, do not fit.
 *
 * @example
 * ```ts
 * ops.conv3d(ones([1, 3, 4, 4, 2]), ones([2, 3, 3, 2, 5])) // 36 in each of [1, 2, 2, 2, 5]
 * ```
 */
export const conv3d = /* @__PURE__ */ op(
  'conv3d',
  {
    x: numbers,
    kernel: numbers,
    options: /* @__PURE__ */ options({
      strides: sizes,
      padding: /* @__PURE__ */ oneOf(['valid', 'same', 'causal']),
      dilation: sizes,
      groups: /* @__PURE__ */ number({ from: 1, integer: true }),
    }),
  },
  (x: Operand, kernel: Operand, options: ConvolutionOptions<number | Triple> = {}): Value => {
    const [volume, weights] = [toValue(x), toValue(kernel)]
    requireRank(volume, 5, 'conv3d', '[batch, depth, height, width, channels]')
    requireRank(weights, 5, 'conv3d', 'a kernel [layers, rows, columns, channels, filters]')
    const { padding = 'valid', groups = 1 } = options
    if (padding === 'causal') throw new OptionError("conv3d: padding 'causal' needs a single axis of time")
    const [strides, dilation] = [triple(options.strides ?? 1), triple(options.dilation ?? 1)]
    const [layers, rows, columns, channels, filters] = weights.shape
    if (channels * groups !== volume.shape[4] || filters % groups !== 0) {
      throw new ShapeError(
        `conv3d: ${volume.shape[4]} channels and a kernel ${formatShape(weights.shape)} do not fit with groups ${groups}: expected channels / groups in the kernel and filters divisible by groups`,
      )
    }
    const around = paddingAlong(volume.shape[1], layers, strides[0], dilation[0], padding)
    const stacked = stackedLayers(volume, layers, strides[0], dilation[0], around, groups)
    const [batch, depth, ...image] = stacked.shape
    const flat = reshape(transpose(weights, [1, 2, 0, 3, 4]), [rows, columns, layers * channels, filters])
    const convolved = conv2d(reshape(stacked, [batch * depth, ...image]), flat, {
      strides: [strides[1], strides[2]],
      dilation: [dilation[1], dilation[2]],
      padding,
      groups,
    })
    return reshape(convolved, [batch, depth, ...convolved.shape.slice(1)])
  },
)

/** The layers that each window takes in, side by side as channels, group by group. */
function stackedLayers(
  volume: Value,
  layers: number,
  stride: number,
  dilation: number,
  around: readonly [number, number],
  groups: number,
): Value {
  const padded = pad(volume, [[0, 0], around, [0, 0], [0, 0], [0, 0]])
  const [batch, length, height, width, channels] = padded.shape
  const depth = windowCount(length, layers, stride, dilation, 0)
  const parts = Array.from({ length: layers }, (_, layer) => {
    const begin = [0, layer * dilation, 0, 0, 0]
    const taken = slice(padded, begin, [batch, depth, height, width, channels], [1, stride, 1, 1, 1])
    return reshape(taken, [batch, depth, height, width, groups, channels / groups])
  })
  return reshape(concatenate(parts), [batch, depth, height, width, layers * channels])
}

/** The largest of each window of `[batch, depth, height, width, channels]`; of equal ones the first has the gradient. */
export const maxPool3d = /* @__PURE__ */ op(
  'maxPool3d',
  { x: numbers, size: sizes, options: /* @__PURE__ */ options({ strides: sizes, padding: paddings }) },
  (x: Operand, size: number | Triple, options: PoolOptions<number | Triple> = {}): Value => {
    return pooled(x, 'maxPool3d', size, options, maxPool2d)
  },
)

/** The mean of each window of `[batch, depth, height, width, channels]`. */
export const averagePool3d = /* @__PURE__ */ op(
  'averagePool3d',
  { x: numbers, size: sizes, options: /* @__PURE__ */ options({ strides: sizes, padding: paddings }) },
  (x: Operand, size: number | Triple, options: PoolOptions<number | Triple> = {}): Value => {
    return pooled(x, 'averagePool3d', size, options, averagePool2d)
  },
)

/** Over height and width, then over depth: a window's mean is that of its layers' means, as all have the same number of elements. */
function pooled(
  x: Operand,
  where: string,
  size: number | Triple,
  { strides = size, padding = 'valid' }: PoolOptions<number | Triple>,
  pool: typeof maxPool2d,
): Value {
  const volume = toValue(x)
  requireRank(volume, 5, where, '[batch, depth, height, width, channels]')
  const [[layers, rows, columns], [deep, down, right]] = [triple(size), triple(strides)]
  const [batch, depth, ...image] = volume.shape
  const flat = pool(reshape(volume, [batch * depth, ...image]), [rows, columns], { strides: [down, right], padding })
  const [, height, width, channels] = flat.shape
  const standing = reshape(flat, [batch, depth, 1, height * width * channels])
  const result = pool(standing, [layers, 1], { strides: [deep, 1], padding })
  return reshape(result, [batch, result.shape[1], height, width, channels])
}
