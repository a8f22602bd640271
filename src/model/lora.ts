// What was trained beside the kernels: made a part of them, saved, read. Loaded when it is first asked for.

import { FormatError, OptionError } from '../errors'
import { readTensors, writeTensors } from '../formats/tensorFiles'
import type { Place } from '../io'
import type { Weight } from '../layers'
import { formatShape, sameShape } from '../tensor'
import { adaptedWeights, type Layered } from './enableLora'

/** Makes what was trained a part of the kernels. */
export async function mergeLora(model: Layered): Promise<void> {
  const where = `${model.name}.mergeLora`
  requireEnabled(model, where)
  for (const layer of model.layers) await layer.mergeKernels()
}

/** Saves the weights that are trained, by their paths: beside kernels, and biases. @throws OptionError before `enableLora`. */
export async function saveLora(model: Layered, place: string | URL): Promise<void> {
  requireEnabled(model, `${model.name}.saveLora`)
  const content = trainedWeights(model).map(async ([path, { variable }]) => [path, await variable.read()] as const)
  await writeTensors(place, Object.fromEntries(await Promise.all(content)))
}

/** Reads what `saveLora` saved, all or none. */
export async function loadLora(model: Layered, place: Place): Promise<void> {
  const tensors = await readTensors(place)
  const where = `${model.name}.loadLora`
  requireEnabled(model, where)
  const weights = trainedWeights(model)
  const extra = Object.keys(tensors).find((path) => !weights.some(([own]) => own === path))
  if (extra !== undefined)
    throw new FormatError(`${where}: expected ${weights.map(([path]) => path).join(', ')}, got also ${extra}`)
  for (const [path, { variable }] of weights) {
    const found = tensors[path]
    if (found !== undefined && sameShape(found.shape, variable.shape)) continue
    throw new FormatError(
      `${where}: ${path}: expected shape ${formatShape(variable.shape)}, got ${found === undefined ? 'none' : formatShape(found.shape)}`,
    )
  }
  for (const [path, { variable }] of weights) await variable.write(tensors[path])
}

function trainedWeights(model: Layered): (readonly [string, Weight])[] {
  const trained = new Set(model.trainableWeights.map(({ variable }) => variable))
  return [...model.weightPaths()].filter(([, { variable }]) => trained.has(variable))
}

function requireEnabled(model: Layered, where: string): void {
  if (adaptedWeights(model).length === 0) throw new OptionError(`${where}: expected enableLora before`)
}
