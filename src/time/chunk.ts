// The next steps of a sequence, as a stream takes them: bound to the inputs, checked, in the types of the model.

import { ShapeError } from '../errors'
import { acceptSequences } from '../feed/acceptInputs'
import { bindData, type ModelData } from '../feed/binding'
import type { FedModel } from '../feed/fedModel'
import { checkFinite } from '../feed/finite'
import { checkHiddenIndices } from '../feed/indices'
import type { CallSettings, Layer } from '../layers'
import type { CarriedVariables } from '../step/carried'
import { castTensor, formatShape, isFloat, type Tensor } from '../tensor'
import type { TimePlan } from './overTime'

/** What a stream knows of a model that is built. */
export interface Known {
  readonly time: TimePlan
  readonly carried: CarriedVariables
  /** The layers that check data, and the input each reads. */
  readonly checked: readonly { readonly layer: Layer; readonly settings: CallSettings; readonly input: number }[]
}

/** Data that were checked. */
export interface Chunk {
  readonly inputs: readonly Tensor[]
  /** How many steps they are. */
  readonly steps: number
}

/**
 * Checks data; the first build a model that is not built.
 *
 * @param parts - what is known of the model once it is built.
 * @throws ShapeError for another number of sequences or features; DataError for what is not finite, or no index.
 */
export function acceptChunk(model: FedModel, batchSize: number, chunk: ModelData, parts: () => Known): Chunk {
  const slots = { ...model.inputSlots, where: 'stream.push' }
  const tensors = bindData(chunk, slots)
  if (!model.built) acceptSequences(model, chunk)
  const { time, checked } = parts()
  let steps = 0
  const inputs = tensors.map((tensor, i): Tensor => {
    const { shape, dtype, name } = model.computed.inputs[i]
    const isSequence = time.inputs[i] === 'sequence'
    const first = isSequence ? 1 : 0
    const fits =
      tensor.rank === shape.length + 1 &&
      tensor.shape[0] === batchSize &&
      shape.every((length, axis) => axis < first || length === null || length === tensor.shape[axis + 1])
    if (!fits || (isSequence && tensor.shape[1] === 0)) {
      const expected = `[${[batchSize, ...shape.map((length, axis) => (axis < first ? 'steps' : length))].join(', ')}]`
      throw new ShapeError(`stream.push: ${name}: expected shape ${expected}, got ${formatShape(tensor.shape)}`)
    }
    if (isSequence) {
      if (steps !== 0 && steps !== tensor.shape[1]) {
        throw new ShapeError(`stream.push: expected as many steps in each input, got ${steps} and ${tensor.shape[1]}`)
      }
      steps = tensor.shape[1]
    }
    return tensor.dtype === dtype || !(isFloat(tensor.dtype) || isFloat(dtype)) ? tensor : castTensor(tensor, dtype)
  })
  checkFinite(tensors, 'stream.push')
  for (const { layer, settings, input } of checked) layer.checkData(tensors[input], settings)
  checkHiddenIndices(model, inputs)
  return { inputs, steps }
}
