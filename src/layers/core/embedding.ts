// A vector for each word of a vocabulary.

import type { ConstraintOption } from '../../constraints'
import { DataError, requirePositiveInteger } from '../../errors'
import type { Value, Variable } from '../../graph'
import { type InitializerOption, randomUniform } from '../../initializers'
import { cast, gather, logicalAnd, notEqual } from '../../ops'
import type { RegularizerOption } from '../../regularizers'
import { type DType, formatShape, type PartialShape, stridesOf, type Tensor } from '../../tensor'
import type { CallContext } from '../base/context'
import { Layer, type LayerOptions } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import type { CallSettings } from '../options/callOptions'
import type { Expected } from '../options/expected'
import { type AnyOptions, aConstraint, anInitializer, aRegularizer, type OwnOptions } from '../options/ownOptions'
import type { Ranked } from '../options/ranks'

/** Options of {@link embedding}. */
export interface EmbeddingOptions extends LayerOptions {
  /** Whether index 0 is padding, which later layers skip; `false` by default. */
  readonly maskZero?: boolean
  /** `'randomUniform'` by default, from -0.05 to 0.05. */
  readonly embeddingsInitializer?: InitializerOption
  readonly embeddingsRegularizer?: RegularizerOption
  readonly embeddingsConstraint?: ConstraintOption
}

/** The options of {@link embedding}. */
export const embeddingOptions = {
  defaults: {
    maskZero: false,
    embeddingsInitializer: /* @__PURE__ */ randomUniform(),
    embeddingsRegularizer: undefined,
    embeddingsConstraint: undefined,
  },
  rules: {
    embeddingsInitializer: anInitializer,
    embeddingsRegularizer: aRegularizer,
    embeddingsConstraint: aConstraint,
  },
} satisfies OwnOptions<EmbeddingOptions>

/** The layer behind {@link embedding}, of which a reversible one is made, too. */
export class Embedding extends Layer {
  override readonly expects: Expected = { inputs: 'one' }
  protected readonly vocabulary: number
  protected readonly units: number
  private readonly options: EmbeddingOptions
  declare protected embeddings: Variable

  constructor(
    vocabulary: number,
    units: number,
    options: EmbeddingOptions = {},
    kind = 'embedding',
    allOptions: AnyOptions = embeddingOptions,
  ) {
    super(options, kind, allOptions)
    this.vocabulary = requirePositiveInteger(kind, 'vocabulary', vocabulary)
    this.units = requirePositiveInteger(kind, 'units', units)
    this.options = options
  }

  override build(_inputShape: PartialShape): void {
    const { embeddingsInitializer, embeddingsRegularizer, embeddingsConstraint } = this.options
    this.embeddings = this.addWeight('embeddings', [this.vocabulary, this.units], {
      initializer: embeddingsInitializer ?? embeddingOptions.defaults.embeddingsInitializer,
      regularizer: embeddingsRegularizer,
      constraint: embeddingsConstraint,
      adapts: true,
    })
  }

  protected override fixedAxes(): readonly number[] {
    return []
  }

  override checkData({ data, shape }: Tensor, _settings: CallSettings = {}): void {
    const wrong = data.findIndex((index) => !(index >= 0 && index < this.vocabulary && Number.isInteger(index)))
    if (wrong < 0) return
    const place = stridesOf(shape).map((stride, axis) => Math.floor(wrong / stride) % shape[axis])
    throw new DataError(
      `${this.name}: expected whole numbers from 0 to ${this.vocabulary - 1}, got ${data[wrong]} at ${formatShape(place)}`,
    )
  }

  override get inputDType(): DType {
    return 'int32'
  }

  protected override toOwnType(input: Value, _context: CallContext): Value {
    return cast(input, 'int32')
  }

  override call(indices: Value, _context: CallContext): Value {
    return gather(this.embeddings, indices)
  }

  override outputShape(inputShape: PartialShape, _settings: CallSettings = {}): PartialShape {
    return [...inputShape, this.units]
  }

  /** A mask that comes with the indices holds too: it belongs to sequences that were padded on their way in. */
  override computeMask([indices]: readonly Value[], { mask }: CallContext): readonly (Value | undefined)[] {
    if (!this.options.maskZero) return [mask]
    const isWord = notEqual(indices, 0)
    return [mask === undefined ? isWord : logicalAnd(isWord, mask)]
  }

  override overTime(): OverTime {
    return 'apart'
  }

  override get indexCount(): number {
    return this.vocabulary
  }

  override config(): Record<string, unknown> {
    return { inputDim: this.vocabulary, outputDim: this.units, ...this.options }
  }
}

/**
 * Turns whole numbers, such as the words of a text by their places in a vocabulary, into vectors that are learnt.
 *
 * Input `[batch, ...]` of whole numbers below `vocabulary`, output `[batch, ..., units]`. Weight: embeddings
 * `[vocabulary, units]`.
 *
 * @param vocabulary - how many different numbers there are: the largest plus one.
 * @param units - the length of the vectors.
 * @throws OptionError for sizes that are not positive whole numbers; DataError, with the data, for a number that is
 *   not in the vocabulary.
 *
 * @example
 * ```ts
 * const y = await embedding(10, 3).run([[1, 2, 1]])
 * y.shape // [1, 3, 3]
 * ```
 */
export const embedding = /* @__PURE__ */ layerFactory(
  'embedding',
  ['inputDim', 'outputDim'],
  (vocabulary: number, units: number, options?: EmbeddingOptions): Ranked<'embedding', number, 'more'> => {
    return new Embedding(vocabulary, units, options)
  },
)
