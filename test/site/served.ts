// The built site, served from a folder under a sub-path, as GitHub Pages does; without headers for threads.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

export const folder = fileURLToPath(new URL('../../website/dist', import.meta.url))
const under = '/hornbeam/'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.xml': 'application/xml',
}

/** How long a browser on a machine with other work may take for one thing. */
export const patience = 120_000

/** A running server. */
export interface Served {
  /** Where the first page is, with a slash at the end. */
  readonly home: string
  close(): Promise<void>
}

/** Serves the built site until it is closed. @throws Error where it was not built. */
export async function serveSite(): Promise<Served> {
  if (!existsSync(join(folder, 'index.html'))) throw new Error('the site is not built: npm run site')
  const server = createServer(async ({ url = '/', headers }, response) => {
    const [path] = url.split('?')
    const file = fileOf(decodeURIComponent(path))
    if (file === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('there is no such page')
      return
    }
    const bytes = await readFile(file)
    const type = types[extname(file)] ?? 'application/octet-stream'
    const packed = /text|javascript|json|xml/.test(type) && /gzip/.test(headers['accept-encoding'] ?? '')
    response.writeHead(200, {
      'content-type': type,
      'cache-control': 'max-age=600',
      ...(packed ? { 'content-encoding': 'gzip' } : {}),
    })
    response.end(packed ? gzipSync(bytes) : bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  return {
    home: `http://localhost:${port}${under}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function fileOf(path: string): string | undefined {
  if (!path.startsWith(under) || path.includes('..')) return undefined
  const file = join(folder, path.slice(under.length))
  if (!existsSync(file)) return undefined
  const page = statSync(file).isDirectory() ? join(file, 'index.html') : file
  return existsSync(page) ? page : undefined
}

/** All pages by their paths below the first, in order of name. */
export function allPages(): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name === 'index.html')
    .map((entry) => relative(folder, entry.parentPath))
    .map((path) => (path === '' ? '' : `${path.split('\\').join('/')}/`))
    .sort()
}

/** The names of the programs of a page, in order. */
export function programsIn(page: string): readonly string[] {
  const html = readFileSync(join(folder, page, 'index.html'), 'utf8')
  return [...new Set([...html.matchAll(/class="runnable" data-program="(\w+)"/g)].map(([, name]) => name))]
}
