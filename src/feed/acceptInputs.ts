// Input data for a model: in its order and types, padded where sequences differ in length; the first data build the model.

import { DataError, ShapeError } from '../errors'
import { castTensor, type DType, formatShape, isFloat, type PartialShape, type Tensor } from '../tensor'
import { bindData, checkShapes, countSamples, type ModelData, type Slots } from './binding'
import type { FedModel } from './fedModel'
import { checkFinite } from './finite'
import { checkHiddenIndices } from './indices'
import { notForSequences, padSequencesOf } from './sequences'
import type { Masks } from './stepData'

/** Checks input data; gives them with a mask for each input whose sequences differ in length and were padded for it. */
export function acceptSequences(
  model: FedModel,
  x: ModelData,
): { readonly inputs: readonly Tensor[]; readonly masks: Masks } {
  const { data, masks } = padSequencesOf(x, model.inputSlots)
  const tensors = bindData(data, model.inputSlots).map((tensor, i) => inColumn(tensor, model.inputSlots.shapes?.[i]))
  checkFinite(tensors, 'x')
  countSamples(tensors, 'x')
  requireSteps(tensors, model.inputSlots)
  if (!model.built) buildFromData(model, tensors, masks)
  checkShapes(tensors, model.inputSlots)
  for (const { layer, inputs, given } of model.calls) {
    const at = inputs.findIndex((item) => model.inputs.includes(item))
    if (at >= 0) layer.checkData(tensors[model.inputs.indexOf(inputs[at])], given.settings)
  }
  checkHiddenIndices(model, tensors)
  return { inputs: tensors.map((tensor, i) => typed(tensor, model.inputs[i].dtype)), masks }
}

/** Numbers by themselves for an input of one number each, such as the ids of an embedding: `[samples]` becomes `[samples, 1]`. */
function inColumn(tensor: Tensor, shape: PartialShape | undefined): Tensor {
  return tensor.rank === 1 && shape?.length === 1 && shape[0] === 1 ? tensor.reshape([-1, 1]) : tensor
}

/** @throws DataError for samples without a single step or feature, as an empty text gives. */
function requireSteps(tensors: readonly Tensor[], { names }: Slots): void {
  const empty = tensors.findIndex(({ shape }) => shape[0] > 0 && shape[1] === 0)
  if (empty < 0) return
  const where = tensors.length > 1 ? `x (${names[empty]})` : 'x'
  throw new DataError(
    `${where}: expected at least one step in a sample, got shape ${formatShape(tensors[empty].shape)}; an empty text has no tokens`,
  )
}

/** Builds for the shapes of data, with the length of sequences left open where the layers allow it. */
function buildFromData(model: FedModel, tensors: readonly Tensor[], masks: Masks): void {
  const shapes = tensors.map(({ shape }) => shape.slice(1))
  try {
    model.buildFor(
      shapes.map((shape, i) => (masks[i] ? [null, ...shape.slice(1)] : withOpenLength(model, shape, tensors[i].dtype))),
    )
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    if (masks.some((mask) => mask !== undefined)) throw notForSequences('x', error)
    // A layer needs the length (a flatten before a dense one, say), or the data do not fit at all.
    model.buildFor(shapes)
  }
}

/** `[time, features]`, and `[time]` of indices, with a time of any length. */
function withOpenLength({ kind, innerLayers }: FedModel, shape: PartialShape, dtype: DType): PartialShape {
  const isIndices = kind === 'sequential' ? innerLayers[0]?.inputDType === 'int32' : dtype === 'int32'
  return shape.length === (isIndices ? 1 : 2) ? [null, ...shape.slice(1)] : shape
}

function typed(tensor: Tensor, dtype: DType): Tensor {
  if (tensor.dtype === dtype || (isFloat(dtype) && !isFloat(tensor.dtype))) return tensor
  return castTensor(tensor, dtype)
}
