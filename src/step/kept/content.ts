// All that a model in training holds, as tensors by name: what a file keeps of it, and what a run goes on from.

import { FormatError, HornbeamError } from '../../errors'
import type { Variable } from '../../graph'
import type { Layer } from '../../layers'
import { castTensor, formatShape, sameShape, type Tensor } from '../../tensor'
import type { TrainingEngine } from '../trainingEngine'
import type { KeptPosition } from './position'

/** What precedes the names of the optimizer's variables. */
export const optimizerPrefix = 'optimizer/'

/** What precedes the names of all else that is no weight. */
export const trainingPrefix = 'training/'

/** The random state of training: what dropout draws from. */
export const randomName = `${trainingPrefix}random`

const statesPrefix = `${trainingPrefix}states/`
const tallyPrefix = `${trainingPrefix}tally/`
const trainedPrefix = `${trainingPrefix}weights/`

/** Whether a tensor is the state of training, not a weight. */
export function isTrainingState(name: string): boolean {
  return name.startsWith(optimizerPrefix) || name.startsWith(trainingPrefix)
}

/** What the stateful layers of a model carry, by name. */
export async function carriedTensors(model: Layer): Promise<ReadonlyMap<string, Tensor>> {
  const found = new Map<string, Tensor>()
  for (const [path, layer] of layersByPath(model)) {
    for (const [part, tensor] of await layer.carriedContent()) found.set(`${statesPrefix}${path}/${part}`, tensor)
  }
  return found
}

/** What training keeps beside the weights, by name. */
export async function trainingTensors(engine: TrainingEngine): Promise<ReadonlyMap<string, Tensor>> {
  const found = new Map<string, Tensor>()
  for (const variable of engine.renamedState().variables) {
    found.set(`${optimizerPrefix}${variable.name}`, await variable.read())
  }
  found.set(randomName, await engine.randomState.read())
  for (const [path, tensor] of engine.trainedWeights) found.set(`${trainedPrefix}${path}`, tensor)
  if ((engine.position?.step ?? 0) > 0) {
    for (const [name, tensor] of await engine.training.content()) found.set(`${tallyPrefix}${name}`, tensor)
  }
  return found
}

/** Where the last run stands, with what its epoch came to so far. */
export async function keptPosition(engine: TrainingEngine): Promise<KeptPosition | undefined> {
  const { position, training } = engine
  if (position === undefined) return undefined
  const { epoch, step, walk, taken, shuffling } = position
  // Counted in this process, or taken up from a file and not gone on with since.
  const counted = training.all.length > 0 ? await engine.readLogs(training) : 'logs' in position ? position.logs : {}
  return { epoch, step, walk, taken, shuffling, logs: step > 0 ? counted : undefined }
}

/** Gives stateful layers what they carried. @throws FormatError for what belongs to no layer. */
export async function restoreCarried(model: Layer, tensors: ReadonlyMap<string, Tensor>): Promise<void> {
  const given = under(tensors, statesPrefix)
  for (const [path, layer] of layersByPath(model)) {
    const own = under(given, `${path}/`)
    for (const part of own.keys()) given.delete(`${path}/${part}`)
    try {
      await layer.takeUpCarried(own)
    } catch (error) {
      if (!(error instanceof HornbeamError)) throw error
      throw new FormatError(`model: the file's states: ${error.message}`, { cause: error })
    }
  }
  const [lost] = given.keys()
  if (lost !== undefined) throw new FormatError(`model: the file holds states of ${lost}, which no layer has`)
}

/** Has training go on from what it had counted, and from the weights that averages took the place of. */
export async function restoreRun(
  engine: TrainingEngine,
  position: KeptPosition | undefined,
  tensors: ReadonlyMap<string, Tensor>,
): Promise<void> {
  engine.position = position
  engine.setTrainedWeights(under(tensors, trainedPrefix))
  await engine.training.takeUp(under(tensors, tallyPrefix))
}

/**
 * Gives variables the content of the tensors with their names: all of them or none.
 *
 * @param all - whether every variable has to be there; one that is there without a tensor stays as it is.
 * @throws FormatError where one is missing, or of another shape.
 */
export async function restoreVariables(
  variables: ReadonlyMap<string, Variable>,
  tensors: ReadonlyMap<string, Tensor | undefined>,
  all = true,
): Promise<void> {
  const contents = [...variables].flatMap(([name, variable]) => {
    const found = tensors.get(name)
    if (found === undefined) {
      if (tensors.has(name) || !all) return []
      throw new FormatError(`model: the file lacks ${name}`)
    }
    if (!sameShape(found.shape, variable.shape)) {
      throw new FormatError(
        `model: ${name}: expected shape ${formatShape(variable.shape)}, the file has ${formatShape(found.shape)}`,
      )
    }
    return [[variable, castTensor(found, variable.dtype)] as const]
  })
  for (const [variable, content] of contents) await variable.write(content)
}

/** All of a run: what `namedWeights`, {@link trainingTensors} and {@link carriedTensors} gave. @throws FormatError for what is of another model. */
export async function restoreAll(
  model: Layer,
  engine: TrainingEngine,
  position: KeptPosition,
  tensors: ReadonlyMap<string, Tensor>,
): Promise<void> {
  const state = engine
    .renamedState()
    .variables.map((variable) => [`${optimizerPrefix}${variable.name}`, variable] as const)
  const paths = model.weightPaths()
  const lost = [...tensors.keys()].find((name) => !isTrainingState(name) && !paths.has(name))
  if (lost !== undefined) throw new FormatError(`model: the file holds ${lost}, for which its layers have no place`)
  const weights = [...paths].map(([path, { variable }]) => [path, variable] as const)
  await restoreVariables(new Map([...weights, ...state, [randomName, engine.randomState]]), tensors)
  await restoreCarried(model, tensors)
  await restoreRun(engine, position, tensors)
}

/** What stands under a prefix, by the rest of the names. */
function under(tensors: ReadonlyMap<string, Tensor>, prefix: string): Map<string, Tensor> {
  const own = [...tensors].filter(([name]) => name.startsWith(prefix))
  return new Map(own.map(([name, tensor]) => [name.slice(prefix.length), tensor]))
}

/** A layer and those inside it by their names, told apart where they are the same; a shared one once. */
function layersByPath(
  layer: Layer,
  prefix = '',
  found = new Map<string, Layer>(),
  seen = new Set<Layer>(),
): ReadonlyMap<string, Layer> {
  for (const inner of layer.innerLayers) {
    if (seen.has(inner)) continue
    seen.add(inner)
    let path = `${prefix}${inner.name}`
    for (let number = 1; found.has(path); number++) path = `${prefix}${inner.name}_${number}`
    found.set(path, inner)
    layersByPath(inner, `${path}/`, found, seen)
  }
  return found
}
