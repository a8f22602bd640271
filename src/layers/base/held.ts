// The layers that the fields of another hold: alone, in lists and in records. They are a part of it.

import type { Layer } from './layer'

/** A layer in a field, and where: `query`, `blocks_0`, `heads_left`. */
export interface Held {
  readonly layer: Layer
  readonly place: string
}

/**
 * The layers in the fields of an object, each once, in the order of the fields.
 *
 * @param skipped - fields that are not looked at.
 */
export function heldLayers(
  holder: object,
  skipped: ReadonlySet<string>,
  isLayer: (value: unknown) => value is Layer,
): Held[] {
  const found = new Map<Layer, string>()
  const collect = (value: unknown, place: string, depth: number): void => {
    if (isLayer(value)) {
      if (value !== holder && !found.has(value)) found.set(value, place)
      return
    }
    if (depth === 0 || typeof value !== 'object' || value === null) return
    // A list of numbers may be long.
    if (Array.isArray(value) ? typeof value[0] !== 'object' : Object.getPrototypeOf(value) !== Object.prototype) return
    for (const [key, item] of contentOf(value)) collect(item, `${place}_${key}`, depth - 1)
  }
  for (const [field, value] of contentOf(holder)) {
    if (!skipped.has(field)) collect(value, field.replace(/^_+/, ''), mostDepth)
  }
  return [...found].map(([layer, place]) => ({ layer, place }))
}

/** Lists in records in lists are as deep as anyone has them. */
const mostDepth = 3

/** What an object holds, without asking what it computes when it is asked. */
function contentOf(holder: object): [string, unknown][] {
  return Object.entries(Object.getOwnPropertyDescriptors(holder)).flatMap(([name, { value, enumerable }]) =>
    enumerable && value !== undefined ? [[name, value]] : [],
  )
}
