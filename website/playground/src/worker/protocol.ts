// What page and worker say to each other.
import type { CellName, Experiment, View } from '../state/state'

/** What the page asks to see. */
export type Look = Omit<View, 'lesson'>

export type ToWorker =
  /** Begin anew, and train so many steps before anything else. */
  | {
      readonly kind: 'begin'
      readonly run: number
      readonly experiment: Experiment
      readonly steps: number
      readonly look: Look
    }
  /** Train on, up to a step: all there are where it says none. */
  | { readonly kind: 'train'; readonly upTo?: number }
  | { readonly kind: 'pause' }
  | { readonly kind: 'look'; readonly look: Look }
  | {
      readonly kind: 'write'
      readonly prompt: string
      readonly temperature: number
      readonly length: number
      readonly seed: number
    }
  | { readonly kind: 'weights'; readonly id: number }
  | { readonly kind: 'race'; readonly id: number }

/** How a cell does. */
export interface Course {
  readonly cell: CellName
  readonly params: number
  /** The losses of the steps since the last message, and what clipping met in them. */
  readonly losses: readonly number[]
  /** The share of the last hundred steps in which clipping cut something. */
  readonly clippedShare: number
  /** The norm of the gradient before clipping, on average over these. */
  readonly gradientNorm: number
  /** How much of the gradient clipping by the norm took away in these steps, as a share. */
  readonly cut: number
  readonly stepsPerSecond: number
  /** Why it trains no more. */
  readonly failed?: string
}

export interface LayerFlowSeen {
  readonly hidden: readonly number[]
  readonly cell: readonly number[] | undefined
  readonly factor: number
  readonly verdict: 'vanishing' | 'healthy' | 'exploding'
  readonly advice: string
}

/** How a cell does on the held-out sequences. */
export interface Checked {
  readonly cell: CellName
  readonly step: number
  readonly loss: number
  /** The share that is right; of numbers 1 - the part of the variance that is not explained. */
  readonly score: number
  readonly flow: readonly LayerFlowSeen[]
}

export interface Part {
  readonly name: string
  /** Units by steps, unit after unit. */
  readonly values: Float32Array
}

/** The inside of a cell while it reads one sequence. */
export interface Seen {
  readonly cell: CellName
  readonly at: Look
  /** The step of training that the weights are from. */
  readonly trained: number
  readonly steps: number
  readonly units: number
  readonly x: Float32Array
  readonly features: number
  /** What is to be said, a number or a class for each step, or one in all. */
  readonly target: readonly number[]
  /** What is said, `outputs` numbers for each step, or once. */
  readonly output: Float32Array
  readonly outputs: number
  readonly parts: readonly Part[]
  /** How much the output pointed at depends on the input of each step. */
  readonly depends: readonly number[]
  /** The sums in the formulas of the step and unit pointed at: by part what the input, the state and the bias add. */
  readonly terms: Readonly<Record<string, readonly Term[]>>
}

export interface Term {
  readonly label: string
  readonly value: number
}

export type FromWorker =
  | {
      readonly kind: 'ready'
      readonly run: number
      readonly inputs: readonly string[]
      readonly outputs: readonly string[]
      readonly moments: readonly number[]
      readonly backend: string
    }
  | {
      readonly kind: 'course'
      readonly run: number
      readonly step: number
      readonly courses: readonly Course[]
      readonly moments: readonly number[]
      readonly backend: string
    }
  | { readonly kind: 'checked'; readonly run: number; readonly checked: Checked }
  | { readonly kind: 'seen'; readonly run: number; readonly seen: Seen }
  | { readonly kind: 'paused'; readonly run: number; readonly step: number }
  | { readonly kind: 'wrote'; readonly run: number; readonly text: string; readonly done: boolean }
  | { readonly kind: 'weights'; readonly id: number; readonly weights: Readonly<Record<string, readonly number[]>> }
  | {
      readonly kind: 'race'
      readonly id: number
      readonly speeds: readonly {
        readonly backend: string
        readonly stepsPerSecond: number
        readonly reason?: string
      }[]
    }
  | { readonly kind: 'failed'; readonly run: number; readonly message: string }
