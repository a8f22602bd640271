// Bundles for pages. test/browser/page/suites.ts: the sources and the tests as they are, with
// the page's stand-ins for vitest and node:fs. And the package as built, with gpu.js, as an app's bundler would.
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { packageFolder } from '../../../tools/buildPackage'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const standIns: Readonly<Record<string, string>> = {
  hornbeam: here('../../../src/index.ts'),
  vitest: here('collect.ts'),
  'node:fs': here('files.ts'),
}

/** The files of the bundle by the path that they are served under; `/page/suites.js` is the one to start. */
export async function bundleSuites(): Promise<Record<string, string>> {
  const { outputFiles } = await build({
    entryPoints: [here('suites.ts')],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    outdir: here('page'),
    write: false,
    plugins: [
      {
        name: 'stand-ins',
        setup({ onResolve }) {
          onResolve({ filter: /^(hornbeam|vitest|node:fs)$/ }, ({ path }) => ({ path: standIns[path] }))
        },
      },
    ],
    external: ['node:*'],
    // The page says which backend it tests before it loads the bundle.
    define: { 'process.env.HORNBEAM_BACKEND': 'HORNBEAM_BACKEND' },
    logLevel: 'error',
  })
  return Object.fromEntries(outputFiles.map(({ path, text }) => [`/page/${basename(path)}`, text]))
}

/** The package and gpu.js; `/app/stdin.js` exports what the package does. */
export async function bundlePackage(): Promise<Record<string, string>> {
  const { outputFiles } = await build({
    stdin: { contents: "export * from 'hornbeam'", resolveDir: packageFolder },
    alias: { hornbeam: `${packageFolder}/modules/index.js` },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    outdir: here('app'),
    write: false,
    logLevel: 'error',
  })
  return Object.fromEntries(outputFiles.map(({ path, text }) => [`/app/${basename(path)}`, text]))
}
