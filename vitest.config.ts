// How the tests run: everything under test/, with `hornbeam` meaning the sources, not the build. Those in test/browser/ run the
// package as built in a real browser.
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const inBrowser = 'test/browser/**/*.test.ts'

export default defineConfig({
  resolve: {
    alias: { hornbeam: fileURLToPath(new URL('./src/index.ts', import.meta.url)) },
  },
  test: {
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: [inBrowser],
          globalSetup: ['tools/build-wasm.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: [inBrowser],
          globalSetup: ['tools/build-wasm.ts', 'tools/build-package.ts'],
        },
      },
    ],
  },
})
