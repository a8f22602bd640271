// Low-rank adaptation (LoRA: Hu et al., 2021): a kernel W stays as it is, and W + (alpha / rank) A B stands in its place, of which A and
// B are trained.

import { describeValue, OptionError, requirePositiveInteger } from '../../errors'
import type { Value, Variable } from '../../graph'
import { heUniform, zeros as zerosInitializer } from '../../initializers'
import { add, matmul, mul, reshape } from '../../ops'
import { type Shape, sizeOf, Tensor } from '../../tensor'
import type { WeightOptions } from '../base/weights'

/** How kernels are adapted. */
export interface LoraOptions {
  /** The inner length of the two matrices that are trained in place of a kernel. */
  readonly rank: number
  /** What they count: their product is multiplied by alpha / rank. The rank by default. */
  readonly alpha?: number | undefined
}

/** A kernel with the two matrices beside it. */
export interface Adapted {
  readonly kernel: Variable
  readonly a: Variable
  readonly b: Variable
  readonly scale: number
}

/** @throws OptionError unless the rank is a positive whole number and alpha a positive number. */
export function checkLora(where: string, { rank, alpha }: LoraOptions): void {
  requirePositiveInteger(where, 'rank', rank)
  if (alpha === undefined || (typeof alpha === 'number' && alpha > 0 && Number.isFinite(alpha))) return
  throw new OptionError(`${where}: alpha: expected a positive number, got ${describeValue(alpha)}`)
}

/** The shapes of the two matrices: all axes of the kernel but the last, and the last. */
function shapesOf(kernel: Shape, rank: number): { a: Shape; b: Shape } {
  return { a: [...kernel.slice(0, -1), rank], b: [rank, kernel[kernel.length - 1]] }
}

/** Makes the two matrices beside a kernel, which begins as it was: B is zero. */
export function adapt(
  name: string,
  kernel: Variable,
  { rank, alpha = rank }: LoraOptions,
  addWeight: (name: string, shape: Shape, options: WeightOptions) => Variable,
): Adapted {
  const { a: shapeOfA, b: shapeOfB } = shapesOf(kernel.shape, rank)
  const path = `lora${name.charAt(0).toUpperCase()}${name.slice(1)}`
  const a = addWeight(`${path}A`, shapeOfA, { initializer: heUniform(), dtype: kernel.dtype, lowRank: true })
  const b = addWeight(`${path}B`, shapeOfB, { initializer: zerosInitializer(), dtype: kernel.dtype, lowRank: true })
  const adapted = { kernel, a, b, scale: alpha / rank }
  kernel.standIn = (own) => adaptedValue(own, adapted)
  return adapted
}

function adaptedValue(own: Value, { a, b, scale }: Adapted): Value {
  const rank = b.shape[0]
  const product = matmul(reshape(a, [sizeOf(a.shape) / rank, rank]), b)
  return add(own, mul(reshape(product, own.shape), scale))
}

/** Adds the product of the two matrices to the kernel for good. */
export async function merge({ kernel, a, b, scale }: Adapted): Promise<void> {
  const [own, left, right] = await Promise.all([kernel.read(), a.read(), b.read()])
  const [rank, columns] = b.shape
  const data = own.data.slice()
  for (let i = 0; i < data.length; i++) {
    const [row, column] = [Math.floor(i / columns), i % columns]
    let sum = 0
    for (let k = 0; k < rank; k++) sum += left.data[row * rank + k] * right.data[k * columns + column]
    data[i] += scale * sum
  }
  await kernel.write(new Tensor(data, kernel.shape, kernel.dtype))
  kernel.standIn = undefined
}
