// Workers that share a study, as programs of the package as it is published, and are killed at any moment: no trial is lost, none is
// counted twice, and of each killed worker at most one is trained again.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type * as Hornbeam from '../../src/index'
import { Journal } from '../../src/search/journal/journal'
import { packageFolder, setup } from '../../tools/buildPackage'
import { hasRedis, startRedis } from '../support/redisServer'
import { seeded } from '../support/seeded'

const wanted = Number(process.env.HORNBEAM_KILLS ?? 6)
const folder = mkdtempSync(join(tmpdir(), 'hornbeam-workers-'))
const at = (name: string): string => join(folder, name)

/** Trains slowly enough to be killed, and writes down when it begins and what epochs it trains. */
const source = `
  import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
  import { backupAndRestore, dense, randomNormal, sequential, sgd } from ${JSON.stringify(pathToFileURL(join(packageFolder, 'index.js')).href)}
  const [x, y] = [randomNormal([20, 2], { seed: 1 }), randomNormal([20, 1], { seed: 2 })]
  const { FOLDER: folder, BACKUP: backup, PAUSE: pause = '20' } = process.env
  export const space = { units: { min: 1, max: 9, integer: true }, learningRate: { min: 1e-4, max: 0.1, scale: 'log' } }
  export const options = { trials: 10, epochs: 4, seed: 6 }
  export function build({ units, learningRate }, { trial }) {
    if (folder) appendFileSync(folder + '/begun.txt', trial + '\\n')
    const model = sequential([dense(units), dense(1)], { inputShape: [2] })
    model.compile({ optimizer: sgd({ learningRate }), loss: 'mse', backend: 'cpu' })
    const dies = {
      async onEpochEnd(epoch) {
        if (folder) await new Promise((resolve) => setTimeout(resolve, Number(pause)))
        if (backup === undefined) return
        appendFileSync(folder + '/epochs.txt', trial + ' ' + epoch + '\\n')
        if (trial !== 1 || epoch !== 2 || existsSync(folder + '/died')) return
        writeFileSync(folder + '/died', '')
        process.kill(process.pid, 'SIGKILL')
      },
    }
    const callbacks = backup === undefined ? [dies] : [backupAndRestore(backup + '/' + trial), dies]
    return { model, x, y, fit: { validationSplit: 0.2, batchSize: 4, callbacks } }
  }
`

beforeAll(async () => {
  await setup()
  writeFileSync(at('trial.mjs'), source)
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Worker {
  readonly child: ChildProcess
  /** Its exit code; null where it was killed. */
  readonly ended: Promise<number | null>
  out: string
}

function startWorker(storage: string, where: string, more: Readonly<Record<string, string>> = {}): Worker {
  const args = [join(packageFolder, 'cli.js'), 'worker', at('trial.mjs'), '--storage', storage, '--grace', '2']
  const child = spawn(process.execPath, args, { env: { ...process.env, FOLDER: where, ...more } })
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const worker = { child, ended, out: '' }
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      worker.out += chunk
    })
  }
  return worker
}

/** What a search in one process finds, without the clock. */
async function expected(): Promise<readonly object[]> {
  const module = await import(/* @vite-ignore */ pathToFileURL(at('trial.mjs')).href)
  const { search }: typeof Hornbeam = await import(
    /* @vite-ignore */ pathToFileURL(join(packageFolder, 'index.js')).href
  )
  const { trials } = await search(module.build, module.space, module.options)
  return [...trials]
    .sort((a, b) => a.trial - b.trial)
    .map(({ parameters, score, history }) => ({ parameters, score, history }))
}

async function found(storage: string): Promise<readonly object[]> {
  const journal = await Journal.open(storage)
  await journal.close()
  const trials = journal.replay.find('hornbeam')?.trials ?? []
  expect(trials.map(({ state }) => state)).toEqual(trials.map(() => 1))
  return trials.map(({ parameters, values, user }) => ({ parameters, score: values?.[0], history: user.history }))
}

/** Three workers at a time; one of them is killed now and then, and another takes its place. */
async function killing(storage: string, name: string): Promise<void> {
  const random = seeded(`workers in ${name}`)
  const where = mkdtempSync(at(`${name}-`))
  const start = (): Worker => startWorker(storage, where)
  const workers = [start(), start(), start()]
  let kills = 0
  for (let i = 0; i < wanted; i++) {
    const victim = Math.floor(random() * workers.length)
    const { child, ended } = workers[victim]
    // Some as they begin, most as they work.
    await new Promise((resolve) => setTimeout(resolve, 100 + random() * 900))
    child.kill('SIGKILL')
    if ((await ended) !== null) continue
    kills++
    workers[victim] = start()
  }
  const codes = await Promise.all(workers.map(({ ended }) => ended))
  expect(codes, workers.map(({ out }) => out).join('\n')).toEqual([0, 0, 0])
  expect(await found(storage)).toEqual(await expected())
  const begun = readFileSync(join(where, 'begun.txt'), 'utf8').trim().split('\n')
  expect(new Set(begun).size).toBe(10)
  expect(begun.length).toBeLessThanOrEqual(10 + kills)
}

describe('workers that are killed', { timeout: 120_000 + wanted * 5_000 }, () => {
  test('lose no trial of a study in a file', () => killing(at('study.log'), 'file'))

  test.skipIf(!hasRedis)('lose no trial of a study in Redis (skipped where none is installed)', async () => {
    const redis = await startRedis()
    try {
      await killing(redis.url, 'redis')
    } finally {
      await redis.stop()
    }
  })

  test('have their trial taken up from its checkpoint, where it keeps one', async () => {
    const storage = at('backup.log')
    const where = mkdtempSync(at('backup-'))
    const more = { BACKUP: where, PAUSE: '0' }
    expect(await startWorker(storage, where, more).ended).toBe(null)
    const second = startWorker(storage, where, more)
    expect(await second.ended, second.out).toBe(0)
    const epochs = readFileSync(join(where, 'epochs.txt'), 'utf8').trim().split('\n')
    expect(epochs.filter((line) => line.startsWith('1 '))).toEqual(['1 0', '1 1', '1 2', '1 2', '1 3'])
    expect(await found(storage)).toEqual(await expected())
  })
})

test('a worker that is stopped gives its trial back, and tells what it did', { timeout: 120_000 }, async () => {
  const storage = at('stopped.log')
  const where = mkdtempSync(at('stopped-'))
  const first = startWorker(storage, where, { PAUSE: '100' })
  await new Promise<void>((resolve) => {
    first.child.stdout?.once('data', () => resolve())
    void first.ended.then(() => resolve())
  })
  first.child.kill('SIGTERM')
  expect(await first.ended, first.out).toBe(0)
  expect(first.out).toMatch(/^trial 0: [\d.e-]+ after 4 epochs \(finished\) \{"units":\d,"learningRate":[\d.e-]+\}$/m)
  expect(first.out).toContain('stopped; the trial was given back')
  const second = startWorker(storage, where, { PAUSE: '0' })
  expect(await second.ended, second.out).toBe(0)
  expect(second.out).toMatch(/the study is done; trained here: [1-9]/)
  expect(await found(storage)).toEqual(await expected())
})
