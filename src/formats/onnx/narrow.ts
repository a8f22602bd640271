// Weights of an ONNX file stored smaller: as float16 with a Cast, or as int8 with a DequantizeLinear, which make float32 of them when the
// model is loaded.

import { sizeOf, Tensor } from '../../tensor'
import type { WriteOptions } from '../format'
import { shrunk } from '../shrink'
import type { OnnxInitializer, OnnxNode } from './proto'

/** Initializers, and the nodes that widen them. */
export interface Narrowed {
  readonly initializers: readonly OnnxInitializer[]
  readonly nodes: readonly OnnxNode[]
}

/** The initializers with large float32 arrays stored smaller. */
export function narrowed(initializers: readonly OnnxInitializer[], dtype: WriteOptions['dtype']): Narrowed {
  if (dtype === undefined || dtype === 'float32') return { initializers, nodes: [] }
  const all: OnnxInitializer[] = []
  const nodes: OnnxNode[] = []
  for (const initializer of initializers) {
    const small = dtype === 'int8' ? asInt8(initializer) : undefined
    const stored = small ?? asHalf(initializer)
    all.push(...(stored?.initializers ?? [initializer]))
    nodes.push(...(stored?.nodes ?? []))
  }
  return { initializers: all, nodes }
}

/** Arrays below this are not worth a node. */
const least = 64

function floatsOf({ data }: OnnxInitializer): Tensor | undefined {
  return data instanceof Tensor && data.dtype === 'float32' && data.size >= least ? data : undefined
}

function asHalf({ name, data }: OnnxInitializer): Narrowed | undefined {
  const tensor = floatsOf({ name, data })
  if (tensor === undefined) return undefined
  const halves = shrunk(tensor, 'float16')
  if (halves === undefined) return undefined
  const stored = `${name}/float16`
  return {
    initializers: [{ name: stored, data: { type: 'float16', raw: halves.numbers.bytes, shape: tensor.shape } }],
    nodes: [{ op: 'Cast', name: `${name}/Cast`, inputs: [stored], outputs: [name], attributes: { to: 1 } }],
  }
}

/** Eight bits, with a scale for each place along the axis by which least is lost: that of the output channels, mostly. */
function asInt8({ name, data }: OnnxInitializer): Narrowed | undefined {
  const tensor = floatsOf({ name, data })
  if (tensor === undefined || tensor.rank < 2 || !tensor.data.every(Number.isFinite)) return undefined
  const [best] = tensor.shape
    .map((_, axis) => quantized(tensor, axis))
    .filter(({ scales }) => 8 * scales.length <= tensor.size)
    .sort((a, b) => a.loss - b.loss)
  if (best === undefined) return undefined
  const { axis, numbers, scales } = best
  const [stored, scale] = [`${name}/int8`, `${name}/scale`]
  return {
    initializers: [
      { name: stored, data: { type: 'int8', raw: new Uint8Array(numbers.buffer), shape: tensor.shape } },
      { name: scale, data: new Tensor(scales, [scales.length]) },
    ],
    nodes: [
      {
        op: 'DequantizeLinear',
        name: `${name}/DequantizeLinear`,
        inputs: [stored, scale],
        outputs: [name],
        attributes: { axis },
      },
    ],
  }
}

interface Quantized {
  readonly axis: number
  readonly numbers: Int8Array<ArrayBuffer>
  readonly scales: Float32Array<ArrayBuffer>
  /** The sum of the squared differences. */
  readonly loss: number
}

function quantized({ data, shape }: Tensor, axis: number): Quantized {
  const inner = sizeOf(shape.slice(axis + 1))
  const placeOf = (i: number): number => Math.floor(i / inner) % shape[axis]
  const scales = new Float32Array(shape[axis])
  for (const [i, value] of data.entries()) scales[placeOf(i)] = Math.max(scales[placeOf(i)], Math.abs(value))
  for (const [place, most] of scales.entries()) scales[place] = most / 127 || 1
  const numbers = new Int8Array(data.length)
  let loss = 0
  for (const [i, value] of data.entries()) {
    const scale = scales[placeOf(i)]
    numbers[i] = Math.max(-127, Math.min(127, Math.round(value / scale)))
    loss += (value - numbers[i] * scale) ** 2
  }
  return { axis, numbers, scales, loss }
}
