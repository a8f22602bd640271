// Builds what bundlers take of the package: a module for each source. What is reached by `import()` shares code with what is not, and a
// bundler decides by whole modules which of it a page loads at first.
import { posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { type OutputChunk, type Plugin as RollupPlugin, rollup } from 'rollup'
import manifest from '../package.json'
import { outside, resolution } from '../tsup.config'

const root = fileURLToPath(new URL('..', import.meta.url))
const entries = ['index', 'core', 'gpu']
const external = [...outside, 'node:*']

/** Writes the modules into a folder. @throws Error where modules stand in a circle, which would change what they do when split. */
export async function buildModules(folder: string): Promise<void> {
  const bundle = await rollup({
    input: entries.map((name) => `/${name}.js`),
    external: (name) => outside.includes(name) || name.startsWith('node:'),
    treeshake: { moduleSideEffects: (name) => manifest.sideEffects.includes(`./dist/modules${name}`) },
    plugins: [inMemory(await transpiled()), apartPublic()],
    onwarn: ({ message }) => {
      throw new Error(message)
    },
  })
  await bundle.write({
    dir: folder,
    preserveModules: true,
    preserveModulesRoot: '/',
    hoistTransitiveImports: false,
    // Bundlers for pages know packages by the names under `browser` in package.json.
    paths: (name) => name.replace(/^node:/, ''),
  })
  await bundle.close()
}

/** All sources as JavaScript, and the packages they use, by their paths. */
async function transpiled(): Promise<ReadonlyMap<string, string>> {
  const common: BuildOptions = { absWorkingDir: root, bundle: true, format: 'esm', target: 'es2022', external }
  const inOne = await build({
    ...common,
    entryPoints: entries.map((name) => `src/${name}.ts`),
    packages: 'external',
    outdir: '/',
    write: false,
    metafile: true,
  })
  const options: BuildOptions = {
    ...common,
    entryPoints: Object.keys(inOne.metafile?.inputs ?? {}).filter((path) => path.startsWith('src/')),
    outbase: 'src',
    outdir: '/',
    write: false,
    splitting: true,
    plugins: [sourcesApart],
  }
  resolution(options)
  const { outputFiles = [] } = await build(options)
  return new Map(outputFiles.map(({ path, text }) => [path, text]))
}

/** An import of another source stays an import, of the file that it becomes. */
const sourcesApart: Plugin = {
  name: 'sources apart',
  setup(building) {
    building.onResolve({ filter: /^\./ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData === 'asked' || importer === '' || importer.includes('node_modules')) return undefined
      const found = await building.resolve(path, { importer, resolveDir, kind, pluginData: 'asked' })
      if (!found.path.endsWith('.ts')) return undefined
      const name = relative(resolveDir, found.path).replace(/\.ts$/, '.js')
      return { path: name.startsWith('.') ? name : `./${name}`, external: true }
    })
  },
}

function inMemory(files: ReadonlyMap<string, string>): RollupPlugin {
  return {
    name: 'in memory',
    resolveId: (name, importer) => (importer === undefined ? name : posix.join(posix.dirname(importer), name)),
    load: (name) => files.get(name),
  }
}

/**
 * Gives each module that the core is made of a public module of its own, and the core all of these with `export *`: esbuild
 * takes for used whatever stands in a module with one name that is used, unless the name came through a star.
 */
function apartPublic(): RollupPlugin {
  return {
    name: 'public apart',
    generateBundle(_, files) {
      const core = files['core.js'] as OutputChunk
      const named = [...core.code.matchAll(/^export (\{.*\}) from '\.\/(.*)';$/gm)]
      const spaces = [...core.code.matchAll(/^import \* as (\S+) from '\.\/(.*)';\nexport \{ \1 as (\S+) \};$/gm)]
      const parts = [
        ...named.map(([, names, path]) => ({ path, code: (up: string) => `export ${names} from '${up}${path}';\n` })),
        ...spaces.map(([, , path, name]) => ({
          path: `${name}.js`,
          code: (up: string) => `export * as ${name} from '${up}${path}';\n`,
        })),
      ]
      const left = core.code.split('\n').filter((line) => line !== '').length - named.length - 2 * spaces.length
      if (left > 0) throw new Error(`core.js: expected exports from modules alone, got ${left} other lines`)
      for (const { path, code } of parts) {
        const up = '../'.repeat(path.split('/').length)
        this.emitFile({ type: 'asset', fileName: `public/${path}`, source: code(up) })
      }
      core.code = parts.map(({ path }) => `export * from './public/${path}';\n`).join('')
    },
  }
}

const [, script, target] = process.argv
if (script === fileURLToPath(import.meta.url) && target !== undefined) await buildModules(target)
