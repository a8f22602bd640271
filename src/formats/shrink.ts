// Weights stored smaller than they are computed with: as float16, or as int8 with a scale for each output channel. They are widened when read.

import { bfloat16ToFloat, filledBy, floatToHalf, type Stored } from '../io'
import type { Weight } from '../layers'
import { isFloat, type Tensor } from '../tensor'
import { channelsOf, scaleSuffix } from './hornbeam/widen'

/** How weights are stored. */
export type StorageDType = 'float32' | 'float16' | 'int8'

const [largestHalf, smallestNormalHalf] = [65504, 2 ** -14]

/**
 * The tensors of a model with its weights stored smaller. Statistics, such as those of normalisations, stay as they are, and so
 * does what is no weight: the optimizer's state. With `'int8'`, vectors such as biases are stored as float16.
 */
export function shrink(
  tensors: ReadonlyMap<string, Tensor>,
  weights: ReadonlyMap<string, Weight>,
  dtype: StorageDType,
): ReadonlyMap<string, Tensor | Stored> {
  if (dtype === 'float32') return tensors
  const stored = new Map<string, Tensor | Stored>()
  for (const [name, tensor] of tensors) {
    if (weights.get(name)?.trainable !== true || !isFloat(tensor.dtype)) {
      stored.set(name, tensor)
      continue
    }
    const small = shrunk(tensor, dtype)
    stored.set(name, small?.numbers ?? tensor)
    if (small?.scales !== undefined) stored.set(`${name}${scaleSuffix}`, small.scales)
  }
  return stored
}

/** A tensor stored smaller. */
export interface Shrunk {
  readonly numbers: Stored
  /** Of int8, one for each of the channels that lie along the last axes. */
  readonly scales?: Stored
}

/** A tensor stored smaller; undefined for one that would lose too much. */
export function shrunk(tensor: Tensor, dtype: StorageDType): Shrunk | undefined {
  const quantized = dtype === 'int8' ? asInt8(tensor) : undefined
  if (quantized !== undefined || dtype === 'float32') return quantized
  const numbers = asHalf(tensor)
  return numbers && { numbers }
}

/** As float16; undefined where a number is too large for it, or all are so small that they would lose their digits. */
function asHalf({ shape, data }: Tensor): Stored | undefined {
  let largest = 0
  for (const value of data) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value))
  if (largest > largestHalf || (largest > 0 && largest < smallestNormalHalf)) return undefined
  const halves = filledBy(new Uint16Array(data.length), (i) => floatToHalf(data[i]))
  return { type: 'float16', shape, bytes: new Uint8Array(halves.buffer) }
}

/** As int8, each output channel divided by its own scale; undefined for vectors, and where float16 is as small. */
function asInt8({ shape, data }: Tensor): { readonly numbers: Stored; readonly scales: Stored } | undefined {
  if (shape.length < 2) return undefined
  const channels = channelsOf(shape)
  if (data.length <= 2 * channels) return undefined
  const largest = new Float64Array(channels)
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) return undefined
    const magnitude = Math.abs(data[i])
    if (magnitude > largest[i % channels]) largest[i % channels] = magnitude
  }
  const bits = filledBy(new Uint16Array(channels), (i) => upwards(largest[i] / 127))
  const scales = filledBy(new Float64Array(channels), (i) => bfloat16ToFloat(bits[i]))
  const numbers = new Int8Array(data.length)
  for (let i = 0; i < data.length; i++) {
    const scale = scales[i % channels]
    numbers[i] = scale === 0 ? 0 : Math.round(data[i] / scale)
  }
  const before = shape.length - (shape[shape.length - 1] === channels ? 1 : 2)
  const scaleShape = shape.map((length, axis) => (axis < before ? 1 : length))
  return {
    numbers: { type: 'int8', shape, bytes: new Uint8Array(numbers.buffer) },
    scales: { type: 'bfloat16', shape: scaleShape, bytes: new Uint8Array(bits.buffer) },
  }
}

const floats = new Float32Array(1)
const words = new Uint32Array(floats.buffer)

/** The bits of the least bfloat16 that is not below a number, so that no channel reaches beyond 127. */
function upwards(value: number): number {
  floats[0] = value
  if (floats[0] < value) words[0]++
  return (words[0] + 0xffff) >>> 16
}
