// Convolution of each channel by itself, and its two gradients: the same walk over places, elements of a window and channels.
import type { WindowAttributes } from '../../../graph'
import { type Kernel, type Operand, output } from '../kernel'

/**
 * Walks over all places: for each element of each window inside the image, `visit` is given where the channels of the place, of the
 * image and of the kernel begin.
 */
function walk(
  { kernel, strides, dilation, padding }: WindowAttributes,
  image: Operand,
  places: Operand,
  visit: (place: number, pixel: number, element: number) => void,
): () => void {
  const [, height, width, channels] = image.shape
  const [batch, rows, columns, results] = places.shape
  return () => {
    for (let b = 0; b < batch; b++) {
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const place = ((b * rows + row) * columns + column) * results
          for (let i = 0; i < kernel[0]; i++) {
            const y = row * strides[0] - padding[0] + i * dilation[0]
            if (y < 0 || y >= height) continue
            for (let j = 0; j < kernel[1]; j++) {
              const x = column * strides[1] - padding[2] + j * dilation[1]
              if (x < 0 || x >= width) continue
              visit(place, ((b * height + y) * width + x) * channels, (i * kernel[1] + j) * results)
            }
          }
        }
      }
    }
  }
}

export const depthwise: Kernel<'depthwise'> = (bound) => {
  const [image, kernel] = bound.inputs
  const places = output(bound)
  const channels = image.shape[3]
  const multiplier = kernel.shape[3]
  const run = walk(bound.attributes, image, places, (place, pixel, element) => {
    for (let c = 0, k = 0; c < channels; c++) {
      const x = image.data[pixel + c]
      for (let m = 0; m < multiplier; m++, k++) places.data[place + k] += x * kernel.data[element + k]
    }
  })
  return () => {
    places.data.fill(0)
    run()
  }
}

export const depthwiseInput: Kernel<'depthwiseInput'> = (bound) => {
  const [kernel, places] = bound.inputs
  const image = output(bound)
  const channels = image.shape[3]
  const multiplier = kernel.shape[3]
  const run = walk(bound.attributes, image, places, (place, pixel, element) => {
    for (let c = 0, k = 0; c < channels; c++) {
      for (let m = 0; m < multiplier; m++, k++) {
        image.data[pixel + c] += places.data[place + k] * kernel.data[element + k]
      }
    }
  })
  return () => {
    image.data.fill(0)
    run()
  }
}

export const depthwiseKernel: Kernel<'depthwiseKernel'> = (bound) => {
  const [image, places] = bound.inputs
  const kernel = output(bound)
  const channels = image.shape[3]
  const multiplier = kernel.shape[3]
  const run = walk(bound.attributes, image, places, (place, pixel, element) => {
    for (let c = 0, k = 0; c < channels; c++) {
      const x = image.data[pixel + c]
      for (let m = 0; m < multiplier; m++, k++) kernel.data[element + k] += x * places.data[place + k]
    }
  })
  return () => {
    kernel.data.fill(0)
    run()
  }
}
