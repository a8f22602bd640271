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

/** All runs, as far as they were told of. */
export class Board {
  private readonly seen = new Map<number, RunSeen>()

  /** The runs, in the order in which they began. */
  get runs(): readonly RunSeen[] {
    return [...this.seen.values()]
  }

  /** A board as `toJSON` wrote it. */
  static of(runs: readonly RunSeen[]): Board {
    const board = new Board()
    for (const run of runs) board.seen.set(run.run, run)
    return board
  }

  toJSON(): readonly RunSeen[] {
    return this.runs
  }

  apply(event: BoardEvent): void {
    const known = this.seen.get(event.run)
    if (event.kind === 'begin') {
      const { run, name, epochs, first: at } = event
      const nothing = { seconds: 0, batches: 0, rate: null, curves: {}, moments: {}, inside: {} }
      this.seen.set(run, { run, name, epochs, at, state: 'training', ...nothing })
    } else if (known !== undefined) {
      this.seen.set(event.run, { ...known, ...changes(known, event) })
    }
  }
}

function changes(run: RunSeen, event: Exclude<BoardEvent, { kind: 'begin' }>): Partial<RunSeen> {
  switch (event.kind) {
    case 'state':
      return { state: event.state }
    case 'rate':
      return { rate: event.rate }
    case 'answers':
      return { answers: event.answers }
    case 'numbers': {
      const { at, seconds, batches, values } = event
      const name = event.of === 'epoch' ? 'curves' : 'moments'
      const curves = { ...run[name] }
      for (const [key, value] of Object.entries(values)) curves[key] = longer(curves[key], at, value)
      return { at, seconds, batches, rate: values.learningRate ?? run.rate, [name]: curves }
    }
    case 'inside': {
      const inside = { ...run.inside }
      for (const [name, spread] of Object.entries(event.spreads)) {
        const { at, spreads } = inside[name] ?? { at: [], spreads: [] }
        inside[name] = {
          of: event.of,
          at: thinned([...at, event.at], mostSpreads),
          spreads: thinned([...spreads, spread], mostSpreads),
          picture: event.pictures[name],
        }
      }
      return { inside }
    }
  }
}

function longer(curve: Curve | undefined, at: number, value: Num): Curve {
  const { at: before, values } = curve ?? { at: [], values: [] }
  return { at: thinned([...before, at], mostPoints), values: thinned([...values, value], mostPoints) }
}

/** At most so many: of more, every other one goes, but never the last. */
function thinned<T>(list: readonly T[], most: number): readonly T[] {
  return list.length <= most ? list : list.filter((_, i) => (list.length - 1 - i) % 2 === 0)
}
