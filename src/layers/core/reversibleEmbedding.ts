// An embedding that also leads back: from vectors to scores for the words.

import { OptionError } from '../../errors'
import type { Value, Variable } from '../../graph'
import { cast, div, matmul, mul, tanh } from '../../ops'
import type { PartialShape, Tensor } from '../../tensor'
import type { CallContext } from '../base/context'
import type { Layer } from '../base/layer'
import { layerFactory } from '../base/registry'
import type { CallOptions, CallSettings } from '../options/callOptions'
import type { OwnOptions } from '../options/ownOptions'
import { Embedding, type EmbeddingOptions, embeddingOptions } from './embedding'

/** Options of {@link reversibleEmbedding}. */
export interface ReversibleEmbeddingOptions extends EmbeddingOptions {
  /** Whether both ways have the same weights; `true` by default. */
  readonly tieWeights?: boolean
  /** The type in which scores are computed; the layer's by default. */
  readonly reverseDtype?: 'float32' | 'float64'
  /** Scores become tanh(scores / cap) * cap, so that none is larger; no cap by default. */
  readonly logitSoftCap?: number
}

const own = /* @__PURE__ */ (() =>
  ({
    defaults: {
      ...embeddingOptions.defaults,
      tieWeights: true,
      reverseDtype: undefined,
      logitSoftCap: undefined,
    },
    rules: {
      ...embeddingOptions.rules,
      reverseDtype: { oneOf: ['float32', 'float64'] },
      logitSoftCap: { above: 0 },
    },
  }) satisfies OwnOptions<ReversibleEmbeddingOptions>)()

class ReversibleEmbedding extends Embedding {
  private readonly reversible: ReversibleEmbeddingOptions
  declare private reverseEmbeddings: Variable | undefined

  constructor(vocabulary: number, units: number, options: ReversibleEmbeddingOptions = {}) {
    super(vocabulary, units, options, 'reversibleEmbedding', own)
    this.reversible = options
  }

  override get callOptions(): CallOptions {
    return { settings: { reverse: false } }
  }

  override build(inputShape: PartialShape): void {
    super.build(inputShape)
    this.reverseEmbeddings =
      this.reversible.tieWeights === false
        ? this.addWeight('reverse_embeddings', [this.units, this.vocabulary], {
            initializer: this.reversible.embeddingsInitializer ?? own.defaults.embeddingsInitializer,
          })
        : undefined
  }

  override checkData(data: Tensor, settings: CallSettings = {}): void {
    if (settings.reverse !== true) super.checkData(data, settings)
  }

  protected override toOwnType(input: Value, context: CallContext): Value {
    if (context.given.settings.reverse !== true) return super.toOwnType(input, context)
    return input.dtype === this.dtype ? input : cast(input, this.dtype)
  }

  override call(x: Value, context: CallContext): Value {
    if (context.given.settings.reverse !== true) return super.call(x, context)
    const { logitSoftCap: cap, reverseDtype: dtype = this.dtype } = this.reversible
    const [vectors, kernel] = [x, (this.reverseEmbeddings ?? this.embeddings).value].map((each) => cast(each, dtype))
    const scores = matmul(vectors, kernel, { transposeB: this.reverseEmbeddings === undefined })
    return cap === undefined ? scores : mul(tanh(div(scores, cap)), cap)
  }

  override outputShape(inputShape: PartialShape, { reverse }: CallSettings = {}): PartialShape {
    if (reverse !== true) return super.outputShape(inputShape)
    const width = inputShape.at(-1)
    if (width === this.units || width == null) return [...inputShape.slice(0, -1), this.vocabulary]
    throw new OptionError(`${this.name}: reverse: expected vectors of ${this.units} numbers, got ${width}`)
  }

  override computeMask(inputs: readonly Value[], context: CallContext): readonly (Value | undefined)[] {
    return context.given.settings.reverse === true ? [undefined] : super.computeMask(inputs, context)
  }
}

/**
 * An embedding that can also be called in reverse, from vectors to a score for each word: their products with the words' own vectors
 * (Press and Wolf, 2016), or, where the weights are not tied, with a matrix of its own.
 *
 * Input `[batch, ...]` of whole numbers below `vocabulary`, output `[batch, ..., units]`; with `reverse: true` in the call, from
 * `[batch, ..., units]` to `[batch, ..., vocabulary]`. Weights: embeddings `[vocabulary, units]`, and, where they are not tied,
 * reverse_embeddings `[units, vocabulary]`.
 *
 * @param vocabulary - how many different numbers there are: the largest plus one.
 * @param units - the length of the vectors.
 * @throws OptionError for sizes that are not positive whole numbers; DataError, with the data, for a number that is not in the
 *   vocabulary.
 *
 * @example
 * ```ts
 * const words = reversibleEmbedding(10, 3)
 * const scores = words.apply(words.apply(input({ shape: [4], dtype: 'int32' })), { reverse: true })
 * scores.shape // [4, 10]
 * ```
 */
export const reversibleEmbedding = /* @__PURE__ */ layerFactory(
  'reversibleEmbedding',
  ['inputDim', 'outputDim'],
  (vocabulary: number, units: number, options?: ReversibleEmbeddingOptions): Layer => {
    return new ReversibleEmbedding(vocabulary, units, options)
  },
)
