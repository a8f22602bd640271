// The gpu backend in a page, in each mode a page has: suites that Node runs on it, and how an app meets it.
// The conformance suite in a share that meets every primitive; layers and training runs by their names below. All of them:
// npx vitest run --project node test/conformance test/goldens, with HORNBEAM_BACKEND=gpu.
import { readdir, readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { bundlePackage, bundleSuites } from './page/bundle'
import type { Outcome } from './page/collect'
import type { run } from './page/suites'
import { type Hornbeam, longestDelay, useBrowser } from './support'
import { gpuFlags } from './support/chromium'

const browser = useBrowser({ flags: gpuFlags })
const files: Record<string, string> = {}

beforeAll(async () => {
  Object.assign(files, await bundleSuites(), await bundlePackage())
  const folder = new URL('../goldens/fixtures/', import.meta.url)
  for (const name of await readdir(folder)) {
    files[`/page/fixtures/${name}`] = await readFile(new URL(name, folder), 'utf8')
  }
})

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
  'rnn of a lstm cell, masked',
]
const runs = ['lstm regressor', 'gru classifier', 'two inputs']

/** Why a mode does not run in the browser of the tests; undefined where it does. */
async function whyNot(mode: string): Promise<string | undefined> {
  const { page } = await browser.visit({ files })
  const hornbeam = await page.evaluateHandle<Hornbeam>("import('/app/stdin.js')")
  return page.evaluate(
    ([{ jit, ops }, mode]) =>
      jit((x) => ops.neg(x), { backend: { name: 'gpu', mode: mode as 'webgpu' } })([1]).then(
        () => undefined,
        ({ message }) => String(message),
      ),
    [hornbeam, mode] as const,
  )
}

async function runInPage(page: Page, mode: string, ...given: Parameters<typeof run>): Promise<Outcome> {
  await page.evaluate(`globalThis.HORNBEAM_BACKEND = 'gpu/${mode}'`)
  await page.evaluate("import('/page/suites.js')")
  return page.evaluate<Outcome, typeof given>((given) => Reflect.get(globalThis, 'runSuite')(...given), given)
}

describe.each(['webgpu', 'webgl2'] as const)('the gpu backend in a page, by %s', (mode) => {
  const inBrowser = (name: string, body: () => Promise<void>): void => {
    test(name, { timeout: 240_000 }, async ({ skip }) => {
      const reason = await whyNot(mode)
      if (reason !== undefined && process.env.CI === 'true') throw new Error(reason)
      if (reason !== undefined) skip(reason)
      await body()
    })
  }

  inBrowser('answers what every backend must answer, for every primitive', async () => {
    const { page } = await browser.visit({ files })
    const { passed, failures } = await runInPage(page, mode, 'conformance')
    expect(failures).toEqual([])
    expect(passed).toBeGreaterThan(50)
  })

  inBrowser('functions that share parts may meet in one kernel', async () => {
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

  inBrowser('layers give what Keras and PyTorch give', async () => {
    const { page } = await browser.visit({ files })
    const chosen = mode === 'webgpu' ? layers : fewLayers
    expect(await runInPage(page, mode, 'layers', chosen)).toEqual({ passed: chosen.length, failures: [] })
  })

  inBrowser('training runs are those of Keras', async () => {
    const { page } = await browser.visit({ files })
    expect(await runInPage(page, mode, 'training', runs)).toEqual({ passed: runs.length, failures: [] })
  })

  inBrowser('an app loads gpu.js when a model asks for the gpu, is told what it got, and stays alive', async () => {
    const { page, site, messages } = await browser.visit({ files })
    const hornbeam = await page.evaluateHandle<Hornbeam>("import('/app/stdin.js')")
    expect(site.asked.filter((path) => path.includes('gpu'))).toEqual([])
    const fit = await page.evaluateHandle(
      ([{ dense, lstm, randomNormal, sequential }, mode]) => {
        const model = sequential([lstm(16), dense(1)], { inputShape: [10, 3] })
        model.compile({ optimizer: 'adam', loss: 'mse', backend: { name: 'gpu', mode } })
        const [x, y] = [randomNormal([128, 10, 3], { seed: 1 }), randomNormal([128, 1], { seed: 2 })]
        return async () => {
          await model.fit(x, y, { epochs: 2, verbose: 0 })
          return model.backend
        }
      },
      [hornbeam, mode] as const,
    )
    expect(await fit.evaluate((run) => run())).toMatchObject({
      name: 'gpu',
      mode,
      adapter: expect.stringMatching(/swiftshader/i),
      software: true,
    })
    expect(site.asked.filter((path) => path.includes('gpu'))).not.toEqual([])
    // Other processes may take the processor away for a while: the best of some tries is what the page itself can do.
    let least = Infinity
    for (let attempt = 0; attempt < 5 && least > 100; attempt++) {
      least = Math.min(least, await longestDelay(page, () => fit.evaluate((run) => run())))
    }
    expect(least).toBeLessThan(100)
    expect(messages).toEqual([])
  })
})
