// Texts as places in a vocabulary, and vectors of them, as Keras' StringLookup and TextVectorization give. A graph holds numbers: they
// work on texts before they become tensors, in a step of a dataset or by themselves.

import { checkOptions, DataError, describeValue, OptionError, requireOneOf, requirePositiveInteger } from '../../errors'
import { allocate, Tensor } from '../../tensor'

/** Texts, in lists of lists as deep as one likes. */
export type Texts = string | readonly Texts[]

/** What becomes of the place of a text. */
export type TextMode = 'int' | 'oneHot' | 'multiHot' | 'count' | 'tfIdf'

/** Options of {@link stringLookup}. */
export interface StringLookupOptions {
  /** The texts that are known, in the order of their places; by default those that `adapt` finds. */
  readonly vocabulary?: readonly string[] | null
  /** The most places there may be, those for unknown texts included: the most frequent texts are kept. */
  readonly maxTokens?: number | null
  /** How many places unknown texts have, 0 or 1 (default). */
  readonly numOovIndices?: 0 | 1
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

const lookupOptions = [
  ...['vocabulary', 'maxTokens', 'numOovIndices', 'maskToken', 'oovToken', 'invert', 'outputMode'],
  ...['idfWeights', 'padToMaxTokens'],
] as const

const modes = ['int', 'oneHot', 'multiHot', 'count', 'tfIdf'] as const

/** Flat texts and their shape. @throws DataError for ragged lists, and what is no text. */
function flat(where: string, given: Texts): { readonly texts: readonly string[]; readonly shape: readonly number[] } {
  if (typeof given === 'string') return { texts: [given], shape: [] }
  if (!Array.isArray(given)) throw new DataError(`${where}: expected texts, got ${describeValue(given)}`)
  const parts = given.map((each) => flat(where, each))
  const [first = { shape: [] as readonly number[] }] = parts
  if (parts.some(({ shape }) => shape.join() !== first.shape.join())) {
    throw new DataError(`${where}: expected lists of the same length, got ragged ones`)
  }
  return { texts: parts.flatMap(({ texts }) => texts), shape: [given.length, ...first.shape] }
}

/** A vocabulary of texts, as {@link stringLookup} makes it. */
export class StringLookup {
  readonly kind = 'stringLookup'
  private readonly options: StringLookupOptions
  private readonly mode: TextMode
  private places = new Map<string, number>()
  private tokens: readonly string[] | undefined
  private idf: readonly number[] | undefined

  constructor(options: StringLookupOptions = {}, where = 'stringLookup') {
    checkOptions(where, options, lookupOptions)
    const { vocabulary, maxTokens, numOovIndices = 1, outputMode = 'int', invert = false, idfWeights } = options
    this.mode = requireOneOf(where, 'outputMode', outputMode, modes)
    if (maxTokens != null) requirePositiveInteger(where, 'maxTokens', maxTokens)
    if (numOovIndices !== 0 && numOovIndices !== 1) {
      throw new OptionError(
        `${where}: numOovIndices: expected 0 or 1, got ${String(numOovIndices)}; unknown texts are not hashed`,
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
    this.tokens = tokens
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
    if (this.tokens === undefined) {
      throw new OptionError(`${this.kind}: its vocabulary is not known yet: expected adapt(texts) before`)
    }
    return [...(maskToken == null ? [] : [maskToken]), ...(numOovIndices === 0 ? [] : [oovToken]), ...this.tokens]
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
    const { texts, shape } = flat(`${this.kind}.adapt`, given)
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
    const { texts, shape } = flat(this.kind, given)
    const found = texts.map((text) => this.placeOf(text))
    if (this.mode === 'int') return new Tensor(Int32Array.from(found), shape)
    const isColumn = shape.length > 1 && shape[shape.length - 1] === 1
    if (this.mode === 'oneHot') {
      return this.vectors(
        found.map((place) => [place]),
        isColumn ? shape.slice(0, -1) : shape,
      )
    }
    const width = shape.length === 0 ? 1 : shape[shape.length - 1]
    const rows = Array.from({ length: found.length / Math.max(width, 1) }, (_, i) =>
      found.slice(i * width, (i + 1) * width),
    )
    return this.vectors(rows, shape.slice(0, -1))
  }

  private placeOf(text: string): number {
    this.getVocabulary()
    const { maskToken, numOovIndices = 1 } = this.options
    if (maskToken != null && text === maskToken) return this.mode === 'int' ? 0 : -1
    const found = this.places.get(text)
    if (found !== undefined) return found
    if (numOovIndices === 1) return this.placedMask == null ? 0 : 1
    throw new DataError(`${this.kind}: expected texts of the vocabulary, as numOovIndices is 0, got '${text}'`)
  }

  /** A vector for each row of places. */
  vectors(rows: readonly (readonly number[])[], shape: readonly number[]): Tensor {
    const { padToMaxTokens = false, maxTokens } = this.options
    const vocabulary = this.getVocabulary()
    const size = padToMaxTokens && maxTokens != null ? maxTokens : vocabulary.length
    const data = allocate('float32', rows.length * size)
    rows.forEach((places, row) => {
      for (const place of places.filter((each) => each >= 0)) {
        const at = row * size + place
        data[at] = this.mode === 'multiHot' || this.mode === 'oneHot' ? 1 : data[at] + 1
      }
    })
    if (this.mode === 'tfIdf') {
      const weights = this.weights()
      for (let i = 0; i < data.length; i++) data[i] *= weights[i % size] ?? 0
    }
    return new Tensor(data, [...shape, size])
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
      ...(this.tokens && { vocabulary: this.tokens }),
      ...(this.mode === 'tfIdf' && this.idf && { idfWeights: this.idf }),
    }
  }
}

/** A vocabulary may have the mask and the unknown text in front, as `getVocabulary` gives them. */
function withoutSpecial(vocabulary: readonly string[], options: StringLookupOptions): readonly string[] {
  const { maskToken, oovToken = '[UNK]', numOovIndices = 1 } = options
  let rest = vocabulary
  if (maskToken != null && rest[0] === maskToken) rest = rest.slice(1)
  return numOovIndices > 0 && rest[0] === oovToken ? rest.slice(1) : rest
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

/** Options of {@link textVectorization}. */
export interface TextVectorizationOptions {
  /** The most tokens, padding and unknown included; all by default. */
  readonly maxTokens?: number | null
  /** What is done to a text first: `'lowerAndStripPunctuation'` (default), a part of it, nothing (`null`), or a function. */
  readonly standardize?: 'lowerAndStripPunctuation' | 'lower' | 'stripPunctuation' | null | ((text: string) => string)
  /** What a text is cut into: words (`'whitespace'`, the default), characters, nothing (`null`), or by a function. */
  readonly split?: 'whitespace' | 'character' | null | ((text: string) => readonly string[])
  /** Also so many neighbours together: up to n, or those of a list of numbers; none by default. */
  readonly ngrams?: number | readonly number[] | null
  /** `'int'` (default) gives the tokens in order, the others a vector for each text. */
  readonly outputMode?: Exclude<TextMode, 'oneHot'>
  /** How many tokens each text has, filled up with 0 or cut; by default as many as the longest. */
  readonly outputSequenceLength?: number | null
  /** Whether vectors have `maxTokens` numbers; `false` by default. */
  readonly padToMaxTokens?: boolean
  /** The tokens that are known; by default those that `adapt` finds. */
  readonly vocabulary?: readonly string[] | null
  /** How much each counts, with `'tfIdf'`. */
  readonly idfWeights?: readonly number[] | null
}

const vectorizationOptions = [
  ...['maxTokens', 'standardize', 'split', 'ngrams', 'outputMode', 'outputSequenceLength', 'padToMaxTokens'],
  ...['vocabulary', 'idfWeights'],
] as const

// Keras' own list of marks.
const punctuation = /[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~']/g

/** Texts as numbers, as {@link textVectorization} makes it. */
export class TextVectorization {
  readonly kind = 'textVectorization'
  private readonly options: TextVectorizationOptions
  private readonly lookup: StringLookup

  constructor(options: TextVectorizationOptions = {}) {
    checkOptions('textVectorization', options, vectorizationOptions)
    const { outputMode = 'int', outputSequenceLength, standardize, split, maxTokens, padToMaxTokens } = options
    requireOneOf('textVectorization', 'outputMode', outputMode, ['int', 'multiHot', 'count', 'tfIdf'])
    if (outputSequenceLength != null) {
      requirePositiveInteger('textVectorization', 'outputSequenceLength', outputSequenceLength)
      if (outputMode !== 'int') {
        throw new OptionError("textVectorization: outputSequenceLength: expected outputMode 'int' with it")
      }
    }
    if (typeof standardize === 'string') {
      const known = ['lowerAndStripPunctuation', 'lower', 'stripPunctuation']
      requireOneOf('textVectorization', 'standardize', standardize, known)
    }
    if (typeof split === 'string') requireOneOf('textVectorization', 'split', split, ['whitespace', 'character'])
    this.options = options
    this.lookup = new StringLookup(
      {
        ...(maxTokens != null && { maxTokens }),
        ...(padToMaxTokens !== undefined && { padToMaxTokens }),
        ...(options.vocabulary != null && { vocabulary: options.vocabulary }),
        ...(options.idfWeights != null && { idfWeights: options.idfWeights }),
        // Padding has place 0 where tokens are given in order.
        ...(outputMode === 'int' ? { maskToken: '' } : {}),
        outputMode,
      },
      'textVectorization',
    )
  }

  /** All tokens in order: that of padding (of `'int'`), that of unknown ones, then the vocabulary. */
  getVocabulary(): string[] {
    return this.lookup.getVocabulary()
  }

  /**
   * Finds the tokens of texts by how often they come up.
   *
   * @example
   * ```ts
   * const words = data.textVectorization().adapt(['The rain!', 'the sun'])
   * words.getVocabulary() // ['', '[UNK]', 'the', 'sun', 'rain']
   * ```
   */
  adapt(texts: readonly string[]): this {
    this.lookup.count(this.textsOf('adapt', texts).map((text) => this.tokensOf(text)))
    return this
  }

  /** Each text as its tokens' numbers, `int32` `[texts, longest]`, or as a vector, `float32` `[texts, tokens]`. */
  run(given: string | readonly string[]): Tensor {
    const texts = this.textsOf('run', typeof given === 'string' ? [given] : given)
    const vocabulary = new Map(this.getVocabulary().map((token, i) => [token, i]))
    const { outputMode = 'int', outputSequenceLength } = this.options
    const unknown = outputMode === 'int' ? 1 : 0
    const rows = texts.map((text) => this.tokensOf(text).map((token) => vocabulary.get(token) ?? unknown))
    if (outputMode !== 'int') return this.lookup.vectors(rows, [rows.length])
    const length = outputSequenceLength ?? Math.max(0, ...rows.map((row) => row.length))
    const data = new Int32Array(rows.length * length)
    rows.forEach((row, i) => {
      data.set(row.slice(0, length), i * length)
    })
    return new Tensor(data, [rows.length, length])
  }

  private textsOf(where: string, given: readonly string[]): readonly string[] {
    const wrong = Array.isArray(given) ? given.find((each) => typeof each !== 'string') : given
    if (Array.isArray(given) && wrong === undefined) return given
    throw new DataError(`textVectorization.${where}: expected a list of texts, got ${describeValue(wrong)}`)
  }

  /** The tokens of a text, groups of neighbours behind the single ones. */
  private tokensOf(text: string): readonly string[] {
    const { split = 'whitespace', ngrams } = this.options
    const plain = this.standardized(text)
    const pieces =
      split === null
        ? [plain]
        : typeof split === 'function'
          ? split(plain)
          : split === 'character'
            ? [...plain]
            : plain.split(/\s+/).filter((word) => word !== '')
    if (ngrams == null) return pieces
    const sizes = typeof ngrams === 'number' ? Array.from({ length: ngrams }, (_, i) => i + 1) : ngrams
    return sizes.flatMap((size) =>
      Array.from({ length: Math.max(0, pieces.length - size + 1) }, (_, i) => pieces.slice(i, i + size).join(' ')),
    )
  }

  private standardized(text: string): string {
    const { standardize = 'lowerAndStripPunctuation' } = this.options
    if (standardize === null) return text
    if (typeof standardize === 'function') return standardize(text)
    const lower = standardize === 'stripPunctuation' ? text : text.toLowerCase()
    return standardize === 'lower' ? lower : lower.replace(punctuation, '')
  }

  /** The options that make the same again, with the vocabulary: plain data, but for functions. */
  config(): TextVectorizationOptions {
    const { vocabulary, idfWeights } = this.lookup.config()
    return { ...this.options, ...(vocabulary && { vocabulary }), ...(idfWeights && { idfWeights }) }
  }
}

/**
 * Texts as numbers, as Keras' TextVectorization gives them: each text is made plain, cut into tokens, and these become their numbers in
 * order, or a vector. It works on texts, not in a graph: `run(texts)` gives a tensor, and `dataset.map` takes it as a step;
 * `textVectorization(words.config())` is the same again.
 *
 * @throws OptionError for options that do not fit together, and where it is used before it has a vocabulary.
 *
 * @example
 * ```ts
 * const words = data.textVectorization({ vocabulary: ['the', 'rain'] })
 * words.run(['The rain, the snow']).toArray() // [[2, 3, 2, 1]]
 * ```
 */
export function textVectorization(options?: TextVectorizationOptions): TextVectorization {
  return new TextVectorization(options)
}
