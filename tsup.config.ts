// How the package is built. As ES modules, where what is reached by `import()` (backends, pictures, CSV) becomes a chunk that is loaded
// when asked for; as one CommonJS file, for test runners that know nothing else; as one classic script with the global `hornbeam`.
import { defineConfig, type Options } from 'tsup'
import { licenses } from './tools/licenses'

type Esbuild = Parameters<NonNullable<Options['esbuildOptions']>>[0]

/**
 * Packages that stay outside: large, and for few. Smaller ones become chunks of this package, so that nothing else has to be
 * installed; they stand among the devDependencies.
 */
export const outside = ['#gpu', 'gpu.js', 'ioredis', 'webgpu']

const common = {
  target: 'es2022',
  platform: 'neutral',
  treeshake: false,
  skipNodeModulesBundle: false,
  external: [/^node:/, ...outside],
} satisfies Options

/** How packages are found. */
export const resolution = (options: Esbuild): void => {
  options.mainFields = ['module', 'main']
  // Named here also: in a classic script tsup leaves nothing outside by itself.
  options.external = [...(options.external ?? []), ...outside, 'node:*']
  // Of papaparse the parser of cells is used, which reads no streams.
  // Of hyparquet the entry for pages: the other one reads files of Node's.
  options.alias = { stream: './tools/nothing.cjs', hyparquet: 'hyparquet/src/index.js' }
}

export default defineConfig([
  {
    ...common,
    entry: {
      index: 'src/index.ts',
      // The same without names registered; its types are those of the index.
      core: 'src/core.ts',
      gpu: 'src/gpu.ts',
      dashboard: 'src/dashboard.ts',
      // The program of the command line: it shares chunks with the library, which the user's modules import.
      cli: 'src/cli.ts',
      // Threads of `search` start from a file of their own, and webpack takes one in place of what may not be installed.
      'search-worker': 'src/search/worker.ts',
      missing: 'src/errors/missing.ts',
    },
    format: 'esm',
    splitting: true,
    // One file of types: types that two share come out as values in the namespaces.
    dts: { entry: { index: 'src/index.ts', gpu: 'src/gpu.ts' }, compilerOptions: { stripInternal: true } },
    sourcemap: true,
    esbuildOptions: resolution,
    esbuildPlugins: [licenses()],
  },
  {
    ...common,
    entry: { index: 'src/index.ts' },
    format: 'cjs',
    splitting: false,
    outExtension: () => ({ js: '.cjs' }),
    esbuildOptions(options) {
      resolution(options)
      // Test runners for CommonJS know `require` alone.
      options.supported = { 'dynamic-import': false }
      options.define = { 'import.meta.url': 'hornbeamUrl' }
      options.banner = { js: "const hornbeamUrl = 'file://' + __filename" }
    },
  },
  {
    ...common,
    entry: { hornbeam: 'src/index.ts' },
    format: 'iife',
    globalName: 'hornbeam',
    splitting: false,
    minify: true,
    outExtension: () => ({ js: '.min.js' }),
    esbuildOptions(options) {
      resolution(options)
      options.define = { 'import.meta.url': '""' }
    },
  },
])
