// What a conformance case is, and the plain JavaScript that cases are checked against.
import type { Value } from '../../src/graph'
import { allocate, broadcastShapes, type DType, type Shape, sizeOf, stridesOf, Tensor } from '../../src/tensor'
import type { Tolerance } from '../support'

/** One claim about what an op gives, as data. */
export interface Case {
  readonly name: string
  /** Inputs of `float32` are given in each float type the backend is tested with; others as they are. */
  readonly inputs: readonly Tensor[]
  readonly compute: (...values: Value[]) => Value | readonly Value[]
  /** The results, worked out in plain JavaScript: `float64` stands for the float type under test. */
  readonly expected: (...inputs: Tensor[]) => Tensor | readonly Tensor[]
  /** Checks the gradient by all float inputs too: the function is smooth there. */
  readonly gradient?: boolean
  /** Wider than the backend's own, where the numbers themselves are large or cancel. */
  readonly tolerance?: Tolerance
}

/** Cases that belong together. */
export interface Family {
  readonly name: string
  readonly cases: readonly Case[]
}

/** The tensor whose element at every index is a function of the index. */
export function build(shape: Shape, element: (index: readonly number[]) => number, dtype: DType = 'float64'): Tensor {
  const data = allocate(dtype, sizeOf(shape))
  const strides = stridesOf(shape)
  for (let flat = 0; flat < data.length; flat++) {
    data[flat] = element(shape.map((length, axis) => Math.floor(flat / strides[axis]) % length))
  }
  return new Tensor(data, shape, dtype)
}

/** The element at an index; axes of length 1 and missing leading axes are stretched, as in broadcasting. */
export function at({ data, shape }: Tensor, index: readonly number[]): number {
  const strides = stridesOf(shape)
  const lead = index.length - shape.length
  return data[shape.reduce((sum, length, axis) => sum + (length === 1 ? 0 : index[axis + lead]) * strides[axis], 0)]
}

/** A function of elements, applied to tensors that broadcast. */
export function each(f: (...elements: number[]) => number, dtype?: DType): (...inputs: Tensor[]) => Tensor {
  return (...inputs) => {
    const shape = inputs.reduce<Shape>((so_far, input) => broadcastShapes(so_far, input.shape), [])
    return build(shape, (index) => f(...inputs.map((input) => at(input, index))), dtype)
  }
}

/** A float tensor of one axis from numbers. */
export function vector(...numbers: readonly number[]): Tensor {
  return new Tensor(Float32Array.from(numbers), [numbers.length])
}
