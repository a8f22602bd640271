// Texts as places in a vocabulary, and vectors of them, as Keras' StringLookup gives. A graph holds numbers: it works on texts before they
// become tensors, in a step of a dataset, by itself, or as the first layer of a model.

import { checkOptions, DataError, describeValue, OptionError, requireOneOf, requirePositiveInteger } from '../../errors'
import { Tensor } from '../../tensor'
import { binOf } from './hashes'
import { type FlatTexts, flatTexts, placesAs, type TextMode, type Texts, vectors } from './texts'

/** Options of {@link stringLookup}. */
export interface StringLookupOptions {
  /** The texts that are known, in the order of their places; by default those that `adapt` finds. */
  readonly vocabulary?: readonly string[] | null
  /** The most places there may be, those for unknown texts included: the most frequent texts are kept. */
  readonly maxTokens?: number | null
  /** How many places unknown texts have: 1 by default; among several they are shared out by their fingerprints (FarmHash). */
  readonly numOovIndices?: number
  /** The text that has place 0, for masks; none by default. */
  readonly maskToken?: string | null
  /** What stands for an unknown text, with `invert`; `'[UNK]'` by default. */
  readonly oovToken?: string
  /** Whether places become texts again, by {@link StringLookup.texts}; `false` by default. */
  readonly invert?: boolean
  /** `'int'` (default) gives the place, the others a vector with a number for each place, of the last axis together. */
  readonly outputMode?: TextMode
  /** How much each text of the vocabulary counts, with `'tfIdf'`; by default as `adapt` finds. */
  readonly idfWeights?: readonly number[] | null
  /** Whether vectors have `maxTokens` numbers, also where fewer are known; `false` by default. */
  readonly padToMaxTokens?: boolean
}

/** Their names. */
export const lookupOptions = [
  ...['vocabulary', 'maxTokens', 'numOovIndices', 'maskToken', 'oovToken', 'invert', 'outputMode'],
  ...['idfWeights', 'padToMaxTokens'],
] as const

const modes = ['int', 'oneHot', 'multiHot', 'count', 'tfIdf'] as const

/** A vocabulary of texts, as {@link stringLookup} makes it. */
export class StringLookup {
  readonly kind = 'stringLookup'
  private readonly options: StringLookupOptions
  private readonly mode: TextMode
  /** The place of each text of the vocabulary, in their order. */
  private places: ReadonlyMap<string, number> | undefined
  private idf: readonly number[] | undefined

  constructor(options: StringLookupOptions = {}, where = 'stringLookup') {
    checkOptions(where, options, lookupOptions)
    const { vocabulary, maxTokens, numOovIndices = 1, outputMode = 'int', invert = false, idfWeights } = options
    this.mode = requireOneOf(where, 'outputMode', outputMode, modes)
    if (maxTokens != null) requirePositiveInteger(where, 'maxTokens', maxTokens)
    if (!(Number.isSafeInteger(numOovIndices) && numOovIndices >= 0)) {
      throw new OptionError(
        `${where}: numOovIndices: expected a whole number from 0, got ${describeValue(numOovIndices)}`,
      )
    }
    if (invert && this.mode !== 'int') throw new OptionError(`${where}: invert: expected outputMode 'int' with it`)
    this.options = options
    this.idf = idfWeights ?? undefined
    if (vocabulary != null) this.learn(withoutSpecial(vocabulary, options), where)
  }

  private learn(tokens: readonly string[], where: string): void {
    if (!tokens.every((token) => typeof token === 'string') || new Set(tokens).size !== tokens.length) {
      throw new OptionError(`${where}: vocabulary: expected texts, each once`)
    }
    this.places = new Map(tokens.map((token, i) => [token, i + this.start]))
  }

  /** The mask token where it has a place: in vectors it has none. */
  private get placedMask(): string | null | undefined {
    return this.mode === 'int' ? this.options.maskToken : undefined
  }

  /** The place of the first text of the vocabulary. */
  private get start(): number {
    return (this.options.numOovIndices ?? 1) + (this.placedMask == null ? 0 : 1)
  }

  /** All places in order: that of the mask, that of unknown texts, then the vocabulary. */
  getVocabulary(): string[] {
    const { numOovIndices = 1, oovToken = '[UNK]' } = this.options
    const maskToken = this.placedMask
    const unknown = Array.from({ length: numOovIndices }, () => oovToken)
    return [...(maskToken == null ? [] : [maskToken]), ...unknown, ...this.known.keys()]
  }

  /** @throws OptionError before there is a vocabulary. */
  private get known(): ReadonlyMap<string, number> {
    if (this.places !== undefined) return this.places
    throw new OptionError(`${this.kind}: its vocabulary is not known yet: expected adapt(texts) before`)
  }

  /**
   * Finds the vocabulary: the texts by how often they come up, the last of the alphabet first among equals, as Keras orders them. With
   * `'tfIdf'` each list counts as one document.
   *
   * @example
   * ```ts
   * const words = data.stringLookup()
   * words.adapt(['rain', 'sun', 'rain'])
   * words.getVocabulary() // ['[UNK]', 'rain', 'sun']
   * ```
   */
  adapt(given: Texts): this {
    if (this.options.vocabulary != null) {
      throw new OptionError(`${this.kind}.adapt: expected no vocabulary, got one among the options`)
    }
    const { texts, shape } = flatTexts(`${this.kind}.adapt`, given)
    const width = shape.length < 2 ? 1 : texts.length / shape[0]
    this.count(Array.from({ length: texts.length / width }, (_, i) => texts.slice(i * width, (i + 1) * width)))
    return this
  }

  /** Learns from documents of texts. */
  count(documents: readonly (readonly string[])[]): void {
    const { maskToken, oovToken = '[UNK]', maxTokens } = this.options
    const [counts, inDocuments] = [new Map<string, number>(), new Map<string, number>()]
    for (const document of documents) {
      for (const token of document) counts.set(token, (counts.get(token) ?? 0) + 1)
      for (const token of new Set(document)) inDocuments.set(token, (inDocuments.get(token) ?? 0) + 1)
    }
    counts.delete(oovToken)
    if (maskToken != null) counts.delete(maskToken)
    const ordered = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? 1 : -1)).map(([token]) => token)
    const kept = maxTokens == null ? ordered : ordered.slice(0, Math.max(0, maxTokens - this.start))
    this.learn(kept, this.kind)
    const weights = kept.map((token) => Math.log(1 + documents.length / (1 + (inDocuments.get(token) ?? 0))))
    this.idf = weights
  }

  /** The places of texts, `int32` of their shape; or vectors of the last axis, `float32`. */
  run(given: Texts): Tensor {
    return this.runFlat(flatTexts(this.kind, given))
  }

  /** The same of texts that are flat. */
  runFlat({ texts, shape }: FlatTexts): Tensor {
    return placesAs(
      this.mode,
      this.placesOf(texts),
      shape,
      this.size,
      this.mode === 'tfIdf' ? this.weights() : undefined,
    )
  }

  /** The place of each text; -1 for the mask where it has none. */
  placesOf(texts: readonly string[]): number[] {
    const { maskToken, numOovIndices = 1 } = this.options
    const { known, start } = this
    return texts.map((text) => {
      if (maskToken != null && text === maskToken) return this.mode === 'int' ? 0 : -1
      const found = known.get(text)
      if (found !== undefined) return found
      if (numOovIndices > 0) return start - numOovIndices + binOf(text, numOovIndices)
      throw new DataError(`${this.kind}: expected texts of the vocabulary, as numOovIndices is 0, got '${text}'`)
    })
  }

  /** How many numbers a vector has. */
  get size(): number {
    const { padToMaxTokens = false, maxTokens } = this.options
    return padToMaxTokens && maxTokens != null ? maxTokens : this.start + this.known.size
  }

  /** A vector for each row of places. */
  vectors(rows: readonly (readonly number[])[], shape: readonly number[]): Tensor {
    return vectors(this.mode, rows, shape, this.size, this.mode === 'tfIdf' ? this.weights() : undefined)
  }

  /** How much each place counts: unknown texts as much as known ones on average. */
  private weights(): readonly number[] {
    const own = this.idf
    if (own === undefined)
      throw new OptionError(`${this.kind}: idfWeights: expected them with a vocabulary and 'tfIdf'`)
    const average = own.reduce((sum, weight) => sum + weight, 0) / own.length
    return [...Array.from({ length: this.start }, () => average), ...own]
  }

  /**
   * The texts at places.
   *
   * @example
   * ```ts
   * data.stringLookup({ vocabulary: ['rain', 'sun'], invert: true }).texts([[2, 0]]) // [['sun', '[UNK]']]
   * ```
   */
  texts(places: unknown): Texts {
    const vocabulary = this.getVocabulary()
    if (places instanceof Tensor) return this.texts(places.toArray())
    if (Array.isArray(places)) return places.map((each) => this.texts(each))
    return vocabulary[Number(places)] ?? this.options.oovToken ?? '[UNK]'
  }

  /** The options that make the same again, with the vocabulary: plain data. */
  config(): StringLookupOptions {
    const { vocabulary: _, idfWeights: __, ...rest } = this.options
    return {
      ...rest,
      ...(this.places && { vocabulary: [...this.places.keys()] }),
      ...(this.mode === 'tfIdf' && this.idf && { idfWeights: this.idf }),
    }
  }
}

/** A vocabulary may have the mask and the unknown text in front, as `getVocabulary` gives them. */
function withoutSpecial(vocabulary: readonly string[], options: StringLookupOptions): readonly string[] {
  const { maskToken, oovToken = '[UNK]', numOovIndices = 1 } = options
  let rest = vocabulary
  if (maskToken != null && rest[0] === maskToken) rest = rest.slice(1)
  const unknown = rest.slice(0, numOovIndices)
  return unknown.length === numOovIndices && unknown.every((token) => token === oovToken)
    ? rest.slice(numOovIndices)
    : rest
}

/**
 * Texts as places in a vocabulary, which is given or found by `adapt`. It works on texts, not in a graph: `run(texts)` gives a tensor, and
 * `dataset.map` takes it as a step; `stringLookup(lookup.config())` is the same again.
 *
 * @throws OptionError for a vocabulary with a text twice, and where it is used before it has one.
 *
 * @example
 * ```ts
 * data.stringLookup({ vocabulary: ['rain', 'sun'] }).run([['sun', 'snow']]).toArray() // [[2, 0]]
 * ```
 */
export function stringLookup(options?: StringLookupOptions): StringLookup {
  return new StringLookup(options)
}
