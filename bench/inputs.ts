// The weights and the batch that all contestants get: drawn from a fixed seed, in Keras' order and layout, and kept in one
// file of raw little-endian numbers, so that a contestant in any language can read them.
import { readFileSync, writeFileSync } from 'node:fs'
import { type Block, isBlock, type Recurrent, type Workload } from './workloads'

export interface NumberArray {
  readonly shape: readonly number[]
  readonly data: Float32Array | Int32Array
}

export interface Inputs {
  /** In Keras' order: embedding, then kernel, recurrent kernel and bias of each layer, then dense kernel and bias. */
  readonly weights: readonly NumberArray[]
  readonly x: NumberArray
  readonly y: NumberArray
}

/** Where each array lies in the file: its shape, its type and its first byte. */
export interface Place {
  readonly shape: readonly number[]
  readonly type: 'float32' | 'int32'
  readonly offset: number
}

/** The arrays of one file: the weights first, x and y last. */
export interface InputFile {
  readonly path: string
  readonly places: readonly Place[]
}

/** Draws the inputs of a workload. Two calls give the same numbers. */
export function makeInputs(workload: Workload): Inputs {
  const random = uniform(20_240_229)
  const fill = (shape: readonly number[], limit: number, shift: (index: number) => number = () => 0): NumberArray => ({
    shape,
    data: Float32Array.from({ length: sizeOf(shape) }, (_, index) => shift(index) + limit * (2 * random() - 1)),
  })
  const classes = (shape: readonly number[], count: number): NumberArray => ({
    shape,
    data: Int32Array.from({ length: sizeOf(shape) }, () => Math.floor(random() * count)),
  })
  if (isBlock(workload)) return blockInputs(workload, fill, classes)
  const { steps, features, units, batch, vocabulary } = workload
  const outputs = vocabulary ?? 1

  const weights: NumberArray[] = []
  if (vocabulary !== undefined) weights.push(fill([vocabulary, features], 0.5))
  for (let layer = 0; layer < workload.layers; layer++) weights.push(...layerWeights(workload, layer, fill))
  weights.push(fill([units, outputs], Math.sqrt(6 / (units + outputs))), fill([outputs], 0.1))

  if (vocabulary !== undefined) {
    return { weights, x: classes([batch, steps], vocabulary), y: classes([batch, steps], vocabulary) }
  }
  // Small targets keep the norm of the first gradients below 1, so that peers without clipping compute the same.
  return { weights, x: fill([batch, steps, features], 1), y: fill([batch, 1], 0.3) }
}

type Classes = (shape: readonly number[], count: number) => NumberArray

/** The weights in the order of the layers, those of each in Keras' order; targets are as small as those of the recurrent models. */
function blockInputs(block: Block, fill: Fill, classes: Classes): Inputs {
  const { batch, shape, heads = 1, units = [], samples = batch } = block
  const width = shape[shape.length - 1]
  const around = (length: number, middle: number) => fill([length], 0.1, () => middle)
  /** A scale and a shift, and the means and variances of a batch normalization. */
  const normalization = (moving: boolean) => [
    around(width, 1),
    around(width, 0),
    ...(moving ? [around(width, 0), around(width, 1)] : []),
  ]
  const kernel = (shape: readonly number[], fanIn: number, fanOut: number) =>
    fill(shape, Math.sqrt(6 / (fanIn + fanOut)))
  const dense = (from: number, to: number) => [kernel([from, to], from, to), around(to, 0)]
  const head = width / heads
  const projection = () => [kernel([width, heads, head], width, width), fill([heads, head], 0.1)]
  const weights = {
    attention: () => [
      ...[0, 1, 2].flatMap(projection),
      kernel([heads, head, width], width, width),
      around(width, 0),
      ...normalization(false),
      ...dense(width, units[0]),
      ...dense(units[0], width),
      ...normalization(false),
    ],
    mobileNet: () => [
      kernel([3, 3, width, 1], 9, 9),
      ...normalization(true),
      kernel([1, 1, width, width], width, width),
      ...normalization(true),
    ],
    school: () => [...normalization(true), ...dense(width, units[0]), ...dense(units[0], units[1])],
  }[block.block]()
  if (block.block === 'school') {
    return { weights, x: fill([samples, ...shape], 1), y: classes([samples], units[1]) }
  }
  return { weights, x: fill([batch, ...shape], 1), y: fill([batch, ...shape], 0.3) }
}

type Fill = (shape: readonly number[], limit: number, shift?: (index: number) => number) => NumberArray

/** Uniform as by Glorot; biases are not zero, so that one in the wrong place shows. */
function layerWeights({ cell, features, units }: Recurrent, layer: number, fill: Fill): NumberArray[] {
  const columns = (cell === 'lstm' ? 4 : 3) * units
  const width = layer === 0 ? features : units
  const isForgetGate = (index: number) => cell === 'lstm' && index >= units && index < 2 * units
  return [
    fill([width, columns], Math.sqrt(6 / (width + columns))),
    fill([units, columns], Math.sqrt(6 / (units + columns))),
    fill(cell === 'lstm' ? [columns] : [2, columns], 0.1, (index) => (isForgetGate(index) ? 1 : 0)),
  ]
}

/** Writes inputs to a file and says where each array lies in it. */
export function writeInputs(path: string, { weights, x, y }: Inputs): InputFile {
  const arrays = [...weights, x, y]
  const places: Place[] = []
  let offset = 0
  for (const { shape, data } of arrays) {
    places.push({ shape, type: data instanceof Int32Array ? 'int32' : 'float32', offset })
    offset += data.byteLength
  }
  writeFileSync(path, Buffer.concat(arrays.map(({ data }) => new Uint8Array(data.buffer, 0, data.byteLength))))
  return { path, places }
}

/** Reads what `writeInputs` wrote. */
export function readInputs({ path, places }: InputFile): Inputs {
  const { buffer } = new Uint8Array(readFileSync(path))
  const arrays = places.map(({ shape, type, offset }): NumberArray => {
    const make = type === 'int32' ? Int32Array : Float32Array
    return { shape, data: new make(buffer, offset, sizeOf(shape)) }
  })
  const y = arrays.pop()
  const x = arrays.pop()
  if (x === undefined || y === undefined) throw new Error(`${path} lists no x and y`)
  return { weights: arrays, x, y }
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1)
}

/** Numbers in [0, 1) from a seed: a Weyl sequence, mixed by two rounds of xor, shift and multiply. */
function uniform(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}
