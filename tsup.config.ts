// How the package is built: ESM only. What is reached by `import()` (the backends) becomes a chunk that is loaded when asked for.
import { defineConfig } from 'tsup'

export default defineConfig({
  entry: { index: 'src/index.ts' },
  format: 'esm',
  target: 'es2022',
  platform: 'neutral',
  splitting: true,
  treeshake: false,
  dts: true,
  sourcemap: true,
  clean: true,
  external: [/^node:/, 'papaparse', 'd3-scale', 'd3-scale-chromatic', 'fast-png', 'gpu.js'],
})
