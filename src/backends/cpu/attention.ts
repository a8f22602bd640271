// Attention, one query at a time: its scores are the only ones in memory. Forward each number is rounded where the decomposition
// rounds it, so that both give the same bits.
import type { AttentionKind } from '../../graph'
import { type Kernel, type Operand, scratch } from './kernel'
import type { View } from './memory'

/** In the place of the logarithm of a sum: the query may attend to no key. */
const blind = 3e38

/** What both directions go over: samples, heads, queries, and the keys that count for each. */
interface Walk {
  readonly batch: number
  readonly heads: number
  readonly queries: number
  readonly keys: number
  readonly length: number
  readonly width: number
  /** Where a step's numbers begin in `[batch, time, heads, size]`. */
  at(sample: number, step: number, head: number, steps: number, size: number): number
  /** The keys within reach of a query: the first, and the one behind the last. */
  reach(query: number): readonly [number, number]
  /** Whether the query may attend to the key, which is within reach. */
  counts(sample: number, head: number, query: number, key: number): boolean
}

function walkOf(query: Operand, value: Operand, mask: Operand | undefined, { causal, window }: AttentionKind): Walk {
  const [batch, queries, heads, length] = query.shape
  const [, keys, , width] = value.shape
  const [ofSample, ofHead, ofQuery, ofKey] = stepsOf(mask?.shape ?? [1, 1, 1, 1])
  const data = mask?.data
  return {
    ...{ batch, heads, queries, keys, length, width },
    at: (sample, step, head, steps, size) => ((sample * steps + step) * heads + head) * size,
    reach: (q) => [
      window === 0 ? 0 : Math.max(0, q - window + 1),
      Math.min(keys, causal ? q + 1 : keys, window === 0 ? keys : q + window),
    ],
    counts: (sample, head, q, k) =>
      data === undefined || data[sample * ofSample + head * ofHead + q * ofQuery + k * ofKey] !== 0,
  }
}

/** The factor of scores in their type. */
function factorOf({ dtype }: Operand, { scale }: AttentionKind): number {
  return dtype === 'float32' ? Math.fround(scale) : scale
}

function stepsOf(shape: readonly number[]): number[] {
  let step = 1
  const steps: number[] = []
  for (const length of [...shape].reverse()) {
    steps.unshift(length === 1 ? 0 : step)
    step *= length
  }
  return steps
}

function dot(a: View, from: number, b: View, other: number, count: number): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += a[from + i] * b[other + i]
  return sum
}

export const attention: Kernel<'attention'> = (bound) => {
  const [query, key, value, mask] = bound.inputs
  const [output, logs] = bound.outputs
  const scale = factorOf(query, bound.attributes)
  const walk = walkOf(query, value, mask, bound.attributes)
  const { batch, heads, queries, keys, length, width } = walk
  // Scores, then weights.
  const weights = scratch(query.dtype, keys)
  const gathered = scratch('float64', width)
  return () => {
    for (let b = 0; b < batch; b++) {
      for (let h = 0; h < heads; h++) {
        for (let q = 0; q < queries; q++) {
          const own = walk.at(b, q, h, queries, length)
          const [first, last] = walk.reach(q)
          let top = -Infinity
          for (let k = first; k < last; k++) {
            if (!walk.counts(b, h, q, k)) continue
            weights[k] = dot(query.data, own, key.data, walk.at(b, k, h, keys, length), length)
            weights[k] *= scale
            top = Math.max(top, weights[k])
          }
          const isBlind = top === -Infinity
          // Who may attend to no key attends to all alike.
          const [from, to] = isBlind ? [0, keys] : [first, last]
          let sum = 0
          for (let k = from; k < to; k++) {
            if (isBlind || walk.counts(b, h, q, k)) sum += isBlind ? 1 : Math.exp(weights[k] - top)
          }
          gathered.fill(0)
          for (let k = from; k < to; k++) {
            if (!isBlind && !walk.counts(b, h, q, k)) continue
            weights[k] = (isBlind ? 1 : Math.exp(weights[k] - top)) * (1 / sum)
            const at = walk.at(b, k, h, keys, width)
            for (let i = 0; i < width; i++) gathered[i] += weights[k] * value.data[at + i]
          }
          const place = walk.at(b, q, h, queries, width)
          if (output !== undefined) for (let i = 0; i < width; i++) output.data[place + i] = gathered[i]
          if (logs !== undefined) logs.data[(b * heads + h) * queries + q] = isBlind ? blind : top + Math.log(sum)
        }
      }
    }
  }
}

export const attentionGradient: Kernel<'attentionGradient'> = (bound) => {
  const [query, key, value, logs, delta, upstream, mask] = bound.inputs
  const [toQuery, toKey, toValue] = bound.outputs
  const scale = factorOf(query, bound.attributes)
  const walk = walkOf(query, value, mask, bound.attributes)
  const { batch, heads, queries, keys, length, width } = walk
  return () => {
    for (const each of [toQuery, toKey, toValue]) each?.data.fill(0)
    for (let b = 0; b < batch; b++) {
      for (let h = 0; h < heads; h++) {
        for (let q = 0; q < queries; q++) {
          const own = walk.at(b, q, h, queries, length)
          const above = walk.at(b, q, h, queries, width)
          const place = (b * heads + h) * queries + q
          const isBlind = logs.data[place] > blind / 2
          const [first, last] = isBlind ? [0, keys] : walk.reach(q)
          for (let k = first; k < last; k++) {
            const counts = !isBlind && walk.counts(b, h, q, k)
            if (!counts && !isBlind) continue
            const [ofKey, ofValue] = [walk.at(b, k, h, keys, length), walk.at(b, k, h, keys, width)]
            const score = dot(query.data, own, key.data, ofKey, length) * scale
            const weight = isBlind ? 1 / keys : Math.exp(score - logs.data[place])
            if (toValue !== undefined) {
              for (let i = 0; i < width; i++) toValue.data[ofValue + i] += weight * upstream.data[above + i]
            }
            if (!counts) continue
            const change = dot(upstream.data, above, value.data, ofValue, width) - delta.data[place]
            const slope = weight * change * scale
            for (let i = 0; i < length; i++) {
              if (toQuery !== undefined) toQuery.data[own + i] += slope * key.data[ofKey + i]
              if (toKey !== undefined) toKey.data[ofKey + i] += slope * query.data[own + i]
            }
          }
        }
      }
    }
  }
}
