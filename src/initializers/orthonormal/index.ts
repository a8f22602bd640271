// Orthonormal vectors at random, the same to the bit on every host. In the order to read it:
//   vectors.ts                what is done with vectors, in which order
//   slowly.ts, normal.ts      its operations in JavaScript
//   compiled.ts, assembly/    the same in WebAssembly; generated/ is made of it by tools/buildWasm.ts
import type { RandomStream } from '../initializer'
import { compiledVectors } from './compiled'
import { slowVectors } from './slowly'
import { orthonormalize, type Vectors } from './vectors'

/** Below so many products JavaScript is done before a module is compiled. */
const fewProducts = 8192

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
  const compiled = length * count * count < fewProducts ? undefined : compiledVectors(count, length, random, single)
  const vectors = compiled ?? slowVectors(count, length, random, single)
  for (let row = 0; row < count; row++) vectors.draw(row, row * length)
  orthonormalize(vectors, 0, count)
  return vectors
}
