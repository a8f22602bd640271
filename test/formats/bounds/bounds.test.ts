// Files that mean to take memory or time for ever are refused, or read for what little they are: each in a second of the processor's time
// and 256 MB. A process of its own loads them, so that what it took can be told.

import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { filesIn, fixture } from '../corpus'
import { type Hostile, hostileFiles } from './hostile'

const folder = mkdtempSync(join(tmpdir(), 'hornbeam-bounds-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** How it went with a file: what it took, and the error by its class and message; no error where it was read. */
interface Outcome {
  readonly place: string
  readonly call: 'loadModel' | 'readTensors'
  /** Of the processor, so that what else runs on the machine does not count. */
  readonly seconds: number
  readonly megabytes: number
  readonly isTyped?: boolean
  readonly message?: string
}

/** Loads the places it is given, one after the other, and tells of each what it took. */
const program = `
import { HornbeamError, loadModel, readTensors } from './library.mjs'
const [warm, ...places] = JSON.parse(await new Response(process.stdin).text())
// What is loaded when it is first used is loaded already.
for (const place of warm) {
  await loadModel(place).catch(() => {})
  await readTensors(place).catch(() => {})
}
gc()
const before = process.resourceUsage().maxRSS
for (const place of places) {
  for (const [call, read] of [['loadModel', loadModel], ['readTensors', readTensors]]) {
    const start = process.cpuUsage()
    const error = await read(place).then(() => undefined, (error) => error)
    const { user, system } = process.cpuUsage(start)
    gc()
    const seconds = (user + system) / 1e6
    const megabytes = Math.max(0, process.resourceUsage().maxRSS - before) / 1024
    const told = error && { isTyped: error instanceof HornbeamError, message: String(error.stack).slice(0, 300) }
    console.log(JSON.stringify({ place, call, seconds, megabytes, ...told }))
  }
}
`

/** Starts the program: the most memory that a process had is told to the one that it starts, and this one had much. */
const launcher = `
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
const args = ['--expose-gc', '--max-old-space-size=512', fileURLToPath(new URL('program.mjs', import.meta.url))]
spawnSync(process.execPath, args, { stdio: 'inherit', timeout: 300_000 })
`

/** Writes a file, or the files of a folder. */
function laid(name: string, content: Hostile): string {
  const place = join(folder, name.replaceAll(/[^\w]+/g, '-'))
  if (content instanceof Uint8Array) writeFileSync(place, content)
  else {
    mkdirSync(place)
    for (const [file, bytes] of Object.entries(content)) writeFileSync(join(place, file), bytes)
  }
  return place
}

async function outcomesOf(places: readonly string[]): Promise<readonly Outcome[]> {
  const running = promisify(execFile)(process.execPath, [join(folder, 'launcher.mjs')], { maxBuffer: 2 ** 26 })
  running.child.stdin?.end(JSON.stringify([warm, ...places]))
  // Where it ends before its time, it told how far it came.
  const { stdout } = await running.catch((error: { stdout: string }) => error)
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Outcome) // as the program wrote it
}

let warm: readonly string[] = []

beforeAll(async () => {
  await build({
    entryPoints: ['src/index.ts'],
    outfile: join(folder, 'library.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  })
  writeFileSync(join(folder, 'program.mjs'), program)
  writeFileSync(join(folder, 'launcher.mjs'), launcher)
  const models = ['open/dense-mlp/model.keras', 'open/k2-trained/model.h5'].map((path, i) =>
    laid(`warm${i}`, fixture(path)),
  )
  const tfjs = Object.fromEntries(filesIn('tfjs/mlp').map((name) => [name, fixture(`tfjs/mlp/${name}`)]))
  warm = [...models, laid('warm-tfjs', tfjs)]
}, 60_000)

const mostSeconds = 1

/** The least that a call has taken: where it is over the limit it is measured again, for a busy machine makes processors slower. */
async function leastOf(outcome: Outcome): Promise<number> {
  let { seconds } = outcome
  for (let time = 0; time < 3 && seconds >= mostSeconds; time++) {
    const again = await outcomesOf([outcome.place])
    seconds = Math.min(seconds, ...again.filter(({ call }) => call === outcome.call).map((each) => each.seconds))
  }
  return seconds
}

async function check(places: readonly string[]): Promise<void> {
  const outcomes = await outcomesOf(places)
  // All of them were gone through: none ended the process.
  expect(outcomes.map(({ place }) => place)).toEqual(places.flatMap((place) => [place, place]))
  let most = 0
  for (const outcome of outcomes) {
    const { place, call, megabytes, isTyped, message } = outcome
    const what = `${call} of ${place}: ${message ?? 'read'}`
    expect(isTyped ?? true, what).toBe(true)
    // The high-water mark, which only rises: the file that raised it took it.
    if (megabytes > most) expect(megabytes, what).toBeLessThan(256)
    most = megabytes
    expect(await leastOf(outcome), what).toBeLessThan(mostSeconds)
  }
}

describe('small files that mean to be large', () => {
  test.each(Object.entries(hostileFiles))(
    'of %s',
    async (format, files) => {
      const places = Object.entries(files).map(([name, content]) => laid(`${format}-${name}`, content))
      await check(places)
    },
    320_000,
  )

  test('a link to a device among the files of TensorFlow.js', async () => {
    const weights = [{ name: 'd/kernel', shape: [3, 2], dtype: 'float32' }]
    const json = {
      modelTopology: { class_name: 'Sequential', config: { layers: [] } },
      weightsManifest: [{ paths: ['a'], weights }],
    }
    const place = laid('device', { 'model.json': new TextEncoder().encode(JSON.stringify(json)) })
    symlinkSync('/dev/zero', join(place, 'a'))
    await check([place])
  }, 320_000)
})
