// What is known of all runs, made of their events: what a page draws, and what one is given that comes late or was hidden.
import type { Answers, BoardEvent, Inside, Num, Picture, RunState, SpreadSeen } from './events'

/** Numbers over epochs. */
export interface Curve {
  readonly at: readonly number[]
  readonly values: readonly Num[]
}

/** How numbers were spread at several moments, and, of the last of them, a picture. */
export interface InsideSeen {
  readonly of: Inside
  readonly at: readonly number[]
  readonly spreads: readonly SpreadSeen[]
  readonly picture?: Picture | undefined
}

/** What is known of a run. */
export interface RunSeen {
  readonly run: number
  readonly name: string
  readonly state: RunState
  readonly epochs: number
  /** Whether it trains elsewhere, and takes no commands. */
  readonly isElsewhere?: boolean
  /** How many epochs are over, with a fraction. */
  readonly at: number
  readonly seconds: number
  readonly batches: number
  readonly rate: Num
  /** By the names of the logs, at the ends of epochs. */
  readonly curves: Readonly<Record<string, Curve>>
  /** The same within epochs. */
  readonly moments: Readonly<Record<string, Curve>>
  /** By the paths of weights, and by layer and gate. */
  readonly inside: Readonly<Record<string, InsideSeen>>
  readonly answers?: Answers
}

/** More points than a chart is wide tell nothing more. */
const mostPoints = 2000
const mostSpreads = 120

/** A run that is written down: its lists grow in place, for events are many. */
type Growing = { -readonly [K in keyof RunSeen]: RunSeen[K] } & {
  curves: Record<string, GrowingCurve>
  moments: Record<string, GrowingCurve>
  inside: Record<string, InsideSeen>
}

interface GrowingCurve {
  at: number[]
  values: Num[]
}

/** All runs, as far as they were told of. */
export class Board {
  private readonly seen = new Map<number, Growing>()

  /** The runs, in the order in which they began. What they hold grows with the next events. */
  get runs(): readonly RunSeen[] {
    return [...this.seen.values()]
  }

  /** A board as `toJSON` wrote it, which then is this one's. */
  static of(runs: readonly RunSeen[]): Board {
    const board = new Board()
    for (const run of runs) board.seen.set(run.run, run as Growing) // nobody else has it
    return board
  }

  toJSON(): readonly RunSeen[] {
    return this.runs
  }

  apply(event: BoardEvent): void {
    const known = this.seen.get(event.run)
    if (event.kind === 'begin') {
      const { run, name, epochs, first: at, isElsewhere = false } = event
      const nothing = { seconds: 0, batches: 0, rate: null, curves: {}, moments: {}, inside: {} }
      this.seen.set(run, { run, name, epochs, isElsewhere, at, state: 'training', ...nothing })
    } else if (known !== undefined) {
      change(known, event)
    }
  }
}

function change(run: Growing, event: Exclude<BoardEvent, { kind: 'begin' }>): void {
  switch (event.kind) {
    case 'state':
      run.state = event.state
      return
    case 'rate':
      run.rate = event.rate
      return
    case 'answers':
      run.answers = event.answers
      return
    case 'numbers': {
      const { at, seconds, batches, values } = event
      Object.assign(run, { at, seconds, batches, rate: values.learningRate ?? run.rate })
      const curves = event.of === 'epoch' ? run.curves : run.moments
      for (const [name, value] of Object.entries(values)) {
        curves[name] ??= { at: [], values: [] }
        lengthen(curves[name], at, value)
      }
      return
    }
    case 'inside':
      for (const [name, spread] of Object.entries(event.spreads)) {
        const { at, spreads } = run.inside[name] ?? { at: [], spreads: [] }
        run.inside[name] = {
          of: event.of,
          at: thinned([...at, event.at], mostSpreads),
          spreads: thinned([...spreads, spread], mostSpreads),
          picture: event.pictures[name],
        }
      }
  }
}

function lengthen(curve: GrowingCurve, at: number, value: Num): void {
  curve.at.push(at)
  curve.values.push(value)
  if (curve.at.length <= mostPoints) return
  curve.at = thinned(curve.at, mostPoints)
  curve.values = thinned(curve.values, mostPoints)
}

/** At most so many: of more, every other one goes, but never the last. */
function thinned<T>(list: T[], most: number): T[] {
  return list.length <= most ? list : list.filter((_, i) => (list.length - 1 - i) % 2 === 0)
}
