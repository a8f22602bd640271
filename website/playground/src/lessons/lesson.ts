// What a lesson is: where it begins, what it says, and goals that are met or not.
import type { Facts, Gathered } from '../page/store'
import type { CellName, State } from '../state/state'

export interface Goal {
  readonly says: string
  /** Whether it is met now; once met it stays so. */
  readonly isMet: (facts: Facts) => boolean
}

export interface Lesson {
  readonly name: string
  readonly title: string
  /** What there is to see, a paragraph each. */
  readonly text: readonly string[]
  /** What differs from the state with which the playground begins. */
  readonly begin: Partial<State>
  readonly goals: readonly Goal[]
  /** What has been seen, once all goals are met. */
  readonly end: string
  /** What a teacher can ask. */
  readonly question: string
}

/** How a cell does; by default the one that is shown. */
export function cellOf({ cells, state }: Facts, cell: CellName = state.cell): Gathered | undefined {
  return cells.get(cell)
}

/** The flow of the gradient in the first layer of a cell, for the weights as they are now. */
export function flowOf(facts: Facts, cell?: CellName) {
  const checked = cellOf(facts, cell)?.checked
  return checked?.flow[0]
}

export const scoreOf = (facts: Facts, cell?: CellName): number => cellOf(facts, cell)?.checked?.score ?? 0

/** The mean loss of the last steps of training. */
export function recentLoss(facts: Facts, cell?: CellName): number {
  const losses = cellOf(facts, cell)?.losses.slice(-20) ?? []
  return losses.length === 0 ? Number.POSITIVE_INFINITY : losses.reduce((sum, loss) => sum + loss, 0) / losses.length
}
