// From a model file back to a model that predicts the same and trains on where it stopped.

import { FormatError } from '../errors'
import type { Variable } from '../graph'
import { decodeModel, readPlace } from '../io'
import { formatShape, sameShape, type Tensor } from '../tensor'
import type { ModelJSON } from './architecture'
import type { CompileOptions } from './compile-options'
import { modelFromJSON } from './from-json'
import type { Model } from './model'
import { optimizerPrefix } from './save'

/**
 * Reads a saved model: architecture, weights, and, if it was compiled, compile options and optimizer state.
 *
 * @param place - a path in Node; in a page `indexeddb://name` or a URL; or the bytes themselves.
 * @throws FormatError for a file that is corrupt, truncated or not of a model.
 *
 * @example
 * ```ts
 * const net = sequential([dense(1)], { inputShape: [2] })
 * const copy = await loadModel(await net.toBytes())
 * ```
 */
export async function loadModel(place: string | Uint8Array): Promise<Model> {
  const parts = decodeModel(typeof place === 'string' ? await readPlace(place) : place)
  const model = modelFromJSON(parts.architecture as unknown as ModelJSON) // checked there
  await restore(
    model.weights.map(({ variable }) => variable),
    parts.tensors,
    '',
  )
  if (parts.compile === undefined) return model
  model.compile(parts.compile as CompileOptions) // checked there
  if (model.built)
    await restore(model.trainingEngine('loadModel').optimizerState.variables, parts.tensors, optimizerPrefix)
  return model
}

async function restore(
  variables: readonly Variable[],
  tensors: ReadonlyMap<string, Tensor>,
  prefix: string,
): Promise<void> {
  for (const variable of variables) {
    const found = tensors.get(`${prefix}${variable.name}`)
    if (found === undefined) throw new FormatError(`model: the file lacks ${variable.name}`)
    if (!sameShape(found.shape, variable.shape)) {
      throw new FormatError(
        `model: ${variable.name}: expected shape ${formatShape(variable.shape)}, the file has ${formatShape(found.shape)}`,
      )
    }
  }
  for (const variable of variables) {
    const found = tensors.get(`${prefix}${variable.name}`)
    if (found !== undefined) await variable.write(found)
  }
}
