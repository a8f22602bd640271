// Words and their places: what a transformer begins with.

import { requirePositiveInteger } from '../../errors'
import type { Value } from '../../graph'
import { type InitializerOption, randomUniform } from '../../initializers'
import { add } from '../../ops'
import type { DType, PartialShape, Tensor } from '../../tensor'
import type { CallContext } from '../base/context'
import { Layer, type LayerOptions } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import { nameInside } from '../composite/composite'
import { reversibleEmbedding } from '../core/reversibleEmbedding'
import type { CallOptions } from '../options/callOptions'
import type { Expected } from '../options/expected'
import { anInitializer, type OwnOptions } from '../options/ownOptions'
import { positionEmbedding } from './positionEmbedding'
import { positionCall } from './positions'

/** Options of {@link tokenAndPositionEmbedding}. */
export interface TokenAndPositionEmbeddingOptions extends LayerOptions {
  /** Whether the words' vectors are those that a reverse call would take; `true` by default. */
  readonly tieWeights?: boolean
  /** `'randomUniform'` by default, from -0.05 to 0.05. */
  readonly embeddingsInitializer?: InitializerOption
  /** Whether index 0 is padding, which later layers skip; `false` by default. */
  readonly maskZero?: boolean
}

const own = {
  defaults: { tieWeights: true, embeddingsInitializer: /* @__PURE__ */ randomUniform(), maskZero: false },
  rules: { embeddingsInitializer: anInitializer },
} satisfies OwnOptions<TokenAndPositionEmbeddingOptions>

class TokenAndPositionEmbedding extends Layer {
  override readonly expects: Expected = { inputs: 'one', axes: ['batch', 'time'] }
  private readonly vocabularySize: number
  private readonly sequenceLength: number
  private readonly embeddingDim: number
  private readonly options: TokenAndPositionEmbeddingOptions
  private readonly tokens: Layer
  private readonly positions: Layer

  constructor(
    vocabularySize: number,
    sequenceLength: number,
    embeddingDim: number,
    options: TokenAndPositionEmbeddingOptions = {},
  ) {
    super(options, 'tokenAndPositionEmbedding', own)
    const where = 'tokenAndPositionEmbedding'
    this.vocabularySize = requirePositiveInteger(where, 'vocabularySize', vocabularySize)
    this.sequenceLength = requirePositiveInteger(where, 'sequenceLength', sequenceLength)
    this.embeddingDim = requirePositiveInteger(where, 'embeddingDim', embeddingDim)
    this.options = options
    const { tieWeights, maskZero, embeddingsInitializer = own.defaults.embeddingsInitializer } = options
    const common = {
      ...(options.dtype && { dtype: options.dtype }),
      ...(options.trainable === undefined ? {} : { trainable: options.trainable }),
    }
    this.tokens = reversibleEmbedding(vocabularySize, embeddingDim, {
      ...common,
      ...(tieWeights === undefined ? {} : { tieWeights }),
      ...(maskZero === undefined ? {} : { maskZero }),
      embeddingsInitializer,
      name: 'token_embedding',
    })
    this.positions = positionEmbedding(sequenceLength, {
      ...common,
      initializer: embeddingsInitializer,
      name: 'position_embedding',
    })
    this.rename(this.name)
  }

  override get callOptions(): CallOptions {
    return positionCall
  }

  override get innerLayers(): readonly Layer[] {
    return [this.tokens, this.positions]
  }

  override rename(name: string): void {
    super.rename(name)
    nameInside(name, this.innerLayers)
  }

  override build(inputShape: PartialShape): void {
    this.tokens.buildFor([inputShape])
    this.positions.buildFor([[...inputShape, this.embeddingDim]])
  }

  override checkData(data: Tensor): void {
    this.tokens.checkData(data)
  }

  override get inputDType(): DType {
    return 'int32'
  }

  override get indexCount(): number {
    return this.vocabularySize
  }

  override get mostSteps(): number {
    return this.sequenceLength
  }

  override call(tokens: Value, context: CallContext): Value {
    const [words] = this.tokens.callWith([tokens], context.inner({})).outputs
    const [places] = this.positions.callWith([words], context.inner({ given: context.given })).outputs
    return add(words, places)
  }

  override computeMask([tokens]: readonly Value[], context: CallContext, outputs: readonly Value[]) {
    return this.tokens.computeMask([tokens], context.inner({ masks: context.masks }), outputs)
  }

  override outputShape(inputShape: PartialShape): PartialShape {
    return [...inputShape, this.embeddingDim]
  }

  override overTime(): OverTime {
    return 'carried'
  }

  override config(): Record<string, unknown> {
    const { vocabularySize, sequenceLength, embeddingDim, options } = this
    return { vocabularySize, sequenceLength, embeddingDim, ...options }
  }
}

/**
 * The vector of each word plus that of its place, as KerasHub's `TokenAndPositionEmbedding`.
 *
 * Input `[batch, time]` of whole numbers below `vocabularySize`, output `[batch, time, embeddingDim]`. Weights: token_embedding
 * `[vocabularySize, embeddingDim]`, position_embedding `[sequenceLength, embeddingDim]`. Calls take `startIndex` and `positions`; a
 * stream goes on where it was.
 *
 * @param vocabularySize - how many different words there are.
 * @param sequenceLength - the most steps of a sequence.
 * @param embeddingDim - the length of the vectors.
 * @throws ShapeError for a longer sequence; DataError, with the data, for a number that is not in the vocabulary.
 *
 * @example
 * ```ts
 * const y = await tokenAndPositionEmbedding(10, 8, 4).run([[1, 2, 1]])
 * y.shape // [1, 3, 4]
 * ```
 */
export const tokenAndPositionEmbedding = /* @__PURE__ */ layerFactory(
  'tokenAndPositionEmbedding',
  ['vocabularySize', 'sequenceLength', 'embeddingDim'],
  (
    vocabularySize: number,
    sequenceLength: number,
    embeddingDim: number,
    options?: TokenAndPositionEmbeddingOptions,
  ): Layer => {
    return new TokenAndPositionEmbedding(vocabularySize, sequenceLength, embeddingDim, options)
  },
)
