// From a model file back to a model that predicts the same and trains on where it stopped.

import type { BackendOption } from '../backends/backend'
import { checkOptions, describeValue, FormatError, OptionError } from '../errors'
import type { Variable } from '../graph'
import { decodeModel, readPlace } from '../io'
import { checkBackendOption } from '../runtime'
import type { CompileOptions } from '../step/compileOptions'
import { formatShape, sameShape, type Tensor } from '../tensor'
import type { ModelJSON } from './architecture'
import { modelFromJSON } from './fromJSON'
import type { Model } from './model'
import { optimizerPrefix, randomName } from './save'

/**
 * Reads a saved model: architecture, weights, and, if it was compiled, compile options and optimizer state.
 *
 * @param place - a path in Node; in a page `indexeddb://name` or a URL; or the bytes themselves.
 * @param options - `backend` replaces the one the model was compiled with when it was saved.
 * @throws FormatError for a file that is corrupt, truncated or not of a model.
 *
 * @example
 * ```ts
 * const net = sequential([dense(1)], { inputShape: [2] })
 * const copy = await loadModel(await net.toBytes())
 * ```
 */
export async function loadModel(
  place: string | Uint8Array,
  options: { readonly backend?: BackendOption } = {},
): Promise<Model> {
  checkOptions('loadModel', options, ['backend'])
  const { backend } = options
  if (backend !== undefined) checkBackendOption(backend)
  if (typeof place !== 'string' && !(place instanceof Uint8Array)) {
    throw new OptionError(`loadModel: place: expected a path, a URL or bytes, got ${describeValue(place)}`)
  }
  const parts = decodeModel(typeof place === 'string' ? await readPlace(place) : place)
  const model = modelFromJSON(parts.architecture as unknown as ModelJSON) // checked there
  await restore(new Map([...model.weightPaths()].map(([path, { variable }]) => [path, variable])), parts.tensors)
  if (parts.compile === undefined) return model
  const compile = parts.compile as CompileOptions // checked there
  model.compile(backend === undefined ? compile : { ...compile, backend })
  if (!model.built) return model
  const { optimizerState, randomState } = model.trainingEngine('loadModel')
  const state = new Map(optimizerState.variables.map((variable) => [`${optimizerPrefix}${variable.name}`, variable]))
  await restore(state.set(randomName, randomState), parts.tensors)
  return model
}

/** Gives variables the content of the tensors with their names: all of them or none. */
async function restore(variables: ReadonlyMap<string, Variable>, tensors: ReadonlyMap<string, Tensor>): Promise<void> {
  const contents = [...variables].map(([name, variable]) => {
    const found = tensors.get(name)
    if (found === undefined) throw new FormatError(`model: the file lacks ${name}`)
    if (!sameShape(found.shape, variable.shape)) {
      throw new FormatError(
        `model: ${name}: expected shape ${formatShape(variable.shape)}, the file has ${formatShape(found.shape)}`,
      )
    }
    return [variable, found] as const
  })
  for (const [variable, content] of contents) await variable.write(content)
}
