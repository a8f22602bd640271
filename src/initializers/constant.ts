// Initializers without chance: zeros, ones, a constant, the identity matrix.
import { ShapeError } from '../errors'
import { shorthand } from '../registry'
import { asTensor, formatShape, sameShape, type TensorLike } from '../tensor'
import { type Initializer, initializer } from './initializer'

/** Options of {@link constant}. */
export interface ConstantOptions {
  /** A number for every element, or all elements in the shape of the weight. */
  readonly value: TensorLike
}

/** Options of {@link identity}. */
export interface IdentityOptions {
  /** What the diagonal holds; 1 by default. */
  readonly gain: number
}

/**
 * All elements 0.
 *
 * @example
 * ```ts
 * dense(8, { kernelInitializer: initializers.zeros() }) // or 'zeros'
 * ```
 */
export const zeros = /* @__PURE__ */ initializer('zeros', { defaults: {}, fill: () => undefined })

/**
 * All elements 1.
 *
 * @example
 * ```ts
 * prelu({ alphaInitializer: initializers.ones() }) // or 'ones'
 * ```
 */
export const ones = /* @__PURE__ */ initializer('ones', {
  defaults: {},
  fill: (out) => {
    out.fill(1)
  },
})

const constantOf = /* @__PURE__ */ initializer<ConstantOptions>('constant', {
  defaults: { value: 0 },
  rules: { value: { holds: [(value) => typeof value !== 'string', 'a number or values in the shape of the weight'] } },
  fill(out, shape, { value }) {
    const given = asTensor(value, 'float64') // rounded to the type of the weight only
    if (given.size === 1) {
      out.fill(given.item())
      return
    }
    if (!sameShape(given.shape, shape)) {
      throw new ShapeError(
        `constant: expected a number or values of shape ${formatShape(shape)}, given shape ${formatShape(given.shape)}.`,
      )
    }
    out.set(given.data)
  },
})

/**
 * All elements the same number, or the given values.
 *
 * @example
 * ```ts
 * dense(1, { biasInitializer: initializers.constant(0.01) })
 * ```
 */
export const constant = /* @__PURE__ */ shorthand(
  constantOf,
  (value: TensorLike = 0): Initializer => constantOf({ value }),
)

/**
 * The identity matrix times `gain`, for weights with two axes: 1 where both indices are equal, else 0.
 *
 * @example
 * ```ts
 * simpleRNN(8, { activation: 'relu', recurrentInitializer: initializers.identity({ gain: 0.9 }) })
 * ```
 */
export const identity = /* @__PURE__ */ initializer<IdentityOptions>('identity', {
  defaults: { gain: 1 },
  fill(out, shape, { gain }) {
    const [rows, columns] = shape
    if (shape.length !== 2) {
      throw new ShapeError(`identity: expected a shape of two axes, got ${formatShape(shape)}`)
    }
    for (let i = 0; i < Math.min(rows, columns); i++) out[i * columns + i] = gain
  },
})
