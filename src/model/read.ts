// What a model file says, made a model again: loaded when the first model is.

import type { BackendOption } from '../backends/backend'
import { FormatError, HornbeamError, placed } from '../errors'
import type { Outputs } from '../feed/fedModel'
import type { ModelJSON } from '../formats/architecture'
import type { Format } from '../formats/format'
import { folderFiles, formatOf, readGuarded } from '../formats/formatOf'
import { processorCount } from '../host'
import { openPlace, type Place, type Source } from '../io'
import { deferInitial } from '../layers'
import { randomName, restoreCarried, restoreRun, restoreVariables } from '../step/kept/content'
import { positionFromJSON } from '../step/kept/position'
import { compileFromJSON } from './compileJSON'
import { modelFromJSON } from './fromJSON'
import type { Model } from './model'

/**
 * The model in a place.
 *
 * @param compiled - whether it is to be compiled as it was.
 * @param backend - the one it then computes on, in place of the one it was compiled with.
 */
export async function readModel<P extends Outputs>(
  place: Place,
  compiled: boolean,
  backend: BackendOption | undefined,
): Promise<Model<P>> {
  const source = await openPlace(place, folderFiles).catch((error: unknown) => {
    throw placed(error, 'loadModel')
  })
  const format = await formatOf(source)
  if (format.readModel === undefined) {
    throw new FormatError(
      `${source.where}: expected a model, got ${format.what}: weights alone; make the model and use model.loadWeights`,
    )
  }
  const read = format.readModel
  return readGuarded(source, () => modelFrom<P>(source, read, compiled, backend))
}

async function modelFrom<P extends Outputs>(
  source: Source,
  read: NonNullable<Format['readModel']>,
  compiled: boolean,
  backend: BackendOption | undefined,
): Promise<Model<P>> {
  const file = await read(source)
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
