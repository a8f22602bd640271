// npm run gpu --prefix bench: counts what a training step asks of the GPU in Chromium, hornbeam against TensorFlow.js, and times it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import type { Measured, Name } from './contestants'
import type { Run } from './page'
import { notLower, type Row, page as report } from './report'

const { values } = parseArgs({
  options: {
    // Batches of W4 are small, for a software adapter takes a quarter of a minute for a step of 128.
    sizes: { type: 'string', default: 'W3:32,W4:8' },
    against: { type: 'string', default: 'hornbeam-webgpu,tfjs-webgpu,hornbeam-webgl2,tfjs-webgl' },
    batches: { type: 'string', default: '2' },
    chromium: { type: 'string', default: process.env.HORNBEAM_CHROMIUM ?? 'chromium' },
    /** Flags of the browser; by default those for the software adapter it brings. */
    flags: {
      type: 'string',
      default:
        '--no-sandbox --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader --use-gl=angle --use-angle=swiftshader',
    },
    name: { type: 'string', default: 'gpu' },
  },
})

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The page's scripts by path; what they name of Node is not called there. */
async function bundle(): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    entryPoints: [here('../../page/page.ts')],
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    outdir: here('scripts'),
    write: false,
    alias: { hornbeam: here('../../../dist/index.js') },
    plugins: [
      {
        name: 'no Node in a page',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^(node:.*|fs|util|crypto|string_decoder)$/ }, ({ path }) => ({
            path,
            namespace: 'none',
          }))
          onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'module.exports = {}' }))
        },
      },
    ],
    logLevel: 'error',
  })
  return new Map(outputFiles.map(({ path, text }) => [`/${basename(path)}`, text]))
}

const scripts = await bundle()
const server = createServer(({ url = '/' }, response) => {
  response.setHeader('content-type', url.endsWith('.js') ? 'text/javascript' : 'text/html')
  response.end(scripts.get(url) ?? '<!doctype html><meta charset="utf-8"><title>bench</title>')
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo // it listens on a port
const browser = await chromium.launch({ executablePath: await pathOf(values.chromium), args: values.flags.split(' ') })

const rows: Row[] = []
for (const size of values.sizes.split(',')) {
  const [workload, batch] = size.split(':')
  for (const name of values.against.split(',')) {
    const outcome = await measured(name as Name, workload, Number(batch)) // a wrong name is absent
    rows.push({ workload, batch: Number(batch), name, ...outcome })
    console.log(JSON.stringify(rows.at(-1)))
  }
}
const folder = new URL('../../results/', import.meta.url)
mkdirSync(folder, { recursive: true })
const about = {
  browser: `Chromium ${browser.version()}`,
  flags: values.flags,
  date: new Date().toISOString().slice(0, 10),
  batches: Number(values.batches),
}
writeFileSync(new URL(`${values.name}.json`, folder), `${JSON.stringify({ ...about, rows }, null, 2)}\n`)
writeFileSync(new URL(`${values.name}.md`, folder), report(about, rows))
await browser.close()
server.close()
for (const claim of notLower(rows)) {
  console.error(`not lower: ${claim}`)
  process.exitCode = 1
}

/** Each contestant has a page of its own. */
async function measured(name: Name, workload: string, batch: number): Promise<{ ok: Measured } | { absent: string }> {
  const page = await browser.newPage()
  try {
    await page.goto(`http://localhost:${port}/`)
    await page.evaluate("import('/page.js')")
    const given = [name, workload, batch, Number(values.batches)] as const
    const ok = await page.evaluate((given) => (Reflect.get(globalThis, 'run') as Run)(...given), given) // page.ts puts it there
    return { ok }
  } catch (error) {
    return { absent: (error instanceof Error ? error.message : String(error)).split('\n')[0] }
  } finally {
    await page.close()
  }
}

/** A command's path: playwright looks for none. */
async function pathOf(command: string): Promise<string> {
  if (command.includes('/')) return command
  const { execFileSync } = await import('node:child_process')
  return execFileSync('which', [command], { encoding: 'utf8' }).trim()
}
