// Between host tensors and the device, where every element is a float32.
import { type DType, type Shape, Tensor } from '../../tensor'

/** The elements as the device holds them: whole numbers as floats, exact to 2^24. */
export function toDevice({ data, dtype }: Tensor): Float32Array<ArrayBuffer> {
  if (dtype === 'float32' && data instanceof Float32Array && data.buffer instanceof ArrayBuffer) {
    return new Float32Array(data.buffer, data.byteOffset, data.length)
  }
  return Float32Array.from(data)
}

/** A tensor of what came from the device; takes over the array. */
export function toHost(data: Float32Array<ArrayBuffer>, shape: Shape, dtype: DType): Tensor {
  if (dtype === 'bool') return new Tensor(Uint8Array.from(data), shape, dtype)
  return new Tensor(dtype === 'int32' ? Int32Array.from(data) : data, shape, dtype)
}
