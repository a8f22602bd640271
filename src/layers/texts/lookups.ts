// Texts as places in a vocabulary, and texts cut into such, as layers of a model.

import {
  lookupOptions,
  StringLookup,
  type StringLookupOptions,
  type TextMode,
  type Texts,
  TextVectorization,
  type TextVectorizationOptions,
  vectorizationOptions,
} from '../../data'
import { DataError, OptionError, ShapeError } from '../../errors'
import { formatShape, type PartialShape, Tensor } from '../../tensor'
import type { LayerOptions } from '../base/layer'
import { layerFactory } from '../base/registry'
import { encodedShape } from '../preprocessing/encoding'
import { type HostData, HostLayer } from './hostLayer'

/** Options of the layer {@link stringLookup}. */
export interface StringLookupLayerOptions extends StringLookupOptions, LayerOptions {}

/** Options of the layer {@link textVectorization}. */
export interface TextVectorizationLayerOptions extends TextVectorizationOptions, LayerOptions {}

/** The options among these that have such names. */
function named<O extends object>(options: O, names: readonly string[]): O {
  return Object.fromEntries(Object.entries(options).filter(([name]) => names.includes(name))) as O // some of its entries
}

/** @throws DataError for numbers. */
function textsIn(where: string, data: HostData) {
  if (data instanceof Tensor) throw new DataError(`${where}: expected texts, got numbers`)
  return data
}

/** A layer with a vocabulary of texts, as {@link stringLookup} makes it. */
export class StringLookupLayer extends HostLayer {
  private readonly options: StringLookupOptions
  protected readonly mode: TextMode
  private readonly lookup: StringLookup

  constructor(options: StringLookupLayerOptions = {}) {
    super(options, 'stringLookup', lookupOptions)
    this.options = named<StringLookupOptions>(options, lookupOptions)
    this.lookup = new StringLookup(this.options)
    this.mode = this.options.outputMode ?? 'int'
  }

  /** Finds the vocabulary, as `data.stringLookup` does. @throws OptionError where the layer was given one. */
  async adapt(texts: Texts): Promise<void> {
    this.lookup.adapt(texts)
  }

  /** All places in order: that of the mask, those of unknown texts, then the vocabulary. */
  getVocabulary(): string[] {
    return this.lookup.getVocabulary()
  }

  /** The texts at places, as `data.stringLookup` gives them. */
  texts(places: unknown): Texts {
    return this.lookup.texts(places)
  }

  override onHost([data]: readonly HostData[]): Tensor {
    if (this.options.invert === true) {
      throw new OptionError(`${this.name}: with invert, layer.texts(places) gives texts; a graph holds none`)
    }
    return this.lookup.runFlat(textsIn(this.name, data))
  }

  override outputShape(shape: PartialShape): PartialShape {
    if (this.mode === 'int') return shape
    if (this.mode === 'oneHot') return encodedShape(shape, this.mode, this.lookup.size)
    if (shape.length > 0) return [...shape.slice(0, -1), this.lookup.size]
    throw new ShapeError(
      `${this.name}: outputMode '${this.mode}': expected a list of texts in each sample, got shape ${formatShape([null])}`,
    )
  }

  override config(): Record<string, unknown> {
    return { ...this.lookup.config() }
  }
}

/** A layer that cuts texts into tokens, as {@link textVectorization} makes it. */
export class TextVectorizationLayer extends HostLayer {
  private readonly options: TextVectorizationOptions
  protected readonly mode: TextMode
  private readonly words: TextVectorization

  constructor(options: TextVectorizationLayerOptions = {}) {
    super(options, 'textVectorization', vectorizationOptions)
    this.options = named<TextVectorizationOptions>(options, vectorizationOptions)
    this.words = new TextVectorization(this.options)
    this.mode = this.options.outputMode ?? 'int'
  }

  /** Finds the tokens, as `data.textVectorization` does. @throws OptionError where the layer was given a vocabulary. */
  async adapt(texts: readonly string[]): Promise<void> {
    this.words.adapt(texts)
  }

  /** All tokens in order: that of padding (of `'int'`), that of unknown ones, then the vocabulary. */
  getVocabulary(): string[] {
    return this.words.getVocabulary()
  }

  override onHost([data]: readonly HostData[]): Tensor {
    const { texts, shape } = textsIn(this.name, data)
    if (shape.length < 2 || (shape.length === 2 && shape[1] === 1)) return this.words.run(texts)
    throw new DataError(`${this.name}: expected one text in each sample, got shape ${formatShape(shape)}`)
  }

  override outputShape(shape: PartialShape): PartialShape {
    const { outputSequenceLength = null } = this.options
    if (shape.length > 1 || (shape.length === 1 && shape[0] !== 1)) {
      throw new ShapeError(`${this.name}: expected one text in each sample, got shape ${formatShape([null, ...shape])}`)
    }
    return this.mode === 'int' ? [outputSequenceLength] : [this.words.size]
  }

  override config(): Record<string, unknown> {
    return { ...this.words.config() }
  }
}

/**
 * Texts as places in a vocabulary, which is given or found by `adapt`: the first layer of a model whose input has dtype `'string'`. What it gives
 * is looked up on the host, before the Program runs.
 *
 * Input texts of any shape; output the same shape, `int32`; or vectors, `float32`, with another `outputMode`. The options are those of `data.stringLookup`, which
 * does the same without a model.
 *
 * @throws OptionError for a vocabulary with a text twice, where it is used before it has one, and where it does not stand directly behind an input.
 *
 * @example
 * ```ts
 * const place = input({ shape: [1], dtype: 'string' })
 * const where = stringLookup({ vocabulary: ['Ulm', 'Köln'] })
 * const net = model({ inputs: place, outputs: embedding(3, 4).apply(where.apply(place)) })
 * await net.predict(['Köln', 'Bonn']) // [2, 1, 4]
 * ```
 */
export const stringLookup = /* @__PURE__ */ layerFactory(
  'stringLookup',
  [],
  (options?: StringLookupLayerOptions): StringLookupLayer => new StringLookupLayer(options),
)

/**
 * Texts as the numbers of their words: the first layer of a model whose input has dtype `'string'`. What it gives is worked out on the host, before the
 * Program runs.
 *
 * Input one text in each sample, `[batch]` or `[batch, 1]`; output `[batch, outputSequenceLength]`, `int32` (without that length as long as the longest of the data), or
 * `[batch, tokens]`, `float32`, with another `outputMode`. The options are those of `data.textVectorization`, which does the same without a model.
 *
 * @throws OptionError where it is used before it has a vocabulary, and where it does not stand directly behind an input.
 *
 * @example
 * ```ts
 * const words = textVectorization({ maxTokens: 1000, outputSequenceLength: 20 })
 * await words.adapt(['What a film!', 'what a bore'])
 * const net = sequential([words, embedding(1000, 8, { maskZero: true }), lstm(8), dense(1, { activation: 'sigmoid' })])
 * net.compile({ loss: 'binaryCrossentropy' })
 * await net.fit(['What a film!', 'what a bore'], [1, 0], { verbose: 0 })
 * ```
 */
export const textVectorization = /* @__PURE__ */ layerFactory(
  'textVectorization',
  [],
  (options?: TextVectorizationLayerOptions): TextVectorizationLayer => new TextVectorizationLayer(options),
)
