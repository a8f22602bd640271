// Convolution, flatten, linear: PyTorch flattens images with the channels first, hornbeam with the channels last. The linear layer's rows are
// put in hornbeam's order where the model's own graph shows that this is what stands there.

import type { Layer, LayerCall, SymbolicTensor } from '../../layers'
import { sizeOf, type Tensor } from '../../tensor'
import type { SavedModel } from '../savedModel'
import { reshaped, transposed } from './layout'
import type { Parameter, TorchModule } from './parameter'
import type { Unit } from './units'

/** Layers that leave the axes of images where they are. */
const alongside =
  /^(activation|activityRegularization|identity|rescaling|dropout|spatialDropout|gaussian|alphaDropout|batchNormalization|groupNormalization|reLU|leakyReLU|elu|prelu|maxPooling|averagePooling|adaptive|zeroPadding|cropping|upSampling|resizing|centerCrop|add$|subtract|multiply|average$|maximum|minimum|concatenate)/

/** A kernel from PyTorch, its rows in the order of the features that `flatten` gives here; any other weight as it is. */
export function inFlattenOrder(
  model: SavedModel,
  unit: Unit,
  as: TorchModule,
  { weight }: Parameter,
  content: Tensor,
): Tensor {
  const image = imageBefore(model, unit, as, weight.name, content)
  if (image === undefined) return content
  const { channels, lengths, units } = image
  return reordered(content, [channels, ...lengths, units], [...lengths.map((_, i) => i + 1), 0])
}

/** The same the other way: rows in the order in which PyTorch flattens. */
export function outOfFlattenOrder(
  model: SavedModel,
  unit: Unit,
  as: TorchModule,
  { weight }: Parameter,
  content: Tensor,
): Tensor {
  const image = imageBefore(model, unit, as, weight.name, content)
  if (image === undefined) return content
  const { channels, lengths, units } = image
  return reordered(content, [...lengths, channels, units], [lengths.length, ...lengths.map((_, i) => i)])
}

/** A kernel whose rows, seen as an image of this shape, are put in another order of its axes; its columns stay last. */
function reordered(kernel: Tensor, image: readonly number[], order: readonly number[]): Tensor {
  return reshaped(transposed(reshaped(kernel, image), [...order, image.length - 1]), kernel.shape)
}

function imageBefore(model: SavedModel, { layer }: Unit, as: TorchModule, name: string, { shape }: Tensor) {
  if (as.name !== 'nn.Linear' || name !== 'kernel') return undefined
  const flattened = flattenedBefore(model, layer)
  if (flattened === undefined) return undefined
  const [channels, ...lengths] = [flattened[flattened.length - 1], ...flattened.slice(0, -1)]
  const [rows, units] = shape
  return channels * sizeOf(lengths) === rows ? { channels, lengths, units } : undefined
}

/** Layers that give images in another order than PyTorch's. */
const convolution = /^(conv[123]d|depthwiseConv[12]d|separableConv[12]d)(Transpose)?$/

/** The shape of the images that are flattened on their way into a layer; undefined where there are none. */
function flattenedBefore(model: SavedModel, layer: Layer): readonly number[] | undefined {
  const calls = callsIn(model)
  const call = calls.find((item) => item.layer === layer)
  const at = call === undefined ? undefined : back(call.inputs[0], calls)
  if (at?.call?.layer.kind !== 'flatten') return undefined
  const [image] = at.call.inputs
  const kind = back(image, calls).call?.layer.kind
  if (kind === undefined || !convolution.test(kind)) return undefined
  return image.shape.every((length) => length !== null) ? (image.shape as readonly number[]) : undefined
}

/** All calls, also those within models of the model. */
function callsIn({ calls }: SavedModel): readonly LayerCall[] {
  return calls.flatMap((call) => (isGraph(call.layer) ? [call, ...callsIn(call.layer)] : [call]))
}

/** Models alone have calls. */
function isGraph(layer: Layer): layer is Layer & SavedModel {
  return 'calls' in layer
}

/** The value from which this one comes by layers that leave axes where they are, into models and out of them. */
function back(value: SymbolicTensor, calls: readonly LayerCall[]): SymbolicTensor {
  const { call } = value
  if (call !== undefined && isGraph(call.layer)) return back(call.layer.outputs[call.outputs.indexOf(value)], calls)
  if (call !== undefined) return alongside.test(call.layer.kind) ? back(call.inputs[0], calls) : value
  // The input of a model inside is what that model is called with.
  const outer = calls.find(({ layer }) => isGraph(layer) && layer.inputs.includes(value))
  if (outer === undefined || !isGraph(outer.layer)) return value
  return back(outer.inputs[outer.layer.inputs.indexOf(value)], calls)
}
