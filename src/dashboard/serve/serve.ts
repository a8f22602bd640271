// In Node: a page on this machine that shows the board. It is told events as they happen (server-sent events), and posts commands.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { HornbeamError, OptionError } from '../../errors'
import { type Command, readCommand } from '../events'
import type { Hub } from '../hub'
import { Connection } from './connection'

/** How a page is served. */
export interface ServeOptions {
  readonly port?: number
  readonly keepOpen?: boolean
}

/** A page that is served. */
export interface Served {
  readonly address: string
  close(): Promise<void>
}

const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Training</title>
<link rel="icon" href="data:,">
<style>body { margin: 0 }</style>
<div id="dashboard"></div>
<script type="module" src="/page.js"></script>
</html>
`

/** The page may talk to this server alone. */
const policy = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; connect-src 'self'; img-src data:"

/** Commands are short. */
const mostBytes = 4096

/** Begins to serve. @throws OptionError where the port is taken. */
export async function serve(hub: Hub, { port = 0, keepOpen = false }: ServeOptions): Promise<Served> {
  const [{ createServer }, { pageSource }] = await Promise.all([import('node:http'), import('../generated/pageSource')])
  const connections = new Map<string, Connection>()
  const server = createServer((request, response) => {
    response.setHeader('x-content-type-options', 'nosniff')
    response.setHeader('cache-control', 'no-store')
    answer(request, response).catch((error: unknown) => {
      // A page that went away is told nothing.
      if (!response.headersSent)
        respond(response, error instanceof HornbeamError ? 400 : 500, String(Object(error).message))
    })
  })

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { host } = request.headers
    // Another name may be one that a site of the web has given to this machine.
    if (host !== authority && host !== authority.replace('127.0.0.1', 'localhost'))
      return respond(response, 403, 'another host')
    const { pathname, searchParams } = new URL(request.url ?? '/', `http://${authority}`)
    const viewer = searchParams.get('viewer') ?? ''
    switch (`${request.method} ${pathname}`) {
      case 'GET /':
        response.setHeader('content-security-policy', policy)
        return respond(response, 200, html, 'text/html; charset=utf-8')
      case 'GET /page.js':
        return respond(response, 200, pageSource, 'text/javascript; charset=utf-8')
      case 'GET /events': {
        const connection = new Connection(response, hub, searchParams.get('watching') !== 'false')
        connections.set(viewer, connection)
        response.on('close', () => {
          connection.end()
          if (connections.get(viewer) === connection) connections.delete(viewer)
        })
        return
      }
      case 'POST /watching':
        connections.get(viewer)?.watch((await posted(request, host)) === true)
        return respond(response, 204)
      case 'POST /command': {
        const command: Command = readCommand(await posted(request, host))
        await hub.command(command)
        return respond(response, 204)
      }
      default:
        return respond(response, 404, 'not found')
    }
  }

  const authority = `127.0.0.1:${await listening(server, port)}`
  if (!keepOpen) {
    // Whoever looks does not keep the program from ending.
    server.unref()
    server.on('connection', (socket) => socket.unref())
  }
  return {
    address: `http://${authority}/`,
    close: () =>
      new Promise((resolve) => {
        for (const connection of connections.values()) connection.last()
        server.close(() => resolve())
        server.closeIdleConnections()
        setTimeout(() => server.closeAllConnections(), 500).unref()
      }),
  }
}

function listening(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE' ? 'is taken; leave it out for a free one' : `cannot be had: ${cause.message}`
      reject(new OptionError(`dashboard: port: ${port} ${why}`, { cause }))
    })
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

function respond(response: ServerResponse, status: number, text = '', type = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': type }).end(text)
}

/** What a page of this server posted, as JSON. @throws OptionError where it came from elsewhere, or is none. */
async function posted(request: IncomingMessage, host: string | undefined): Promise<unknown> {
  const { origin, 'content-type': type } = request.headers
  // Of a form of another site a browser would send neither.
  if (type !== 'application/json' || (origin !== undefined && origin !== `http://${host}`)) {
    throw new OptionError('dashboard: expected JSON from the page itself')
  }
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > mostBytes) throw new OptionError(`dashboard: expected at most ${mostBytes} bytes`)
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new OptionError('dashboard: expected JSON', { cause })
  }
}
