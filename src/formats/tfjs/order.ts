// Which of a layer's arrays is which. TensorFlow.js asks for them by name, so a manifest may list them in any order.

import type { Layer } from '../../layers'
import { snakeCase } from '../keras/names'
import { type StoredArray, trainableFirst } from '../keras/weights'

/**
 * The arrays of a layer, in the order of its weights: by their names, `recurrent_kernel`, and where several layers inside it have one of that
 * name, by the name or the number of that layer. Where names do not tell, as those of other programs may not, in the order of the file.
 */
export function ofLayer(layer: Layer, arrays: readonly StoredArray[]): readonly StoredArray[] {
  const { name } = layer
  const own = arrays.filter(({ path }) => path.startsWith(`${name}/`) || path.includes(`/${name}/`))
  const wanted = trainableFirst(layer).map((weight) => ({
    part: weight.layer.name.slice(weight.layer.name.lastIndexOf('/') + 1),
    last: snakeCase(weight.path.slice(weight.path.lastIndexOf('/') + 1)),
  }))
  const told = wanted.flatMap(({ part, last }, i) => {
    const named = namedSo(own, last)
    const alike = wanted.flatMap((other, place) => (other.last === last ? [place] : []))
    if (named.length === 1 || alike.length !== named.length) return named
    const inPart = named.filter(({ path }) => path.includes(`/${part}/`))
    return inPart.length === 1 ? inPart : (inOrder(named)?.slice(alike.indexOf(i)).slice(0, 1) ?? named)
  })
  return told.length === own.length && new Set(told).size === own.length ? told : own
}

/** Those of that name; a kernel may be called `depthwise_kernel`, too. */
function namedSo(arrays: readonly StoredArray[], last: string): readonly StoredArray[] {
  const ending = (text: string): readonly StoredArray[] =>
    arrays.filter(({ path }) => path.replace(/:0$/, '').endsWith(text))
  const exactly = ending(`/${last}`)
  return exactly.length > 0 ? exactly : ending(`_${last}`)
}

/** Paths that differ by one number alone, `RNNCell_0` and `RNNCell_1`, in its order; undefined for others. */
function inOrder(arrays: readonly StoredArray[]): readonly StoredArray[] | undefined {
  const numbered = arrays.map((array) => {
    const parts = array.path.split('/')
    const part = parts.at(-2) ?? ''
    const number = /_(\d+)$/.exec(part)
    const alike = [...parts.slice(0, -2), number === null ? part : part.slice(0, number.index), ...parts.slice(-1)]
    return { array, number: Number(number?.[1] ?? -1), alike: alike.join('/') }
  })
  if (numbered.some(({ alike }) => alike !== numbered[0].alike)) return undefined
  return numbered.sort((a, b) => a.number - b.number).map(({ array }) => array)
}
