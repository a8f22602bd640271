// The places of steps in a sequence: from the start of a call, as they are given, or, in a stream, from where it was.

import type { Value } from '../../graph'
import { add, cast, iota, reshape } from '../../ops'
import type { CallContext } from '../base/context'
import type { Layer } from '../base/layer'
import type { CallOptions } from '../options/callOptions'

/** What calls of layers that know of places may be given. */
export const positionCall: CallOptions = { tensors: ['positions'], settings: { startIndex: 0 } }

/** The place of each step, int32 of shape `[1, time]` or `[batch, time]`; undefined where they simply count from 0. */
export function placesOf(layer: Layer, steps: number, context: CallContext): Value | undefined {
  const { tensors, settings } = context.given
  const [given] = tensors.positions ?? []
  if (given !== undefined) return cast(given.rank === 1 ? reshape(given, [1, -1]) : given, 'int32')
  const [seen] = context.carry(layer, 'position', [[1]], 'int32') ?? []
  if (seen !== undefined) context.update(seen, add(seen.value, steps))
  const start = Number(settings.startIndex ?? 0)
  if (seen === undefined && start === 0) return undefined
  const places = add(iota(steps), start)
  return reshape(seen === undefined ? places : add(places, seen.value), [1, steps])
}
