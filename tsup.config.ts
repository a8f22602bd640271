// How the package is built: ESM only. What is reached by `import()` (the backends) becomes a chunk that is loaded when asked for.
import { defineConfig } from 'tsup'

export default defineConfig({
  // Threads of `search` start from a file of their own.
  entry: { index: 'src/index.ts', 'search-worker': 'src/search/worker.ts' },
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  splitting: true,
  treeshake: false,
  // One file of types: types that two share come out as values in the namespaces.
  dts: { entry: { index: 'src/index.ts' } },
  sourcemap: true,
  clean: true,
  external: [/^node:/, 'papaparse', 'd3-scale', 'd3-scale-chromatic', 'fast-png', 'gpu.js'],
})
