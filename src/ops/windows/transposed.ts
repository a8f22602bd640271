// Transposed convolution: what the gradient of a convolution does with what flows into it, as an operation of its own. Each place of
// the input adds its window, times the kernel, to the output.

import { OptionError, ShapeError } from '../../errors'
import { type Operand, toValue, type Value } from '../../graph'
import { formatShape } from '../../tensor'
import { number, numbers, oneOf, oneOrPair, oneOrTriple, options } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { matmul } from '../matmul'
import { pair, requireRank, type Triple, triple } from '../nn/placement'
import { fold } from '../nn/unfold'
import { expandDims, pad, reshape, squeeze, transpose } from '../shape'

type Pair = readonly [number, number]

/** Options of the transposed convolutions; `Size` is a number, or one for each axis. */
export interface TransposedOptions<Size> {
  /** How far apart the windows lie that are added up; 1 by default. */
  readonly strides?: Size
  /** `valid` (default): all that windows reach. `same`: as long as the input, times strides. */
  readonly padding?: 'valid' | 'same'
  /** How much longer the output is than the shortest that a convolution would bring to this input; by default as `padding` says. */
  readonly outputPadding?: Size | undefined
  /** How far apart the elements of a window are; 1 by default. */
  readonly dilation?: Size
}

/** What is cut off before and behind the windows' sum along an axis; what is negative is added as zeros. */
export interface Cut {
  readonly before: number
  readonly after: number
}

interface Along {
  readonly kernel: number
  readonly stride: number
  readonly dilation: number
  readonly padding: 'valid' | 'same'
  readonly outputPadding: number | undefined
}

/** As Keras cuts it (`_convert_conv_transpose_padding_args_from_keras_to_jax`), and TensorFlow for outputs of the usual length. */
function cutAlong({ kernel, stride, dilation, padding, outputPadding }: Along): Cut {
  const span = (kernel - 1) * dilation + 1
  if (padding === 'valid') return { before: 0, after: -(outputPadding ?? Math.max(span, stride) - span) }
  const around = outputPadding === undefined ? stride + span - 2 : span + (span % 2) - 2 + outputPadding
  const before = Math.min(Math.floor(around / 2) + (around % 2), span - 1)
  return { before: span - 1 - before, after: span - 1 - (around - before) }
}

/**
 * How long an axis becomes.
 *
 * @internal
 */
export function transposedLength(length: number, along: Along): number {
  const { before, after } = cutAlong(along)
  return (length - 1) * along.stride + (along.kernel - 1) * along.dilation + 1 - before - after
}

/** Windows `[batch, rows, columns, kernel * channels]` added up in their places, cut. */
function addedUp(laid: Value, along: readonly [Along, Along]): Value {
  const cuts = along.map(cutAlong)
  const inside = cuts.map(({ before, after }) => [Math.max(before, 0), Math.max(after, 0)] as const)
  const whole = along.map(
    ({ kernel, stride, dilation }, axis) => (laid.shape[axis + 1] - 1) * stride + (kernel - 1) * dilation + 1,
  )
  const image = whole.map((length, axis) => length - inside[axis][0] - inside[axis][1])
  const folded = fold(laid, {
    kernel: [along[0].kernel, along[1].kernel],
    strides: [along[0].stride, along[1].stride],
    dilation: [along[0].dilation, along[1].dilation],
    padding: [...inside[0], ...inside[1]] as const,
    image: [image[0], image[1]],
  })
  const beyond = cuts.map(({ before, after }) => [Math.max(-before, 0), Math.max(-after, 0)] as const)
  return pad(folded, [[0, 0], ...beyond, [0, 0]])
}

interface Settings {
  readonly strides: Pair
  readonly dilation: Pair
  readonly padding: 'valid' | 'same'
  readonly outputPadding: Pair | undefined
}

function transposed2d(
  x: Value,
  kernel: Value,
  where: string,
  { strides, dilation, padding, outputPadding }: Settings,
): Value {
  requireChannels(x, kernel, where)
  const [rows, columns, filters, channels] = kernel.shape
  const weights = transpose(reshape(kernel, [rows * columns * filters, channels]))
  const along = ([rows, columns] as const).map((size, axis) => ({
    kernel: size,
    stride: strides[axis],
    dilation: dilation[axis],
    padding,
    outputPadding: outputPadding?.[axis],
  }))
  return addedUp(matmul(x, weights), [along[0], along[1]])
}

function requireChannels(x: Value, kernel: Value, where: string): void {
  const [channels, wanted] = [x.shape[x.rank - 1], kernel.shape[kernel.rank - 1]]
  if (channels === wanted) return
  throw new ShapeError(
    `${where}: expected a kernel for ${channels} channels (its last axis), got ${formatShape(kernel.shape)}`,
  )
}

function requirePadding(where: string, strides: readonly number[], outputPadding: readonly number[] | undefined): void {
  const axis = outputPadding?.findIndex((padding, i) => padding >= strides[i]) ?? -1
  if (outputPadding === undefined || axis < 0) return
  throw new OptionError(
    `${where}: outputPadding: expected less than strides, ${strides[axis]}, got ${outputPadding[axis]}`,
  )
}

const size = /* @__PURE__ */ number({ from: 1, integer: true })
const paddings = /* @__PURE__ */ oneOf(['valid', 'same'])

/**
 * Transposed convolution over time: `x` `[batch, length, channels]` with `kernel` `[size, filters, channels]` gives
 * `[batch, new length, filters]`.
 *
 * @throws ShapeError where the kernel is for another number of channels; OptionError for an `outputPadding` not below `strides`.
 *
 * @example
 * ```ts
 * ops.conv1dTranspose([[[1], [2]]], [[[1]], [[10]]], { strides: 2 }) // [[[1], [10], [2], [20]]]
 * ```
 */
export const conv1dTranspose = /* @__PURE__ */ op(
  'conv1dTranspose',
  {
    x: numbers,
    kernel: numbers,
    options: /* @__PURE__ */ options({
      strides: size,
      padding: paddings,
      outputPadding: /* @__PURE__ */ number({ from: 0, integer: true }),
      dilation: size,
    }),
  },
  (x: Operand, kernel: Operand, options: TransposedOptions<number> = {}): Value => {
    const [series, filters] = [toValue(x), toValue(kernel)]
    requireRank(series, 3, 'conv1dTranspose', '[batch, length, channels]')
    requireRank(filters, 3, 'conv1dTranspose', 'a kernel [size, filters, channels]')
    const { strides = 1, dilation = 1, padding = 'valid', outputPadding } = options
    requirePadding('conv1dTranspose', [strides], outputPadding === undefined ? undefined : [outputPadding])
    const image = transposed2d(expandDims(series, 1), expandDims(filters, 0), 'conv1dTranspose', {
      strides: [1, strides],
      dilation: [1, dilation],
      padding,
      outputPadding: outputPadding === undefined ? undefined : ([0, outputPadding] as const),
    })
    return squeeze(image, 1)
  },
)

/**
 * Transposed convolution over images: `x` `[batch, height, width, channels]` with `kernel` `[rows, columns, filters, channels]` gives
 * `[batch, new height, new width, filters]`.
 *
 * @throws ShapeError where the kernel is for another number of channels; OptionError for an `outputPadding` not below `strides`.
 *
 * @example
 * ```ts
 * ops.conv2dTranspose(ones([1, 4, 4, 3]), ones([3, 3, 8, 3]), { strides: 2, padding: 'same' }) // of shape [1, 8, 8, 8]
 * ```
 */
export const conv2dTranspose = /* @__PURE__ */ op(
  'conv2dTranspose',
  {
    x: numbers,
    kernel: numbers,
    options: /* @__PURE__ */ options({
      strides: /* @__PURE__ */ oneOrPair({ from: 1, integer: true }),
      padding: paddings,
      outputPadding: /* @__PURE__ */ oneOrPair({ from: 0, integer: true }),
      dilation: /* @__PURE__ */ oneOrPair({ from: 1, integer: true }),
    }),
  },
  (x: Operand, kernel: Operand, options: TransposedOptions<number | Pair> = {}): Value => {
    const [image, filters] = [toValue(x), toValue(kernel)]
    requireRank(image, 4, 'conv2dTranspose', '[batch, height, width, channels]')
    requireRank(filters, 4, 'conv2dTranspose', 'a kernel [rows, columns, filters, channels]')
    const strides = pair(options.strides ?? 1)
    const outputPadding = options.outputPadding === undefined ? undefined : pair(options.outputPadding)
    requirePadding('conv2dTranspose', strides, outputPadding)
    return transposed2d(image, filters, 'conv2dTranspose', {
      strides,
      dilation: pair(options.dilation ?? 1),
      padding: options.padding ?? 'valid',
      outputPadding,
    })
  },
)

/**
 * Transposed convolution over volumes: `x` `[batch, depth, height, width, channels]` with `kernel`
 * `[layers, rows, columns, filters, channels]` gives `[batch, new depth, new height, new width, filters]`.
 *
 * @throws ShapeError where the kernel is for another number of channels; OptionError for an `outputPadding` not below `strides`.
 */
export const conv3dTranspose = /* @__PURE__ */ op(
  'conv3dTranspose',
  {
    x: numbers,
    kernel: numbers,
    options: /* @__PURE__ */ options({
      strides: /* @__PURE__ */ oneOrTriple({ from: 1, integer: true }),
      padding: paddings,
      outputPadding: /* @__PURE__ */ oneOrTriple({ from: 0, integer: true }),
      dilation: /* @__PURE__ */ oneOrTriple({ from: 1, integer: true }),
    }),
  },
  (x: Operand, kernel: Operand, options: TransposedOptions<number | Triple> = {}): Value => {
    const [volume, weights] = [toValue(x), toValue(kernel)]
    requireRank(volume, 5, 'conv3dTranspose', '[batch, depth, height, width, channels]')
    requireRank(weights, 5, 'conv3dTranspose', 'a kernel [layers, rows, columns, filters, channels]')
    requireChannels(volume, weights, 'conv3dTranspose')
    const strides = triple(options.strides ?? 1)
    const dilation = triple(options.dilation ?? 1)
    const outputPadding = options.outputPadding === undefined ? undefined : triple(options.outputPadding)
    requirePadding('conv3dTranspose', strides, outputPadding)
    const along = ([0, 1, 2] as const).map((axis) => ({
      kernel: weights.shape[axis],
      stride: strides[axis],
      dilation: dilation[axis],
      padding: options.padding ?? 'valid',
      outputPadding: outputPadding?.[axis],
    }))
    return transposed3d(volume, weights, along)
  },
)

/** Rows and columns are added up first, with the layers of a window as channels, then the layers. */
function transposed3d(x: Value, kernel: Value, along: readonly Along[]): Value {
  const [batch, depth, ...image] = x.shape
  const [layers, rows, columns, filters, channels] = kernel.shape
  const weights = reshape(transpose(kernel, [4, 1, 2, 0, 3]), [channels, rows * columns * layers * filters])
  const flat = addedUp(matmul(reshape(x, [batch * depth, ...image]), weights), [along[1], along[2]])
  const [, height, width] = flat.shape
  const standing = transpose(reshape(flat, [batch, depth, height * width, layers, filters]), [0, 1, 3, 2, 4])
  const lanes = reshape(standing, [batch, depth, 1, layers * height * width * filters])
  const none = { kernel: 1, stride: 1, dilation: 1, padding: 'valid', outputPadding: undefined } as const
  const summed = addedUp(lanes, [along[0], none])
  return reshape(summed, [batch, summed.shape[1], height, width, filters])
}
