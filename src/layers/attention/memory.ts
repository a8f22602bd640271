// What attention remembers in a stream: the keys and values of the last steps, so that the next ones can attend to them.

import type { Value } from '../../graph'
import { add, broadcastTo, cast, concatenate, greater, iota, lessEqual, logicalAnd, reshape, slice } from '../../ops'
import type { CallContext } from '../base/context'
import type { Layer } from '../base/layer'
import type { OverTime } from '../base/overTime'
import type { CallSettings } from '../options/callOptions'
import type { AttentionMasks } from './masks'

/** Keys and values, and what decides on who attends to whom. */
export interface Attended {
  readonly key: Value
  readonly value: Value
  readonly masks: AttentionMasks
}

/**
 * In a stream, the same with what was before: the keys and values of the last steps stand before those of this chunk, of which each
 * query attends to those up to its own place and, at most, as many back as are remembered. Elsewhere, as it is.
 *
 * @param given - keys and values `[batch, time, ...]`.
 */
export function withMemory(layer: Layer, given: Attended, context: CallContext, slidingWindow?: number): Attended {
  const { key, value, masks } = given
  if (!masks.isCausal) return given
  const { window } = context
  const { dtype } = layer
  const [batch, steps] = key.shape
  const shapes = [key, value].map(({ shape }) => [batch, window, ...shape.slice(2)])
  const before = context.carry(layer, 'memory', [...shapes, [batch, window]], dtype)
  if (before === undefined) return given
  const counts = masks.key ?? broadcastTo(cast(1, 'bool'), [batch, steps])
  const all = [key, value, cast(counts, dtype)].map((now, i) => concatenate([before[i].value, now], 1))
  all.forEach((each, i) => {
    const begin = each.shape.map((_, axis) => (axis === 1 ? steps : 0))
    context.update(before[i], slice(each, begin, before[i].shape))
  })
  // The query of step i stands behind the memory, at window + i.
  const place = reshape(iota(steps), [steps, 1])
  const places = iota(window + steps)
  const reach = Math.min(window, slidingWindow ?? window)
  const near = greater(places, add(place, window - reach))
  return {
    key: all[0],
    value: all[1],
    masks: {
      query: masks.query,
      key: cast(all[2], 'bool'),
      pairs: logicalAnd(lessEqual(places, add(place, window)), near),
      isCausal: false,
    },
  }
}

/** What attention does with the steps of a sequence: causal, it goes forward in time. */
export function attentionOverTime({ useCausalMask, returnAttentionScores }: CallSettings): OverTime {
  if (useCausalMask !== true)
    return { mixed: 'it attends to all steps; with useCausalMask in its call to those before' }
  return returnAttentionScores === true ? { mixed: 'it gives the scores of all steps' } : 'carried'
}
