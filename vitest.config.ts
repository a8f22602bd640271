// How the tests run: everything under test/, with `hornbeam` meaning the sources, not the build.
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    alias: { hornbeam: fileURLToPath(new URL('./src/index.ts', import.meta.url)) },
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['tools/build-wasm.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
