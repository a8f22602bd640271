// Bundlers make an app of the package with no other package near, as `npm install hornbeam --omit=optional` leaves it: without a warning.
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build as esbuild } from 'esbuild'
import { build as vite } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import webpack from 'webpack'
import { install } from './installed'

const app = `
  import { data, dense, plotHistory, sequential } from 'hornbeam'
  import { dashboard } from 'hornbeam/dashboard'
  const model = sequential([dense(1)], { inputShape: [2] }).compile({ optimizer: 'sgd', loss: 'mse' })
  const training = await model.fit([[0, 1], [1, 0]], [[1], [2]], { epochs: 2, verbose: 0 })
  const rows = []
  for await (const row of data.csv({ text: 'a,b\\n1,2' })) rows.push(row)
  const refusal = await model.predict([[1, 2]], { backend: 'gpu' }).then(() => '', ({ name, message }) => name + ': ' + message)
  console.log(JSON.stringify({ losses: training.history.loss.length, drawn: (await plotHistory(training)).svg.length > 999, rows, refusal, follows: typeof dashboard }))
`

/** What the app prints, from a package or from a bundle. */
const printed = {
  losses: 2,
  drawn: true,
  rows: [{ a: 1, b: 2 }],
  follows: 'function',
  refusal: expect.stringContaining('BackendError: backend gpu: needs the package gpu.js'),
}

let installed: Awaited<ReturnType<typeof install>>
const path = (name: string): string => join(installed.folder, name)

async function run(file: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [path(file)], { cwd: installed.folder })
  return JSON.parse(stdout)
}

beforeAll(async () => {
  installed = await install()
  await writeFile(path('app.mjs'), app)
})
afterAll(() => installed.remove())

test('Node runs it', async () => {
  expect(await run('app.mjs')).toEqual(printed)
})

test('require gives what import gives', async () => {
  await writeFile(
    path('both.cjs'),
    `const { Tensor } = require('hornbeam'); import('hornbeam').then((other) => console.log(other.Tensor === Tensor))`,
  )
  // From 20.19 and 22.12 on, Node requires ES modules; before, it takes the CommonJS file.
  expect(await run('both.cjs')).toBe('require_module' in process.features)
})

test('runs where there is no import(), as in Jest', async () => {
  await writeFile(
    path('runner.cjs'),
    `const [{ readFileSync }, vm] = [require('node:fs'), require('node:vm')]
     const file = require.resolve('hornbeam').replace(/index.c?js$/, 'index.cjs')
     const module_ = { exports: {} }
     // A script that says nothing of import() has none.
     const wrapped = new vm.Script('(function (exports, require, module, __filename) {' + readFileSync(file, 'utf8') + '\\n})')
     wrapped.runInThisContext()(module_.exports, require, module_, file)
     const { data, dense, loadModel, plotHistory, sequential } = module_.exports
     ;(async () => {
       const model = sequential([dense(1, { kernelInitializer: 'ones' })], { inputShape: [2] })
       await model.save('saved.safetensors')
       const loaded = await loadModel('saved.safetensors')
       const rows = []
       for await (const row of data.csv({ text: 'a,b\\n1,2' })) rows.push(row)
       const { svg } = await plotHistory({ epoch: [0, 1], history: { loss: [2, 1] } })
       console.log(JSON.stringify({ y: (await loaded.predict([[1, 2]])).item(), rows, drawn: svg.length > 999 }))
     })()`,
  )
  expect(await run('runner.cjs')).toEqual({ y: 3, rows: [{ a: 1, b: 2 }], drawn: true })
})

describe('an app is bundled without a warning', () => {
  test('by webpack', async () => {
    const compiler = webpack({
      entry: path('app.mjs'),
      context: installed.folder,
      mode: 'production',
      optimization: { minimize: false },
      performance: { hints: false },
      output: { path: path('webpack') },
    })
    const stats = await promisify(compiler.run.bind(compiler))()
    expect(stats?.toJson({ all: false, errors: true, warnings: true })).toMatchObject({ errors: [], warnings: [] })
  })

  test('by esbuild, which runs', async () => {
    const { warnings } = await esbuild({
      entryPoints: [path('app.mjs')],
      outfile: path('esbuild.mjs'),
      bundle: true,
      format: 'esm',
      minify: true,
      // What a bundle for Node takes from Node.
      platform: 'node',
      logLevel: 'silent',
    })
    expect(warnings).toEqual([])
    expect(await run('esbuild.mjs')).toEqual(printed)
    const { warnings: inPages } = await esbuild({
      entryPoints: [path('app.mjs')],
      bundle: true,
      format: 'esm',
      write: false,
      logLevel: 'silent',
    })
    expect(inPages).toEqual([])
  })

  test('by Vite', async () => {
    await writeFile(path('index.html'), '<script type="module" src="./app.mjs"></script>')
    const warnings: string[] = []
    await vite({
      root: installed.folder,
      configFile: false,
      logLevel: 'silent',
      build: {
        outDir: path('vite'),
        chunkSizeWarningLimit: 9999,
        target: 'es2022',
        rolldownOptions: { onwarn: ({ message }) => void warnings.push(message) },
      },
    })
    expect(warnings).toEqual([])
  })
})

test('the program is there, and shares the library with modules that it loads', async () => {
  const { bin } = JSON.parse(await readFile(path('node_modules/hornbeam/package.json'), 'utf8'))
  const program = path(join('node_modules/hornbeam', bin.hornbeam))
  const { stdout } = await promisify(execFile)(process.execPath, [program, '--version'])
  expect(stdout).toMatch(/^\d+\.\d+\.\d+/)
  await writeFile(
    path('trained.mjs'),
    `import { dense, sequential, data as tables } from 'hornbeam'
    export const model = sequential([dense(1)], { inputShape: [1] }).compile({ optimizer: 'sgd', loss: 'mse' })
    export const data = tables.fromArrays([[1], [2]], [[1], [2]]).batch(2)`,
  )
  const trained = await promisify(execFile)(process.execPath, [program, 'train', 'trained.mjs', '-o', 'net.keras'], {
    cwd: installed.folder,
  })
  expect(trained.stdout).toMatch(/^Epoch 1\/1/)
  expect(trained.stderr).toContain('saved to net.keras')
  const failed = await promisify(execFile)(process.execPath, [program, 'inspect', 'nothing'], {
    cwd: installed.folder,
  }).catch((error: { code: number; stderr: string }) => error)
  expect(failed).toMatchObject({ code: 1, stderr: "hornbeam: cannot read 'nothing': there is no such file\n" })
})
