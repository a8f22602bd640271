// The messages of ONNX that a model is made of, and how they are written (onnx.proto, IR version 8).

import { Message } from '../../io'
import { sizeOf, type Tensor } from '../../tensor'

/** ONNX' numbers for the types of elements. */
export const elementTypes = { float32: 1, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11 } as const
export type OnnxType = keyof typeof elementTypes

/** An attribute that is a `float` or a list of them: plain numbers are whole ones. */
export class Float {
  readonly value: number | readonly number[]
  constructor(value: number | readonly number[]) {
    this.value = value
  }
}

export type OnnxAttribute = number | readonly number[] | string | readonly string[] | Float | OnnxGraph

/** One use of an operator. */
export interface OnnxNode {
  readonly op: string
  readonly name: string
  /** Names of values; an empty one is an input left out. */
  inputs: readonly string[]
  outputs: readonly string[]
  readonly attributes: Readonly<Record<string, OnnxAttribute>>
}

/** A value with its type; lengths that are open are names. `shape` is left out where it does not matter. */
export interface OnnxValue {
  readonly name: string
  readonly type: OnnxType
  readonly shape?: readonly (number | string)[]
}

/** A named constant; `int64` is given by its numbers, what is stored smaller by its bytes. */
export interface OnnxInitializer {
  readonly name: string
  readonly data:
    | Tensor
    | { readonly int64: readonly number[]; readonly shape: readonly number[] }
    | { readonly raw: Uint8Array; readonly type: 'int8' | 'float16'; readonly shape: readonly number[] }
}

export interface OnnxGraph {
  readonly name: string
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly OnnxInitializer[]
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
}

/** The bytes of a model file. */
export function encodeOnnx(graph: OnnxGraph, opset: number, version: string): Uint8Array<ArrayBuffer> {
  return new Message()
    .int(1, 8) // ir_version
    .text(2, 'hornbeam')
    .text(3, version)
    .message(7, graphMessage(graph))
    .message(8, new Message().text(1, '').int(2, opset)) // opset_import
    .toBytes()
}

function graphMessage({ name, nodes, initializers, inputs, outputs }: OnnxGraph): Message {
  const message = new Message()
  for (const node of nodes) message.message(1, nodeMessage(node))
  message.text(2, name)
  for (const initializer of initializers) message.message(5, tensorMessage(initializer))
  for (const input of inputs) message.message(11, valueMessage(input))
  for (const output of outputs) message.message(12, valueMessage(output))
  return message
}

function nodeMessage({ op, name, inputs, outputs, attributes }: OnnxNode): Message {
  const message = new Message()
  for (const input of inputs) message.text(1, input)
  for (const output of outputs) message.text(2, output)
  message.text(3, name).text(4, op)
  for (const [key, value] of Object.entries(attributes)) message.message(5, attributeMessage(key, value))
  return message
}

/** The numbers of fields and kinds are those of AttributeProto. */
function attributeMessage(name: string, value: OnnxAttribute): Message {
  const message = new Message().text(1, name)
  if (typeof value === 'number') return message.int(3, value).int(20, 2)
  if (typeof value === 'string') return message.text(4, value).int(20, 3)
  if (value instanceof Float) {
    if (typeof value.value === 'number') return message.float(2, value.value).int(20, 1)
    for (const item of value.value) message.float(7, item)
    return message.int(20, 6)
  }
  if ('nodes' in value) return message.message(6, graphMessage(value)).int(20, 5)
  const isText = value.some((item) => typeof item === 'string')
  for (const item of value) {
    if (typeof item === 'string') message.text(9, item)
    else message.int(8, item)
  }
  return message.int(20, isText ? 8 : 7)
}

function valueMessage({ name, type, shape }: OnnxValue): Message {
  const tensor = new Message().int(1, elementTypes[type])
  if (shape !== undefined) {
    const dimensions = new Message()
    for (const length of shape) {
      const dimension = new Message()
      dimensions.message(1, typeof length === 'number' ? dimension.int(1, length) : dimension.text(2, length))
    }
    tensor.message(2, dimensions)
  }
  return new Message().text(1, name).message(2, new Message().message(1, tensor))
}

function tensorMessage({ name, data }: OnnxInitializer): Message {
  const type: OnnxType = 'int64' in data ? 'int64' : 'raw' in data ? data.type : data.dtype
  const message = new Message()
  for (const length of data.shape) message.int(1, length)
  return message.int(2, elementTypes[type]).text(8, name).bytes(9, rawBytes(data))
}

/** Little-endian elements; `bool` is a byte each. */
function rawBytes(data: OnnxInitializer['data']): Uint8Array {
  if ('raw' in data) return data.raw
  const source = 'int64' in data ? data.int64 : data.data
  const size = sizeOf(data.shape)
  const type = 'int64' in data ? 'int64' : data.dtype
  const width = { bool: 1, int32: 4, float32: 4, float64: 8, int64: 8 }[type]
  const bytes = new Uint8Array(size * width)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < size; i++) {
    const number = source[i]
    if (type === 'float32') view.setFloat32(4 * i, number, true)
    else if (type === 'float64') view.setFloat64(8 * i, number, true)
    else if (type === 'int32') view.setInt32(4 * i, number, true)
    else if (type === 'int64') view.setBigInt64(8 * i, BigInt(number), true)
    else bytes[i] = number
  }
  return bytes
}
