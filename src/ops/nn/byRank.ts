// Convolution and pooling as Keras names them: over as many axes as the operands have between batch and channels.
import { ShapeError } from '../../errors'
import { type Operand, toValue, type Value } from '../../graph'
import { formatShape } from '../../tensor'
import { type Kind, number, numbers, oneOf, oneOrMore, optional, options } from '../declaration/kinds'
import { op } from '../declaration/signature'
import { depthwiseConv1d, depthwiseConv2d, separableConv1d, separableConv2d } from '../windows/depthwise'
import { conv1dTranspose, conv2dTranspose, conv3dTranspose } from '../windows/transposed'
import { averagePool3d, conv3d, maxPool3d } from '../windows/volumes'
import { averagePool1d, averagePool2d, conv1d, conv2d, maxPool1d, maxPool2d } from './convolution'

type Sizes = number | readonly number[]

/** Options of `conv` and its kin; sizes are a number, or one for each axis. */
export interface AnyConvolutionOptions {
  readonly strides?: Sizes
  readonly padding?: 'valid' | 'same' | 'causal'
  readonly dilation?: Sizes
}

const sizes = /* @__PURE__ */ oneOrMore({ from: 1, integer: true })
const paddings = /* @__PURE__ */ oneOf(['valid', 'same', 'causal'])

/** The options of a convolution, and more. */
function convolution(more: Readonly<Record<string, Kind>> = {}): Kind {
  return options({ strides: sizes, padding: paddings, dilation: sizes, ...more })
}

/** One function for each number of axes: what it takes is checked by that function. */
// biome-ignore lint/suspicious/noExplicitAny: the functions differ in what sizes they take, which each checks for itself.
type ByRank = Readonly<Record<number, (...args: any[]) => Value>>

function call(name: string, functions: ByRank, x: Operand, rest: readonly unknown[]): Value {
  const value = toValue(x)
  const found = functions[value.rank - 2]
  if (found !== undefined) return found(value, ...rest)
  const known = Object.keys(functions).join(', ')
  throw new ShapeError(
    `${name}: expected ${known} axes between batch and channels, got shape ${formatShape(value.shape)}`,
  )
}

/** A list of one number as that number, for what goes along a single axis. */
function given<O extends object>(x: Operand, all: O): O {
  if (toValue(x).rank !== 3) return all
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) => [name, Array.isArray(value) && value.length === 1 ? value[0] : value]),
  ) as O // the same names
}

/** Convolution over one to three axes: see `conv1d`, `conv2d`, `conv3d`. */
export const conv = /* @__PURE__ */ op(
  'conv',
  {
    x: numbers,
    kernel: numbers,
    options: /* @__PURE__ */ convolution({ groups: /* @__PURE__ */ number({ from: 1, integer: true }) }),
  },
  (x: Operand, kernel: Operand, settings: AnyConvolutionOptions & { readonly groups?: number } = {}): Value =>
    call('conv', { 1: conv1d, 2: conv2d, 3: conv3d }, x, [kernel, given(x, settings)]),
)

/** Transposed convolution over one to three axes: see `conv1dTranspose`. */
export const convTranspose = /* @__PURE__ */ op(
  'convTranspose',
  {
    x: numbers,
    kernel: numbers,
    options: /* @__PURE__ */ convolution({
      outputPadding: /* @__PURE__ */ oneOrMore({ from: 0, integer: true }),
    }),
  },
  (x: Operand, kernel: Operand, settings: AnyConvolutionOptions & { readonly outputPadding?: Sizes } = {}): Value =>
    call('convTranspose', { 1: conv1dTranspose, 2: conv2dTranspose, 3: conv3dTranspose }, x, [
      kernel,
      given(x, settings),
    ]),
)

/** Convolution of each channel by itself: see `depthwiseConv1d`, `depthwiseConv2d`. */
export const depthwiseConv = /* @__PURE__ */ op(
  'depthwiseConv',
  { x: numbers, kernel: numbers, options: /* @__PURE__ */ convolution() },
  (x: Operand, kernel: Operand, settings: AnyConvolutionOptions = {}): Value =>
    call('depthwiseConv', { 1: depthwiseConv1d, 2: depthwiseConv2d }, x, [kernel, given(x, settings)]),
)

/** The same with the channels mixed: see `separableConv1d`, `separableConv2d`. */
export const separableConv = /* @__PURE__ */ op(
  'separableConv',
  { x: numbers, depthwise: numbers, pointwise: numbers, options: /* @__PURE__ */ convolution() },
  (x: Operand, depthwise: Operand, pointwise: Operand, settings: AnyConvolutionOptions = {}): Value =>
    call('separableConv', { 1: separableConv1d, 2: separableConv2d }, x, [depthwise, pointwise, given(x, settings)]),
)

/** Options of `maxPool` and `averagePool`. */
export interface AnyPoolOptions {
  readonly strides?: Sizes
  readonly padding?: 'valid' | 'same'
}

const pooling = { strides: sizes, padding: /* @__PURE__ */ oneOf(['valid', 'same']) }

function pool(name: string, functions: ByRank) {
  return op(
    name,
    { x: numbers, size: sizes, options: /* @__PURE__ */ optional(/* @__PURE__ */ options(pooling)) },
    (x: Operand, size: Sizes, settings: AnyPoolOptions = {}): Value => {
      const { size: window, ...rest } = given(x, { size, ...settings })
      return call(name, functions, x, [window, rest])
    },
  )
}

/** The largest of each window over one to three axes. */
export const maxPool = /* @__PURE__ */ pool('maxPool', { 1: maxPool1d, 2: maxPool2d, 3: maxPool3d })
/** The mean of each window over one to three axes. */
export const averagePool = /* @__PURE__ */ pool('averagePool', { 1: averagePool1d, 2: averagePool2d, 3: averagePool3d })
