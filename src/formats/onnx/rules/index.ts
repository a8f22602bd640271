// What of the primitives ONNX can do: the others are written as their decomposition.
import type { Rules } from '../use'
import { elementwiseRules } from './elementwise'
import { indexingRules } from './indexing'
import { movementRules } from './movement'
import { recurrentRules } from './recurrent'
import { reduceRules } from './reduce'
import { scanRules } from './scan'
import { windowRules } from './windows'

export const rules: Rules = {
  ...elementwiseRules,
  ...movementRules,
  ...reduceRules,
  ...indexingRules,
  ...windowRules,
  ...recurrentRules,
  ...scanRules,
}

/** Whether a primitive has a rule of its own. */
export function hasRule(primitive: string): boolean {
  return Object.hasOwn(rules, primitive)
}
