// Builds the page of an example from the package and serves it.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { setup as buildPackage, packageFolder } from '../tools/buildPackage'

/** A page that is served. */
export interface Served {
  readonly address: string
  close(): void
}

/** The page's files by path. What is loaded only when asked for, such as gpu.js, is a file of its own. */
async function bundle(folder: URL): Promise<ReadonlyMap<string, string>> {
  const here = (name: string): string => fileURLToPath(new URL(name, folder))
  await buildPackage()
  const { outputFiles } = await build({
    entryPoints: [here('page.ts')],
    alias: { hornbeam: `${packageFolder}/index.js` },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    outdir: here('output'),
    write: false,
    logLevel: 'error',
  })
  const scripts = outputFiles.map(({ path, text }) => [`/${basename(path)}`, text] as const)
  return new Map([['/', await readFile(here('page.html'), 'utf8')], ...scripts])
}

/**
 * Serves `page.html` and `page.ts` of a folder on this machine until it is closed.
 *
 * @param folder - ends in a slash.
 * @param port - 0 takes a free one.
 */
export async function servePage(folder: URL, port: number): Promise<Served> {
  const files = await bundle(folder)
  const server = createServer(({ url = '/' }, response) => {
    const text = files.get(url)
    response.writeHead(text === undefined ? 404 : 200, {
      'content-type': url.endsWith('.js') ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8',
      // With these two, pages share memory, and the wasm backend runs on all cores.
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    })
    response.end(text)
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  const { port: taken } = server.address() as AddressInfo // it listens on a port
  return {
    address: `http://localhost:${taken}/`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
