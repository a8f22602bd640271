// The suites that Node runs on the gpu backend, in a page, in each mode a page has: the conformance suite in a share that meets every
// primitive; layers and training runs by their names below. All of them:
// npx vitest run --project node test/conformance test/goldens, with HORNBEAM_BACKEND=gpu.
import { readdir, readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect } from 'vitest'
import { bundlePackage, bundleSuites } from '../page/bundle'
import type { Outcome } from '../page/collect'
import type { run } from '../page/suites'
import { type Driver, useGpu } from './gpuPages'
import type { Hornbeam } from './index'

const layers = [
  'dense on a sequence',
  'embedding that masks zero',
  'layerNormalization',
  'batchNormalization of a sequence in training',
  'conv2d same, strides',
  'maxPooling2d same',
  'averagePooling1d same',
  'lstm masked sequences and states',
  'gru masked with states in',
  'gru reset before, masked',
  'simpleRNN masked last output',
  'rnn of a lstm cell, masked',
  'bidirectional lstm, concat, sequences',
  'torch lstm, 2 deep',
]
/** In WebGL2, where kernels take much longer to compile on a software adapter. */
const fewLayers = [
  'embedding that masks zero',
  'batchNormalization of a sequence in training',
  'conv2d same, strides',
  'lstm masked sequences and states',
  'gru reset before, masked',
  'simpleRNN masked last output',
  'rnn of a lstm cell, masked',
]
const runs = ['lstm regressor', 'gru classifier', 'two inputs']
const fewRuns = ['lstm regressor', 'two inputs']

async function runInPage(page: Page, mode: string, ...given: Parameters<typeof run>): Promise<Outcome> {
  await page.evaluate(`globalThis.HORNBEAM_BACKEND = 'gpu/${mode}'`)
  await page.evaluate("import('/page/suites.js')")
  return page.evaluate<Outcome, typeof given>((given) => Reflect.get(globalThis, 'runSuite')(...given), given)
}

/** Declares the suites, on a driver. Called at the top of a file. */
export function gpuSuites(driver: Driver): void {
  const files: Record<string, string> = {}
  const { browser, testOn } = useGpu(files, driver)

  beforeAll(async () => {
    Object.assign(files, await bundleSuites(), await bundlePackage())
    // Where the suites look for them from the one file that they become.
    for (const [path, where] of [
      ['/page/fixtures/', '../../goldens/fixtures/'],
      ['/fixtures/', '../../conformance/fixtures/'],
    ]) {
      const folder = new URL(where, import.meta.url)
      for (const name of await readdir(folder)) files[`${path}${name}`] = await readFile(new URL(name, folder), 'utf8')
    }
  })

  describe.each(driver.modes)(`the gpu backend in a page on ${driver.name}, by %s`, (mode) => {
    testOn(mode, 'answers what every backend must answer, for every primitive', async () => {
      const { page } = await browser.visit({ files })
      const { passed, failures } = await runInPage(page, mode, 'conformance')
      expect(failures).toEqual([])
      expect(passed).toBeGreaterThan(50)
    })

    testOn(mode, 'functions that share parts may meet in one kernel', async () => {
      const { page } = await browser.visit({ files })
      const hornbeam = await page.evaluateHandle<Hornbeam>("import('/app/stdin.js')")
      const results = await page.evaluate(
        async ([{ jit, ops }, mode]) => {
          const all = [
            ops.sin,
            ops.cos,
            ops.tan,
            ops.log,
            ops.log1p,
            ops.softplus,
            ops.exp,
            ops.expm1,
            ops.tanh,
            ops.asin,
            ops.acos,
          ]
          const run = async (backend: 'cpu' | { name: 'gpu'; mode: typeof mode }): Promise<number> => {
            const total = jit((x) => all.reduce((sum, f) => ops.add(sum, f(x)), ops.pow(x, 1.7)), { backend })
            return (await total(0.7)).item()
          }
          return [await run('cpu'), await run({ name: 'gpu', mode })]
        },
        [hornbeam, mode] as const,
      )
      expect(results[1]).toBeCloseTo(results[0], 4)
    })

    testOn(mode, 'layers give what Keras and PyTorch give', async () => {
      const { page } = await browser.visit({ files })
      const chosen = mode === 'webgpu' ? layers : fewLayers
      expect(await runInPage(page, mode, 'layers', chosen)).toEqual({ passed: chosen.length, failures: [] })
    })

    testOn(mode, 'training runs are those of Keras', async () => {
      const { page } = await browser.visit({ files })
      const chosen = mode === 'webgpu' ? runs : fewRuns
      expect(await runInPage(page, mode, 'training', chosen)).toEqual({ passed: chosen.length, failures: [] })
    })
  })
}
