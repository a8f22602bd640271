// The windows of an image laid side by side, and added back in their places.
import type { WindowAttributes } from '../../../graph'
import { type Kernel, output } from '../kernel'

/**
 * Walks over all windows of images of `height` by `width`: for each element of each window, `visit` is given where its
 * channels begin in the windows' layout, and where in the image, or -1 in the padding.
 */
function walk(
  { kernel, strides, dilation, padding }: WindowAttributes,
  [batch, height, width, channels]: readonly number[],
  [rows, columns]: readonly number[],
  visit: (inWindows: number, inImage: number) => void,
): void {
  let at = 0
  for (let b = 0; b < batch; b++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        for (let i = 0; i < kernel[0]; i++) {
          const y = row * strides[0] - padding[0] + i * dilation[0]
          for (let j = 0; j < kernel[1]; j++, at += channels) {
            const x = column * strides[1] - padding[2] + j * dilation[1]
            const isInside = y >= 0 && y < height && x >= 0 && x < width
            visit(at, isInside ? ((b * height + y) * width + x) * channels : -1)
          }
        }
      }
    }
  }
}

export const unfold: Kernel<'unfold'> = (bound) => {
  const [image] = bound.inputs
  const windows = output(bound)
  const attributes = bound.attributes
  const value = bound.attributes.value
  const channels = image.shape[3]
  const visit = (to: number, from: number): void => {
    if (from < 0) windows.data.fill(value, to, to + channels)
    else for (let c = 0; c < channels; c++) windows.data[to + c] = image.data[from + c]
  }
  return () => walk(attributes, image.shape, windows.shape.slice(1, 3), visit)
}

export const fold: Kernel<'fold'> = (bound) => {
  const [windows] = bound.inputs
  const image = output(bound)
  const attributes = bound.attributes
  const channels = image.shape[3]
  const visit = (from: number, to: number): void => {
    if (to >= 0) for (let c = 0; c < channels; c++) image.data[to + c] += windows.data[from + c]
  }
  return () => {
    image.data.fill(0)
    walk(attributes, image.shape, windows.shape.slice(1, 3), visit)
  }
}
