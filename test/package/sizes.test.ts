// What pages load of the package: budgets in KB of 1024 bytes, minified and packed with gzip.
import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dense, lstm, sequential, tensor } from '../../src'
import { bundlers, type Chunk, mark } from './bundles'
import { install } from './installed'

interface Page {
  readonly says: string
  readonly code: string
  /** What is loaded before anything runs, and what is loaded once all of it has run; backends are not counted. */
  readonly most: { readonly first: number; readonly all: number }
}

const pages: readonly Page[] = [
  {
    says: 'one tensor',
    code: `
      import { tensor } from 'hornbeam/core'
      console.log(tensor([1, 2]).size)`,
    most: { first: 28, all: 28 },
  },
  {
    says: 'predicting with a loaded lstm and dense',
    code: `
      import { dense, loadModel, lstm, register } from 'hornbeam/core'
      register(lstm, dense)
      const model = await loadModel(new Uint8Array(bytes))
      const y = await model.predict([[[1, 2], [3, 4]]], { backend: 'cpu' })
      console.log(y.size)`,
    most: { first: 42, all: 93 },
  },
  {
    says: 'training an lstm and dense',
    code: `
      import { adam, dense, losses, lstm, sequential } from 'hornbeam/core'
      const model = sequential([lstm(4), dense(1)]).compile({ optimizer: adam(), loss: losses.meanSquaredError(), backend: 'cpu' })
      const { epoch } = await model.fit([[[1, 2], [3, 4]]], [[1]], { epochs: 1, verbose: 0 })
      console.log(epoch.length)`,
    most: { first: 55, all: 100 },
  },
  {
    says: 'everything, with names',
    code: `
      import * as hornbeam from 'hornbeam'
      globalThis.kept = hornbeam
      const model = hornbeam.sequential([hornbeam.dense(1)]).compile({ optimizer: 'sgd', loss: 'mse' })
      console.log(model.layers.length)`,
    most: { first: 230, all: 230 },
  },
]

const kilobytes = (chunks: readonly Chunk[]): number =>
  chunks.reduce((sum, { code }) => sum + gzipSync(code.replace(mark, ''), { level: 9 }).length, 0) / 1024

/** A file with the entry, and all that are loaded with it. */
function firstOf(chunks: readonly Chunk[]): readonly Chunk[] {
  const names = new Set(chunks.filter(({ isEntry }) => isEntry).map(({ name }) => name))
  for (const name of names) for (const to of named(chunks, name).imports) names.add(to)
  return [...names].map((name) => named(chunks, name))
}

function named(chunks: readonly Chunk[], name: string): Chunk {
  const found = chunks.find((chunk) => chunk.name === name)
  if (found === undefined) throw new Error(`no file ${name}`)
  return found
}

/** How much of a file comes from a backend, from 0 to 1. */
function shareOf({ parts }: Chunk, backend: string): number {
  const entries = Object.entries(parts)
  const sum = (list: typeof entries): number => list.reduce((total, [, bytes]) => total + bytes, 0)
  return sum(entries.filter(([path]) => path.replaceAll('\\', '/').includes(`/backends/${backend}`))) / sum(entries)
}

let installed: Awaited<ReturnType<typeof install>>
/** What pages find as globals: a model as hornbeam writes it, and a trained one, also as Keras does. */
let given: Readonly<Record<'bytes' | 'trained' | 'trainedByKeras', Uint8Array>>

beforeAll(async () => {
  installed = await install()
  const net = sequential([lstm(4), dense(1)], { inputShape: [2, 2] })
  const bytes = await net.toBytes()
  net.compile({ optimizer: 'adam', loss: 'mse', backend: 'cpu' })
  await net.trainOnBatch(tensor([[[1, 2], [3, 4]]]), tensor([[1]])) // biome-ignore format: one sample
  given = { bytes, trained: await net.toBytes(), trainedByKeras: await net.toBytes({ format: 'keras' }) }
})
afterAll(() => installed.remove())

/** Runs a bundle; gives what it prints and which of its files it loads, in that order. */
async function run(chunks: readonly Chunk[], bundler: string): Promise<{ printed: string; loaded: readonly Chunk[] }> {
  const folder = join(installed.folder, bundler)
  await mkdir(folder, { recursive: true })
  for (const { name, code } of chunks) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), code)
  }
  const entry = firstOf(chunks)[0].name
  await writeFile(
    join(folder, 'run.mjs'),
    `globalThis.loaded = []
     ${Object.entries(given)
       .map(([name, bytes]) => `globalThis.${name} = ${JSON.stringify([...bytes])}`)
       .join('\n')}
     await import(${JSON.stringify(`./${entry}`)})
     console.log(JSON.stringify(loaded))`,
  )
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'run.mjs')])
  const [printed, list] = stdout.trim().split('\n')
  const byUrl = new Map(chunks.map((chunk) => [pathToFileURL(join(folder, chunk.name)).href, chunk]))
  const urls: readonly string[] = JSON.parse(list)
  return { printed, loaded: urls.flatMap((url) => byUrl.get(url) ?? []) }
}

describe.each(Object.entries(bundlers))('%s', (bundler, bundle) => {
  test.each(pages)('$says stays within its budget', async ({ code, most }) => {
    await writeFile(join(installed.folder, 'app.mjs'), code)
    const chunks = await bundle(installed.folder)
    const { printed, loaded } = await run(chunks, bundler)
    expect(Number(printed)).toBeGreaterThan(0)
    const all = loaded.filter((chunk) => !['cpu', 'wasm', 'gpu'].some((backend) => shareOf(chunk, backend) > 0.5))
    const sizes = { first: kilobytes(firstOf(chunks)), all: kilobytes(all) }
    // Of a namespace such as `losses` esbuild keeps all, whatever is used of it.
    const more = bundler === 'esbuild' && code.includes('losses.') ? 7 : 0
    expect(sizes.first).toBeLessThan(most.first + more)
    expect(sizes.all).toBeLessThan(most.all + more)
    // Loaded only where a page computes with it, and of the builds of the kernels one.
    const builds = ['plain', 'relaxed', 'wide'].map((build) =>
      kilobytes(chunks.filter((chunk) => shareOf(chunk, `wasm/generated/${build}`) > 0.5)),
    )
    const wasm = chunks.filter((chunk) => shareOf(chunk, 'wasm') > 0.5)
    expect(firstOf(chunks).filter((chunk) => wasm.includes(chunk))).toEqual([])
    const largest = Math.max(...builds)
    const one = kilobytes(wasm) - builds.reduce((sum, size) => sum + size) + largest
    expect(one).toBeLessThan(56)
    if (process.env.HORNBEAM_SIZES === 'print') console.log(bundler, { ...sizes, wasm: one })
  })
  test('reading a .keras file loads at most 35 KB more than reading one of hornbeam', async () => {
    const code = `
      import { loadModel } from 'hornbeam'
      await loadModel(new Uint8Array(trained))
      const before = loaded.length
      await loadModel(new Uint8Array(trainedByKeras))
      console.log(before)`
    await writeFile(join(installed.folder, 'app.mjs'), code)
    const { printed, loaded } = await run(await bundle(installed.folder), bundler)
    const more = loaded.slice(Number(printed))
    expect(more).not.toEqual([])
    const size = kilobytes(more)
    if (process.env.HORNBEAM_SIZES === 'print') console.log(bundler, { keras: size })
    expect(size).toBeLessThan(35)
  })
})
