// The page that Node serves: told of training by its server, whom it tells whether it is seen, and what it is to do.
import { Board } from '../board'
import type { Command } from '../events'
import type { Message } from '../serve/connection'
import { draw } from './view'

const viewer = crypto.randomUUID()
const view = await draw(document.querySelector('#dashboard') ?? document.body, (command) => post('/command', command))
let board = new Board()
/** What came while the page was hidden; read when it is seen. */
let waiting: string | undefined
let isOver = false

async function post(path: string, body: Command | boolean): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${path}?viewer=${viewer}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  }).catch(() => {
    throw new Error('The program that trained has ended.')
  })
  if (!response.ok) throw new Error(await response.text())
}

function take(text: string): void {
  const message: Message = JSON.parse(text)
  if ('events' in message) for (const event of message.events) board.apply(event)
  else {
    board = Board.of(message.board)
    isOver = message.last === true
    view.note('')
  }
  view.changed(board)
}

function listen(): void {
  const source = new EventSource(`/events?viewer=${viewer}&watching=${!document.hidden}`)
  source.onmessage = ({ data }) => {
    if (document.hidden) waiting = data
    else take(data)
  }
  source.onerror = () => {
    source.close()
    view.note('The program that trained has ended. This is what it came to.')
    // It may be started again, on the same port.
    if (!isOver) setTimeout(listen, document.hidden ? 10_000 : 2000)
  }
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden && waiting !== undefined) take(waiting)
  waiting = undefined
  post('/watching', !document.hidden).catch(() => undefined)
})
listen()
