// A block of a transformer that reads a sequence as a whole.

import type { Value } from '../../graph'
import { cast, logicalAnd } from '../../ops'
import type { PartialShape } from '../../tensor'
import type { CallContext } from '../base/context'
import type { Layer } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import { CompositeLayer } from '../composite/composite'
import type { CallOptions, CallSettings } from '../options/callOptions'
import type { Expected } from '../options/expected'
import {
  type BlockSizes,
  checkSizes,
  Maker,
  residual,
  type TransformerOptions,
  through,
  transformerOptions,
} from './block'

/** Options of {@link transformerEncoder}. */
export interface TransformerEncoderOptions extends TransformerOptions {}

/** The layers of a built block, in the order of Keras' weights. */
interface Parts {
  readonly attention: Layer
  readonly attentionNorm: Layer
  readonly feedforwardNorm: Layer
  readonly intermediate: Layer
  readonly output: Layer
}

class TransformerEncoder extends CompositeLayer<Parts> {
  override readonly expects: Expected = { inputs: 'one', axes: ['batch', 'time', 'features'] }
  private readonly sizes: BlockSizes
  private readonly options: TransformerEncoderOptions

  constructor(intermediateDim: number, numHeads: number, options: TransformerEncoderOptions = {}) {
    super(options, 'transformerEncoder', transformerOptions)
    this.sizes = checkSizes('transformerEncoder', intermediateDim, numHeads)
    this.options = options
  }

  override get callOptions(): CallOptions {
    return { tensors: ['paddingMask', 'attentionMask'], settings: { returnAttentionScores: false } }
  }

  override build(inputShape: PartialShape): void {
    const maker = new Maker(this, inputShape, this.sizes, this.options)
    const { attention, attentionNorm, feedforwardNorm, intermediate, output } = this.consistOf({
      attention: maker.attention('self_attention_layer'),
      attentionNorm: maker.norm('self_attention_layer_norm'),
      feedforwardNorm: maker.norm('feedforward_layer_norm'),
      ...maker.feedForward(),
    })
    attention.buildFor([inputShape, inputShape])
    for (const each of [attentionNorm, feedforwardNorm, intermediate]) each.buildFor([inputShape])
    output.buildFor([[...inputShape.slice(0, -1), this.sizes.intermediateDim]])
  }

  override call(x: Value, context: CallContext): readonly Value[] {
    const { parts, options } = this
    const { tensors, settings } = context.given
    const returnAttentionScores = settings.returnAttentionScores === true
    const [padding] = tensors.paddingMask ?? []
    // A mask that is given counts for the keys; that of the input for both, as in KerasHub.
    const mask = context.mask
    const keys = padding === undefined ? mask : mask === undefined ? padding : logicalAnd(cast(padding, 'bool'), mask)
    const given = {
      tensors: {
        ...(keys === undefined ? {} : { valueMask: [keys] }),
        ...(tensors.attentionMask === undefined ? {} : { attentionMask: tensors.attentionMask }),
      },
      settings: { returnAttentionScores },
    }
    let scores: Value | undefined
    const attended = residual(x, parts.attentionNorm, options, context, (read) => {
      const { outputs } = parts.attention.callWith([read, read], context.inner({ masks: [mask, undefined], given }))
      scores = outputs[1]
      return outputs[0]
    })
    const result = residual(attended, parts.feedforwardNorm, options, context, (read) =>
      through(parts.output, through(parts.intermediate, read, context), context),
    )
    return scores === undefined ? [result] : [result, scores]
  }

  override outputShape(inputShape: PartialShape, settings: CallSettings = {}) {
    if (settings.returnAttentionScores !== true) return inputShape
    return [inputShape, [this.sizes.numHeads, inputShape[0], inputShape[0]]]
  }

  override overTime(): OverTime {
    return { mixed: 'it attends to all steps; transformerDecoder attends to those before' }
  }

  override get isBlock(): boolean {
    return true
  }

  override config(): Record<string, unknown> {
    return { ...this.sizes, ...this.options }
  }
}

/**
 * A block of a transformer that reads a sequence as a whole (Vaswani et al., 2017), as KerasHub's `TransformerEncoder`: multi-head
 * attention of the sequence to itself, and two dense layers, each added to what it reads and normalised.
 *
 * Input and output `[batch, time, features]`. Calls take `paddingMask`, `attentionMask` and `returnAttentionScores`; masks flow.
 * Weights: those of the attention, of its normalisation, of that of the dense layers, of these two.
 *
 * @param intermediateDim - the units of the first dense layer.
 * @param numHeads - the number of heads; each has features / numHeads numbers.
 * @throws ShapeError for fewer features than heads.
 *
 * @example
 * ```ts
 * const y = await transformerEncoder(32, 2).run(randomNormal([2, 5, 8]))
 * y.shape // [2, 5, 8]
 * ```
 */
export const transformerEncoder = /* @__PURE__ */ layerFactory(
  'transformerEncoder',
  ['intermediateDim', 'numHeads'],
  (intermediateDim: number, numHeads: number, options?: TransformerEncoderOptions): Layer => {
    return new TransformerEncoder(intermediateDim, numHeads, options)
  },
)
