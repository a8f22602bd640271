// The scripts that pages load besides their own: hornbeam as a page gets it from the package, with files in memory; the worker that runs
// code blocks; the race against TensorFlow.js; the service worker.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BuildOptions, build, type Plugin } from 'esbuild'

/** Node's modules, which a page never reaches. */
const noNode: Plugin = {
  name: 'no node',
  setup(building) {
    const names = /^(node:)?(fs|fs\/promises|os|path|url|worker_threads|util|process)$/
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
    building.onLoad({ filter: /modules\/io\/file\.js$/ }, () => ({
      contents: `export * from ${JSON.stringify(memory)}`,
      resolveDir: root,
    }))
    building.onLoad({ filter: /modules\/(io\/place|data\/files\/source)\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      const host = /import \{([^}]*)\bhasNode\b([^}]*)\} from ("[^"]*");/
      if (!host.test(source)) throw new Error(`${path}: expected it to ask whether there are files`)
      const told = source.replace(host, (_, before: string, after: string, from: string) => {
        const others = `${before}${after}`.split(',').filter((name) => name.trim() !== '')
        const left = others.length === 0 ? '' : `import {${others.join(',')}} from ${from};\n`
        return `${left}const hasNode = () => true;`
      })
      const streams = `import { createReadStream } from ${JSON.stringify(memory)};\n`
      const withStreams = path.endsWith('source.js')
        ? streams + told.replace(/const \{ createReadStream \} = await import\(.*\);/, '')
        : told
      return { contents: withStreams, loader: 'js' }
    })
  },
})

export async function scripts(root: string): Promise<void> {
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
    plugins: [noNode, filesInMemory(root)],
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
