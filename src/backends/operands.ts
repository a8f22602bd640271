// How the kernels of all backends look at an instruction's operands.
import { type Shape, sizeOf } from '../tensor'

/** A shape seen from one axis: how many elements there are before it, its own length, how many behind it. */
export function aroundAxis(shape: Shape, axis: number): [outer: number, length: number, inner: number] {
  return [sizeOf(shape.slice(0, axis)), shape[axis], sizeOf(shape.slice(axis + 1))]
}

/**
 * The gradients that flow into that of a recurrent primitive, in the order of its results: those that its attribute
 * `upstreams` says are given stand among the inputs from `first` on, the others are undefined.
 */
export function upstreamsOf<T>(
  inputs: readonly T[],
  first: number,
  { upstreams }: { readonly upstreams: readonly boolean[] },
): (T | undefined)[] {
  let at = first
  return upstreams.map((isGiven) => (isGiven ? inputs[at++] : undefined))
}
