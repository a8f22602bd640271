// Orthonormal vectors at random, the same to the bit on every host. In the order to read it:
//   vectors.ts                what is done with vectors, in which order
//   slowly.ts, normal.ts      its operations in JavaScript
//   compiled.ts, assembly/    the same in WebAssembly, loaded where there are many; generated/ is made of it by tools/buildWasm.ts
import type { RandomStream } from '../initializer'
import { slowVectors } from './slowly'
import { orthonormalize, type Vectors } from './vectors'

/** Below so many products JavaScript is done before a module is compiled. */
const fewProducts = 8192

let compiled: typeof import('./compiled') | undefined
let loading: Promise<unknown> | undefined

/** What loads what makes so many vectors faster; undefined where they are few, or it is there. */
export function fasterVectors(count: number, length: number): (() => Promise<unknown>) | undefined {
  return compiled !== undefined || length * count * count < fewProducts ? undefined : load
}

function load(): Promise<unknown> {
  loading ??= import('./compiled').then((module) => {
    compiled = module
  })
  return loading
}

/**
 * `count` orthonormal vectors of a length that is not smaller: Q of normal numbers, vector after vector.
 *
 * @param single - whether float32 is precise enough.
 */
export function orthonormalVectors(
  count: number,
  length: number,
  random: RandomStream,
  single: boolean,
): Pick<Vectors, 'data' | 'stride'> {
  const isFew = length * count * count < fewProducts
  const fast = isFew ? undefined : compiled?.compiledVectors(count, length, random, single)
  const vectors = fast ?? slowVectors(count, length, random, single)
  for (let row = 0; row < count; row++) vectors.draw(row, row * length)
  orthonormalize(vectors, 0, count)
  return vectors
}
