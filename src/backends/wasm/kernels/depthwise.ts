// Convolution of each channel by itself, and its two gradients.
import type { WindowAttributes } from '../../../graph'
import { sizeOf } from '../../../tensor'
import { Opcode } from '../assembly/opcodes'
import { DepthwiseWords } from '../assembly/words'
import { words } from '../emitter'
import { type Kernel, type Operand, output, type Target } from './kernel'
import { fill } from './movement'

interface Three {
  readonly image: Operand
  readonly kernel: Operand
  readonly places: Operand
}

function depthwiseWords({ kernel: size, strides, dilation, padding }: WindowAttributes, three: Three): number[] {
  const { image, kernel, places } = three
  return words<DepthwiseWords>({
    [DepthwiseWords.batch]: image.shape[0],
    [DepthwiseWords.height]: image.shape[1],
    [DepthwiseWords.width]: image.shape[2],
    [DepthwiseWords.channels]: image.shape[3],
    [DepthwiseWords.multiplier]: kernel.shape[3],
    [DepthwiseWords.rows]: places.shape[1],
    [DepthwiseWords.columns]: places.shape[2],
    [DepthwiseWords.kernelRows]: size[0],
    [DepthwiseWords.kernelColumns]: size[1],
    [DepthwiseWords.strideRows]: strides[0],
    [DepthwiseWords.strideColumns]: strides[1],
    [DepthwiseWords.dilationRows]: dilation[0],
    [DepthwiseWords.dilationColumns]: dilation[1],
    [DepthwiseWords.top]: padding[0],
    [DepthwiseWords.left]: padding[2],
    [DepthwiseWords.image]: image.address,
    [DepthwiseWords.kernel]: kernel.address,
    [DepthwiseWords.places]: places.address,
  })
}

/** Writes the instruction; where there is nothing to add up, the result is zeros. */
function emit(opcode: Opcode, attributes: WindowAttributes, three: Three, written: keyof Three, target: Target): void {
  const { [written]: to } = three
  const from = Object.entries(three).flatMap(([name, operand]) => (name === written ? [] : [operand as Operand])) // of Three
  if (sizeOf(to.shape) === 0) return
  if (from.some(({ shape }) => sizeOf(shape) === 0)) {
    fill(target, to, sizeOf(to.shape), 0)
    return
  }
  const products = sizeOf(three.places.shape) * attributes.kernel[0] * attributes.kernel[1]
  const cycles = 50 + products / 2 + sizeOf(to.shape)
  target.emitter.emit(opcode, depthwiseWords(attributes, three), { reads: from, writes: [to], cycles })
}

export const depthwise: Kernel<'depthwise'> = (bound, target) => {
  const [image, kernel] = bound.inputs
  emit(Opcode.depthwise, bound.attributes, { image, kernel, places: output(bound) }, 'places', target)
}

export const depthwiseInput: Kernel<'depthwiseInput'> = (bound, target) => {
  const [kernel, places] = bound.inputs
  emit(Opcode.depthwiseInput, bound.attributes, { image: output(bound), kernel, places }, 'image', target)
}

export const depthwiseKernel: Kernel<'depthwiseKernel'> = (bound, target) => {
  const [image, places] = bound.inputs
  emit(Opcode.depthwiseKernel, bound.attributes, { image, kernel: output(bound), places }, 'kernel', target)
}
