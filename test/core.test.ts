// The core: what a page pays for it is what it uses.
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

/** What is left of a program that imports the core, without what it loads with `import()` later on. */
async function bundled(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('..', import.meta.url)) },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    legalComments: 'none',
    external: ['node:*'],
    plugins: [
      {
        name: 'later',
        setup({ onResolve, resolve }) {
          onResolve({ filter: /.*/ }, ({ kind }) =>
            kind === 'dynamic-import' ? { path: 'later', external: true } : undefined,
          )
          // Not even where nobody says so: package.json lists what has effects.
          onResolve({ filter: /^\./ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
            if (pluginData === 'asked') return undefined
            const found = await resolve(path, { importer, resolveDir, kind, pluginData: 'asked' })
            return { ...found, sideEffects: true }
          })
        },
      },
    ],
  })
  return outputFiles[0].text
}

test('importing it has no effect: a bundler leaves nothing of it but a few constants', async () => {
  expect((await bundled("import './src/core'")).length).toBeLessThan(300)
})

test('a page with one tensor has no layers, no models and no optimizers', async () => {
  const text = await bundled("import { tensor } from './src/core'; console.log(tensor([1]))")
  expect(text.length).toBeLessThan(28 * 1024)
  for (const word of ['recurrentKernel', 'momentum', 'compile({']) expect(text).not.toContain(word)
})

test('a page with one layer has no other', async () => {
  const text = await bundled("import { dense } from './src/core'; console.log(dense(1))")
  expect(text).toContain('glorotUniform')
  for (const word of ['recurrentKernel', 'maskZero', 'movingMean']) expect(text).not.toContain(word)
})
