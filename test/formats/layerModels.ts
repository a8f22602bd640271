// Models of one layer each, from the cases that hold for every kind of layer, as formats that predict are tested with.
import { type ApplyOptions, input, type Layer, type SymbolicTensor } from '../../src/layers'
import { model } from '../../src/model'
import { asTensor, type Tensor } from '../../src/tensor'
import { type LayerCase, layerCases } from '../layers/cases'
import { recurrentCases } from '../layers/recurrent/cases'

/** All cases, as in prediction. */
export const cases: readonly LayerCase[] = [...layerCases, ...recurrentCases].map((each) => ({
  ...each,
  training: false,
}))

/** A model of one layer, its inputs as in the case; the first axis of samples is open where `open`. */
export function modelOf({ make, inputs, masks = [], settings = {} }: LayerCase, open: boolean) {
  const layer = make()
  const slots = inputs.map(({ shape, dtype }, i) => {
    const sample = shape.slice(1)
    return input({ shape: open && sample.length > 1 ? [null, ...sample.slice(1)] : sample, dtype, name: `x${i}` })
  })
  const given = masks.flatMap((mask, i) => {
    if (mask === undefined) return []
    const tensor = asTensor(mask, 'bool')
    return [{ tensor, slot: input({ shape: open ? [null] : tensor.shape.slice(1), dtype: 'bool', name: `mask${i}` }) }]
  })
  const [mask] = given
  // The masks of several inputs are given by the name of the input.
  const byName = inputs.length > 1 && masks.length > 0
  const applied = layer.apply(slots.length === 1 ? slots[0] : slots, {
    ...(mask === undefined || byName ? {} : { mask: mask.slot }),
    ...(byName
      ? namedMasks(
          layer,
          masks,
          given.map(({ slot }) => slot),
        )
      : {}),
    ...settings,
  })
  const made = model({ inputs: [...slots, ...given.map(({ slot }) => slot)], outputs: applied })
  const data: readonly Tensor[] = [...inputs, ...given.map(({ tensor }) => tensor)]
  return { made, data }
}

/** The masks of query and value, or of decoder and encoder. */
function namedMasks(layer: Layer, masks: LayerCase['masks'] = [], slots: readonly SymbolicTensor[]): ApplyOptions {
  const isDecoder = layer.callOptions.tensors?.includes('decoderPaddingMask')
  const all = isDecoder ? ['decoderPaddingMask', 'encoderPaddingMask'] : ['queryMask', 'valueMask', 'keyMask']
  const names = all.filter((_, i) => masks[i] !== undefined)
  return Object.fromEntries(names.map((name, i) => [name, slots[i]]))
}

/** Those that have to know their lengths: weights by place, fixed shapes, padding or weights that follow from the length. */
export const needLengths: ReadonlySet<string> = new Set([
  'reshape',
  'dot of sequences',
  'einsumDense over time',
  'positionEmbedding',
  'positionEmbedding from a place on',
  'layerNormalization over other axes',
  'rmsNormalization over other axes',
  'groupNormalization',
  'groupNormalization on axis 1',
  'batchNormalization on axis 1, masked, in training',
  'normalization, the other way',
  'conv2d',
  'maxPooling1d',
  'averagePooling2d',
  'upSampling2d, bilinear',
  'depthwiseConv2d',
  ...['resizing', 'centerCrop', 'randomCrop', 'melSpectrogram'],
  ...['adaptiveAveragePooling1d', 'adaptiveAveragePooling2d', 'adaptiveAveragePooling3d'],
  ...['adaptiveMaxPooling1d', 'adaptiveMaxPooling2d', 'adaptiveMaxPooling3d'],
])

/** Those of whose inputs some, but not all, have to be equally long: two open lengths, of which code has one at most. */
export const someEqual: ReadonlySet<string> = new Set([
  'attention with a key, causal, with scores',
  'multiHeadAttention',
  'transformerDecoder with an encoder',
])
