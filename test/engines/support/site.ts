// The server that engines are sent to: it tells them what to do, and is told what came of it.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Order, Report } from '../script/report'
import { table } from '../script/uses'

const page =
  '<!doctype html><meta charset="utf-8"><title>hornbeam</title><script type="module" src="/page.js"></script>'

const isolation = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }

export interface EngineSite {
  readonly address: string
  /** What an engine reported. It fails where the script does. */
  readonly report: Promise<Report>
  /** What the engine began with last. */
  readonly stage: string
  close(): void
}

/**
 * Serves until it is closed.
 *
 * @param files - scripts by path.
 */
export async function openEngineSite(
  order: Order,
  isolated: boolean,
  files: Readonly<Record<string, string>>,
): Promise<EngineSite> {
  const { promise: report, resolve, reject } = withResolvers<Report>()
  // Whoever waits for it comes later.
  report.catch(() => undefined)
  let stage = 'loading the script'
  const gets: Readonly<Record<string, readonly [type: string, text: string]>> = {
    '/': ['text/html', page],
    '/order': ['application/json', JSON.stringify(order)],
    '/table.csv': ['text/csv', table],
    '/favicon.ico': ['image/x-icon', ''],
  }
  const posts: Readonly<Record<string, (text: string) => void>> = {
    '/begins': (text) => {
      stage = JSON.parse(text)
    },
    '/report': (text) => resolve(JSON.parse(text)),
    '/failed': (text) => reject(new Error(`while ${stage}: ${text}`)),
  }
  const server = createServer(async (request, response) => {
    const { url = '/', method } = request
    const headers = isolated ? isolation : {}
    if (method === 'POST') {
      posts[url]?.(await textOf(request))
      response.writeHead(204, headers).end()
      return
    }
    const [type, text] = gets[url] ?? ['text/javascript', files[url]]
    if (text === undefined) response.writeHead(404, headers).end()
    else response.writeHead(200, { ...headers, 'content-type': `${type}; charset=utf-8` }).end(text)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo // it listens on a port
  return {
    address: `http://localhost:${port}`,
    report,
    get stage() {
      return stage
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part)
  return Buffer.concat(parts).toString()
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined
  let reject: (reason: unknown) => void = () => undefined
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
