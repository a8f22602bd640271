// Boxes of elements with as few axes as possible: axes of length 1 vanish, and neighbours that every operand walks through
// without a jump become one.
import type { Shape } from '../tensor'

/** A box and the strides, in elements, with which each operand is walked through. */
export interface Box {
  readonly dims: readonly number[]
  readonly strides: readonly (readonly number[])[]
}

/** The same box with as few axes as possible, at least one. */
export function merged(shape: Shape, strides: readonly (readonly number[])[]): Box {
  const dims: number[] = []
  const steps: number[][] = strides.map(() => [])
  shape.forEach((length, axis) => {
    if (length === 1) return
    const last = dims.length - 1
    if (last >= 0 && strides.every((own, i) => steps[i][last] === own[axis] * length)) {
      dims[last] *= length
      for (const [i, own] of strides.entries()) steps[i][last] = own[axis]
    } else {
      dims.push(length)
      for (const [i, own] of strides.entries()) steps[i].push(own[axis])
    }
  })
  if (dims.length === 0) return { dims: [1], strides: strides.map(() => [1]) }
  return { dims, strides: steps }
}
