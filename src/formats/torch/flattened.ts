// Convolution, flatten, linear: PyTorch flattens images with the channels first, hornbeam with the channels last. The linear layer's rows are
// put in hornbeam's order where the model's own graph shows that this is what stands there.

import type { SymbolicTensor } from '../../layers'
import { sizeOf, type Tensor } from '../../tensor'
import type { SavedModel } from '../savedModel'
import { reshaped, transposed } from './layout'
import type { Parameter, TorchModule } from './modules'
import type { Unit } from './units'

/** Layers that leave the axes of images where they are. */
const alongside =
  /^(activation|dropout|spatialDropout|gaussian|alphaDropout|batchNormalization|reLU|leakyReLU|elu|prelu|maxPooling|averagePooling|zeroPadding|cropping|upSampling)/

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

/** The shape of the images that are flattened on their way into a layer; undefined where there are none. */
function flattenedBefore(model: SavedModel, layer: unknown): readonly number[] | undefined {
  const call = model.calls.find((item) => item.layer === layer)
  let at: SymbolicTensor | undefined = call?.inputs[0]
  while (at?.call !== undefined && alongside.test(at.call.layer.kind)) at = at.call.inputs[0]
  if (at?.call?.layer.kind !== 'flatten') return undefined
  const [image] = at.call.inputs
  at = image
  while (at?.call !== undefined && alongside.test(at.call.layer.kind)) at = at.call.inputs[0]
  if (at?.call === undefined || !/^conv[12]d$/.test(at.call.layer.kind)) return undefined
  return image.shape.every((length) => length !== null) ? (image.shape as readonly number[]) : undefined
}
