// What a value comes to on the host, where it follows from data that are there by moving elements and working on one at a time: for
// what has to be known of data before anything runs.
import { allocate, castTensor, type Shape, sizeOf, stridesOf, Tensor } from '../tensor'
import { constantData } from './sources'
import type { Node, Value } from './value'

/**
 * The content of a value.
 *
 * @param given - what the inputs of the graph hold.
 * @returns undefined where it takes more: weights, sums, products of matrices, random numbers.
 */
export function evaluate(
  value: Value,
  given: ReadonlyMap<Value, Tensor>,
  known = new Map<Value, Tensor | undefined>(),
): Tensor | undefined {
  if (known.has(value)) return known.get(value)
  const found = given.get(value) ?? constantData(value) ?? compute(value, (input) => evaluate(input, given, known))
  known.set(value, found)
  return found
}

function compute({ node, shape, dtype }: Value, contentOf: (input: Value) => Tensor | undefined): Tensor | undefined {
  const move = movers[node.primitive.name]
  const { scalar } = node.primitive.definition
  if (node.inputs.length === 0 || (move === undefined && scalar === undefined && node.primitive.name !== 'cast')) return
  const inputs: Tensor[] = []
  for (const input of node.inputs) {
    const content = contentOf(input)
    if (content === undefined) return undefined
    inputs.push(content)
  }
  if (node.primitive.name === 'cast') return castTensor(inputs[0], dtype)
  if (move !== undefined) return move(inputs, node, shape)
  const data = allocate(dtype, sizeOf(shape))
  for (let i = 0; i < data.length; i++) {
    data[i] = scalar?.(...inputs.map(({ data: elements }) => elements[elements.length === 1 ? 0 : i])) ?? 0
  }
  return new Tensor(data, shape, dtype)
}

type Mover = (inputs: readonly Tensor[], node: Node, shape: Shape) => Tensor

const same: Mover = ([x]) => x

/** The primitives that move elements, by name. Their attributes are those of attributes.ts. */
const movers: Readonly<Record<string, Mover | undefined>> = {
  identity: same,
  stopGradient: same,
  reshape: ([x], _, shape) => new Tensor(x.data, shape, x.dtype),
  transpose: ([x], node, shape) => {
    const strides = stridesOf(x.shape)
    return strided(
      x,
      shape,
      (node.attributes.permutation as number[]).map((axis) => strides[axis]),
    )
  },
  broadcastTo: ([x], _, shape) => {
    const strides = stridesOf(x.shape)
    const added = shape.length - x.rank
    return strided(
      x,
      shape,
      shape.map((_length, axis) => (axis < added || x.shape[axis - added] === 1 ? 0 : strides[axis - added])),
    )
  },
  slice: ([x], node, shape) => {
    const { begin, stride } = node.attributes as { begin: number[]; stride: number[] }
    const strides = stridesOf(x.shape)
    const start = begin.reduce((sum, from, axis) => sum + from * strides[axis], 0)
    return strided(
      x,
      shape,
      strides.map((step, axis) => step * stride[axis]),
      start,
    )
  },
  reverse: ([x], node, shape) => {
    const axes = node.attributes.axes as number[]
    const strides = stridesOf(x.shape)
    const start = axes.reduce((sum, axis) => sum + (x.shape[axis] - 1) * strides[axis], 0)
    return strided(
      x,
      shape,
      strides.map((step, axis) => (axes.includes(axis) ? -step : step)),
      start,
    )
  },
  concatenate: (inputs, node, shape) => {
    const axis = Number(node.attributes.axis)
    const out = new Tensor(allocate(inputs[0].dtype, sizeOf(shape)), shape, inputs[0].dtype)
    const strides = stridesOf(shape)
    let start = 0
    for (const input of inputs) {
      place(input, out, strides, start)
      start += input.shape[axis] * strides[axis]
    }
    return out
  },
  pad: ([x], node, shape) => {
    const { before, interior, value } = node.attributes as { before: number[]; interior: number[]; value: number }
    const out = new Tensor(allocate(x.dtype, sizeOf(shape)).fill(value), shape, x.dtype)
    const strides = stridesOf(shape)
    const start = before.reduce((sum, count, axis) => sum + count * strides[axis], 0)
    place(
      x,
      out,
      strides.map((step, axis) => step * (interior[axis] + 1)),
      start,
    )
    return out
  },
}

/** The elements of a tensor that lie `strides` apart. */
function strided(x: Tensor, shape: Shape, strides: readonly number[], start = 0): Tensor {
  const data = allocate(x.dtype, sizeOf(shape))
  let to = 0
  eachPlace(shape, strides, start, (from) => {
    data[to++] = x.data[from]
  })
  return new Tensor(data, shape, x.dtype)
}

/** Puts a tensor's elements into another, `strides` apart. */
function place(x: Tensor, out: Tensor, strides: readonly number[], start: number): void {
  let from = 0
  eachPlace(x.shape, strides, start, (to) => {
    out.data[to] = x.data[from++]
  })
}

/** Walks the places of a shape in the order of its elements. */
function eachPlace(
  shape: Shape,
  strides: readonly number[],
  start: number,
  visit: (at: number) => void,
  axis = 0,
): void {
  if (axis === shape.length) {
    visit(start)
    return
  }
  for (let i = 0; i < shape[axis]; i++) eachPlace(shape, strides, start + i * strides[axis], visit, axis + 1)
}
