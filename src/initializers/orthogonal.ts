// The orthogonal initializer.
import { ShapeError } from '../errors'
import { formatShape, type Shape } from '../tensor'
import { initializer } from './initializer'
import { fasterVectors, orthonormalVectors } from './orthonormal'
import type { SeedOptions } from './random'

/** Where float32 begins to take noticeably less time than float64. */
const manyProducts = 536_870_912

/** Options of {@link orthogonal}. */
export interface OrthogonalOptions extends SeedOptions {
  /** What the matrix is multiplied by; 1 by default. */
  readonly gain: number
}

/**
 * A random matrix with orthonormal rows or columns, whichever are fewer, times `gain`: Q of the QR decomposition of a
 * normal matrix, with signs that make R's diagonal positive, so that all such matrices are equally likely (Saxe,
 * McClelland and Ganguli, 2014; Mezzadri, 2007). All axes but the last count as one.
 *
 * @example
 * ```ts
 * lstm(8, { recurrentInitializer: initializers.orthogonal({ gain: 0.5, seed: 1 }) })
 * ```
 */
export const orthogonal = /* @__PURE__ */ initializer<OrthogonalOptions>('orthogonal', {
  defaults: { gain: 1, seed: undefined },
  rules: { seed: { integer: true } },
  fill(out, shape, { gain }, random, _, dtype) {
    if (shape.length < 2) {
      throw new ShapeError(`orthogonal: expected a shape of at least two axes, got ${formatShape(shape)}`)
    }
    const [rows, columns] = sidesOf(shape)
    const [long, short] = [Math.max(rows, columns), Math.min(rows, columns)]
    // float32 has digits enough where the vectors are few for their length.
    const single = dtype === 'float32' && long >= 2 * short && long * short * short >= manyProducts
    const { data, stride } = orthonormalVectors(short, long, random, single)
    // Rows of a wide weight, columns of a tall one.
    const [apart, next] = rows < columns ? [columns, 1] : [1, columns]
    for (let s = 0; s < short; s++) {
      const from = s * stride
      for (let l = 0, to = s * apart; l < long; l++, to += next) out[to] = gain * data[from + l]
    }
  },
  faster: (shape) => {
    const sides = sidesOf(shape)
    return fasterVectors(Math.min(...sides), Math.max(...sides))
  },
})

/** Rows and columns, where all axes but the last count as one. */
const sidesOf = (shape: Shape): readonly [rows: number, columns: number] => [
  shape.slice(0, -1).reduce((product, length) => product * length, 1),
  shape[shape.length - 1],
]
