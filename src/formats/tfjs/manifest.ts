// The weights of TensorFlow.js: groups of files, joined, in which arrays lie one after the other, some of them narrowed.

import { describeValue, FormatError } from '../../errors'
import { filledBy, joinedArrays, type Source, type Stored, truths, widen, widthOf } from '../../io'
import { sizeOf, Tensor } from '../../tensor'
import { countIn, isObject, type JsonObject, listIn, objectIn, textIn } from '../json'
import type { StoredArray } from '../keras/weights'

const types = ['float32', 'int32', 'bool', 'uint8', 'uint16', 'float16'] as const

const [mostArrays, mostAxes] = [100_000, 64]

/** All arrays of a manifest, by name and in its order. @throws FormatError for one that does not fit its files. */
export async function readManifest({ where, beside }: Source, json: JsonObject): Promise<readonly StoredArray[]> {
  const groups = listIn(`${where}: weightsManifest`, json.weightsManifest)
  const arrays: StoredArray[] = []
  const seen = new Set<string>()
  for (const group of groups) {
    const { paths, weights } = objectIn(`${where}: weightsManifest`, group)
    const names = listIn(`${where}: paths`, paths).map((path) => textIn(`${where}: paths`, path).replace(/^\.\//, ''))
    if (beside === undefined) {
      throw new FormatError(
        `${where}: its weights lie in other files (${names.join(', ')}); load it by its path or URL`,
      )
    }
    for (const name of names) {
      if (seen.has(name))
        throw new FormatError(`${where}: paths: expected each file once, got ${describeValue(name)} twice`)
      seen.add(name)
    }
    const bytes = joinedArrays(Uint8Array, await Promise.all(names.map((name) => beside(name))))
    let at = 0
    for (const weight of listIn(`${where}: weights`, weights)) {
      const array = readEntry(where, objectIn(`${where}: weights`, weight), bytes, at)
      at += array.length
      if (arrays.length >= mostArrays) throw new FormatError(`${where}: more than ${mostArrays} weights are no model`)
      arrays.push(array)
    }
    if (at !== bytes.length)
      throw new FormatError(`${where}: the weights take ${at} bytes, the files have ${bytes.length}`)
  }
  return arrays
}

function readEntry(
  where: string,
  entry: JsonObject,
  bytes: Uint8Array,
  at: number,
): StoredArray & { readonly length: number } {
  const name = textIn(`${where}: the name of a weight`, entry.name)
  const place = `${where}: ${name}`
  const shape = listIn(`${place}: shape`, entry.shape).map((length) => countIn(`${place}: shape`, length))
  if (shape.length > mostAxes)
    throw new FormatError(`${place}: shape: expected at most ${mostAxes} axes, got ${shape.length}`)
  const dtype = textIn(`${place}: dtype`, entry.dtype)
  const quantization = isObject(entry.quantization) ? entry.quantization : undefined
  const kept = quantization === undefined ? dtype : textIn(`${place}: quantization`, quantization.dtype)
  const type = types.find((known) => known === kept)
  if (type === undefined || (quantization === undefined && type === 'uint16')) {
    throw new FormatError(`${place}: expected numbers, got the dtype ${kept}, which is not supported`)
  }
  const length = sizeOf(shape) * widthOf(type)
  if (at + length > bytes.length) {
    throw new FormatError(
      `${place}: expected ${length} bytes from ${at}, the files have ${bytes.length}: they are truncated`,
    )
  }
  return {
    path: name,
    shape,
    length,
    read: () => numbers(place, { type, shape, bytes: bytes.subarray(at, at + length) }, quantization),
  }
}

function numbers(place: string, stored: Stored, quantization: JsonObject | undefined): Tensor {
  const { type, shape, bytes } = stored
  if (type === 'bool') return new Tensor(truths(bytes), shape)
  const whole = widen(place, stored)
  if (quantization === undefined || (type !== 'uint8' && type !== 'uint16')) return whole
  const { scale, min } = quantization
  if (typeof scale !== 'number' || typeof min !== 'number')
    throw new FormatError(`${place}: quantization: expected a scale and a min`)
  return new Tensor(
    filledBy(new Float32Array(whole.size), (i) => whole.data[i] * scale + min),
    shape,
  )
}
