// Writing weights: from tensors in the layer's order, or not at all.
import { DataError, ShapeError } from '../errors'
import { asTensor, formatShape, sameShape, type TensorLike } from '../tensor'
import type { Weight } from './layer'

/** Writes tensors to weights, all or none: everything is checked first. */
export async function writeWeights(
  where: string,
  weights: readonly Weight[],
  tensors: readonly TensorLike[],
): Promise<void> {
  if (tensors.length !== weights.length) {
    throw new DataError(`${where}: expected ${weights.length} weights, got ${tensors.length}`)
  }
  const checked = weights.map(({ variable }, i) => {
    const data = asTensor(tensors[i], variable.dtype)
    if (!sameShape(data.shape, variable.shape)) {
      throw new ShapeError(
        `${variable.name}: expected shape ${formatShape(variable.shape)}, got ${formatShape(data.shape)}`,
      )
    }
    return data
  })
  for (const [i, { variable }] of weights.entries()) await variable.write(checked[i])
}
