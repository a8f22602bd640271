// Windows over the two middle axes of [batch, height, width, channels]: laid out side by side (im2col), and added back.
import { ShapeError } from '../../errors'
import {
  type AttributesOf,
  type Operand,
  onceEach,
  type PrimitiveNamed,
  primitive,
  type Spec,
  toValue,
  type Value,
  type WindowAttributes,
} from '../../graph'
import { formatShape } from '../../tensor'
import { element, fixedList, type Kind, numbers, operands } from '../declaration/kinds'
import { op } from '../declaration/signature'

type Pair = readonly [number, number]

/** The number of windows along an axis. */
export function windowCount(length: number, kernel: number, stride: number, dilation: number, padding: number): number {
  return Math.max(0, Math.floor((length + padding - (kernel - 1) * dilation - 1) / stride) + 1)
}

const pair: Kind = /* @__PURE__ */ fixedList(2, { from: 1, integer: true })
const windowKinds = (more: Readonly<Record<string, Kind>>): Kind =>
  operands({ kernel: pair, strides: pair, dilation: pair, padding: fixedList(4, { from: 0, integer: true }), ...more })

function windows([height, width]: Pair, { kernel, strides, dilation, padding }: WindowAttributes): Pair {
  return [
    windowCount(height, kernel[0], strides[0], dilation[0], padding[0] + padding[1]),
    windowCount(width, kernel[1], strides[1], dilation[1], padding[2] + padding[3]),
  ]
}

function requireImage({ shape }: Spec, where: string): void {
  if (shape.length !== 4) {
    throw new ShapeError(`${where}: expected [batch, height, width, channels], got ${formatShape(shape)}`)
  }
}

const unfoldPrimitive: PrimitiveNamed<'unfold'> = /* @__PURE__ */ primitive('unfold', {
  work: onceEach,
  infer: ([x], attributes) => {
    requireImage(x, 'unfold')
    const [batch, height, width, channels] = x.shape
    const { kernel } = attributes
    return [
      { shape: [batch, ...windows([height, width], attributes), kernel[0] * kernel[1] * channels], dtype: x.dtype },
    ]
  },
  gradient: ({ inputs: [x], upstream, attributes: { kernel, strides, dilation, padding } }) => [
    foldPrimitive.one([upstream], { kernel, strides, dilation, padding, image: [x.shape[1], x.shape[2]] }),
  ],
})

const foldPrimitive: PrimitiveNamed<'fold'> = /* @__PURE__ */ primitive('fold', {
  work: onceEach,
  infer: ([x], attributes) => {
    requireImage(x, 'fold')
    const [batch, rows, columns, lane] = x.shape
    const { kernel, image } = attributes
    const [expectedRows, expectedColumns] = windows(image, attributes)
    const channels = lane / (kernel[0] * kernel[1])
    if (rows !== expectedRows || columns !== expectedColumns || !Number.isInteger(channels)) {
      throw new ShapeError(
        `fold: expected [batch, ${expectedRows}, ${expectedColumns}, ${kernel[0] * kernel[1]} * channels], got ${formatShape(x.shape)}`,
      )
    }
    return [{ shape: [batch, image[0], image[1], channels], dtype: x.dtype }]
  },
  gradient: ({ upstream, attributes: { kernel, strides, dilation, padding } }) => [
    unfoldPrimitive.one([upstream], { kernel, strides, dilation, padding, value: 0 }),
  ],
})

/**
 * The windows of an image `[batch, height, width, channels]`, one beside the other:
 * `[batch, rows, columns, kernelRows * kernelColumns * channels]`, the last axis in this order. Padding holds `value`.
 */
export const unfold = /* @__PURE__ */ op(
  'unfold',
  { x: numbers, attributes: /* @__PURE__ */ windowKinds({ value: element }) },
  (operand: Operand, attributes: AttributesOf<'unfold'>): Value => {
    return unfoldPrimitive.one([toValue(operand)], attributes)
  },
)

/** The transpose of `unfold`: an image to which every window is added in its place; what lies in the padding is dropped. */
export const fold = /* @__PURE__ */ op(
  'fold',
  { x: numbers, attributes: /* @__PURE__ */ windowKinds({ image: pair }) },
  (operand: Operand, attributes: AttributesOf<'fold'>): Value => {
    return foldPrimitive.one([toValue(operand)], attributes)
  },
)
