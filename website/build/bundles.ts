// The scripts that pages load besides their own: hornbeam as a page gets it from the package, with files in memory; the worker that runs
// code blocks; the race against TensorFlow.js; the service worker.
import { join } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'

/** Node's modules, which a page never reaches. */
const noNode: Plugin = {
  name: 'no node',
  setup(building) {
    const names = /^(node:)?(fs|fs\/promises|os|path|url|worker_threads|util|process|zlib)$/
    building.onResolve({ filter: names }, ({ path }) => ({ path, namespace: 'none' }))
    building.onResolve({ filter: /^(#gpu|gpu\.js|ioredis|webgpu)$/ }, ({ path }) => ({ path, namespace: 'none' }))
    building.onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'module.exports = undefined' }))
  },
}

/** Paths mean files in memory, so that what documents save and load works in a page as in Node. */
const filesInMemory = (root: string): Plugin => ({
  name: 'files in memory',
  setup(building) {
    const memory = join(root, 'website/src/runner/memory.ts')
    const host = join(root, 'website/src/runner/host.ts')
    // Whose import of what becomes which module.
    const redirects = [
      { importer: /modules\/.*\.js$/, path: /\/file\.js$/, to: memory, target: /modules\/io\/file\.js$/ },
      { importer: /modules\/(io\/place|data\/files\/source)\.js$/, path: /host\/index\.js$/, to: host },
      { importer: /modules\/data\/files\/source\.js$/, path: /^(node:)?fs$/, to: memory },
    ]
    const met = new Set<object>()
    building.onResolve({ filter: /(^(node:)?fs|\.js)$/ }, ({ importer, path, resolveDir }) => {
      const redirect = redirects.find(
        (each) =>
          each.importer.test(importer) &&
          each.path.test(path) &&
          (each.target === undefined || each.target.test(join(resolveDir, path))),
      )
      if (redirect === undefined) return undefined
      met.add(redirect)
      return { path: redirect.to }
    })
    building.onEnd(() => {
      const missed = redirects.find((each) => !met.has(each))
      if (missed !== undefined)
        throw new Error(`expected ${missed.importer} to import ${missed.path}, for files in memory`)
    })
  },
})

/** @param data - the names of the files that the site serves for its code blocks. */
export async function scripts(root: string, data: readonly string[]): Promise<void> {
  const website = join(root, 'website')
  const common = {
    bundle: true,
    format: 'esm',
    minify: true,
    target: 'es2022',
    platform: 'browser',
    logLevel: 'warning',
    legalComments: 'none',
    mainFields: ['module', 'main'],
  } satisfies BuildOptions
  const modules = join(website, '.generated/modules')
  await build({
    ...common,
    entryPoints: {
      index: join(modules, 'index.js'),
      core: join(modules, 'core.js'),
      files: join(website, 'src/runner/memory.ts'),
    },
    splitting: true,
    outdir: join(website, 'public/hornbeam'),
    define: { DATA_FILES: JSON.stringify(data) },
    plugins: [filesInMemory(root), noNode],
  })
  // What the first page teaches a wave with, and nothing else.
  await build({
    ...common,
    stdin: {
      contents: "export { adam, dense, losses, lstm, sequential, tensor } from './core.js'",
      resolveDir: modules,
      sourcefile: 'library.js',
    },
    splitting: true,
    outdir: join(website, 'public/demo'),
    entryNames: 'library',
    plugins: [noNode],
  })
  await build({
    ...common,
    entryPoints: { worker: join(website, 'src/runner/worker.ts') },
    outdir: join(website, 'public/run'),
  })
  await build({
    ...common,
    entryPoints: { tfjs: join(website, 'src/race/tfjs.ts') },
    outdir: join(website, 'public/race'),
    plugins: [noNode],
  })
}
