// Data without NaN and infinities.

import { DataError } from '../errors'
import { isFloat, type Tensor } from '../tensor'

/** @throws DataError where an element is NaN or infinite. */
export function checkFinite(tensors: readonly Tensor[], where: string): void {
  for (const [i, { data, dtype, shape }] of tensors.entries()) {
    if (!isFloat(dtype)) continue
    for (let k = 0; k < data.length; k++) {
      if (Number.isFinite(data[k])) continue
      const sample = Math.floor(k / Math.max(1, data.length / (shape[0] ?? 1)))
      const which = tensors.length > 1 ? ` (number ${i})` : ''
      throw new DataError(`${where}${which}: expected finite numbers, got ${data[k]} in sample ${sample}`)
    }
  }
}
