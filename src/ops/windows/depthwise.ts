// Convolution of each channel by itself, with filters of its own, and of that with a mixing of the channels behind it (Chollet, 2017,
// "Xception"). A primitive: composed, it would lay out every window in memory for no more than a few products each.
import { OptionError, ShapeError } from '../../errors'
import { type Operand, type PrimitiveNamed, primitive, toValue, type Value, type WindowAttributes } from '../../graph'
import { commonDType, floatOf, formatShape, sizeOf } from '../../tensor'
import { number, numbers, oneOf, oneOrPair, options } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { cast, mul } from '../elementwise/elementwise'
import { type ConvolutionOptions, conv2d } from '../nn/convolution'
import { paddingAround, pair, requireRank } from '../nn/placement'
import { fold, unfold, windowCount } from '../nn/unfold'
import { sum } from '../reduce'
import { expandDims, reshape, squeeze } from '../shape'

type Pair = readonly [number, number]

/** The options of a convolution that keeps channels apart. */
export type DepthwiseOptions<Size> = Omit<ConvolutionOptions<Size>, 'groups'>

const size = /* @__PURE__ */ number({ from: 1, integer: true })
const sizes = /* @__PURE__ */ oneOrPair({ from: 1, integer: true })
const paddings = /* @__PURE__ */ oneOf(['valid', 'same', 'causal'])

function grid([, height, width]: readonly number[], { kernel, strides, dilation, padding }: WindowAttributes): Pair {
  return [
    windowCount(height, kernel[0], strides[0], dilation[0], padding[0] + padding[1]),
    windowCount(width, kernel[1], strides[1], dilation[1], padding[2] + padding[3]),
  ]
}

/** The windows of x, their elements apart: `[batch, rows, columns, elements, channels, 1]`. */
function windowsOf(x: Value, { kernel, strides, dilation, padding }: WindowAttributes): Value {
  const laid = unfold(x, { kernel, strides, dilation, padding, value: 0 })
  return reshape(laid, [...laid.shape.slice(0, 3), kernel[0] * kernel[1], x.shape[3], 1])
}

/** What lies at each place, filter by filter of each channel: `[batch, rows, columns, 1, channels, multiplier]`. */
function apart(g: Value, channels: number): Value {
  return reshape(g, [...g.shape.slice(0, 3), 1, channels, g.shape[3] / channels])
}

/** A kernel [rows, columns, channels, multiplier] with its elements in a row. */
function inRow(kernel: Value): Value {
  const [rows, columns, ...rest] = kernel.shape
  return reshape(kernel, [rows * columns, ...rest])
}

const depthwisePrimitive: PrimitiveNamed<'depthwise'> = /* @__PURE__ */ primitive('depthwise', {
  infer: ([x, kernel], attributes) => {
    const [, , channels, multiplier] = kernel.shape
    return [{ shape: [x.shape[0], ...grid(x.shape, attributes), channels * multiplier], dtype: x.dtype }]
  },
  decompose: ([x, kernel], attributes) => {
    const products = sum(mul(windowsOf(x, attributes), inRow(kernel)), { axis: 3 })
    return [reshape(products, [...products.shape.slice(0, 3), kernel.shape[2] * kernel.shape[3]])]
  },
  gradient: ({ inputs: [x, kernel], upstream, attributes, wanted }) => [
    wanted[0]
      ? depthwiseInputPrimitive.one([kernel, upstream], { ...attributes, image: [x.shape[1], x.shape[2]] })
      : undefined,
    wanted[1] ? depthwiseKernelPrimitive.one([x, upstream], attributes) : undefined,
  ],
  work: ({ outputs: [out], attributes: { kernel } }) => ({
    multiplyAdds: out === undefined ? 0 : sizeOf(out.shape) * kernel[0] * kernel[1],
  }),
})

/** The gradient of `depthwise` by its input, from the kernel and what flows into the result. */
const depthwiseInputPrimitive: PrimitiveNamed<'depthwiseInput'> = /* @__PURE__ */ primitive('depthwiseInput', {
  infer: ([kernel, g], { image }) => [{ shape: [g.shape[0], ...image, kernel.shape[2]], dtype: g.dtype }],
  decompose: ([kernel, g], { image, ...windows }) => {
    const lanes = sum(mul(apart(g, kernel.shape[2]), inRow(kernel)), { axis: 5 })
    const laid = reshape(lanes, [...lanes.shape.slice(0, 3), lanes.shape[3] * lanes.shape[4]])
    return [fold(laid, { ...windows, image })]
  },
  gradient: ({ inputs: [kernel, g], upstream, attributes: { image: _, ...windows }, wanted }) => [
    wanted[0] ? depthwiseKernelPrimitive.one([upstream, g], windows) : undefined,
    wanted[1] ? depthwisePrimitive.one([upstream, kernel], windows) : undefined,
  ],
  work: ({ inputs: [, g], attributes: { kernel } }) => ({ multiplyAdds: sizeOf(g.shape) * kernel[0] * kernel[1] }),
})

/** The gradient of `depthwise` by its kernel, from the input and what flows into the result. */
const depthwiseKernelPrimitive: PrimitiveNamed<'depthwiseKernel'> = /* @__PURE__ */ primitive('depthwiseKernel', {
  infer: ([x, g], { kernel }) => {
    const channels = x.shape[3]
    return [{ shape: [...kernel, channels, g.shape[3] / channels], dtype: x.dtype }]
  },
  decompose: ([x, g], attributes) => {
    const channels = x.shape[3]
    const found = sum(mul(windowsOf(x, attributes), apart(g, channels)), { axis: [0, 1, 2] })
    return [reshape(found, [...attributes.kernel, channels, g.shape[3] / channels])]
  },
  gradient: ({ inputs: [x, g], upstream, attributes, wanted }) => [
    wanted[0]
      ? depthwiseInputPrimitive.one([upstream, g], { ...attributes, image: [x.shape[1], x.shape[2]] })
      : undefined,
    wanted[1] ? depthwisePrimitive.one([x, upstream], attributes) : undefined,
  ],
  work: ({ inputs: [, g], attributes: { kernel } }) => ({ multiplyAdds: sizeOf(g.shape) * kernel[0] * kernel[1] }),
})

function depthwise(x: Value, kernel: Value, where: string, options: DepthwiseOptions<Pair>): Value {
  const [rows, columns, channels] = kernel.shape
  if (channels !== x.shape[3]) {
    throw new ShapeError(
      `${where}: expected a kernel for ${x.shape[3]} channels, got ${formatShape(kernel.shape)}, which is for ${channels}`,
    )
  }
  const { strides = [1, 1], dilation = [1, 1], padding = 'valid' } = options
  const around = paddingAround(x.shape, [rows, columns], strides, dilation, padding)
  const dtype = floatOf(commonDType(x.dtype, kernel.dtype))
  return depthwisePrimitive.one([cast(x, dtype), cast(kernel, dtype)], {
    kernel: [rows, columns],
    strides,
    dilation,
    padding: around,
  })
}

/**
 * Convolution of each channel of a series by itself: `x` `[batch, length, channels]` with `kernel` `[size, channels, multiplier]`
 * gives `[batch, new length, channels * multiplier]`, the results of a channel side by side.
 *
 * @throws ShapeError where the kernel is for another number of channels.
 *
 * @example
 * ```ts
 * ops.depthwiseConv1d([[[1, 10], [2, 20]]], [[[1], [1]], [[1], [-1]]]) // [[[3, -10]]]
 * ```
 */
export const depthwiseConv1d = /* @__PURE__ */ op(
  'depthwiseConv1d',
  {
    x: numbers,
    kernel: numbers,
    options: /* @__PURE__ */ options({ strides: size, padding: paddings, dilation: size }),
  },
  (x: Operand, kernel: Operand, options: DepthwiseOptions<number> = {}): Value => {
    const [series, filters] = [toValue(x), toValue(kernel)]
    requireRank(series, 3, 'depthwiseConv1d', '[batch, length, channels]')
    requireRank(filters, 3, 'depthwiseConv1d', 'a kernel [size, channels, multiplier]')
    const { strides = 1, dilation = 1, padding = 'valid' } = options
    const image = depthwise(expandDims(series, 1), expandDims(filters, 0), 'depthwiseConv1d', {
      strides: [1, strides],
      dilation: [1, dilation],
      padding,
    })
    return squeeze(image, 1)
  },
)

/**
 * Convolution of each channel of an image by itself: `x` `[batch, height, width, channels]` with `kernel`
 * `[rows, columns, channels, multiplier]` gives `[batch, new height, new width, channels * multiplier]`.
 *
 * @throws ShapeError where the kernel is for another number of channels.
 *
 * @example
 * ```ts
 * ops.depthwiseConv2d(ones([1, 5, 5, 3]), ones([3, 3, 3, 1])) // 9 in each of [1, 3, 3, 3]
 * ```
 */
export const depthwiseConv2d = /* @__PURE__ */ op(
  'depthwiseConv2d',
  {
    x: numbers,
    kernel: numbers,
    options: /* @__PURE__ */ options({ strides: sizes, padding: paddings, dilation: sizes }),
  },
  (x: Operand, kernel: Operand, options: DepthwiseOptions<number | Pair> = {}): Value => {
    const [image, filters] = [toValue(x), toValue(kernel)]
    requireRank(image, 4, 'depthwiseConv2d', '[batch, height, width, channels]')
    requireRank(filters, 4, 'depthwiseConv2d', 'a kernel [rows, columns, channels, multiplier]')
    if (options.padding === 'causal') {
      throw new OptionError("depthwiseConv2d: padding 'causal' needs a single axis of time")
    }
    return depthwise(image, filters, 'depthwiseConv2d', {
      strides: pair(options.strides ?? 1),
      dilation: pair(options.dilation ?? 1),
      padding: options.padding ?? 'valid',
    })
  },
)

/**
 * `depthwiseConv1d`, and the channels it gives mixed at each step: `pointwise` is `[1, channels * multiplier, filters]`.
 *
 * @example
 * ```ts
 * ops.separableConv1d([[[1, 10], [2, 20]]], [[[1], [1]], [[1], [-1]]], [[[2], [1]]]) // [[[-4]]]
 * ```
 */
export const separableConv1d = /* @__PURE__ */ op(
  'separableConv1d',
  {
    x: numbers,
    depthwise: numbers,
    pointwise: numbers,
    options: /* @__PURE__ */ options({ strides: size, padding: paddings, dilation: size }),
  },
  (x: Operand, kernel: Operand, pointwise: Operand, options?: DepthwiseOptions<number>): Value => {
    const weights = toValue(pointwise)
    requireRank(weights, 3, 'separableConv1d', 'pointwise as [1, channels, filters]')
    const mixed = conv2d(expandDims(depthwiseConv1d(x, kernel, options), 1), expandDims(weights, 0))
    return squeeze(mixed, 1)
  },
)

/** `depthwiseConv2d`, and the channels it gives mixed at each place: `pointwise` is `[1, 1, channels * multiplier, filters]`. */
export const separableConv2d = /* @__PURE__ */ op(
  'separableConv2d',
  {
    x: numbers,
    depthwise: numbers,
    pointwise: numbers,
    options: /* @__PURE__ */ options({ strides: sizes, padding: paddings, dilation: sizes }),
  },
  (x: Operand, kernel: Operand, pointwise: Operand, options?: DepthwiseOptions<number | Pair>): Value => {
    const weights = toValue(pointwise)
    requireRank(weights, 4, 'separableConv2d', 'pointwise as [1, 1, channels, filters]')
    return conv2d(depthwiseConv2d(x, kernel, options), weights)
  },
)
