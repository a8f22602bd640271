// A web server on this machine for the tests' pages: the package as built under /hornbeam/, and whatever text a test adds.
import { readFile } from 'node:fs/promises'
import { createServer, type OutgoingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { packageFolder } from '../../../tools/buildPackage'

/** The page a test gets unless it brings its own. */
const emptyPage = '<!doctype html><meta charset="utf-8"><title>A page with hornbeam</title>'

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  map: 'application/json',
}

export interface SiteOptions {
  /** Whether pages are cross-origin isolated, which is what shared memory needs; `false` by default. */
  readonly isolated?: boolean
  /** Further headers of every answer. */
  readonly headers?: Readonly<Record<string, string>>
  /** Texts by path (`/app.js`), beside an empty page at `/`. */
  readonly files?: Readonly<Record<string, string>>
}

/** A running server. */
export interface Site {
  /** `http://localhost:...`, without a slash at the end. */
  readonly origin: string
  /** The paths that were asked for so far, in order. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

/** Serves until it is closed. */
export async function openSite({ isolated = false, headers = {}, files = {} }: SiteOptions): Promise<Site> {
  const common: OutgoingHttpHeaders = {
    ...(isolated
      ? { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' }
      : {}),
    ...headers,
  }
  const texts: Readonly<Record<string, string>> = { '/': emptyPage, '/favicon.ico': '', ...files }
  const asked: string[] = []
  const server = createServer(async ({ url = '/' }, response) => {
    const [path] = url.split('?')
    asked.push(path)
    const text = path.startsWith('/hornbeam/') ? await builtFile(path) : texts[path]
    const ending = path.endsWith('/') ? 'html' : path.slice(path.lastIndexOf('.') + 1)
    if (text === undefined) response.writeHead(404, common).end()
    else response.writeHead(200, { ...common, 'content-type': types[ending] ?? 'text/plain' }).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  return {
    origin: `http://localhost:${port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A file of the package; its folder is flat. */
export function builtFile(path: string): Promise<string | undefined> {
  return readFile(join(packageFolder, basename(path)), 'utf8').catch(() => undefined)
}
