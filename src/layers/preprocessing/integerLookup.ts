// Whole numbers as places in a vocabulary.

import { OptionError, requireOneOf } from '../../errors'
import { constant, type Value } from '../../graph'
import { add, any, cast, equal, expandDims, gather, mod, mul, sum, where } from '../../ops'
import { asTensor, type PartialShape, type TensorLike } from '../../tensor'
import { Layer, type LayerOptions } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import type { Expected } from '../options/expected'
import type { OwnOptions } from '../options/ownOptions'
import { type CategoryMode, encoded, encodedShape } from './encoding'

/** Options of {@link integerLookup}. */
export interface IntegerLookupOptions extends LayerOptions {
  /** The numbers that are known, in the order of their places; by default those that `adapt` finds. */
  readonly vocabulary?: readonly number[] | null
  /** The most places there may be, those for unknown numbers included: the most frequent numbers are kept. */
  readonly maxTokens?: number | null
  /** How many places unknown numbers have: 1 by default; among several they are shared out by their remainder. */
  readonly numOovIndices?: number
  /** The number that has place 0, for masks; none by default. */
  readonly maskToken?: number | null
  /** What stands for an unknown number, with `invert`; -1 by default. */
  readonly oovToken?: number
  /** Whether places become numbers again; `false` by default. */
  readonly invert?: boolean
  /** `'int'` (default) gives the place; the others as in `categoryEncoding`. */
  readonly outputMode?: CategoryMode
}

const own = {
  defaults: {
    vocabulary: undefined,
    maxTokens: undefined,
    numOovIndices: 1,
    maskToken: undefined,
    oovToken: -1,
    invert: false,
    outputMode: 'int',
  },
  rules: {
    vocabulary: { otherTypes: true },
    maxTokens: { otherTypes: true },
    numOovIndices: { from: 0, integer: true },
    maskToken: { otherTypes: true },
    oovToken: { integer: true },
  },
} satisfies OwnOptions<IntegerLookupOptions>

/** A layer with a vocabulary of whole numbers, as {@link integerLookup} makes it. */
export class IntegerLookup extends Layer {
  override readonly expects: Expected = { inputs: 'one' }
  override readonly supportsMasking = false
  private readonly options: IntegerLookupOptions
  private readonly mode: CategoryMode
  private tokens: readonly number[] | undefined

  constructor(options: IntegerLookupOptions = {}) {
    super(options, 'integerLookup', own)
    const { vocabulary, outputMode, invert = false } = options
    const modes = ['int', 'oneHot', 'multiHot', 'count'] as const
    this.mode = requireOneOf('integerLookup', 'outputMode', outputMode ?? own.defaults.outputMode, modes)
    if (invert && this.mode !== 'int') throw new OptionError("integerLookup: invert: expected outputMode 'int' with it")
    if (vocabulary != null) {
      if (!vocabulary.every(Number.isInteger)) {
        throw new OptionError('integerLookup: vocabulary: expected whole numbers, each once')
      }
    }
    this.options = options
    this.tokens = vocabulary == null ? undefined : this.withoutSpecial(vocabulary)
    if (this.tokens !== undefined && new Set(this.tokens).size !== this.tokens.length) {
      throw new OptionError('integerLookup: vocabulary: expected whole numbers, each once')
    }
  }

  /** A vocabulary may have the mask and the unknown numbers in front, as `getVocabulary` gives them. */
  private withoutSpecial(vocabulary: readonly number[]): readonly number[] {
    const { numOovIndices = 1, oovToken = -1, maskToken } = this.options
    const special = [
      ...(maskToken == null ? [] : [maskToken]),
      ...Array.from({ length: numOovIndices }, () => oovToken),
    ]
    return special.every((token, i) => vocabulary[i] === token) ? vocabulary.slice(special.length) : vocabulary
  }

  /** The mask token where it has a place: in vectors it has none. */
  private get placedMask(): number | null | undefined {
    return this.mode === 'int' ? this.options.maskToken : undefined
  }

  /** All places in order: that of the mask, those of unknown numbers, then the vocabulary. */
  getVocabulary(): number[] {
    const { numOovIndices = 1, oovToken = -1 } = this.options
    const maskToken = this.placedMask
    return [
      ...(maskToken == null ? [] : [maskToken]),
      ...Array.from({ length: numOovIndices }, () => oovToken),
      ...this.known(),
    ]
  }

  /**
   * Finds the vocabulary: the numbers by how often they come up, the larger first among equals.
   *
   * @throws OptionError where the layer was given a vocabulary.
   *
   * @example
   * ```ts
   * const layer = integerLookup()
   * await layer.adapt([[12, 7, 12]])
   * layer.getVocabulary() // [-1, 12, 7]
   * ```
   */
  async adapt(data: TensorLike): Promise<void> {
    if (this.options.vocabulary != null) {
      throw new OptionError(`${this.name}.adapt: expected a layer without a vocabulary, got one with it`)
    }
    const { maskToken, oovToken = -1, maxTokens, numOovIndices = 1 } = this.options
    const counts = new Map<number, number>()
    for (const token of asTensor(data, 'int32').data) counts.set(token, (counts.get(token) ?? 0) + 1)
    counts.delete(oovToken)
    if (maskToken != null) counts.delete(maskToken)
    const ordered = [...counts].sort(([a, m], [b, n]) => n - m || b - a).map(([token]) => token)
    const start = numOovIndices + (this.placedMask == null ? 0 : 1)
    this.tokens = maxTokens == null ? ordered : ordered.slice(0, Math.max(0, maxTokens - start))
  }

  private known(): readonly number[] {
    if (this.tokens !== undefined) return this.tokens
    throw new OptionError(`${this.name}: its vocabulary is not known yet: expected adapt(data) before`)
  }

  override call(given: Value): Value {
    const x = cast(given, 'int32')
    const all = this.getVocabulary()
    if (this.options.invert === true) return gather(constant(Int32Array.from(all)), x)
    const tokens = this.known()
    const { maskToken, numOovIndices = 1 } = this.options
    const first = this.placedMask == null ? 0 : 1
    const start = first + numOovIndices
    const isIt = equal(expandDims(x, -1), constant(Int32Array.from(tokens)))
    const places = constant(Int32Array.from(tokens, (_, i) => i + start))
    const unknown = numOovIndices === 0 ? -1 : numOovIndices === 1 ? first : add(mod(x, numOovIndices), first)
    const found = where(any(isIt, { axis: -1 }), sum(mul(cast(isIt, 'int32'), places), { axis: -1 }), unknown)
    const place = maskToken == null ? found : where(equal(x, maskToken), this.mode === 'int' ? 0 : -1, found)
    return encoded(place, this.mode, all.length, this.dtype)
  }

  override outputShape(shape: PartialShape): PartialShape {
    return this.mode === 'int' ? shape : encodedShape(shape, this.mode, this.getVocabulary().length)
  }

  override overTime(): OverTime {
    return this.mode === 'int' ? 'apart' : { mixed: 'it takes the numbers of a row together' }
  }

  override config(): Record<string, unknown> {
    return { ...this.options, ...(this.tokens && { vocabulary: this.tokens }) }
  }
}

/**
 * Whole numbers as places in a vocabulary, which is given or found by `adapt`: known numbers from `numOovIndices` on (one more with a mask
 * token), unknown ones before them.
 *
 * Input any shape; output the same shape, as `int32`, or as in `categoryEncoding` with another `outputMode`.
 *
 * @throws OptionError for a vocabulary with a number twice, and where it is used before it has one.
 *
 * @example
 * ```ts
 * const y = await integerLookup({ vocabulary: [12, 36, 1138] }).run([[12, 1138, 42]])
 * y.toArray() // [[1, 3, 0]]
 * ```
 */
export const integerLookup = /* @__PURE__ */ layerFactory(
  'integerLookup',
  [],
  (options?: IntegerLookupOptions): IntegerLookup => new IntegerLookup(options),
)
