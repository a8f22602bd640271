// A block of a transformer that goes forward in time, and may attend to the sequence of an encoder.

import { ShapeError } from '../../errors'
import type { Value } from '../../graph'
import { formatShape, type PartialShape } from '../../tensor'
import type { CallContext } from '../base/context'
import { isShapeList, type Layer } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import { CompositeLayer } from '../composite/composite'
import type { CallArguments, CallOptions, CallSettings } from '../options/callOptions'
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

/** Options of {@link transformerDecoder}. */
export interface TransformerDecoderOptions extends TransformerOptions {}

/** The layers of a built block, in the order of Keras' weights. */
interface Parts {
  readonly self: Layer
  readonly selfNorm: Layer
  readonly cross?: Layer
  readonly crossNorm?: Layer
  readonly intermediate: Layer
  readonly output: Layer
  readonly feedforwardNorm: Layer
}

class TransformerDecoder extends CompositeLayer<Parts> {
  override readonly expects: Expected = { axes: ['batch', 'time', 'features'] }
  private readonly sizes: BlockSizes
  private readonly options: TransformerDecoderOptions

  constructor(intermediateDim: number, numHeads: number, options: TransformerDecoderOptions = {}) {
    super(options, 'transformerDecoder', transformerOptions)
    this.sizes = checkSizes('transformerDecoder', intermediateDim, numHeads)
    this.options = options
  }

  override get callOptions(): CallOptions {
    return {
      tensors: ['decoderPaddingMask', 'decoderAttentionMask', 'encoderPaddingMask', 'encoderAttentionMask'],
      settings: { useCausalMask: true },
    }
  }

  protected override checkShape(inputShape: PartialShape | readonly PartialShape[]): void {
    const shapes = isShapeList(inputShape) ? inputShape : [inputShape]
    const wanted = this.made === undefined ? undefined : this.made.cross === undefined ? 1 : 2
    if (shapes.length <= 2 && (wanted === undefined || shapes.length === wanted)) return
    const given = shapes.map((shape) => formatShape([null, ...shape])).join(', ')
    const expected =
      wanted === undefined ? 'a sequence, or that of a decoder and that of an encoder' : `${wanted} as before`
    throw new ShapeError(`${this.name}: expected ${expected}, got ${given}`)
  }

  override build(inputShape: PartialShape | readonly PartialShape[]): void {
    const [sequence, memory] = isShapeList(inputShape) ? inputShape : [inputShape]
    const maker = new Maker(this, sequence, this.sizes, this.options)
    const { self, selfNorm, cross, crossNorm, intermediate, output, feedforwardNorm } = this.consistOf({
      self: maker.attention('self_attention'),
      selfNorm: maker.norm('self_attention_layer_norm'),
      ...(memory && {
        cross: maker.attention('cross_attention'),
        crossNorm: maker.norm('cross_attention_layer_norm'),
      }),
      ...maker.feedForward(),
      feedforwardNorm: maker.norm('feedforward_layer_norm'),
    })
    self.buildFor([sequence, sequence])
    if (memory !== undefined) cross?.buildFor([sequence, memory])
    for (const each of [selfNorm, crossNorm, intermediate, feedforwardNorm]) each?.buildFor([sequence])
    output.buildFor([[...sequence.slice(0, -1), this.sizes.intermediateDim]])
  }

  override call(input: Value | readonly Value[], context: CallContext): Value {
    const [x, memory] = [input].flat()
    const { parts, options } = this
    const { tensors, settings } = context.given
    const own = tensors.decoderPaddingMask?.[0] ?? context.masks[0]
    const self = attended(own, tensors.decoderAttentionMask?.[0], settings.useCausalMask !== false)
    const first = residual(x, parts.selfNorm, options, context, (read) => {
      return parts.self.callWith([read, read], context.inner({ given: self })).outputs[0]
    })
    const second = this.crossed(first, memory, context)
    return residual(second, parts.feedforwardNorm, options, context, (read) =>
      through(parts.output, through(parts.intermediate, read, context), context),
    )
  }

  /** What the block makes of the encoder's sequence, where there is one. */
  private crossed(x: Value, memory: Value | undefined, context: CallContext): Value {
    const { cross, crossNorm } = this.parts
    if (cross === undefined || crossNorm === undefined || memory === undefined) return x
    const { tensors } = context.given
    const padding = tensors.encoderPaddingMask?.[0] ?? context.masks[1]
    const given = attended(padding, tensors.encoderAttentionMask?.[0], false)
    return residual(x, crossNorm, this.options, context, (read) => {
      return cross.callWith([read, memory], context.inner({ given })).outputs[0]
    })
  }

  override computeMask(_: readonly Value[], context: CallContext, outputs: readonly Value[]) {
    return outputs.map(() => context.masks[0])
  }

  override outputShape(inputShape: PartialShape | readonly PartialShape[]): PartialShape {
    return isShapeList(inputShape) ? inputShape[0] : inputShape
  }

  override overTime(ranks: readonly number[], settings: CallSettings = {}): OverTime {
    if (ranks.length > 1) return { mixed: 'it attends to the whole sequence of an encoder' }
    return settings.useCausalMask === false ? { mixed: 'it attends to steps behind' } : 'carried'
  }

  override get isBlock(): boolean {
    return true
  }

  override config(): Record<string, unknown> {
    return { ...this.sizes, ...this.options }
  }
}

/** What an attention is told: which keys count, which pairs, and whether it is causal. */
function attended(keys: Value | undefined, pairs: Value | undefined, useCausalMask: boolean): CallArguments<Value> {
  return {
    tensors: {
      ...(keys === undefined ? {} : { valueMask: [keys] }),
      ...(pairs === undefined ? {} : { attentionMask: [pairs] }),
    },
    settings: { useCausalMask },
  }
}

/**
 * A block of a transformer that goes forward in time (Vaswani et al., 2017), as KerasHub's `TransformerDecoder`: causal multi-head
 * attention of the sequence to itself, with a second input also attention to the sequence of an encoder, and two dense layers, each
 * added to what it reads and normalised.
 *
 * Called with the sequence, or with `[sequence, sequence of the encoder]`, `[batch, time, features]` each; output
 * `[batch, time, features]`. Calls take `decoderPaddingMask`, `decoderAttentionMask`, `encoderPaddingMask`, `encoderAttentionMask`
 * and `useCausalMask` (`true` by default); masks flow. Without an encoder's sequence it streams. Weights: those of the attention, of
 * its normalisation, of the second attention and its normalisation, of the dense layers, of theirs.
 *
 * @param intermediateDim - the units of the first dense layer.
 * @param numHeads - the number of heads; each has features / numHeads numbers.
 * @throws ShapeError for fewer features than heads.
 *
 * @example
 * ```ts
 * const gpt = sequential([tokenAndPositionEmbedding(50, 16, 8), transformerDecoder(32, 2), dense(50)], { inputShape: [16] })
 * ```
 */
export const transformerDecoder = /* @__PURE__ */ layerFactory(
  'transformerDecoder',
  ['intermediateDim', 'numHeads'],
  (intermediateDim: number, numHeads: number, options?: TransformerDecoderOptions): Layer => {
    return new TransformerDecoder(intermediateDim, numHeads, options)
  },
)
