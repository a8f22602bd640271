// Makes the playground one HTML file that works from anywhere, the file system included: styles, page, worker, kernels and gpu.js are all
// inside. `tsx website/playground/build.ts [folder]` writes `index.html` into a folder, `website/playground/dist` by default.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { resolution } from '../../tsup.config'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '..', '..')

/** `import { source } from './echo?source'`: the text of a file, without its imports. */
const sources: Plugin = {
  name: 'sources',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\?source$/ }, ({ path, resolveDir }) => ({
      path: `${resolve(resolveDir, path.replace(/\?source$/, ''))}.ts`,
      namespace: 'source',
    }))
    onLoad({ filter: /.*/, namespace: 'source' }, async ({ path }) => {
      const text = (await readFile(path, 'utf8')).replace(/^import .*\n+/gm, '')
      return { contents: `export const source = ${JSON.stringify(text)}` }
    })
  },
}

/** Of the example data the beginning, up to the end of a line. */
const beginnings: Plugin = {
  name: 'beginnings',
  setup({ onLoad }) {
    onLoad({ filter: /examples\/data\/.*\.(csv|txt)$/ }, async ({ path }) => {
      const text = (await readFile(path, 'utf8')).slice(0, 24_000)
      return { contents: text.slice(0, text.lastIndexOf('\n')), loader: 'text' }
    })
  },
}

async function bundled(entry: string): Promise<string> {
  const options: BuildOptions = {
    entryPoints: [join(here, 'src', entry)],
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    platform: 'neutral',
    define: { 'import.meta.url': '""' },
    plugins: [sources, beginnings],
    logLevel: 'error',
  }
  resolution(options)
  const { outputFiles } = await build({
    ...options,
    alias: { ...absolute(options.alias), hornbeam: join(root, 'src', 'index.ts') },
  })
  return outputFiles?.[0].text ?? ''
}

const absolute = (alias: BuildOptions['alias'] = {}) =>
  Object.fromEntries(
    Object.entries(alias).map(([name, path]) => [name, path.startsWith('.') ? join(root, path) : path]),
  )

/** A script may not hold the tag that ends it. */
const inScript = (text: string): string => text.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--')

/** The whole page. */
export async function playground(): Promise<string> {
  const [html, style, page, worker, gpu] = await Promise.all([
    readFile(join(here, 'src', 'index.html'), 'utf8'),
    readFile(join(here, 'src', 'style.css'), 'utf8'),
    bundled('page/main.ts'),
    bundled('worker/worker.ts'),
    readFile(join(root, 'node_modules', 'gpu.js', 'dist', 'gpu-browser.min.js'), 'utf8'),
  ])
  const parts: Readonly<Record<string, string>> = { style, page, worker, gpu }
  return html.replace(
    /<!-- (style|worker|gpu) -->|\/\* (page) \*\//g,
    (_, first: string | undefined, name = first ?? '') =>
      name === 'style' ? `<style>${parts[name]}</style>` : inScript(parts[name]),
  )
}

if (resolve(argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  const folder = resolve(argv[2] ?? join(here, 'dist'))
  const file = join(folder, 'index.html')
  await mkdir(dirname(file), { recursive: true })
  const html = await playground()
  await writeFile(file, html)
  console.log(`${file}: ${(html.length / 1e6).toFixed(2)} MB`)
}
