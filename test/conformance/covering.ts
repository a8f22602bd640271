// A share of the conformance suite that meets every primitive the whole suite meets, for where the whole takes too long.
import { nodesOf, placeholder } from '../../src/graph'
import type { Case } from './case'
import { families } from './cases'
import { listOf } from './suite'

/** The names of the primitives a case computes with. */
export function primitivesOf({ inputs, compute }: Case): string[] {
  const values = inputs.map(({ shape, dtype }) => placeholder(shape, dtype === 'float64' ? 'float32' : dtype))
  const outputs = listOf(compute(...values))
  return nodesOf({ inputs: values, outputs, updates: [] }).map(({ primitive }) => primitive.name)
}

/** The cases, in their order, that bring a primitive no case before brought; those that check a gradient first, then the last ones, which are larger. */
export function coveringCases(): ReadonlySet<Case> {
  const seen = new Set<string>()
  const chosen = new Set<Case>()
  const all = families.flatMap(({ cases }) => cases)
  for (const each of [...all.filter(({ gradient }) => gradient), ...[...all].reverse()]) {
    const found = primitivesOf(each).filter((name) => !seen.has(name))
    if (found.length > 0) chosen.add(each)
    for (const name of found) seen.add(name)
  }
  return chosen
}
