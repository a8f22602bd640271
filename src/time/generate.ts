// Generation: a model of the next token, asked again and again.

import type { BackendOption } from '../backends/backend'
import {
  checkOptions,
  DataError,
  describeValue,
  OptionError,
  requireList,
  requireNumber,
  requirePositiveInteger,
} from '../errors'
import { asTensor, getSeed, nextStream, normalizeSeed, Tensor, type TensorLike, threefry } from '../tensor'
import { scorerFor } from './scorers'
import type { StreamingModel } from './stream'

/** What turns text into tokens and back. */
export interface TextCodec {
  encode(text: string): readonly number[]
  decode(tokens: readonly number[]): string
}

/** Options of {@link generate}. */
export interface GenerateOptions {
  /** What goes before: tokens, or text where there is a tokenizer. At least one token. */
  readonly prompt: string | ArrayLike<number> | Tensor
  /** The most tokens to generate. */
  readonly length: number
  /**
   * Scores are divided by it: below 1 likely tokens become likelier, above 1 less so; 0 always takes the likeliest. 1 by
   * default.
   */
  readonly temperature?: number
  /** Draws only among the so many likeliest tokens; all by default. */
  readonly topK?: number
  /**
   * Draws only among the likeliest tokens that together have this probability (Holtzman et al., 2020, "nucleus
   * sampling"); 1, which is all, by default.
   */
  readonly topP?: number
  /** Fixes what is drawn; by default it follows `setSeed`. */
  readonly seed?: number
  /** Lets the prompt be text, and gives text. */
  readonly tokenizer?: TextCodec
  /** Ends at a token, or one of several; with a tokenizer also at a text. What it ends at is left out. */
  readonly stop?: number | string | readonly (number | string)[]
  /** Whether the model gives logits, or probabilities (as with `softmax` at its end); found out by default. */
  readonly fromLogits?: boolean
  /**
   * How many of the last tokens count: all that a stream remembers, or, for a model that cannot stream, that it takes at once, by
   * default.
   */
  readonly window?: number
  /** Where to compute; where the model trains, else `'auto'`, by default. */
  readonly backend?: BackendOption
}

const names = [
  'prompt',
  'length',
  'temperature',
  'topK',
  'topP',
  'seed',
  'tokenizer',
  'stop',
  'fromLogits',
  'window',
  'backend',
]

/**
 * Goes on with a prompt, token by token, with a model that gives scores for the next token at each step (or at the last one).
 *
 * The model reads tokens `[batch, time]` through an `embedding`, or one-hot vectors `[batch, time, vocabulary]`; it gives
 * `[batch, time, vocabulary]` or `[batch, vocabulary]`, probabilities or logits. Where each of its layers goes forward in time it runs
 * as a stream: a token costs one step, however long the text is. Where one looks ahead, or the text is longer than a model has places
 * for, the last tokens are predicted from anew for each. The same seed gives the same tokens.
 *
 * @returns the tokens that follow the prompt, without it; their text where there is a tokenizer.
 * @throws OptionError for options that do not fit; DataError for an empty prompt.
 *
 * @example
 * ```ts
 * const text = await generate(model, { prompt: 'Once', length: 200, temperature: 0.7, topP: 0.9, seed: 1, tokenizer })
 * ```
 */
export function generate(
  model: StreamingModel,
  options: GenerateOptions & { readonly tokenizer: TextCodec },
): Promise<string>
export function generate(
  model: StreamingModel,
  options: GenerateOptions & { readonly tokenizer?: undefined },
): Promise<number[]>
export async function generate(model: StreamingModel, options: GenerateOptions): Promise<string | number[]> {
  const tokens: number[] = []
  for await (const { token } of generateEach(model, options)) tokens.push(token)
  const { tokenizer } = options
  return tokenizer === undefined ? tokens : upToStop(tokenizer.decode(tokens), textStops(options))
}

/** A token as it is generated. */
export interface Generated {
  readonly token: number
  /** What it adds to the text, where there is a tokenizer. */
  readonly text: string | undefined
}

/**
 * As {@link generate}, each token as soon as its text is certain: a character may need the bytes of several tokens, and
 * what may become a stop is held back. All texts together are what {@link generate} gives.
 *
 * @example
 * ```ts
 * for await (const { text } of generateEach(model, { prompt: 'Once', length: 200, tokenizer })) {
 *   process.stdout.write(text ?? '')
 * }
 * ```
 */
export async function* generateEach(model: StreamingModel, options: GenerateOptions): AsyncGenerator<Generated> {
  if (typeof model?.stream !== 'function')
    throw new OptionError(`generate: expected a model, got ${describeValue(model)}`)
  const prompt = check(options)
  const { length, backend, tokenizer } = options
  const draw = sampler(options)
  const scorer = scorerFor(model, { backend, window: options.window, asInput: (given) => asInput(model, given) })
  const ends = new Set(stopList(options).filter((stop) => typeof stop === 'number'))
  const texts = textStops(options)
  const tokens: number[] = []
  let text = ''
  // Tokens whose text later ones may still change.
  let open: number[] = []
  const given = (upTo: string | undefined): Generated[] => {
    const items = open.map((token, i): Generated => {
      const isLast = i === open.length - 1
      return { token, text: upTo === undefined ? undefined : isLast ? upTo.slice(text.length) : '' }
    })
    open = []
    text = upTo ?? ''
    return items
  }
  try {
    let scores = await scorer.next(prompt)
    while (tokens.length < length) {
      const token = draw(scores)
      if (ends.has(token)) break
      tokens.push(token)
      open.push(token)
      const now = tokenizer?.decode(tokens)
      const kept = now === undefined ? undefined : upToStop(now, texts)
      if (kept !== now) {
        yield* given(kept)
        return
      }
      if (now === undefined || isSettled(now, texts)) yield* given(now)
      if (tokens.length < length) scores = await scorer.next([token])
    }
    yield* given(tokenizer?.decode(tokens))
  } finally {
    await scorer.dispose()
  }
}

/** Checks the options; the tokens of the prompt. */
function check(options: GenerateOptions): readonly number[] {
  if (options === undefined) throw new OptionError('generate: expected { prompt, length }, got no options')
  checkOptions('generate', options, names)
  const { prompt, tokenizer, length, temperature = 1, topK, topP = 1, seed } = options
  requirePositiveInteger('generate', 'length', length)
  requireNumber('generate', 'temperature', temperature, 0)
  if (topK !== undefined) requirePositiveInteger('generate', 'topK', topK)
  requireNumber('generate', 'topP', topP, 0, 1)
  if (seed !== undefined) requireNumber('generate', 'seed', seed)
  if (options.window !== undefined) requirePositiveInteger('generate', 'window', options.window)
  if (tokenizer !== undefined && typeof tokenizer?.decode !== 'function') {
    throw new OptionError(`generate: tokenizer: expected one with encode and decode, got ${describeValue(tokenizer)}`)
  }
  const text = typeof prompt === 'string' || textStops(options).length > 0
  if (text && tokenizer === undefined) {
    throw new OptionError('generate: tokenizer: expected one, since the prompt or stop is text')
  }
  const tokens = typeof prompt === 'string' ? (tokenizer?.encode(prompt) ?? []) : asTensor(prompt as TensorLike).data
  const other = tokens.find((token) => !Number.isInteger(token))
  if (other !== undefined) throw new DataError(`generate: prompt: expected whole numbers, got ${other}`)
  if (tokens.length === 0) throw new DataError('generate: prompt: expected at least one token, got none')
  return Array.from(tokens)
}

function stopList({ stop }: GenerateOptions): readonly (number | string)[] {
  if (stop === undefined) return []
  return typeof stop === 'number' || typeof stop === 'string' ? [stop] : requireList('generate', 'stop', stop)
}

function textStops(options: GenerateOptions): string[] {
  return stopList(options).filter((stop) => typeof stop === 'string')
}

/** The text before the first of the stops. */
function upToStop(text: string, stops: readonly string[]): string {
  const ends = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0)
  return ends.length === 0 ? text : text.slice(0, Math.min(...ends))
}

/** Whether later tokens only add to a text: no character lacks bytes at its end, and no stop begins there. */
function isSettled(text: string, stops: readonly string[]): boolean {
  if (text.endsWith('\uFFFD')) return false
  return !stops.some((stop) =>
    Array.from({ length: stop.length }, (_, i) => stop.slice(0, i + 1)).some((begun) => text.endsWith(begun)),
  )
}

/** Tokens as the model reads them: indices, or one-hot vectors. */
function asInput(model: StreamingModel, tokens: readonly number[]): Tensor {
  const [{ shape }] = model.inputs
  if (model.inputs.length > 1 || shape.length > 2) {
    throw new OptionError(
      `generate: expected a model that reads tokens [time] or [time, vocabulary], got ${model.name}`,
    )
  }
  if (shape.length === 1) return new Tensor(Int32Array.from(tokens), [1, tokens.length], 'int32')
  const width = shape[1] ?? 0
  const data = new Float32Array(tokens.length * width)
  tokens.forEach((token, step) => {
    if (!Number.isInteger(token) || token < 0 || token >= width) {
      throw new DataError(`generate: expected tokens from 0 to ${width - 1}, got ${token}`)
    }
    data[step * width + token] = 1
  })
  return new Tensor(data, [1, tokens.length, width])
}

/** Draws a token from scores; with the same options and seed always the same ones, in order. */
function sampler({ temperature = 1, topK, topP = 1, seed, fromLogits }: GenerateOptions) {
  const [key, number] = seed === undefined ? [getSeed(), nextStream()] : [normalizeSeed(seed), 0]
  const words = new Uint32Array(2)
  let drawn = 0
  let isLogits = fromLogits
  return (scores: Float64Array): number => {
    if (scores.some(Number.isNaN)) throw new DataError('generate: expected scores from the model, got NaN')
    isLogits ??= !looksLikeProbabilities(scores)
    const logits = isLogits ? scores : scores.map(Math.log)
    // The likeliest first; of equal ones the first.
    const order = Array.from(logits, (_, token) => token).sort((a, b) => logits[b] - logits[a] || a - b)
    if (temperature === 0) return order[0]
    const top = logits[order[0]]
    if (!Number.isFinite(top)) throw new DataError(`generate: expected finite scores from the model, got ${top}`)
    const kept = order.slice(0, topK ?? order.length)
    const weights = kept.map((token) => Math.exp((logits[token] - top) / temperature))
    const count = topP < 1 ? nucleus(weights, topP) : weights.length
    threefry(key, number, drawn, 0, words)
    drawn++
    const total = weights.slice(0, count).reduce((sum, weight) => sum + weight, 0)
    let left = (words[0] / 2 ** 32) * total
    const at = weights.slice(0, count).findIndex((weight) => {
      left -= weight
      return left < 0
    })
    return kept[at < 0 ? count - 1 : at]
  }
}

/** How many of the weights, which are in descending order, have the share `p` of all. At least one. */
function nucleus(weights: readonly number[], p: number): number {
  const target = p * weights.reduce((sum, weight) => sum + weight, 0)
  let sum = 0
  const at = weights.findIndex((weight) => {
    sum += weight
    return sum >= target
  })
  return at < 0 ? weights.length : at + 1
}

function looksLikeProbabilities(scores: Float64Array): boolean {
  const sum = scores.reduce((total, score) => total + score, 0)
  return Math.abs(sum - 1) < 1e-3 && scores.every((score) => score >= 0)
}
