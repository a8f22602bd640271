// A model that is saved as a module, in every engine: it predicts and goes on step by step as the cpu backend does here.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { bidirectional, dense, gru, lstm, type Model, sequential } from 'hornbeam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { useBrowser } from '../browser/support'
import { floats } from '../support'
import { programs } from './support/engines'

const x = floats([1, 6, 3])

const models: Readonly<Record<string, () => Model>> = {
  'that streams': () => sequential([lstm(8, { returnSequences: true }), dense(2)], { inputShape: [null, 3] }),
  'of both directions': () => sequential([bidirectional(gru(4)), dense(1)], { inputShape: [6, 3] }),
}

let folder: string
let places: Readonly<Record<string, { readonly place: string; readonly expected: readonly number[] }>>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hornbeam-modules-'))
  const made = Object.entries(models).map(async ([name, make], i) => {
    const model = make()
    const place = join(folder, `model${i}.mjs`)
    await model.save(place)
    const { data } = await model.predict(x, { backend: 'cpu' })
    return [name, { place, expected: [...data] }] as const
  })
  places = Object.fromEntries(await Promise.all(made))
})
afterAll(() => rm(folder, { recursive: true }))

/** A program that prints what the module answers, and what its stream does. */
function script(place: string): string {
  return `${withoutGlobals}
const { predict, stream } = await import(${JSON.stringify(place)})
const x = [${[...x.data]}]
const steps = stream?.()
const pushed = steps === undefined ? undefined : [0, 1, 2, 3, 4, 5].flatMap((t) => [...steps.push(x.slice(3 * t, 3 * t + 3))])
`
}

/** What a worker at a network's edge lacks; imports alone are made before. */
const withoutGlobals =
  "for (const name of ['process', 'Buffer', 'require', 'window', 'document', 'fetch', 'WebAssembly', 'SharedArrayBuffer']) try { delete globalThis[name] } catch {}"

interface Answer {
  readonly predicted: readonly number[]
  readonly pushed?: readonly number[]
}

/** Engines have exp and tanh of their own, which may differ in the last bit. */
function expectNear({ predicted, pushed }: Answer, expected: readonly number[]): void {
  for (const given of pushed === undefined ? [predicted] : [predicted, pushed]) {
    expect(given).toHaveLength(expected.length)
    given.forEach((number, i) => {
      expect(Math.abs(number - expected[i])).toBeLessThan(1e-6)
    })
  }
}

describe.each(programs.map((engine) => [engine.name, engine] as const))('%s', (_, engine) => {
  test.for(Object.keys(models))('runs a module of a model %s', async (name, { skip }) => {
    if (engine.missing !== undefined && process.env.CI !== 'true') skip(`no ${engine.name}: ${engine.missing}`)
    const { place, expected } = places[name]
    const program = `${place}.program.mjs`
    await writeFile(program, `${script(place)}console.log(JSON.stringify({ predicted: [...predict(x)], pushed }))\n`)
    const [command, ...words] = await engine.command('', folder, program)
    // No code is made from text, as the edge forbids it.
    const strict = engine.name.startsWith('Node') ? ['--disallow-code-generation-from-strings'] : []
    const { stdout } = await promisify(execFile)(command, [...strict, ...words])
    expectNear(JSON.parse(stdout), expected)
  })
})

describe('Chromium', () => {
  const browser = useBrowser()

  test.each(Object.keys(models))('runs a module of a model %s in a page and in its worker', async (name) => {
    const { page } = await browser.visit()
    const { place, expected } = places[name]
    const address = `data:text/javascript;base64,${(await readFile(place)).toString('base64')}`
    const program = script(address).replace(withoutGlobals, '')
    await page.addScriptTag({
      type: 'module',
      content: `${program}globalThis.answer = { predicted: [...predict(x)], pushed }`,
    })
    await page.waitForFunction(() => 'answer' in globalThis)
    expectNear(await page.evaluate(() => Reflect.get(globalThis, 'answer') as Answer), expected) // as the program makes it
    const inWorker = await page.evaluate((text) => {
      const worker = new Worker(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })), { type: 'module' })
      return new Promise<Answer>((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data)
        worker.onerror = ({ message }) => reject(new Error(message))
      })
    }, `${program}postMessage({ predicted: [...predict(x)], pushed })`)
    expectNear(inWorker, expected)
  })
})
