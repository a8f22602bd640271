// What is told of training, as plain data that goes through a connection as JSON: events of runs, and what a viewer asks of one.
import { describeValue, OptionError } from '../errors'

/** A number; null for one that is not finite, which JSON does not know. */
export type Num = number | null

/** How far a run is. `'broken off'`: it ended without saying so, as where `fit` throws. */
export type RunState = 'training' | 'paused' | 'stopped' | 'ended' | 'broken off'

/** How numbers are spread, in buckets of one width. */
export interface SpreadSeen {
  readonly least: number
  readonly greatest: number
  readonly counts: readonly number[]
}

/** Numbers as a picture: bytes from the least to the greatest. */
export interface Picture {
  readonly rows: number
  readonly columns: number
  /** 3 for red, green and blue; else 1. */
  readonly channels?: 3
  /** Whether 0 is in the middle, so that signs have colours. */
  readonly signed?: boolean
  readonly least: number
  readonly greatest: number
  /** `[rows, columns]`, or with channels as the last axis. */
  readonly bytes: readonly number[]
}

/** One sample of which the model is far off. */
export interface Wrong {
  /** Its place in the data, from 0. */
  readonly sample: number
  readonly truth: string
  readonly predicted: string
  readonly loss: Num
  readonly says?: string
  readonly picture?: Picture
}

/** Predictions against truth. */
export type Answers =
  | {
      readonly kind: 'classes'
      readonly classes: readonly string[]
      /** How often a class (row) was taken for another (column). */
      readonly confusion: readonly (readonly number[])[]
      readonly samples: number
      readonly wrong: readonly Wrong[]
    }
  | {
      readonly kind: 'numbers'
      readonly truth: readonly Num[]
      readonly predicted: readonly Num[]
      readonly samples: number
      readonly wrong: readonly Wrong[]
    }

/** The kinds of what is looked at inside a model. */
export type Inside = 'weights' | 'gates'

/** Something about a run. `at` is how many epochs are over, with a fraction within one. */
export type BoardEvent = { readonly run: number } & (
  | {
      readonly kind: 'begin'
      readonly name: string
      readonly epochs: number
      readonly first: number
      /** Whether it trains elsewhere, and takes no commands. */
      readonly isElsewhere?: boolean
    }
  | {
      readonly kind: 'numbers'
      /** Whether an epoch is over, or it is a moment within one. */
      readonly of: 'epoch' | 'moment'
      readonly at: number
      /** Losses, metrics, what clipping does, and `learningRate`. */
      readonly values: Readonly<Record<string, Num>>
      readonly seconds: number
      readonly batches: number
    }
  | {
      readonly kind: 'inside'
      readonly of: Inside
      readonly at: number
      readonly spreads: Readonly<Record<string, SpreadSeen>>
      readonly pictures: Readonly<Record<string, Picture>>
    }
  | { readonly kind: 'answers'; readonly at: number; readonly answers: Answers }
  | { readonly kind: 'rate'; readonly rate: Num }
  | { readonly kind: 'state'; readonly state: RunState }
)

/** What a viewer asks of a run. */
export type Command =
  | { readonly run: number; readonly do: 'pause' | 'resume' | 'stop' }
  | { readonly run: number; readonly do: 'rate'; readonly rate: number }

/** A command that came from outside. @throws OptionError for what is none. */
export function readCommand(given: unknown): Command {
  const { run, do: what, rate } = Object(given) as Record<string, unknown>
  if (typeof run !== 'number') throw new OptionError(`dashboard: run: expected a number, got ${describeValue(run)}`)
  if (what === 'pause' || what === 'resume' || what === 'stop') return { run, do: what }
  if (what !== 'rate') {
    throw new OptionError(`dashboard: expected 'pause', 'resume', 'stop' or 'rate', got ${describeValue(what)}`)
  }
  if (typeof rate === 'number' && Number.isFinite(rate) && rate >= 0) return { run, do: 'rate', rate }
  throw new OptionError(`dashboard: rate: expected a number of at least 0, got ${describeValue(rate)}`)
}

/** The number for JSON. */
export function toNum(value: number): Num {
  return Number.isFinite(value) ? value : null
}
