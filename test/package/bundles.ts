// Bundles of a page, as esbuild, Rollup and Vite make them of the installed package with code splitting, minified.
import { readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { build as esbuild, transform } from 'esbuild'
import { type OutputChunk, rollup } from 'rollup'
import { build as vite } from 'vite'

/** A file of a bundle. */
export interface Chunk {
  readonly name: string
  readonly code: string
  readonly isEntry: boolean
  /** The files that are loaded with it. */
  readonly imports: readonly string[]
  /** How much of it comes of which source, by its path. */
  readonly parts: Readonly<Record<string, number>>
}

/** Makes a bundle of the file `app.mjs` in a folder, where the package is installed. */
export type Bundler = (folder: string) => Promise<readonly Chunk[]>

/** Stands before each file, and tells that it was loaded. */
export const mark = 'globalThis.loaded?.push(import.meta.url);'

/** What stands for a module that pages do not have. */
const empty = '\0empty'

const outside = ['#gpu', 'gpu.js', 'webgpu']
const isOutside = (name: string): boolean => outside.includes(name) || name.startsWith('node:')

export const bundlers: Readonly<Record<string, Bundler>> = {
  async esbuild(folder) {
    const entry = join(folder, 'app.mjs')
    const { metafile, outputFiles } = await esbuild({
      entryPoints: [entry],
      absWorkingDir: folder,
      bundle: true,
      splitting: true,
      minify: true,
      format: 'esm',
      outdir: 'out',
      outExtension: { '.js': '.mjs' },
      banner: { js: mark },
      legalComments: 'none',
      write: false,
      metafile: true,
    })
    return Object.entries(metafile.outputs).map(([path, { entryPoint, imports, inputs }]) => ({
      name: basename(path),
      code: outputFiles.find((file) => file.path === resolve(folder, path))?.text ?? '',
      isEntry: entryPoint === 'app.mjs',
      imports: imports.flatMap(({ kind, path: to }) => (kind === 'import-statement' ? [basename(to)] : [])),
      parts: Object.fromEntries(Object.entries(inputs).map(([input, { bytesInOutput }]) => [input, bytesInOutput])),
    }))
  },
  async rollup(folder) {
    const installed = join(folder, 'node_modules', 'hornbeam')
    const { exports, sideEffects, browser } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    const bundle = await rollup({
      input: join(folder, 'app.mjs'),
      external: isOutside,
      onwarn: () => undefined,
      treeshake: {
        moduleSideEffects: (id) =>
          !id.startsWith(installed) || sideEffects.includes(`.${id.slice(installed.length).replaceAll('\\', '/')}`),
      },
      plugins: [
        {
          // As the plugin for installed packages does with `browser: true`.
          name: 'installed',
          resolveId: (name, importer) => {
            const [, inner] = /^hornbeam(.*)$/.exec(name) ?? []
            if (inner !== undefined) return join(installed, exports[`.${inner}`].default)
            const path = name.startsWith('.') && importer !== undefined ? join(importer, '..', name) : ''
            return browser[`.${path.slice(installed.length).replaceAll('\\', '/')}`] === false ? empty : undefined
          },
          load: (id) => (id === empty ? 'export default {}' : undefined),
        },
      ],
    })
    const { output } = await bundle.generate({
      banner: mark,
      entryFileNames: 'app.mjs',
      chunkFileNames: '[name]-[hash].mjs',
    })
    await bundle.close()
    const chunks = chunksOf(output)
    return Promise.all(
      chunks.map(async (chunk) => ({
        ...chunk,
        code: (await transform(chunk.code, { minify: true, format: 'esm', target: 'es2022' })).code,
      })),
    )
  },
  async vite(folder) {
    const result = await vite({
      root: folder,
      configFile: false,
      logLevel: 'silent',
      build: {
        write: false,
        target: 'es2022',
        modulePreload: false,
        rolldownOptions: {
          input: join(folder, 'app.mjs'),
          output: { banner: mark, entryFileNames: 'app.mjs', chunkFileNames: '[name]-[hash].mjs' },
        },
      },
    })
    const [made] = [result].flat()
    return 'output' in made ? chunksOf(made.output) : []
  },
}

function chunksOf(output: readonly { readonly type: string }[]): Chunk[] {
  // Rolldown's chunks have what is asked for here of Rollup's.
  const chunks = output.filter(({ type }) => type === 'chunk') as unknown as readonly OutputChunk[]
  return chunks.map(({ fileName, code, isEntry, imports, modules }) => ({
    name: fileName,
    code,
    isEntry,
    imports: imports.filter((name) => !isOutside(name)),
    parts: Object.fromEntries(Object.entries(modules).map(([path, { renderedLength }]) => [path, renderedLength])),
  }))
}
