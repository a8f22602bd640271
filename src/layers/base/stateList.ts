// Initial states as a user gives them: one state, or a list of them.
import type { TensorLike } from '../../tensor'

/** The states, from a list or a single one; `rank` is how many axes a state has, by which nested arrays are told apart. */
export function stateList(given: TensorLike | readonly TensorLike[] | undefined, rank: number): readonly TensorLike[] {
  if (given === undefined) return []
  const isList = Array.isArray(given) && (given.some((item) => isTensorData(item)) || depthOf(given) > rank)
  return isList ? (given as readonly TensorLike[]) : [given as TensorLike]
}

function isTensorData(item: unknown): boolean {
  return typeof item === 'object' && item !== null && 'shape' in item
}

function depthOf(nested: unknown): number {
  return Array.isArray(nested) ? 1 + depthOf(nested[0]) : 0
}
