// Where runs and viewers meet: events go out to all viewers, commands come in to the run that is meant.
import { OptionError } from '../errors'
import { Board } from './board'
import type { BoardEvent, Command } from './events'

/** Who looks at the board. */
export interface Viewer {
  /** Whether anybody sees it: not a page in a hidden tab. */
  readonly isWatching: boolean
  see(event: BoardEvent): void
}

/** What a run does when it is asked. Rejects where it cannot. */
export type Obey = (command: Command) => Promise<void>

/** What an event tells, whatever its run. */
export type EventContent = BoardEvent extends infer E ? (E extends BoardEvent ? Omit<E, 'run'> : never) : never

/** One for all runs of a dashboard. */
export class Hub {
  readonly board = new Board()
  private readonly viewers = new Set<Viewer>()
  private readonly open = new Map<number, Obey>()
  private count = 0

  /** Whether anybody looks. */
  get isWatched(): boolean {
    for (const viewer of this.viewers) if (viewer.isWatching) return true
    return false
  }

  /** @returns what ends this again. */
  add(viewer: Viewer): () => void {
    this.viewers.add(viewer)
    return () => void this.viewers.delete(viewer)
  }

  /** A run begins: gives its number. @param obey - left out, it trains elsewhere, and takes no commands. */
  begin(name: string | undefined, epochs: number, first: number, obey?: Obey): number {
    const run = ++this.count
    if (obey !== undefined) this.open.set(run, obey)
    this.tell(run, {
      kind: 'begin',
      name: name ?? `run ${run}`,
      epochs,
      first,
      ...(obey === undefined ? { isElsewhere: true } : {}),
    })
    return run
  }

  tell(run: number, event: EventContent): void {
    const whole = { ...event, run } as BoardEvent // what was left out is put back
    this.board.apply(whole)
    for (const viewer of this.viewers) viewer.see(whole)
  }

  /** A run is over, and takes no commands. */
  end(run: number, state: 'ended' | 'stopped' | 'broken off'): void {
    if (this.open.delete(run)) this.tell(run, { kind: 'state', state })
  }

  /** Resolves when it is done. @throws OptionError for a run that is over. */
  async command(command: Command): Promise<void> {
    const obey = this.open.get(command.run)
    if (obey === undefined) throw new OptionError(`dashboard: run ${command.run} is not training`)
    await obey(command)
  }
}
