// The hash of a model's weights, by which runs are compared.
import { bytesOf, sha256 } from '../io'
import type { Tensor } from '../tensor'

/** The SHA-256 of weights, one after the other in the order they are given. */
export function hashOf(weights: readonly Tensor[]): string {
  return sha256(weights.map(({ data }) => bytesOf(data)))
}
