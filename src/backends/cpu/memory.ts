// Typed-array views of a Program's buffers: the arena, the constants, the variables.
import { bytesOf, type Program } from '../../graph'
import { type DType, type Shape, sizeOf, Tensor, type TypedArray } from '../../tensor'

/** A typed array as the cpu backend computes with it; `bool` lies in words 0 and 1. */
export type View = Float32Array | Float64Array | Int32Array

/** A view of `size` elements in memory. */
export function viewOf(memory: ArrayBuffer, offset: number, dtype: DType, size: number): View {
  if (dtype === 'float32') return new Float32Array(memory, offset, size)
  if (dtype === 'float64') return new Float64Array(memory, offset, size)
  return new Int32Array(memory, offset, size)
}

/** Fresh memory with the content of a host array (`bool` bytes widened to words). */
export function toMemory(data: TypedArray, dtype: DType): ArrayBuffer {
  const view = viewOf(new ArrayBuffer(data.length * bytesOf(dtype)), 0, dtype, data.length)
  view.set(data)
  return view.buffer as ArrayBuffer // made from an ArrayBuffer just above
}

/** One view for each buffer of a Program. */
export function viewsOf(
  program: Program,
  arena: ArrayBuffer,
  base: number,
  variable: (storage: number) => ArrayBuffer,
): View[] {
  const constants = program.storages.map((storage) =>
    storage.kind === 'constant' ? toMemory(storage.data.data, storage.data.dtype) : undefined,
  )
  return program.buffers.map(({ shape, dtype, storage: index }) => {
    const storage = program.storages[index]
    const size = sizeOf(shape)
    if (storage.kind === 'arena') return viewOf(arena, base + storage.offset, dtype, size)
    return viewOf(constants[index] ?? variable(index), 0, dtype, size)
  })
}

/** A new host tensor with the content of a view. */
export function toHost(view: View, shape: Shape, dtype: DType): Tensor {
  return new Tensor(dtype === 'bool' ? Uint8Array.from(view) : view.slice(), shape, dtype)
}
