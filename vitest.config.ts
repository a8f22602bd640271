// How the tests run: everything under test/, with `hornbeam` meaning the sources, not the build. What must come out the same on every
// backend runs on the cpu backend and once more on wasm and on the gpu; the tests in test/browser/ run the package as built in a real browser.
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const inBrowser = 'test/browser/**/*.test.ts'
/** Follows CONTRIBUTING.md in a copy of the repository, and type-checks and tests that. */
const recipes = 'test/recipes.test.ts'
/** Runs in every engine; `npm run test:engines`. */
const engines = 'test/engines/**'
/** Walks through the site as built: `npm run test:site` builds it first. */
const site = 'test/site/**/*.test.ts'
/** Of these, what does not measure how soon a page answers. */
const unhurried = ['test/browser/gpuSuites.test.ts', 'test/browser/backends.test.ts', 'test/browser/keras.test.ts']

/** What must come out the same on every backend, */
const onEveryBackend = ['test/goldens/**/*.test.ts', 'test/layers/**/*.test.ts']
/** but for what looks at shapes and configs, or computes in float64. */
const notOfBackends = [
  'test/goldens/initializers.test.ts',
  'test/layers/everyLayer.test.ts',
  'test/layers/shapes.test.ts',
]

export default defineConfig({
  resolve: {
    alias: {
      // The longer name first: the other one is a part of it.
      'hornbeam/dashboard': fileURLToPath(new URL('./src/dashboard.ts', import.meta.url)),
      hornbeam: fileURLToPath(new URL('./src/index.ts', import.meta.url)),
    },
  },
  test: {
    // Generous: a machine that does other work is slow, and a test that hangs is seen all the same.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // Tests import single rooms of src: names are known to them as to whoever imports `hornbeam`.
    setupFiles: ['src/names/all.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: [inBrowser, recipes, engines, site],
          globalSetup: ['tools/buildWasm.ts'],
        },
      },
      {
        extends: true,
        // A suite of its own, for it takes a minute: `npm test` leaves it out, `npm run test:all` does not.
        test: { name: 'recipes', include: [recipes], globalSetup: ['tools/buildWasm.ts'] },
      },
      {
        extends: true,
        // Likewise: pages that train until lessons are over.
        test: {
          name: 'playground',
          include: ['website/playground/test/**/*.test.ts'],
          sequence: { groupOrder: 2 },
          maxWorkers: 1,
          globalSetup: ['tools/buildWasm.ts', 'website/playground/test/support/setup.ts'],
        },
      },
      {
        extends: true,
        // One browser with two pages is all that a machine of tests has room for.
        test: { name: 'site', include: [site], setupFiles: [], maxWorkers: 1, maxConcurrency: 2, testTimeout: 300_000 },
      },
      {
        extends: true,
        test: {
          name: 'engines',
          include: ['test/engines/*.test.ts'],
          // One engine at a time: each has threads of its own.
          maxWorkers: 1,
          globalSetup: ['tools/buildWasm.ts', 'tools/buildPackage.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'wasm',
          env: { HORNBEAM_BACKEND: 'wasm' },
          include: onEveryBackend,
          exclude: notOfBackends,
          globalSetup: ['tools/buildWasm.ts'],
        },
      },
      {
        extends: true,
        test: {
          // For a Node that can: `npm run test:wide` starts it.
          name: 'wide',
          env: { HORNBEAM_BACKEND: 'wasm' },
          execArgv: ['--experimental-wasm-revectorize'],
          include: [...onEveryBackend, 'test/conformance/wasm.test.ts', 'test/backends/wasm/**/*.test.ts'],
          // The last one is of pages, where V8's flags are out of reach.
          exclude: [...notOfBackends, 'test/backends/wasm/remote.test.ts'],
          setupFiles: ['src/names/all.ts', 'test/support/wideOnly.ts'],
          globalSetup: ['tools/buildWasm.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'gpu',
          env: { HORNBEAM_BACKEND: 'gpu' },
          // A kernel takes longer to compile than to run here: these goldens meet every kernel, in about a minute. The others run by
          // HORNBEAM_BACKEND=gpu npx vitest run --project node test/goldens
          include: ['test/goldens/{layers,stateful,training}.test.ts'],
          setupFiles: ['src/names/all.ts', 'test/support/gpuOnly.ts'],
          globalSetup: ['tools/buildWasm.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'pages',
          include: unhurried,
          globalSetup: ['tools/buildWasm.ts', 'tools/buildPackage.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: [inBrowser],
          exclude: unhurried,
          // After all others, and alone: they measure how soon a page answers.
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
          globalSetup: ['tools/buildWasm.ts', 'tools/buildPackage.ts'],
        },
      },
    ],
  },
})
