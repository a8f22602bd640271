// What layers of attention with heads have in common: their options, their projections, and what each query gathers.

import { OptionError } from '../../errors'
import type { Value } from '../../graph'
import { dotProductAttention, einsum, mean, mul, reshape, softmax, where } from '../../ops'
import type { CallContext } from '../base/context'
import type { Layer } from '../base/layer'
import { type EinsumShape, einsumDense } from '../core/einsumDense'
import { type KernelOptions, kernelOptions } from '../options/kernelOptions'
import { aRate, aSeed, type OwnOptions } from '../options/ownOptions'
import { dropped } from '../regularization/dropout'
import { type AttentionMasks, bandOfPairs, both, causalPairs, spread } from './masks'

/** Options of attention with heads. */
export interface HeadsOptions extends Omit<KernelOptions, 'activation'> {
  /** The rate at which scores are dropped in training; 0 by default. */
  readonly dropout?: number
  /** Whether a query attends only to keys less than so many places away; to all by default. */
  readonly slidingWindow?: number
  /**
   * `true`: that scores of all pairs are never in memory is required, and refused together with `dropout`; `false`: they always are. By
   * default they are where `dropout` or the call asks for them.
   */
  readonly flashAttention?: boolean
  /** Whether what is gathered is multiplied by sigmoid(a projection of the query), number by number; `false` by default. */
  readonly useGate?: boolean
  /** Fixes what is dropped; by default it follows `setSeed`. */
  readonly seed?: number
}

/** The options in {@link HeadsOptions}. */
export const headsOptions = /* @__PURE__ */ (() => {
  const { activation: _, ...defaults } = kernelOptions.defaults
  const { activation: __, ...rules } = kernelOptions.rules
  return {
    defaults: {
      ...defaults,
      dropout: 0,
      slidingWindow: undefined,
      flashAttention: undefined,
      useGate: false,
      seed: undefined,
    },
    rules: {
      ...rules,
      dropout: aRate,
      slidingWindow: { integer: true, from: 1 },
      flashAttention: { holds: [(value) => typeof value === 'boolean', 'true or false'] },
      seed: aSeed,
    },
  } satisfies OwnOptions<HeadsOptions>
})()

/** Throws for options that contradict each other. */
export function checkHeads(where: string, { flashAttention, dropout = 0 }: HeadsOptions): void {
  if (flashAttention !== true || dropout === 0) return
  throw new OptionError(`${where}: flashAttention: expected no dropout beside it, got a rate of ${dropout}`)
}

/** One projection of a layer: an equation of axes with a bias on its last ones. */
export function projection(
  layer: Layer,
  name: string,
  equation: string,
  outputShape: EinsumShape,
  biasAxes: string,
  options: HeadsOptions,
  activation?: 'sigmoid',
): Layer {
  const shared = Object.fromEntries(
    sharedNames.flatMap((option) => (options[option] === undefined ? [] : [[option, options[option]]])),
  )
  return einsumDense(equation, outputShape, {
    ...shared,
    ...(options.useBias === false ? {} : { biasAxes }),
    ...(activation && { activation }),
    name,
    dtype: layer.dtype,
    trainable: layer.trainable,
  })
}

const sharedNames = [
  'kernelInitializer',
  'biasInitializer',
  'kernelRegularizer',
  'biasRegularizer',
  'activityRegularizer',
  'kernelConstraint',
  'biasConstraint',
] as const

/** What a layer inside another gives for one input. */
export function project(layer: Layer, x: Value, context: CallContext): Value {
  return layer.callWith([x], context.inner({})).outputs[0]
}

/** How queries and keys are multiplied and values gathered, where there are other axes than time, heads and features. */
export interface Equations {
  /** Key and query to scores. */
  readonly scores: string
  /** Scores and value to what is gathered. */
  readonly gather: string
  /** How many of the scores' axes are those of keys: the softmax is over them. */
  readonly axes: number
}

/** The equations for one axis of time: `[batch, time, heads, features]`. */
export const overOneAxis: Equations = { scores: 'bkhd,bqhd->bhqk', gather: 'bhqk,bkhd->bqhd', axes: 1 }

/**
 * What each query gathers, and the scores where they were made: `[batch, heads, queries, keys]`.
 *
 * @param query - projected, `[batch, queries, heads, features]`; key and value likewise.
 * @param slidingWindow - a query attends only to keys less than so many places away.
 */
export function attend(
  [query, key, value]: readonly [Value, Value, Value],
  masks: AttentionMasks,
  { dropout = 0, flashAttention, seed }: HeadsOptions,
  slidingWindow: number | undefined,
  equations: Equations,
  context: CallContext,
): { readonly output: Value; readonly scores: Value | undefined } {
  const scale = 1 / Math.sqrt(query.shape[query.rank - 1])
  const wantsScores = context.given.settings.returnAttentionScores === true
  if (wantsScores && flashAttention === true) {
    throw new OptionError('returnAttentionScores: expected no scores where flashAttention is true')
  }
  const [queries, keys] = [query.shape[1], key.shape[1]]
  // As in Keras, whoever drops scores has them, also outside of training.
  const isShown = context.watch?.nudges === false
  const isFused = !wantsScores && !isShown && dropout === 0 && query.rank === 4 && flashAttention !== false
  if (isFused) {
    const mask = both(masks.pairs && spread(masks.pairs, 4, 2), masks.key && spread(masks.key, 4, 1))
    const output = dotProductAttention(query, key, value, {
      scale,
      isCausal: masks.isCausal,
      ...(mask && { mask }),
      ...(slidingWindow !== undefined && { window: slidingWindow }),
    })
    if (masks.query === undefined) return { output, scores: undefined }
    // A query that does not count attends to no key, which is to all alike.
    const counts = reshape(masks.query, [...masks.query.shape, 1, 1])
    return { output: where(counts, output, mean(value, { axis: 1, keepDims: true })), scores: undefined }
  }
  const band = slidingWindow === undefined ? undefined : bandOfPairs(queries, keys, slidingWindow)
  const raw = einsum(equations.scores, key, mul(query, scale))
  const scores = maskedSoftmax(raw, allPairs(masks, queries, keys, band), equations.axes)
  const kept = dropout > 0 && context.training ? dropped(scores, dropout, scores.shape, context, seed) : scores
  return { output: einsum(equations.gather, kept, value), scores }
}

/** Shows the scores to whoever looks into the model. */
export function show(layer: Layer, scores: Value | undefined, { watch }: CallContext): void {
  if (watch?.nudges === false && scores?.rank === 4) watch.attentions.push({ layer, scores })
}

/** All masks as one, `[batch, queries, keys]` or what broadcasts to it. */
function allPairs(
  { query, key, pairs, isCausal }: AttentionMasks,
  queries: number,
  keys: number,
  band: Value | undefined,
): Value | undefined {
  const ofQueries = query && reshape(query, [...query.shape, 1])
  const ofKeys = key && reshape(key, [key.shape[0], 1, ...key.shape.slice(1)])
  const one = (mask: Value | undefined) => mask && spread(mask, 3, 2)
  const own = [ofQueries, ofKeys, one(isCausal ? causalPairs(queries, keys) : undefined), one(band)].reduce(both)
  return both(pairs, own)
}

/** Softmax over the last axes, in which what is masked gets 0 and counts for nothing. */
function maskedSoftmax(scores: Value, mask: Value | undefined, axes: number): Value {
  const kept = mask && spread(mask, scores.rank, 2 * axes)
  const masked = kept === undefined ? scores : where(kept, scores, -1e9)
  const rows = masked.shape.slice(0, masked.rank - axes)
  const result = reshape(softmax(reshape(masked, [...rows, -1])), masked.shape)
  return kept === undefined ? result : where(kept, result, 0)
}
