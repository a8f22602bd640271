// Texts cut into tokens, and these as numbers, as Keras' TextVectorization gives them: before they become tensors, in a step of a dataset, by
// itself, or as the first layer of a model.

import { checkOptions, DataError, describeValue, OptionError, requireOneOf, requirePositiveInteger } from '../../errors'
import { Tensor } from '../../tensor'
import { StringLookup } from './stringLookup'
import type { TextMode } from './texts'

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

/** Their names. */
export const vectorizationOptions = [
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

  /** How many numbers a vector has. */
  get size(): number {
    return this.lookup.size
  }

  /** Each text as its tokens' numbers, `int32` `[texts, longest]`, or as a vector, `float32` `[texts, tokens]`. */
  run(given: string | readonly string[]): Tensor {
    const texts = this.textsOf('run', typeof given === 'string' ? [given] : given)
    const { outputMode = 'int', outputSequenceLength } = this.options
    const rows = texts.map((text) => this.lookup.placesOf(this.tokensOf(text)))
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
