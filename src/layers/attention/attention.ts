// Attention without projections: by products of queries and keys (Luong), or by their sum (Bahdanau).

import { ShapeError } from '../../errors'
import type { Value, Variable } from '../../graph'
import {
  add,
  dotProductAttention,
  expandDims,
  matmul,
  mul,
  reshape,
  softmax,
  squeeze,
  sub,
  sum,
  tanh,
  where,
} from '../../ops'
import { formatShape, type PartialShape } from '../../tensor'
import type { CallContext } from '../base/context'
import { Layer, type LayerOptions } from '../base/layer'
import type { OverTime } from '../base/overTime'
import { layerFactory } from '../base/registry'
import type { CallOptions, CallSettings } from '../options/callOptions'
import { knownLength } from '../options/checks'
import type { Expected } from '../options/expected'
import { aRate, aSeed, type OwnOptions } from '../options/ownOptions'
import { dropped } from '../regularization/dropout'
import { show } from './heads'
import { both, causalPairs, masksOf, plainAttentionCall, spread } from './masks'
import { attentionOverTime, withMemory } from './memory'

/** Options of {@link additiveAttention}. */
export interface AdditiveAttentionOptions extends LayerOptions {
  /** Whether scores are scaled by what is learnt; `true` by default in `additiveAttention`, `false` in `attention`. */
  readonly useScale?: boolean
  /** The rate at which scores are dropped in training; 0 by default. */
  readonly dropout?: number
  /** Fixes what is dropped; by default it follows `setSeed`. */
  readonly seed?: number
}

/** Options of {@link attention}. */
export interface AttentionOptions extends AdditiveAttentionOptions {
  /** Scores are products of queries and keys (`'dot'`, the default), or the sum over tanh(query + key). */
  readonly scoreMode?: 'dot' | 'concat'
}

const ownAdditive = {
  defaults: { useScale: true, dropout: 0, seed: undefined },
  rules: { dropout: aRate, seed: aSeed },
} satisfies OwnOptions<AdditiveAttentionOptions>

const own = {
  defaults: { useScale: false, scoreMode: 'dot', dropout: 0, seed: undefined },
  rules: { scoreMode: { oneOf: ['dot', 'concat'] }, dropout: aRate, seed: aSeed },
} satisfies OwnOptions<AttentionOptions>

/** The weights of a layer of attention. */
interface ScoreWeights {
  readonly scale: Variable | undefined
  readonly concat: Variable | undefined
}

/** How scores come from queries and keys. */
interface Scoring {
  build(layer: Layer, queryShape: PartialShape): ScoreWeights
  /** `[batch, queries, keys]` */
  scores(query: Value, key: Value, weights: ScoreWeights): Value
  /** Whether the scores are products, so that they need not be in memory. */
  readonly isProduct: boolean
}

class Attention extends Layer {
  override readonly expects: Expected = { inputs: 'list', minRank: 3 }
  private readonly options: AttentionOptions
  private readonly scoring: Scoring
  declare private weightsOfScores: ScoreWeights

  constructor(kind: 'attention' | 'additiveAttention', options: AttentionOptions, scoring: Scoring) {
    super(options, kind, kind === 'attention' ? own : ownAdditive)
    this.options = options
    this.scoring = scoring
  }

  override get callOptions(): CallOptions {
    return plainAttentionCall
  }

  protected override checkShape(shapes: readonly PartialShape[]): void {
    requireSequences(this.name, shapes)
    const [query, value, key = value] = shapes
    const [a, b] = [query.at(-1), key.at(-1)]
    if (a == null || b == null || a === b) return
    throw new ShapeError(
      `${this.name}: expected as many features of queries and keys, got ${formatShape([null, ...query])} and ${formatShape([null, ...key])}`,
    )
  }

  override build(shapes: readonly PartialShape[]): void {
    this.weightsOfScores = this.scoring.build(this, shapes[0])
  }

  override call([query, given, ofKeys = given]: readonly Value[], context: CallContext): readonly Value[] {
    const { dropout = 0, seed } = this.options
    const own = { key: ofKeys, value: given, masks: masksOf(context, false) }
    const { key, value, masks } = query.rank === 3 ? withMemory(this, own, context) : own
    const wantsScores = context.given.settings.returnAttentionScores === true
    const drops = dropout > 0 && context.training
    const isShown = context.watch?.nudges === false
    if (this.scoring.isProduct && !wantsScores && !isShown && !drops && query.rank === 3) {
      const { scale } = this.weightsOfScores
      const scaled = scale === undefined ? query : mul(query, scale)
      const [q, k, v] = [scaled, key, value].map((x) => expandDims(x, 2))
      const mask = both(masks.key && spread(masks.key, 4, 1), masks.pairs && spread(masks.pairs, 4, 2))
      const options = { scale: 1, isCausal: masks.isCausal, ...(mask && { mask }) }
      return [withoutQueries(squeeze(dotProductAttention(q, k, v, options), 2), masks.query)]
    }
    const scores = this.scoring.scores(query, key, this.weightsOfScores)
    const [queries, keys] = scores.shape.slice(-2)
    const pairs = masks.isCausal ? causalPairs(queries, keys) : masks.pairs
    const kept = both(masks.key && expandDims(masks.key, -2), pairs)
    const weights = softmax(kept === undefined ? scores : where(kept, scores, sub(scores, 1e9)))
    if (query.rank === 3) show(this, expandDims(weights, 1), context)
    const gathered = matmul(drops ? dropped(weights, dropout, weights.shape, context, seed) : weights, value)
    const output = withoutQueries(gathered, masks.query)
    return wantsScores ? [output, weights] : [output]
  }

  override computeMask(_: readonly Value[], context: CallContext, outputs: readonly Value[]) {
    return outputs.map((_, i) => (i === 0 ? masksOf(context, false).query : undefined))
  }

  override outputShape(shapes: readonly PartialShape[], settings: CallSettings = {}) {
    const [query, value, key = value] = shapes
    const output = [...query.slice(0, -1), value[value.length - 1]]
    return settings.returnAttentionScores === true ? [output, [...query.slice(0, -1), key[key.length - 2]]] : output
  }

  override overTime([rank]: readonly number[], settings: CallSettings = {}): OverTime {
    return rank === 3 ? attentionOverTime(settings) : { mixed: 'it attends over several axes' }
  }

  override get isBlock(): boolean {
    return true
  }

  override config(): Record<string, unknown> {
    return { ...this.options }
  }
}

/** @throws ShapeError unless these are two or three inputs, values and keys equally long. */
export function requireSequences(where: string, shapes: readonly PartialShape[]): void {
  if (shapes.length !== 2 && shapes.length !== 3) {
    throw new ShapeError(`${where}: expected [query, value] or [query, value, key], got ${shapes.length} inputs`)
  }
  const [, value, key = value] = shapes
  const [a, b] = [value, key].map((shape) => shape.slice(0, -1))
  const fits = a.length === b.length && a.every((length, i) => length === b[i] || length === null || b[i] === null)
  if (fits) return
  throw new ShapeError(
    `${where}: expected a key for each value, got ${formatShape([null, ...value])} and ${formatShape([null, ...key])}`,
  )
}

/** Zeros where a query does not count. */
function withoutQueries(output: Value, mask: Value | undefined): Value {
  return mask === undefined ? output : where(expandDims(mask, -1), output, 0)
}

function scalar(layer: Layer, name: string): Variable {
  return layer.addWeight(name, [], { initializer: 'ones' })
}

/** Queries against keys, `[batch, queries, keys, features]`. */
function sums(query: Value, key: Value): Value {
  return add(expandDims(query, -2), expandDims(key, -3))
}

function luong({ useScale = own.defaults.useScale, scoreMode = 'dot' }: AttentionOptions): Scoring {
  return {
    isProduct: scoreMode === 'dot',
    build: (layer) => ({
      scale: useScale ? scalar(layer, 'scale') : undefined,
      concat: scoreMode === 'concat' ? scalar(layer, 'concat_score_weight') : undefined,
    }),
    scores: (query, key, { scale, concat }) => {
      if (concat === undefined) {
        const products = matmul(query, key, { transposeB: true })
        return scale === undefined ? products : mul(products, scale)
      }
      const both = sums(query, key)
      return mul(concat, sum(tanh(scale === undefined ? both : mul(scale, both)), { axis: -1 }))
    },
  }
}

function bahdanau({ useScale = ownAdditive.defaults.useScale }: AdditiveAttentionOptions): Scoring {
  return {
    isProduct: false,
    build: (layer, queryShape) => {
      const length = knownLength(layer.name, 'features', queryShape, -1)
      return { scale: useScale ? layer.addWeight('scale', [length]) : undefined, concat: undefined }
    },
    scores: (query, key, { scale }) => {
      const both = tanh(sums(query, key))
      return sum(scale === undefined ? both : mul(reshape(scale, [-1]), both), { axis: -1 })
    },
  }
}

/**
 * Dot-product attention (Luong et al., 2015): softmax(query keyᵀ) value.
 *
 * Called with `[query, value]` or `[query, value, key]`; values stand for missing keys. Query `[batch, queries, features]`, value
 * `[batch, keys, width]`, key `[batch, keys, features]`, output `[batch, queries, width]`, and, with `returnAttentionScores` in the
 * call, scores `[batch, queries, keys]`. Masks of the query and the value count: a masked query gives zeros. With `useCausalMask` a
 * query attends to no key behind its own place. Weights: scale `[]` with `useScale`, concat_score_weight `[]` with `'concat'`.
 *
 * @throws ShapeError for inputs that do not fit together.
 *
 * @example
 * ```ts
 * const [y, scores] = await attention().run([randomNormal([1, 2, 4]), randomNormal([1, 5, 4])], { returnAttentionScores: true })
 * scores.shape // [1, 2, 5]
 * ```
 */
export const attention = /* @__PURE__ */ layerFactory('attention', [], (options: AttentionOptions = {}): Layer => {
  return new Attention('attention', options, luong(options))
})

/**
 * Additive attention (Bahdanau et al., 2015): softmax(sum(scale * tanh(query + key))) value.
 *
 * Inputs, outputs and calls as of {@link attention}. Weight: scale `[features]`, unless `useScale` is `false`.
 *
 * @throws ShapeError for inputs that do not fit together.
 *
 * @example
 * ```ts
 * const y = await additiveAttention().run([randomNormal([1, 2, 4]), randomNormal([1, 5, 4])])
 * y.shape // [1, 2, 4]
 * ```
 */
export const additiveAttention = /* @__PURE__ */ layerFactory(
  'additiveAttention',
  [],
  (options: AdditiveAttentionOptions = {}): Layer => {
    return new Attention('additiveAttention', options, bahdanau(options))
  },
)
