// From a model file back to a model that predicts the same and trains on where it stopped.

import type { BackendOption } from '../backends/backend'
import { checkOptions, requireBoolean } from '../errors'
import type { Outputs } from '../feed/fedModel'
import type { Place } from '../io'
import { checkBackendOption } from '../runtime'
import type { Tensor } from '../tensor'
import type { Model } from './model'

/** How a model is loaded. */
export interface LoadOptions {
  /** Replaces the backend the model was compiled with when it was saved. */
  readonly backend?: BackendOption
  /** `false` leaves out loss, metrics and optimizer, which may be of a kind not known here; `true` by default. */
  readonly compile?: boolean
}

/**
 * Reads a saved model: architecture, weights, and, if it was compiled, compile options and optimizer state. The format is
 * told by the content. A model whose loss or metric is a function of one's own without a registered name (`registerLoss`,
 * `registerMetric`) predicts, and is not compiled.
 *
 * @typeParam P - what it predicts, where it has several outputs: `loadModel<[Tensor, Tensor]>(place)`.
 * @param place - a path in Node; in a page `indexeddb://name` or a URL; a `File`, `Blob` or `Response`; or the bytes.
 * @throws FormatError for a file that is corrupt, truncated or not of a model, or holds what hornbeam does not have.
 *
 * @example
 * ```ts
 * const net = sequential([dense(1)], { inputShape: [2] })
 * const copy = await loadModel(await net.toBytes())
 * ```
 */
export async function loadModel<P extends Outputs = Tensor>(
  place: Place,
  options: LoadOptions = {},
): Promise<Model<P>> {
  checkOptions('loadModel', options, ['backend', 'compile'])
  const { backend } = options
  if (backend !== undefined) checkBackendOption(backend)
  const compiled = requireBoolean('loadModel', 'compile', options.compile ?? true)
  const { readModel } = await import('./read')
  return readModel<P>(place, compiled, backend)
}
