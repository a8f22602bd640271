// What blocks of transformers have in common: their options, and the layers and sums they are made of.

import type { ActivationOption } from '../../activations'
import { relu } from '../../activations'
import { requirePositiveInteger, ShapeError } from '../../errors'
import type { Value } from '../../graph'
import { glorotUniform, type InitializerOption, zeros } from '../../initializers'
import { add } from '../../ops'
import { formatShape, type PartialShape } from '../../tensor'
import { multiHeadAttention } from '../attention/multiHeadAttention'
import type { CallContext } from '../base/context'
import type { Layer, LayerOptions } from '../base/layer'
import { dense } from '../core/dense'
import { layerNormalization } from '../normalization/layerNormalization'
import { knownLength } from '../options/checks'
import { anActivation, anInitializer, aRate, type OwnOptions } from '../options/ownOptions'
import { dropped } from '../regularization/dropout'

/** Options of {@link transformerEncoder} and {@link transformerDecoder}. */
export interface TransformerOptions extends LayerOptions {
  /** The rate at which scores, and what each part gives, are dropped in training; 0 by default. */
  readonly dropout?: number
  /** Between the two dense layers; `'relu'` by default. */
  readonly activation?: ActivationOption
  /** Of the normalisations, against division by 0; 1e-5 by default. */
  readonly layerNormEpsilon?: number
  /** `'glorotUniform'` by default. */
  readonly kernelInitializer?: InitializerOption
  /** `'zeros'` by default. */
  readonly biasInitializer?: InitializerOption
  /** Whether each part normalises what it reads, rather than what it gives; `false` by default. */
  readonly normalizeFirst?: boolean
}

/** The options in {@link TransformerOptions}. */
export const transformerOptions = {
  defaults: {
    dropout: 0,
    activation: relu,
    layerNormEpsilon: 1e-5,
    kernelInitializer: /* @__PURE__ */ glorotUniform(),
    biasInitializer: /* @__PURE__ */ zeros(),
    normalizeFirst: false,
  },
  rules: {
    dropout: aRate,
    activation: anActivation,
    layerNormEpsilon: { from: 0 },
    kernelInitializer: anInitializer,
    biasInitializer: anInitializer,
  },
} satisfies OwnOptions<TransformerOptions>

/** What a block is made with. */
export interface BlockSizes {
  readonly intermediateDim: number
  readonly numHeads: number
}

/** Checks the sizes of a block. @throws OptionError for sizes that are not positive whole numbers. */
export function checkSizes(where: string, intermediateDim: number, numHeads: number): BlockSizes {
  return {
    intermediateDim: requirePositiveInteger(where, 'intermediateDim', intermediateDim),
    numHeads: requirePositiveInteger(where, 'numHeads', numHeads),
  }
}

/** Makes the layers of a block, each by its name in Keras. */
export class Maker {
  readonly features: number
  private readonly layer: Layer
  private readonly sizes: BlockSizes
  private readonly options: TransformerOptions

  /** @throws ShapeError for fewer features than heads. */
  constructor(layer: Layer, inputShape: PartialShape, sizes: BlockSizes, options: TransformerOptions) {
    this.features = knownLength(layer.name, 'features', inputShape, -1)
    if (this.features < sizes.numHeads) {
      throw new ShapeError(
        `${layer.name}: expected at least ${sizes.numHeads} features, one for each head, got shape ${formatShape([null, ...inputShape])}`,
      )
    }
    this.layer = layer
    this.sizes = sizes
    this.options = options
  }

  private common(name: string): LayerOptions {
    return { name, dtype: this.layer.dtype, trainable: this.layer.trainable }
  }

  private get initializers() {
    const { kernelInitializer, biasInitializer } = { ...transformerOptions.defaults, ...this.options }
    return { kernelInitializer, biasInitializer }
  }

  attention(name: string): Layer {
    const { numHeads } = this.sizes
    const { dropout = 0 } = this.options
    const keyDim = Math.floor(this.features / numHeads)
    return multiHeadAttention(numHeads, keyDim, { ...this.common(name), ...this.initializers, dropout })
  }

  norm(name: string): Layer {
    const { layerNormEpsilon: epsilon = transformerOptions.defaults.layerNormEpsilon } = this.options
    return layerNormalization({ ...this.common(name), epsilon })
  }

  /** The two dense layers. */
  feedForward(): { readonly intermediate: Layer; readonly output: Layer } {
    const { activation = transformerOptions.defaults.activation } = this.options
    const intermediate = { ...this.common('feedforward_intermediate_dense'), ...this.initializers, activation }
    const output = { ...this.common('feedforward_output_dense'), ...this.initializers }
    return {
      intermediate: dense(this.sizes.intermediateDim, intermediate),
      output: dense(this.features, output),
    }
  }
}

/** What a layer gives for one input, without masks. */
export function through(layer: Layer, x: Value, context: CallContext): Value {
  return layer.callWith([x], context.inner({})).outputs[0]
}

/**
 * One part of a block: x plus what the part makes of it, normalised before or after.
 *
 * @param part - from what is read to what is added.
 */
export function residual(
  x: Value,
  norm: Layer,
  { normalizeFirst = false, dropout = 0 }: TransformerOptions,
  context: CallContext,
  part: (read: Value) => Value,
): Value {
  const made = part(normalizeFirst ? through(norm, x, context) : x)
  const sum = add(dropped(made, dropout, made.shape, context, undefined), x)
  return normalizeFirst ? sum : through(norm, sum, context)
}
