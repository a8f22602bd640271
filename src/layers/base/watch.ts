// Looking into recurrent layers and layers of attention while a model is traced: what is asked of them, and what they tell.

import type { Value } from '../../graph'
import type { RecurrentCell, RecurrentLayer } from '../recurrent'
import type { Layer } from './layer'

/** What is asked of the recurrent layers of a trace: to go step by step, and to tell what they do. */
export interface Watch {
  /** Whether states are nudged, so that gradients by them can be taken. */
  readonly nudges: boolean
  /** What the layers have told, in the order of their calls. */
  readonly sweeps: WatchedSweep[]
  /** What layers of attention have told, in the order of their calls; nothing where states are nudged. */
  readonly attentions: WatchedAttention[]
  /** The blocks without recurrence that were called, in the order of their calls; only where states are nudged. */
  readonly blocks: WatchedBlock[]
  /** The layer whose cells go over a sequence now. */
  readonly layer?: RecurrentLayer
}

/** A block without recurrence over a sequence: zeros added to what it reads and to what it gives, whose gradients are those by these. */
export interface WatchedBlock {
  readonly layer: Layer
  /** `[batch, time, features]` each. */
  readonly read: Value
  readonly given: Value
}

/** Which keys each query attended to. */
export interface WatchedAttention {
  readonly layer: Layer
  /** `[batch, heads, queries, keys]`. */
  readonly scores: Value
}

/** What a cell did over a sequence. All values have time first, in the order in which the cell went. */
export interface WatchedSweep {
  readonly cell: RecurrentCell
  readonly layer: RecurrentLayer | undefined
  /** The path of the layer called by the model; undefined outside of models. */
  readonly scope: string | undefined
  /** [time, batch]: false where a step is skipped. */
  readonly mask: Value | undefined
  /** The states after each step, [time, batch, units] each. */
  readonly states: readonly Value[]
  /** What the cell noted of each step: its gates. At a masked step they are those of the formula, without effect. */
  readonly noted: Readonly<Record<string, Value>>
  /** For each state, where they were asked for. */
  readonly nudges: readonly Nudge[]
}

/** Zeros added to a state after each step, [time, batch, units]: their gradients are gradients by the state. */
export interface Nudge {
  /** Added to the state wherever it goes: the gradient is the total derivative by the state after the step. */
  readonly total: Value
  /**
   * Added to the state only as it is handed to the next step, and to what is made of it there: the gradient leaves out
   * what the output of the same step adds to it.
   */
  readonly handed: Value
}
