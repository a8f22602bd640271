// What decides on who attends to whom: masks of queries, values and keys, a mask of pairs, causality, a band.

import type { Value } from '../../graph'
import { abs, cast, greaterEqual, iota, less, logicalAnd, reshape, sub } from '../../ops'
import type { CallContext } from '../base/context'
import type { CallOptions } from '../options/callOptions'

/** What calls of all attention layers may be given. */
export const attentionCall: CallOptions = {
  tensors: ['attentionMask', 'queryMask', 'valueMask', 'keyMask'],
  settings: { useCausalMask: false, returnAttentionScores: false },
}

/** The same without a mask of pairs, as Keras' `Attention` has it. */
export const plainAttentionCall: CallOptions = {
  tensors: ['queryMask', 'valueMask'],
  settings: { useCausalMask: false, returnAttentionScores: false },
}

/** What decides on who attends to whom. */
export interface AttentionMasks {
  /** `[batch, queries]` */
  readonly query: Value | undefined
  /** `[batch, keys]`: that of the values, and of the keys where they have one of their own. */
  readonly key: Value | undefined
  /** `[batch, queries, keys]`, also with heads as its second axis, or without a batch. */
  readonly pairs: Value | undefined
  readonly isCausal: boolean
}

/** The masks of a call with the inputs query, value and, where it is given, key. */
export function masksOf({ masks, given: { tensors, settings } }: CallContext, hasKey: boolean): AttentionMasks {
  const query = tensors.queryMask?.[0] ?? masks[0]
  const value = tensors.valueMask?.[0] ?? masks[1]
  const key = tensors.keyMask?.[0] ?? (hasKey ? masks[2] : undefined)
  const pairs = tensors.attentionMask?.[0]
  return {
    query: query && cast(query, 'bool'),
    key: both(value && cast(value, 'bool'), key && cast(key, 'bool')),
    pairs: pairs && cast(pairs, 'bool'),
    isCausal: settings.useCausalMask === true,
  }
}

/** What both allow; a missing one allows everything. */
export function both(a: Value | undefined, b: Value | undefined): Value | undefined {
  return a === undefined || b === undefined ? (a ?? b) : logicalAnd(a, b)
}

/** `bool` of shape `[queries, keys]`: a query attends to the keys up to its own place. */
export function causalPairs(queries: number, keys: number): Value {
  return greaterEqual(reshape(iota(queries), [queries, 1]), iota(keys))
}

/** `bool` of shape `[queries, keys]`: a query attends to the keys less than `window` places away. */
export function bandOfPairs(queries: number, keys: number, window: number): Value {
  return less(abs(sub(reshape(iota(queries), [queries, 1]), iota(keys))), window)
}

/** A mask of pairs with axes of length 1 before its last `behind`, so that it has `rank` of them. */
export function spread(mask: Value, rank: number, behind: number): Value {
  const at = mask.rank - behind
  const ones = Array.from({ length: Math.max(0, rank - mask.rank) }, () => 1)
  return reshape(mask, [...mask.shape.slice(0, at), ...ones, ...mask.shape.slice(at)])
}
