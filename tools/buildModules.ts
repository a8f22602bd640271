// Builds what bundlers take of the package: a module for each source. What is reached by `import()` shares code with what is not, and a
// bundler decides by whole modules which of it a page loads at first.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, posix, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Plugin } from 'esbuild'
import { type OutputChunk, type Plugin as RollupPlugin, rollup } from 'rollup'
import manifest from '../package.json'
import { outside, resolution } from '../tsup.config'

const root = fileURLToPath(new URL('..', import.meta.url))
const entries = ['index', 'core', 'gpu', 'dashboard']
const external = [...outside, 'node:*']

/** Modules by their paths. */
type Files = ReadonlyMap<string, string>

/** Writes the modules into a folder. @throws Error where modules stand in a circle, or two that become one export the same name. */
export async function buildModules(folder: string): Promise<void> {
  const { files, later } = await linked(await transpiled())
  const modules = await merged(files, later)
  await linked(modules)
  for (const [path, code] of modules) {
    await mkdir(join(folder, dirname(path)), { recursive: true })
    await writeFile(join(folder, path), code)
  }
}

/** The modules with imports past all that only hands names on, and which of them are loaded later. @throws Error for circles and names that are not there. */
async function linked(modules: Files): Promise<{ readonly files: Files; readonly later: readonly string[] }> {
  const bundle = await rollup({
    input: entries.map((name) => `/${name}.js`),
    external: (name) => !/^[./]/.test(name),
    treeshake: { moduleSideEffects: (name) => manifest.sideEffects.includes(`./dist/modules${name}`) },
    plugins: [inMemory(modules), apartPublic()],
    onwarn: ({ message }) => {
      throw new Error(message)
    },
  })
  const { output } = await bundle.generate({
    preserveModules: true,
    preserveModulesRoot: '/',
    hoistTransitiveImports: false,
    // Bundlers for pages know packages by the names under `browser` in package.json.
    paths: (name) => name.replace(/^node:/, ''),
  })
  await bundle.close()
  const files = output.map((file) => {
    return [`/${file.fileName}`, file.type === 'chunk' ? file.code : String(file.source)] as const
  })
  const later = output.filter((file) => file.type === 'chunk' && file.isDynamicEntry)
  return { files: new Map(files), later: later.map(({ fileName }) => `/${fileName}`) }
}

/**
 * Folders, and single modules, that become one module. A page needs them together, and the fewer modules there are, the fewer small files a
 * bundler makes of them. What is not used of one is left out all the same.
 */
const together = [
  ['errors', 'registry', 'tensor', 'runtime/options', 'vis/table'],
  ['graph', 'ops/declaration', 'ops/elementwise', 'graph/lowering/passes'],
  ['ops/shape', 'ops/reduce', 'ops/derived', 'ops/random', 'ops/matmul', 'ops/cumulative'],
  ['layers/base', 'layers/options'],
  ['layers/recurrent', 'layers/recurrent/cells'],
  ['time/stream', 'time/overTime', 'step/carried', 'step/tracePrediction', 'feed/finite', 'model/enableLora'],
  ['optimizers/step/optimizer', 'schedules/schedule', 'step/compileOptions'],
  [
    'io/safetensors',
    'io/storage',
    'io/jsonSize',
    'io/halfFloats',
    'formats/formatOf',
    'formats/hornbeam/format',
    'formats/hornbeam/widen',
  ],
  ['backends/kernelTable', 'backends/boxes', 'backends/operands', 'backends/arena'],
]

/** The module that a module becomes a part of. */
function wholeOf(path: string): string {
  const [folder, module] = [posix.dirname(path).slice(1), path.slice(1, -'.js'.length)]
  const parts = together.find((names) => names.includes(folder) || names.includes(module))
  return parts === undefined ? path : `/${parts[0]}/together.js`
}

/**
 * The modules, those of some folders made one.
 *
 * @param later - those that are loaded later: they stay modules of their own.
 */
async function merged(files: Files, later: readonly string[]): Promise<Files> {
  const target = (path: string): string => (later.includes(path) ? path : wholeOf(path))
  const parts = new Map<string, string[]>()
  for (const path of files.keys()) parts.set(target(path), [...(parts.get(target(path)) ?? []), path])
  const merging: Plugin = {
    name: 'merging',
    setup(building) {
      building.onResolve({ filter: /.*/ }, ({ path, importer, kind, namespace }) => {
        if (kind === 'entry-point') return { path, namespace: files.has(path) ? 'part' : 'whole' }
        if (namespace === 'whole') return { path, namespace: 'part' }
        if (!path.startsWith('.')) return { path, external: true }
        const imported = posix.join(posix.dirname(importer), path)
        const [from, to] = [target(importer), target(imported)]
        return from === to ? { path: imported, namespace: 'part' } : { path: pathFrom(from, to), external: true }
      })
      building.onLoad({ filter: /.*/, namespace: 'whole' }, ({ path }) => ({
        contents: parts
          .get(path)
          ?.map((part) => `export * from '${part}'\n`)
          .join(''),
      }))
      building.onLoad({ filter: /.*/, namespace: 'part' }, ({ path }) => ({ contents: files.get(path) }))
    },
  }
  const { outputFiles } = await build({
    entryPoints: [...parts.keys()].map((path) => ({ in: path, out: path.slice(1, -'.js'.length) })),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    outdir: '/',
    write: false,
    plugins: [merging],
  })
  return new Map(outputFiles.map(({ path, text }) => [path, text]))
}

/** How a module names another. */
function pathFrom(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to)
  return path.startsWith('.') ? path : `./${path}`
}

/** All sources as JavaScript, and the packages they use, by their paths. */
async function transpiled(): Promise<Files> {
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
    entryPoints: Object.keys(inOne.metafile?.inputs ?? {}).filter(
      (path) => path.startsWith('src/') && !numbersAlone.test(path),
    ),
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

/** Sources of constants alone: their numbers stand where they are used, and none of their names is left. */
const numbersAlone = /backends\/wasm\/assembly\//

/** An import of another source stays an import, of the file that it becomes. */
const sourcesApart: Plugin = {
  name: 'sources apart',
  setup(building) {
    building.onResolve({ filter: /^\./ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData === 'asked' || importer === '' || importer.includes('node_modules')) return undefined
      const found = await building.resolve(path, { importer, resolveDir, kind, pluginData: 'asked' })
      if (!found.path.endsWith('.ts') || numbersAlone.test(found.path)) return undefined
      const name = relative(resolveDir, found.path).replace(/\.ts$/, '.js')
      return { path: name.startsWith('.') ? name : `./${name}`, external: true }
    })
  },
}

function inMemory(files: Files): RollupPlugin {
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
