// What a page loads: no backend before it is asked for, not much for the wasm backend, and a bundler may have been at work before.
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { packageFolder } from '../../tools/buildPackage'
import { useBrowser } from './support'
import { builtFile } from './support/site'

const browser = useBrowser()

const isBackend = (path: string): boolean => /\/(cpu|wasm|gpu)-/.test(path)

/** Bytes of a file of the package as a web server sends it. */
async function compressedBytes(path: string): Promise<number> {
  return gzipSync((await builtFile(path)) ?? '').length
}

test('the package alone loads no backend; the wasm backend adds at most 150 KB to it, compressed', async () => {
  const { page, hornbeam, site } = await browser.open()
  const [alone, before] = [[...site.asked], site.asked.length]
  expect(alone.filter(isBackend)).toEqual([])
  await page.evaluate(({ jit, ops }) => jit((x) => ops.exp(x))([1]), hornbeam)
  const added = site.asked.slice(before)
  expect(added.filter(isBackend)).toEqual([expect.stringContaining('/wasm-')])
  const sizes = await Promise.all(added.map(compressedBytes))
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000)
})

const app = `
  import { dense, sequential, setSeed } from 'hornbeam'
  setSeed(1)
  const model = sequential([dense(3), dense(1)], { inputShape: [2] }).compile({ optimizer: 'sgd', loss: 'mse' })
  globalThis.result = model
    .fit([[0, 1], [1, 0]], [[1], [2]], { epochs: 3, verbose: 0 })
    .then(({ history }) => ({ losses: history.loss, backend: model.backend }))
`

// Every module of Node that the code imports must be named under `browser` in package.json, or bundlers refuse it.
describe('an app that a bundler made one minified file of', () => {
  for (const format of ['iife', 'esm'] as const) {
    test(`trains in a page (${format})`, async () => {
      const { outputFiles } = await build({
        stdin: { contents: app, resolveDir: packageFolder },
        alias: { hornbeam: `${packageFolder}/index.js` },
        bundle: true,
        minify: true,
        write: false,
        format,
      })
      const { page, messages } = await browser.visit({
        isolated: true,
        files: { '/app.js': outputFiles[0].text },
      })
      await page.addScriptTag({ url: '/app.js', type: format === 'esm' ? 'module' : '' })
      const { losses, backend } = await page.evaluate(() => Reflect.get(globalThis, 'result'))
      expect(backend).toMatchObject({ name: 'wasm', runsIn: 'worker' })
      expect(losses).toHaveLength(3)
      expect(losses[2]).toBeLessThan(losses[0])
      expect(messages).toEqual([])
    })
  }
})

describe('a page whose content security policy', () => {
  const predict = async (policy: string) => {
    const { page, hornbeam } = await browser.open({ headers: { 'content-security-policy': policy } })
    return page.evaluate(async ({ dense, sequential }) => {
      const model = sequential([dense(1)], { inputShape: [2] })
      const refusal = await model.predict([[1, 2]], { backend: 'wasm' }).then(
        () => '',
        ({ message }) => String(message),
      )
      await model.predict([[1, 2]])
      return { refusal, backend: model.backend }
    }, hornbeam)
  }

  test("forbids workers is told so, and computes on the cpu where it did not ask for 'wasm'", async () => {
    const { refusal, backend } = await predict("script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'")
    expect(refusal).toContain("must allow 'worker-src blob:'")
    expect(backend).toMatchObject({ name: 'cpu', reason: refusal })
  })

  test('forbids WebAssembly is told so, too', async () => {
    const { refusal, backend } = await predict("script-src 'self'; worker-src blob:")
    expect(refusal).toContain("must allow 'wasm-unsafe-eval'")
    expect(backend).toMatchObject({ name: 'cpu', reason: refusal })
  })

  test("asks for Trusted Types computes on wasm, by a policy named 'hornbeam'", async () => {
    const policy = "script-src 'self' 'wasm-unsafe-eval'; worker-src blob:; require-trusted-types-for 'script'"
    expect((await predict(policy)).backend).toMatchObject({ name: 'wasm', runsIn: 'worker' })
    expect((await predict(`${policy}; trusted-types hornbeam`)).backend).toMatchObject({ name: 'wasm' })
    const { refusal, backend } = await predict(`${policy}; trusted-types other`)
    expect(refusal).toContain("must allow 'trusted-types hornbeam'")
    expect(backend).toMatchObject({ name: 'cpu', reason: refusal })
  })

  test('allows both computes on wasm', async () => {
    const { refusal, backend } = await predict("script-src 'self' 'wasm-unsafe-eval'; worker-src blob:")
    expect(refusal).toBe('')
    expect(backend).toMatchObject({ name: 'wasm' })
  })
})

describe('without a bundler', () => {
  const app = `
    const model = hornbeam.sequential([hornbeam.dense(1)], { inputShape: [2] }).compile({ optimizer: 'sgd', loss: 'mse' })
    globalThis.result = (async () => {
      const training = await model.fit([[0, 1], [1, 0]], [[1], [2]], { epochs: 2, verbose: 0 })
      const { svg } = await hornbeam.plotHistory(training)
      const rows = []
      for await (const row of hornbeam.data.csv({ text: 'a,b\\n1,2' })) rows.push(row)
      return { losses: training.history.loss.length, svg, rows, backend: model.backend.name }
    })()`
  const ran = { losses: 2, svg: expect.stringContaining('</svg>'), rows: [{ a: 1, b: 2 }], backend: 'wasm' }

  test('an import map is all that a page needs, also for pictures and CSV', async () => {
    const map = '<script type="importmap">{ "imports": { "hornbeam": "/hornbeam/index.js" } }</script>'
    const { page, messages } = await browser.visit({ files: { '/': `<!doctype html><title>map</title>${map}` } })
    await page.addScriptTag({ type: 'module', content: `import * as hornbeam from 'hornbeam'\n${app}` })
    await page.waitForFunction(() => 'result' in globalThis)
    expect(await page.evaluate(() => Reflect.get(globalThis, 'result'))).toEqual(ran)
    expect(messages).toEqual([])
  })

  test('a classic script makes the global hornbeam', async () => {
    const { page, messages } = await browser.visit()
    await page.addScriptTag({ url: '/hornbeam/hornbeam.min.js' })
    await page.addScriptTag({ content: app })
    expect(await page.evaluate(() => Reflect.get(globalThis, 'result'))).toEqual(ran)
    expect(messages).toEqual([])
  })
})
