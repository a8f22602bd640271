// A model with its data as a folder that a larger engine trains: PyTorch in several processes, or Keras on JAX on several devices.
import { isSamples, type Samples } from '../../data'
import {
  checkOptions,
  DataError,
  describeValue,
  OptionError,
  requireBoolean,
  requireOneOf,
  requirePositiveInteger,
} from '../../errors'
import { bindData, type ModelData } from '../../feed/binding'
import { isDataset } from '../../feed/dataset'
import type { SavedModel } from '../../formats/savedModel'
import { writeTensors } from '../../formats/tensorFiles'
import { fileIn, writePlace } from '../../io'
import type { Tensor } from '../../tensor'
import { saveModel } from '../save'
import { kerasProgram, torchProgram } from './programs'

/** Options of `model.handOver`. */
export interface HandOverOptions {
  /** `'torch'`: PyTorch in as many processes as `torchrun` starts; `'keras'`: Keras on JAX, on all devices of a machine. */
  readonly engine: 'torch' | 'keras'
  /** What it is trained on: inputs and targets as for `fit`, or samples such as windows. */
  readonly data: readonly [x: ModelData, y: ModelData] | Samples
  /** 1 by default. */
  readonly epochs?: number
  /** How many samples a step takes, of all processes or devices together; 32 by default. */
  readonly batchSize?: number
  /** Whether samples come in another order in each epoch; `true` by default. */
  readonly shuffle?: boolean
  /** Fixes that order; 0 by default. */
  readonly seed?: number
}

const optionNames = ['engine', 'data', 'epochs', 'batchSize', 'shuffle', 'seed']

const engines = {
  torch: { program: torchProgram, packages: ['keras>=3.10', 'torch'] },
  keras: { program: kerasProgram, packages: ['keras>=3.10', 'jax'] },
} as const

/** See `Model.handOver`. */
export async function handOver(model: SavedModel, folder: string, options: HandOverOptions): Promise<void> {
  const where = `${model.name}.handOver`
  if (typeof folder !== 'string' || folder === '') {
    throw new OptionError(`${where}: expected a folder, got ${describeValue(folder)}`)
  }
  checkOptions(where, options, optionNames)
  if (options === undefined) throw new OptionError(`${where}: expected { engine, data }, got no options`)
  const engine = requireOneOf(where, 'engine', options.engine, ['torch', 'keras'])
  const { epochs = 1, batchSize = 32, shuffle = true, seed = 0 } = options
  const settings = {
    epochs: requirePositiveInteger(where, 'epochs', epochs),
    batchSize: requirePositiveInteger(where, 'batchSize', batchSize),
    shuffle: requireBoolean(where, 'shuffle', shuffle),
    seed: seed === 0 ? 0 : requirePositiveInteger(where, 'seed', seed),
  }
  if (model.compileOptions === undefined || model.compileOptions.loss === undefined) {
    throw new OptionError(`${where}: expected a model compiled with a loss, got one that was not`)
  }
  const tensors = tensorsOf(where, model, options.data)
  const { program, packages } = engines[engine]
  await writeTensors(fileIn(folder, 'data.npz'), tensors)
  await saveModel(model, fileIn(folder, 'model.keras'))
  const texts = {
    'settings.json': `${JSON.stringify(settings)}\n`,
    'requirements.txt': `${packages.join('\n')}\nnumpy\n`,
  }
  for (const [name, text] of Object.entries({ ...texts, 'train.py': program })) {
    await writePlace(fileIn(folder, name), new TextEncoder().encode(text))
  }
}

/** Inputs as `x0`, `x1`, ..., targets as `y0`, ... */
function tensorsOf(where: string, model: SavedModel, data: HandOverOptions['data']): Record<string, Tensor> {
  if (isDataset(data)) {
    throw new OptionError(
      `${where}: data: expected arrays or samples, got a dataset; its arrays are in (await dataset.toArray())`,
    )
  }
  const [x, y] = isSamples(data) ? pairOf(data) : Array.isArray(data) ? data : []
  if (x === undefined || y === undefined) {
    throw new OptionError(`${where}: data: expected [x, y] or samples such as windows, got ${describeValue(data)}`)
  }
  const inputs = bindData(x, model.inputSlots)
  if (!model.built) model.buildFor(inputs.map(({ shape }) => shape.slice(1)))
  const targets = bindData(y, model.targetSlots)
  const [first] = inputs
  for (const tensor of [...inputs, ...targets]) {
    if (tensor.shape[0] === first.shape[0]) continue
    throw new DataError(`${where}: data: expected ${first.shape[0]} samples in each, got ${tensor.shape[0]}`)
  }
  const named = (letter: string, list: readonly Tensor[]) => list.map((tensor, i) => [`${letter}${i}`, tensor] as const)
  return Object.fromEntries([...named('x', inputs), ...named('y', targets)])
}

/** All samples at once. */
function pairOf(samples: Samples): readonly [ModelData, ModelData | undefined] {
  const { x, y } = samples.draw(Array.from({ length: samples.size }, (_, i) => i))
  return [x, y]
}
