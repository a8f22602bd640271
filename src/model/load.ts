// From a model file back to a model that predicts the same and trains on where it stopped.

import type { BackendOption } from '../backends/backend'
import { checkOptions, FormatError, HornbeamError, placed, requireBoolean } from '../errors'
import type { ModelJSON } from '../formats/architecture'
import { folderFiles, formatOf } from '../formats/formats'
import { openPlace, type Place, processorCount } from '../io'
import { deferInitial } from '../layers'
import { checkBackendOption } from '../runtime'
import { randomName, restoreCarried, restoreRun, restoreVariables } from '../step/kept/content'
import { positionFromJSON } from '../step/kept/position'
import type { Tensor } from '../tensor'
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
export async function loadModel<P extends Tensor | readonly Tensor[] = Tensor>(
  place: Place,
  options: LoadOptions = {},
): Promise<Model<P>> {
  checkOptions('loadModel', options, ['backend', 'compile'])
  const { backend } = options
  if (backend !== undefined) checkBackendOption(backend)
  const compiled = requireBoolean('loadModel', 'compile', options.compile ?? true)
  const source = await openPlace(place, folderFiles).catch((error: unknown) => {
    throw placed(error, 'loadModel')
  })
  const format = formatOf(source)
  if (format.readModel === undefined) {
    throw new FormatError(
      `${source.where}: expected a model, got ${format.what}: weights alone; make the model and use model.loadWeights`,
    )
  }
  const file = await format.readModel(source)
  // Weights get their content from the file, so what they would begin with is not made.
  const model = fromFile(source.where, '', () =>
    deferInitial(() => modelFromJSON<P>(file.architecture as unknown as ModelJSON)),
  ) // checked there
  const weights = new Map([...model.weightPaths()].map(([path, { variable }]) => [path, variable]))
  await restoreVariables(weights, file.weights(model))
  const { training } = file
  if (training !== undefined) await restoreCarried(model, training.tensors)
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
  const computes = backend ?? (await withThreadsHere(compile.backend))
  fromFile(source.where, '; load the model with { compile: false } and compile it anew', () =>
    model.compile(computes === undefined ? compile : { ...compile, backend: computes }),
  )
  if (!model.built) return model
  const engine = await model.trainingEngine('loadModel')
  const { optimizerState, randomState } = engine
  const state = new Map(optimizerState.variables.map((variable) => [variable.name, variable]))
  if (file.optimizer !== undefined) await restoreVariables(state, file.optimizer(optimizerState), false)
  if (file.random !== undefined)
    await restoreVariables(new Map([[randomName, randomState]]), new Map([[randomName, file.random]]))
  if (training !== undefined) {
    const position = training.run === undefined ? undefined : positionFromJSON(training.run)
    await restoreRun(engine, position, training.tensors)
  }
  return model
}

/** The backend that a file asks for, with no more threads than this machine runs: it may come from another, or from anybody. */
async function withThreadsHere(backend: BackendOption | undefined): Promise<BackendOption | undefined> {
  if (typeof backend !== 'object' || !('threads' in backend) || typeof backend.threads !== 'number') return backend
  const { threads } = backend
  const most = await processorCount()
  return threads > most ? { ...backend, threads: most } : backend
}

/** Options and shapes that do not fit are the file's fault here, not the caller's. */
function fromFile<T>(where: string, advice: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof HornbeamError) || error instanceof FormatError) throw error
    throw new FormatError(`${where}: ${error.message}${advice}`, { cause: error })
  }
}
