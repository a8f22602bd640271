// From a model file back to a model that predicts the same and trains on where it stopped.

import type { BackendOption } from '../backends/backend'
import { checkOptions, FormatError, requireBoolean } from '../errors'
import { folderFiles, formatOf } from '../formats'
import type { ModelJSON } from '../formats/architecture'
import type { Variable } from '../graph'
import { openPlace, type Place } from '../io'
import { deferInitial } from '../layers/weights'
import { checkBackendOption } from '../runtime'
import { formatShape, sameShape, type Tensor } from '../tensor'
import { compileFromJSON } from './compileJSON'
import { modelFromJSON } from './fromJSON'
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
 * @param place - a path in Node; in a page `indexeddb://name` or a URL; a `File`, `Blob` or `Response`; or the bytes.
 * @throws FormatError for a file that is corrupt, truncated or not of a model, or holds what hornbeam does not have.
 *
 * @example
 * ```ts
 * const net = sequential([dense(1)], { inputShape: [2] })
 * const copy = await loadModel(await net.toBytes())
 * ```
 */
export async function loadModel(place: Place, options: LoadOptions = {}): Promise<Model> {
  checkOptions('loadModel', options, ['backend', 'compile'])
  const { backend } = options
  if (backend !== undefined) checkBackendOption(backend)
  const compiled = requireBoolean('loadModel', 'compile', options.compile ?? true)
  const source = await openPlace(place, folderFiles)
  const format = formatOf(source)
  if (format.readModel === undefined) {
    throw new FormatError(
      `${source.where}: expected a model, got ${format.what}: weights alone; make the model and use model.loadWeights`,
    )
  }
  const file = await format.readModel(source)
  // Checked there. Weights get their content from the file, so what they would begin with is not made.
  const model = deferInitial(() => modelFromJSON(file.architecture as unknown as ModelJSON))
  const weights = new Map([...model.weightPaths()].map(([path, { variable }]) => [path, variable]))
  await restore(weights, file.weights(model))
  if (!compiled || file.compile === undefined) return model
  const { options: compile, missing } = compileFromJSON(file.compile())
  if (missing.length > 0) {
    // It predicts as it did; only to go on training takes what is missing.
    model.leaveUncompiled(
      `it was compiled with ${missing.join(' and ')}, which has no registered name here: call compile with it, or ` +
        'registerLoss and registerMetric before loading',
    )
    return model
  }
  model.compile(backend === undefined ? compile : { ...compile, backend })
  if (!model.built) return model
  const { optimizerState, randomState } = await model.trainingEngine('loadModel')
  const state = new Map(optimizerState.variables.map((variable) => [variable.name, variable]))
  if (file.optimizer !== undefined) await restore(state, file.optimizer(optimizerState))
  if (file.random !== undefined)
    await restore(new Map([['training/random', randomState]]), new Map([['training/random', file.random]]))
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
