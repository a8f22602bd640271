// The shape of what a layer gives, found by tracing its call.

import { constant, placeholder, Value } from '../../graph'
import type { DType, PartialShape } from '../../tensor'
import { beginTrace, type CallContext, contextOf } from './context'

/** Traces a call with two stand-ins for every unknown length: what differs is unknown in the output. */
export function tracedShape(
  shapes: readonly PartialShape[],
  dtype: DType,
  call: (inputs: readonly Value[], context: CallContext) => Value | readonly Value[],
): PartialShape | readonly PartialShape[] {
  const [first, second] = [3, 5].map((standIn) => {
    const inputs = shapes.map((shape) => placeholder([standIn, ...shape.map((n) => n ?? standIn + 4)], dtype))
    const result = call(inputs, contextOf(beginTrace(false, constant([0, 0], 'int32'))))
    return (result instanceof Value ? [result] : result).map((value) => value.shape)
  })
  const merged = first.map((shape, i) => shape.map((n, axis) => (second[i][axis] === n ? n : null)).slice(1))
  return merged.length === 1 ? merged[0] : merged
}
