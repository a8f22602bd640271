// Texts as numbers and back: characters, words, or byte pairs that are learnt from texts.

import {
  checkOptions,
  DataError,
  FormatError,
  isList,
  jsonOf,
  OptionError,
  requireOneOf,
  requirePositiveInteger,
  requireWalkable,
} from '../../errors'
import { joinedArrays, readPlace, writePlace } from '../../io'
import { Tensor } from '../../tensor'
import { isRecord } from '../dataset/collate'
import { BytePairs, learnMerges, type Merge } from './bytePair'
import { charactersOf, cutAt, stretchesOf, wordsOf } from './pieces'

/** More tokens than make a text. */
const mostTokens = 268_435_456

/** What a text is cut into. */
export type TokenKind = 'words' | 'characters' | 'bytePair'

const kinds = ['words', 'characters', 'bytePair'] as const

/** Options of {@link tokenizer}. */
export interface TokenizerOptions {
  /**
   * The most tokens there may be, padding and unknown included: the most frequent ones are kept. All are by default; of
   * byte pairs 1000.
   */
  readonly vocabularySize?: number
  /** How often a word or character must occur to be kept; 1 by default. */
  readonly minCount?: number
  /** Whether capitals become small letters; for words `true` by default, else `false`. */
  readonly lowercase?: boolean
  /** Whether marks such as commas are words of their own rather than left out; `false` by default. */
  readonly punctuation?: boolean
  /** Tokens such as `'<end>'` that are never cut, and get the first numbers after padding and unknown. */
  readonly specialTokens?: readonly string[]
}

/** A tokenizer as plain data. */
export interface TokenizerJSON {
  readonly kind: TokenKind
  readonly options: TokenizerOptions
  /** The words or characters in order, without padding, unknown and special tokens. */
  readonly vocabulary?: readonly string[]
  readonly merges?: readonly Merge[]
}

/** The token that fills sequences up. */
const padding = '[PAD]'
/** The token for what is not in the vocabulary. */
const unknown = '[UNK]'

/** What a tokenizer learnt: a list of pieces, or pairs of bytes. */
type Learnt = { readonly pieces: readonly string[] } | { readonly bytePairs: BytePairs }

/**
 * A tokenizer, as {@link tokenizer} makes it. Token 0 is padding, token 1 what is not known, special tokens follow.
 *
 * @example
 * ```ts
 * const words = data.tokenizer('words').fit(['the rain'])
 * words.decode(words.encode('the rain')) // 'the rain'
 * ```
 */
export class Tokenizer {
  readonly kind: TokenKind
  /** The number that fills sequences up: `embedding(..., { maskZero: true })` masks it. */
  readonly paddingId = 0
  /** The number of what is not in the vocabulary; byte pairs never need it. */
  readonly unknownId = 1
  private readonly options: TokenizerOptions
  private learnt: Learnt | undefined
  private places: ReadonlyMap<string, number> = new Map()

  constructor(kind: TokenKind, options: TokenizerOptions, learnt?: Learnt) {
    this.kind = kind
    this.options = options
    if (learnt !== undefined) this.take(learnt)
  }

  private take(learnt: Learnt): void {
    this.learnt = learnt
    const first = 2 + this.special.length
    const pieces = 'pieces' in learnt ? learnt.pieces : []
    this.places = new Map([
      ...pieces.map((piece, i): [string, number] => [piece, first + i]),
      ...this.special.map((token, i): [string, number] => [token, 2 + i]),
    ])
  }

  private get special(): readonly string[] {
    return this.options.specialTokens ?? []
  }

  private get lowercase(): boolean {
    return this.options.lowercase ?? this.kind === 'words'
  }

  /**
   * Learns a vocabulary, in place of the one before. Give it training data only. The most frequent come first, equally
   * frequent ones in the order of their characters, so the same texts always give the same numbers.
   *
   * @throws DataError where there is nothing to learn from.
   */
  fit(texts: string | Iterable<string>): this {
    const counts = new Map<string, number>()
    requireWalkable('tokenizer.fit', texts)
    if (typeof texts !== 'string' && !(typeof texts === 'object' && texts !== null && Symbol.iterator in texts)) {
      throw new DataError(`tokenizer.fit: expected a text or texts that can be walked at once, got ${typeof texts}`)
    }
    for (const text of typeof texts === 'string' ? [texts] : texts) {
      if (typeof text !== 'string') throw new DataError(`tokenizer.fit: expected texts, got ${typeof text}`)
      for (const { part, isSpecial } of cutAt(text, this.special)) {
        if (isSpecial) continue
        for (const piece of this.piecesOf(part)) counts.set(piece, (counts.get(piece) ?? 0) + 1)
      }
    }
    if (counts.size === 0) throw new DataError('tokenizer.fit: expected texts, got none with anything in them')
    const taken = 2 + this.special.length
    if (this.kind === 'bytePair') {
      const limit = (this.options.vocabularySize ?? 1000) - taken - 256
      this.take({ bytePairs: new BytePairs(learnMerges(counts, limit)) })
      return this
    }
    const { minCount = 1, vocabularySize = Infinity } = this.options
    const pieces = [...counts]
      .filter(([, count]) => count >= minCount)
      .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      .slice(0, Math.max(0, vocabularySize - taken))
      .map(([piece]) => piece)
    this.take({ pieces })
    return this
  }

  private piecesOf(text: string): string[] {
    const given = this.lowercase ? text.toLowerCase() : text
    switch (this.kind) {
      case 'words':
        return wordsOf(given, this.options.punctuation ?? false)
      case 'characters':
        return charactersOf(given)
      case 'bytePair':
        return stretchesOf(given)
    }
  }

  /** A text as numbers; an array of texts as an array of these, which `fit` of a model takes as it is. */
  encode(text: string): number[]
  encode(texts: readonly string[]): number[][]
  encode(text: string | readonly string[]): number[] | number[][] {
    requireWalkable('tokenizer.encode', text)
    if (Array.isArray(text)) return text.map((one) => this.encode(one))
    if (typeof text !== 'string') throw new DataError(`tokenizer.encode: expected a text or texts, got ${typeof text}`)
    const learnt = this.fitted('encode')
    const first = 2 + this.special.length
    return cutAt(text, this.special).flatMap(({ part, isSpecial }) => {
      if (isSpecial) return [this.places.get(part) ?? this.unknownId]
      const pieces = this.piecesOf(part)
      if ('pieces' in learnt) return pieces.map((piece) => this.places.get(piece) ?? this.unknownId)
      return pieces.flatMap((piece) => learnt.bytePairs.encode(piece).map((token) => first + token))
    })
  }

  /**
   * Numbers as a text; padding is left out. Characters come back as they were, and so does any text from byte pairs
   * (lone halves of surrogate pairs, which no text should hold, become U+FFFD); words are joined by spaces.
   *
   * @throws DataError for a number that is no token.
   */
  decode(tokens: ArrayLike<number> | Tensor): string {
    const learnt = this.fitted('decode')
    const given = tokens instanceof Tensor ? tokens.data : tokens
    if (typeof given === 'string' || typeof given?.length !== 'number') {
      throw new DataError(`tokenizer.decode: expected the numbers of tokens, got ${typeof given}`)
    }
    if (given.length > mostTokens) {
      throw new DataError(`tokenizer.decode: expected at most ${mostTokens} tokens, got ${given.length}`)
    }
    const numbers = Array.from(given).filter((token) => token !== this.paddingId)
    if ('pieces' in learnt) return numbers.map((token) => this.token(token)).join(this.kind === 'words' ? ' ' : '')
    const first = 2 + this.special.length
    const encoder = new TextEncoder()
    const bytes = numbers.map((token) =>
      token >= first && token < this.size ? learnt.bytePairs.bytesOf(token - first) : encoder.encode(this.token(token)),
    )
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(joinedArrays(Uint8Array, bytes))
  }

  /** What a number stands for; of byte pairs as text, where the bytes make one. @throws DataError for a number that is none. */
  token(number: number): string {
    const learnt = this.fitted('token')
    if (!Number.isInteger(number) || number < 0 || number >= this.size) {
      throw new DataError(`tokenizer: expected tokens from 0 to ${this.size - 1}, got ${number}`)
    }
    const first = 2 + this.special.length
    if (number < first) return [padding, unknown, ...this.special][number]
    if ('pieces' in learnt) return learnt.pieces[number - first]
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(learnt.bytePairs.bytesOf(number - first))
  }

  /** How many tokens there are: what `embedding` wants to know. */
  get size(): number {
    const learnt = this.fitted('size')
    return 2 + this.special.length + ('pieces' in learnt ? learnt.pieces.length : learnt.bytePairs.size)
  }

  /** All tokens, in the order of their numbers. */
  get vocabulary(): readonly string[] {
    return Array.from({ length: this.size }, (_, number) => this.token(number))
  }

  private fitted(call: string): Learnt {
    if (this.learnt !== undefined) return this.learnt
    throw new OptionError(`tokenizer.${call}: there is no vocabulary yet; call fit with texts first`)
  }

  /** What was learnt, as plain data; `data.tokenizerFromJSON` makes a tokenizer of it. */
  toJSON(): TokenizerJSON {
    const learnt = this.fitted('toJSON')
    const content = 'pieces' in learnt ? { vocabulary: learnt.pieces } : { merges: learnt.bytePairs.merges }
    return { kind: this.kind, options: this.options, ...content }
  }

  /** Saves what was learnt as JSON: a path in Node; in a page `indexeddb://name` or `download://name`. */
  async save(place: string): Promise<void> {
    await writePlace(place, new TextEncoder().encode(JSON.stringify(this)))
  }
}

/**
 * Turns texts into numbers, and numbers into texts. It learns its tokens from training data with `fit`:
 *
 * - `'words'`: letters and digits between spaces and marks;
 * - `'characters'`: one by one;
 * - `'bytePair'`: parts of words that are frequent, down to single bytes, so that it can write every text.
 *
 * @throws OptionError for a vocabulary too small to hold what must be in it.
 *
 * @example
 * ```ts
 * const tokenizer = data.tokenizer('words').fit(['The sun shines', 'the rain'])
 * tokenizer.encode('The rain shines') // [2, 3, 4]
 * tokenizer.encode('the snow') // [2, 1]
 * tokenizer.decode([2, 5]) // 'the sun'
 *
 * const model = sequential([embedding(tokenizer.size, 16), lstm(16), dense(1, { activation: 'sigmoid' })])
 * ```
 */
export function tokenizer(kind: TokenKind = 'words', options: TokenizerOptions = {}): Tokenizer {
  checkOptions('tokenizer', options, ['vocabularySize', 'minCount', 'lowercase', 'punctuation', 'specialTokens'])
  requireOneOf('tokenizer', 'kind', kind, kinds)
  const { vocabularySize, minCount, specialTokens = [] } = options
  if (minCount !== undefined) requirePositiveInteger('tokenizer', 'minCount', minCount)
  const areTokens = isList(specialTokens) && specialTokens.every((token) => typeof token === 'string' && token !== '')
  if (!areTokens || new Set([padding, unknown, ...specialTokens]).size < specialTokens.length + 2) {
    throw new OptionError(
      `tokenizer: specialTokens: expected texts, each once, and neither '${padding}' nor '${unknown}', got ${jsonOf(specialTokens)}`,
    )
  }
  if (vocabularySize !== undefined) {
    requirePositiveInteger('tokenizer', 'vocabularySize', vocabularySize)
    const least = 2 + specialTokens.length + (kind === 'bytePair' ? 256 : 1)
    if (vocabularySize < least) {
      throw new OptionError(`tokenizer: vocabularySize: expected at least ${least} for ${kind}, got ${vocabularySize}`)
    }
  }
  return new Tokenizer(kind, options)
}

/**
 * Makes a tokenizer of what its `toJSON` gave, or of the text of it. @throws FormatError for anything else.
 *
 * @example
 * ```ts
 * const tokenizer = data.tokenizer('characters').fit('abc')
 * const again = data.tokenizerFromJSON(JSON.stringify(tokenizer))
 * again.encode('cab') // [4, 2, 3]
 * ```
 */
export function tokenizerFromJSON(json: TokenizerJSON | string): Tokenizer {
  const data: unknown = typeof json === 'string' ? parsed(json) : json
  if (!isRecord(data) || !isRecord(data.options)) throw notATokenizer()
  const { vocabulary, merges } = data
  let made: Tokenizer
  try {
    // What is in the file is checked by the same rules as what users type.
    made = tokenizer(data.kind as TokenKind, data.options)
  } catch (error) {
    throw notATokenizer(error)
  }
  if (made.kind === 'bytePair') {
    if (!areMerges(merges)) throw notATokenizer()
    return new Tokenizer(made.kind, data.options, { bytePairs: new BytePairs(merges) })
  }
  if (!Array.isArray(vocabulary) || !vocabulary.every((piece) => typeof piece === 'string')) throw notATokenizer()
  return new Tokenizer(made.kind, data.options, { pieces: vocabulary })
}

/**
 * Loads a tokenizer from where its `save` put it, or from a URL. @throws FormatError where it is none.
 *
 * @example
 * ```ts
 * await data.tokenizer('words').fit(['to be or not to be']).save('tokenizer.json')
 * const tokenizer = await data.loadTokenizer('tokenizer.json')
 * tokenizer.decode(tokenizer.encode('not to be')) // 'not to be'
 * ```
 */
export async function loadTokenizer(place: string): Promise<Tokenizer> {
  return tokenizerFromJSON(new TextDecoder().decode(await readPlace(place)))
}

/** Whether every merge joins two tokens that are there before it. */
function areMerges(merges: unknown): merges is readonly Merge[] {
  return (
    Array.isArray(merges) &&
    merges.every(
      (pair, i) =>
        Array.isArray(pair) &&
        pair.length === 2 &&
        pair.every((token) => Number.isInteger(token) && token >= 0 && token < 256 + i),
    )
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw notATokenizer(error)
  }
}

function notATokenizer(cause?: unknown): FormatError {
  return new FormatError('tokenizer: expected what toJSON or save of a tokenizer gave', { cause })
}
