// Common tensors: zeros, ones, ranges and random numbers.
import { checkOptions, describeValue, OptionError, requireOneOf } from '../errors'
import { allocate, type DType } from './dtype'
import { fillNormal, fillUniform, getSeed, nextStream, normalizeSeed } from './random'
import { requireShape, type Shape, sizeOf } from './shape'
import { Tensor } from './tensor'

/**
 * A tensor of zeros, `float32` by default: `zeros([2, 3])`.
 *
 * @example
 * ```ts
 * zeros([2, 3]).toArray() // [[0, 0, 0], [0, 0, 0]]
 * ```
 */
export function zeros(shape: Shape, dtype: DType = 'float32'): Tensor {
  return new Tensor(allocate(dtype, sizeOf(requireShape('zeros', shape)), 'zeros'), shape, dtype)
}

/**
 * A tensor of ones, `float32` by default: `ones([2, 3])`.
 *
 * @example
 * ```ts
 * ones([2], 'int32').toArray() // [1, 1]
 * ```
 */
export function ones(shape: Shape, dtype: DType = 'float32'): Tensor {
  return filled('ones', shape, 1, dtype)
}

/** A tensor in which every element is `value`, `float32` by default: `full([2, 3], 0.5)`. */
export function full(shape: Shape, value: number, dtype: DType = 'float32'): Tensor {
  if (typeof value !== 'number') throw new OptionError(`full: value: expected a number, got ${describeValue(value)}`)
  return filled('full', shape, value, dtype)
}

function filled(where: string, shape: Shape, value: number, dtype: DType): Tensor {
  return new Tensor(
    allocate(dtype, sizeOf(requireShape(where, shape)), where).fill(dtype === 'bool' ? Number(value !== 0) : value),
    shape,
    dtype,
  )
}

/**
 * The numbers 0, 1, ..., n - 1, `float32` by default: `arange(3)` holds 0, 1, 2.
 *
 * @example
 * ```ts
 * arange(4).reshape([2, 2]).toArray() // [[0, 1], [2, 3]]
 * ```
 */
export function arange(n: number, dtype: DType = 'float32'): Tensor {
  if (!Number.isInteger(n) || n < 0)
    throw new OptionError(`arange: expected a whole number of at least 0, got ${describeValue(n)}`)
  const data = allocate(dtype, n, 'arange')
  for (let i = 0; i < n; i++) data[i] = i
  return new Tensor(data, [n], dtype)
}

/** Options of `randomNormal` and `randomUniform`. */
export interface RandomOptions {
  /** Makes the numbers reproducible; by default each call draws others, all fixed by `setSeed`. */
  readonly seed?: number
  readonly dtype?: 'float32' | 'float64'
}

/**
 * Numbers from the normal distribution with mean 0 and standard deviation 1. `float32` by default.
 *
 * @example
 * ```ts
 * randomNormal([2, 3], { seed: 42 })
 * ```
 */
export function randomNormal(shape: Shape, options: RandomOptions = {}): Tensor {
  return draw('randomNormal', shape, options, fillNormal)
}

/**
 * Numbers from the uniform distribution over [0, 1). `float32` by default.
 *
 * @example
 * ```ts
 * randomUniform([2, 3], { seed: 42 })
 * ```
 */
export function randomUniform(shape: Shape, options: RandomOptions = {}): Tensor {
  return draw('randomUniform', shape, options, fillUniform)
}

function draw(where: string, shape: Shape, options: RandomOptions, fill: typeof fillUniform): Tensor {
  checkOptions(where, options, ['seed', 'dtype'])
  const { seed, dtype = 'float32' } = options
  requireOneOf(where, 'dtype', dtype, ['float32', 'float64'])
  const size = sizeOf(requireShape(where, shape))
  const data = allocate(dtype, size, where)
  if (seed !== undefined && !Number.isFinite(seed)) {
    throw new OptionError(`${where}: seed: expected a whole number, got ${describeValue(seed)}`)
  }
  if (seed === undefined) fill(data, getSeed(), nextStream())
  else fill(data, normalizeSeed(seed))
  return new Tensor(data, shape, dtype)
}
