// Time-major operands step by step.
import type { Operand } from '../kernel'
import type { View } from '../memory'

/** A view of each index along the first axis. */
export function stepsOf({ data }: Operand, length: number): View[] {
  const size = length === 0 ? 0 : data.length / length
  return Array.from({ length }, (_, t) => data.subarray(t * size, (t + 1) * size))
}
