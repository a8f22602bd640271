// Models of one layer each, from the cases that hold for every kind of layer, as formats that predict are tested with.
import { input } from '../../src/layers'
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
export function modelOf({ make, inputs, masks = [] }: LayerCase, open: boolean) {
  const layer = make()
  const slots = inputs.map(({ shape, dtype }, i) => {
    const sample = shape.slice(1)
    return input({ shape: open && sample.length > 1 ? [null, ...sample.slice(1)] : sample, dtype, name: `x${i}` })
  })
  const given = masks.flatMap((mask) => {
    if (mask === undefined) return []
    const tensor = asTensor(mask, 'bool')
    return [{ tensor, slot: input({ shape: open ? [null] : tensor.shape.slice(1), dtype: 'bool', name: 'mask' }) }]
  })
  const [mask] = given
  const applied = layer.apply(slots.length === 1 ? slots[0] : slots, mask === undefined ? {} : { mask: mask.slot })
  const made = model({ inputs: [...slots, ...given.map(({ slot }) => slot)], outputs: applied })
  const data: readonly Tensor[] = [...inputs, ...given.map(({ tensor }) => tensor)]
  return { made, data }
}

/** Those that have to know their lengths: weights by place, fixed shapes, padding or weights that follow from the length. */
export const needLengths: ReadonlySet<string> = new Set([
  'reshape',
  'dot of sequences',
  'layerNormalization over other axes',
  'batchNormalization on axis 1, masked, in training',
  'normalization, the other way',
  'conv2d',
  'maxPooling1d',
  'averagePooling2d',
  'upSampling2d, bilinear',
  'depthwiseConv2d',
  ...['adaptiveAveragePooling1d', 'adaptiveAveragePooling2d', 'adaptiveAveragePooling3d'],
  ...['adaptiveMaxPooling1d', 'adaptiveMaxPooling2d', 'adaptiveMaxPooling3d'],
])
