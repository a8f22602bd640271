// Events as TensorBoard reads them: records of a file (TFRecord), an Event in each (tensorflow/core/util/event.proto), in the form that
// TensorFlow 2 writes: every value a tensor beside the name of the plugin that shows it.
import { crc32c, Message } from '../../io'

/** Types of tensors, by their numbers in DataType. */
const types = { float: 1, double: 2, string: 7 } as const

/** A value of a summary: what a plugin shows under a tag. */
export interface Shown {
  readonly tag: string
  readonly plugin: string
  /** What the plugin keeps beside the tensor. */
  readonly content?: Uint8Array
  /** 1 for scalars, 2 for tensors, 3 for blobs, as in DataClass. */
  readonly dataClass?: 1 | 2 | 3
  readonly tensor: Message
}

/** The first event of every file. */
export function versionEvent(seconds: number): Uint8Array<ArrayBuffer> {
  return record(new Message().double(1, seconds).text(3, 'brain.Event:2'))
}

/** The event of a value at a step. */
export function valueEvent(seconds: number, step: number, shown: Shown): Uint8Array<ArrayBuffer> {
  const { tag, plugin, content = new Uint8Array(), dataClass, tensor } = shown
  const metadata = new Message().message(1, new Message().text(1, plugin).bytes(2, content))
  if (dataClass !== undefined) metadata.int(4, dataClass)
  const value = new Message().text(1, tag).message(8, tensor).message(9, metadata)
  return record(new Message().double(1, seconds).int(2, step).message(5, new Message().message(1, value)))
}

/** The event of a graph (GraphDef). */
export function graphEvent(seconds: number, graph: Message): Uint8Array<ArrayBuffer> {
  return record(new Message().double(1, seconds).bytes(4, graph.toBytes()))
}

/** A number. */
export function floatTensor(value: number): Message {
  return tensorOf('float', []).float(5, value)
}

/** Numbers `[rows, columns]`. */
export function doubleTensor(shape: readonly number[], values: readonly number[]): Message {
  const bytes = new DataView(new ArrayBuffer(values.length * 8))
  for (const [i, value] of values.entries()) bytes.setFloat64(i * 8, value, true)
  return tensorOf('double', shape).bytes(4, new Uint8Array(bytes.buffer))
}

/** A list of texts or bytes. */
export function stringTensor(values: readonly (string | Uint8Array)[]): Message {
  const tensor = tensorOf('string', [values.length])
  for (const value of values) typeof value === 'string' ? tensor.text(8, value) : tensor.bytes(8, value)
  return tensor
}

function tensorOf(type: keyof typeof types, shape: readonly number[]): Message {
  return new Message().int(1, types[type]).message(2, shapeMessage(shape))
}

/** A TensorShapeProto; a length that is not known is `null`. */
export function shapeMessage(shape: readonly (number | null)[]): Message {
  const message = new Message()
  for (const length of shape) message.message(2, new Message().int(1, length ?? -1))
  return message
}

/** The length, its checksum, the bytes, theirs. */
function record(event: Message): Uint8Array<ArrayBuffer> {
  const bytes = event.toBytes()
  const whole = new Uint8Array(bytes.length + 16)
  const view = new DataView(whole.buffer)
  view.setUint32(0, bytes.length, true)
  view.setUint32(8, masked(whole.subarray(0, 8)), true)
  whole.set(bytes, 12)
  view.setUint32(12 + bytes.length, masked(bytes), true)
  return whole
}

/** Checksums of what may hold checksums: turned by 15 bits, and a constant added. */
function masked(bytes: Uint8Array): number {
  const sum = crc32c(bytes)
  return (((sum >>> 15) | (sum << 17)) + 0xa282ead8) >>> 0
}
