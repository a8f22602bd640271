// Ops on host tensors, run at once: what one does with predictions.

import type { BackendOption } from '../backends/backend'
import { checkOptions } from '../errors'
import { type Computed, jit, type Traced } from './jit'

/** Options of {@link compute}. */
export interface ComputeOptions {
  /** Where to compute; `'cpu'` by default, as the numbers lie there. */
  readonly backend?: BackendOption
}

/**
 * Computes what `ops` say of tensors, arrays and numbers, at once: one tensor, or one for each of a list.
 *
 * @example
 * ```ts
 * const degrees = tensor([[20], [22]])
 * const [warmest, mean] = await compute([ops.argMax(degrees, 0), ops.mean(degrees)])
 * console.log((await compute(ops.add(ops.mul(degrees, 1.8), 32))).toArray()) // [[68], [71.6]]
 * ```
 */
export async function compute<R extends Traced>(result: R, options: ComputeOptions = {}): Promise<Computed<R>> {
  checkOptions('compute', options, ['backend'])
  return jit(() => result, { backend: options.backend ?? 'cpu' })()
}
