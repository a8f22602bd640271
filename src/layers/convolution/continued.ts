// What convolutions do with the steps of a sequence: a causal one goes on from run to run with the last steps of the run before.

import type { Value } from '../../graph'
import { concatenate, slice } from '../../ops'
import type { CallContext } from '../base/context'
import type { Layer } from '../base/layer'
import type { OverTime } from '../base/overTime'
import type { Padding, Windows } from './windows'

/** The input with what a causal convolution saw before it, in a sequence that goes on, and the padding that is left to do. */
export function continued(
  layer: Layer,
  { size, dilation, padding }: Windows,
  x: Value,
  context: CallContext,
): [Value, Padding] {
  const [batch, , channels] = x.shape
  const reach = (size[0] - 1) * dilation[0]
  if (padding !== 'causal' || reach === 0) return [x, padding]
  const [before] = context.carry(layer, 'steps', [[batch, reach, channels]], layer.dtype) ?? []
  if (before === undefined) return [x, padding]
  const joined = concatenate([before, x], 1)
  context.update(before, slice(joined, [0, x.shape[1], 0], [batch, reach, channels]))
  return [joined, 'valid']
}

/** Whether streams may cut a sequence at a convolution. */
export function overTimeOf({ padding, strides }: Windows): OverTime {
  if (strides.length > 1) return { mixed: 'it looks at the steps around' }
  if (padding !== 'causal') return { mixed: "it looks at steps that come later; padding: 'causal' does not" }
  return strides[0] === 1 ? 'carried' : { mixed: 'it skips steps; strides: 1 does not' }
}
