// A page that is open: told the whole board when it comes, then events, at most a few times a second. One that is hidden, or reads slower than events come, is told
// nothing, and the whole board when it can see again.
import type { ServerResponse } from 'node:http'
import type { RunSeen } from '../board'
import type { BoardEvent } from '../events'
import type { Hub, Viewer } from '../hub'

/** What a page is told. */
export type Message =
  | { readonly board: readonly RunSeen[]; readonly last?: boolean }
  | { readonly events: readonly BoardEvent[] }

/** How long events wait for others, in milliseconds. */
const patience = 250

export class Connection implements Viewer {
  private readonly response: ServerResponse
  private readonly hub: Hub
  private readonly leave: () => void
  private watches: boolean
  /** Whether it missed something. */
  private isBehind = true
  private waiting: BoardEvent[] = []
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(response: ServerResponse, hub: Hub, watches: boolean) {
    this.response = response
    this.hub = hub
    this.watches = watches
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    response.on('drain', () => this.catchUp())
    this.leave = hub.add(this)
    this.catchUp()
  }

  get isWatching(): boolean {
    return this.watches
  }

  see(event: BoardEvent): void {
    const isState = event.kind === 'state'
    if (!this.watches || this.isBehind) {
      this.isBehind = true
      // The program may be over before a hidden page is seen again.
      const isEnd = isState && event.state !== 'training' && event.state !== 'paused'
      if (isEnd && !this.watches) this.send({ board: this.hub.board.runs })
      return
    }
    this.waiting.push(event)
    if (isState) this.flush()
    this.timer ??= setTimeout(() => this.flush(), patience).unref()
  }

  watch(watches: boolean): void {
    this.watches = watches
    if (!watches && this.waiting.length > 0) {
      this.waiting = []
      this.isBehind = true
    }
    this.catchUp()
  }

  /** The server ends: the page is given all there is, for it cannot come back. */
  last(): void {
    this.send({ board: this.hub.board.runs, last: true })
    this.end()
    this.response.end()
  }

  end(): void {
    clearTimeout(this.timer)
    this.leave()
  }

  private catchUp(): void {
    if (!this.watches || !this.isBehind || this.response.writableNeedDrain) return
    this.isBehind = false
    this.send({ board: this.hub.board.runs })
  }

  /** Sends what waits; to a page that cannot keep up, nothing until it has read what it was sent. */
  private flush(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    const events = this.waiting
    this.waiting = []
    if (events.length === 0) return
    if (this.response.writableNeedDrain) this.isBehind = true
    else this.send({ events })
  }

  private send(message: Message): void {
    this.response.write(`data: ${JSON.stringify(message)}\n\n`)
  }
}
