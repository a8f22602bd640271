// Texts in lists, and what becomes of the places that they have in a vocabulary.

import { DataError, describeValue } from '../../errors'
import { allocate, Tensor } from '../../tensor'

/** Texts, in lists of lists as deep as one likes. */
export type Texts = string | readonly Texts[]

/** What becomes of the place of a text. */
export type TextMode = 'int' | 'oneHot' | 'multiHot' | 'count' | 'tfIdf'

/** Texts one after the other, and the shape of the lists that they stood in. */
export interface FlatTexts {
  readonly texts: readonly string[]
  readonly shape: readonly number[]
}

/** Flat texts and their shape. @throws DataError for ragged lists, and what is no text. */
export function flatTexts(where: string, given: Texts): FlatTexts {
  if (typeof given === 'string') return { texts: [given], shape: [] }
  if (!Array.isArray(given)) throw new DataError(`${where}: expected texts, got ${describeValue(given)}`)
  const parts = given.map((each) => flatTexts(where, each))
  const [first = { shape: [] as readonly number[] }] = parts
  if (parts.some(({ shape }) => shape.join() !== first.shape.join())) {
    throw new DataError(`${where}: expected lists of the same length, got ragged ones`)
  }
  return { texts: parts.flatMap(({ texts }) => texts), shape: [given.length, ...first.shape] }
}

/**
 * Places of a shape as they are, `int32`, or as vectors of so many numbers: one for each, or of the last axis together. Places below 0 count nowhere.
 *
 * @param weights - what each place counts, with `'tfIdf'`.
 */
export function placesAs(
  mode: TextMode,
  places: readonly number[],
  shape: readonly number[],
  size: number,
  weights?: readonly number[],
): Tensor {
  if (mode === 'int') return new Tensor(Int32Array.from(places), shape)
  const last = shape.at(-1) ?? 1
  if (mode === 'oneHot') {
    const rows = places.map((place) => [place])
    return vectors(mode, rows, shape.length > 1 && last === 1 ? shape.slice(0, -1) : shape, size)
  }
  const rows = Array.from({ length: places.length / Math.max(last, 1) }, (_, i) =>
    places.slice(i * last, (i + 1) * last),
  )
  return vectors(mode, rows, shape.slice(0, -1), size, weights)
}

/** A vector for each row of places. */
export function vectors(
  mode: TextMode,
  rows: readonly (readonly number[])[],
  shape: readonly number[],
  size: number,
  weights?: readonly number[],
): Tensor {
  const data = allocate('float32', rows.length * size)
  rows.forEach((places, row) => {
    for (const place of places.filter((each) => each >= 0)) {
      const at = row * size + place
      data[at] = mode === 'multiHot' || mode === 'oneHot' ? 1 : data[at] + 1
    }
  })
  if (weights !== undefined) for (let i = 0; i < data.length; i++) data[i] *= weights[i % size] ?? 0
  return new Tensor(data, [...shape, size])
}
