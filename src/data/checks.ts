// Checks of data before anything is computed on it: lengths, shapes, numbers.
import { DataError, ShapeError } from '../errors'
import { formatShape, isFloat, type PartialShape, type Tensor } from '../tensor'

/**
 * The number of samples that all of these hold, which is their first length.
 *
 * @param parts - tensors with the names an error is to call them by.
 * @throws DataError where one differs, holds none or is a scalar.
 */
export function checkSameLength(parts: readonly (readonly [name: string, tensor: Tensor])[]): number {
  const [first] = parts
  if (first === undefined) throw new DataError('x: expected data, got none')
  for (const [name, tensor] of parts) {
    if (tensor.rank === 0) throw new DataError(`${name}: expected a batch of samples, got a single number`)
  }
  const [firstName, { shape }] = first
  const differing = parts.find(([, tensor]) => tensor.shape[0] !== shape[0])
  if (differing !== undefined) {
    const [name, tensor] = differing
    throw new DataError(
      `${name}: expected ${shape[0]} samples as in ${firstName}, got ${tensor.shape[0]} ` +
        `(shapes ${formatShape(shape)} and ${formatShape(tensor.shape)})`,
    )
  }
  if (shape[0] === 0) throw new DataError(`${firstName}: expected at least one sample, got shape ${formatShape(shape)}`)
  return shape[0]
}

/** @throws DataError where an element is NaN or infinite, naming the first. */
export function checkFinite(name: string, tensor: Tensor): void {
  if (!isFloat(tensor.dtype)) return
  const { data, shape } = tensor
  for (let i = 0; i < data.length; i++) {
    // The difference is NaN for NaN and for both infinities.
    if (data[i] - data[i] !== 0) {
      throw new DataError(`${name}: expected finite numbers, got ${data[i]} at ${formatShape(position(i, shape))}`)
    }
  }
}

/**
 * Checks data against the shape of one sample that a model takes.
 *
 * @param expected - without the batch; unknown lengths are `null`.
 * @throws ShapeError for another rank, number of features or length.
 */
export function checkSampleShape(name: string, tensor: Tensor, expected: PartialShape): void {
  const given = tensor.shape.slice(1)
  const fits =
    given.length === expected.length && expected.every((length, axis) => length === null || length === given[axis])
  if (fits) return
  const wanted = formatShape([null, ...expected])
  throw new ShapeError(`${name}: expected shape ${wanted}, got ${formatShape(tensor.shape)}${hint(given, expected)}`)
}

function hint(given: PartialShape, expected: PartialShape): string {
  if (given.length === expected.length) {
    const axis = expected.findIndex((length, i) => length !== null && length !== given[i])
    const isLast = axis === expected.length - 1
    return isLast ? ` (${given[axis]} features instead of ${expected[axis]})` : ` (axis ${axis + 1} differs)`
  }
  return ` (${given.length + 1} axes instead of ${expected.length + 1}, the batch included)`
}

function position(index: number, shape: readonly number[]): number[] {
  const at: number[] = []
  let rest = index
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    at.unshift(rest % shape[axis])
    rest = Math.floor(rest / shape[axis])
  }
  return at
}
