// Runs on a dashboard without a page: what a viewer that only writes down is told.

import { Board } from '../../src/dashboard/board'
import { Collector } from '../../src/dashboard/collect'
import type { BoardEvent } from '../../src/dashboard/events'
import { Hub } from '../../src/dashboard/hub'
import type { DashboardOptions } from '../../src/dashboard/options'
import type { Message } from '../../src/dashboard/serve/connection'

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

/** A page that listens. */
export class Listener {
  readonly messages: Message[] = []
  isOver = false
  private readonly ending = new AbortController()

  constructor(address: string, query: string) {
    void this.listen(`${address}events?${query}`).catch(() => undefined)
  }

  /** What the page knows. */
  get board(): Board {
    return this.messages.reduce((board, message) => {
      if ('board' in message) return Board.of(message.board)
      for (const event of message.events) board.apply(event)
      return board
    }, new Board())
  }

  leave(): void {
    this.ending.abort()
  }

  private async listen(url: string): Promise<void> {
    const { body } = await fetch(url, { signal: this.ending.signal })
    const decoder = new TextDecoder()
    let text = ''
    for await (const part of body as unknown as AsyncIterable<Uint8Array>) {
      const lines = (text + decoder.decode(part, { stream: true })).split('\n\n')
      text = lines.pop() ?? ''
      this.messages.push(...lines.map((line) => JSON.parse(line.replace(/^data: /, ''))))
    }
    this.isOver = true
  }
}
