// The weights of TensorFlow.js: groups of files, joined, in which arrays lie one after the other, some of them narrowed.

import { describeValue, FormatError } from '../../errors'
import type { Source } from '../../io'
import { filledBy, halfToFloat } from '../../io'
import { sizeOf, Tensor } from '../../tensor'
import { countIn, isObject, type JsonObject, listIn, objectIn, said, textIn } from '../json'
import type { StoredArray } from '../keras/weights'

const widths: Readonly<Record<string, number>> = { float32: 4, int32: 4, bool: 1, uint8: 1, uint16: 2, float16: 2 }

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
    const bytes = joined(await Promise.all(names.map((name) => beside(name))))
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

/** Bytes one after the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
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
  const width = said(widths, kept)
  if (width === undefined || (quantization === undefined && kept === 'uint16')) {
    throw new FormatError(`${place}: expected numbers, got the dtype ${kept}, which is not supported`)
  }
  const length = sizeOf(shape) * width
  if (at + length > bytes.length) {
    throw new FormatError(
      `${place}: expected ${length} bytes from ${at}, the files have ${bytes.length}: they are truncated`,
    )
  }
  return {
    path: name,
    shape,
    length,
    read: () => new Tensor(numbers(place, bytes.slice(at, at + length), kept, quantization), shape),
  }
}

function numbers(
  place: string,
  bytes: Uint8Array<ArrayBuffer>,
  kept: string,
  quantization: JsonObject | undefined,
): Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer> {
  const { buffer } = bytes
  if (kept === 'float32') return new Float32Array(buffer)
  if (kept === 'int32') return new Int32Array(buffer)
  if (kept === 'bool') return bytes.map((byte) => Number(byte !== 0))
  if (kept === 'float16') {
    const halves = new Uint16Array(buffer)
    return filledBy(new Float32Array(halves.length), (i) => halfToFloat(halves[i]))
  }
  const whole = kept === 'uint8' ? bytes : new Uint16Array(buffer)
  if (quantization === undefined) return new Int32Array(whole)
  const { scale, min } = quantization
  if (typeof scale !== 'number' || typeof min !== 'number')
    throw new FormatError(`${place}: quantization: expected a scale and a min`)
  return filledBy(new Float32Array(whole.length), (i) => whole[i] * scale + min)
}
