// Runs on a dashboard without a page: what a viewer that only writes down is told.
import { Collector } from '../../src/dashboard/collect'
import type { BoardEvent } from '../../src/dashboard/events'
import { Hub } from '../../src/dashboard/hub'
import type { DashboardOptions } from '../../src/dashboard/options'

/** A clock that is set by hand. */
export class Clock {
  time = 0
  readonly now = (): number => this.time
}

export interface Watched {
  readonly hub: Hub
  readonly callback: Collector
  readonly clock: Clock
  readonly events: BoardEvent[]
  /** Whether the viewer looks. */
  isWatching: boolean
  of<K extends BoardEvent['kind']>(kind: K): Extract<BoardEvent, { kind: K }>[]
}

/** A callback, and who looks. */
export function watched(options: DashboardOptions = {}): Watched {
  const hub = new Hub()
  const clock = new Clock()
  const events: BoardEvent[] = []
  const result: Watched = {
    hub,
    clock,
    events,
    isWatching: true,
    callback: new Collector(hub, options, async () => undefined, clock.now),
    of: (kind) => events.filter((event) => event.kind === kind) as never, // by their kind
  }
  hub.add({
    get isWatching() {
      return result.isWatching
    },
    see: (event) => void events.push(event),
  })
  return result
}
