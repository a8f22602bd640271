// Runs whose process is killed at any moment and started again: they end as the one that was not. `npm run test:kills` kills 200 times.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packageFolder, setup } from '../../../tools/buildPackage'
import { seeded } from '../../support/seeded'

const wanted = Number(process.env.HORNBEAM_KILLS ?? 10)
const root = mkdtempSync(join(tmpdir(), 'hornbeam-kill-'))
const program = join(root, 'program.mjs')

/** Trains with callbacks that remember much, slowly enough to be killed, and writes down how it ended. */
const source = `
  import { writeFileSync } from 'node:fs'
  import * as hornbeam from ${JSON.stringify(pathToFileURL(join(packageFolder, 'index.js')).href)}
  const { dense, dropout, lstm, sequential, schedules, adam } = hornbeam
  const { folder, backup, saveFreq, fit, stateful, schedule, backend } = JSON.parse(process.argv[2])
  hornbeam.setSeed(3)
  const x = hornbeam.randomNormal([24, 4, 2], { seed: 1 })
  const y = hornbeam.randomNormal([24, 1], { seed: 2 })
  const learningRate = schedule ? schedules.exponentialDecay({ initialLearningRate: 0.05, decaySteps: 5, decayRate: 0.9 }) : 0.05
  const model = sequential([lstm(3, { stateful, dropout: 0.2 }), dropout(0.3), dense(1)], { inputShape: [4, 2] })
  model.compile({ optimizer: adam({ learningRate, useEma: true, emaMomentum: 0.9 }), loss: 'mse', metrics: ['mae'], backend })
  const steps = []
  const stopping = hornbeam.earlyStopping({ patience: 4, minDelta: 0.002, restoreBestWeights: true })
  const result = await model.fit(x, y, {
    epochs: 8, batchSize: 4, validationSplit: 1 / 3, verbose: 0, ...fit,
    callbacks: [
      { onTrainBegin: () => process.stdout.write('begins') },
      stopping,
      hornbeam.modelCheckpoint(folder + '/best.safetensors', { saveBestOnly: true }),
      hornbeam.modelCheckpoint(folder + '/{epoch}-{batch}.safetensors', { saveFreq: 3, maxToKeep: 2 }),
      ...(schedule ? [] : [hornbeam.reduceLROnPlateau({ patience: 1, minDelta: 0.02 })]),
      hornbeam.csvLogger(folder + '/log.csv'),
      {
        async onTrainBatchEnd(batch) {
          steps.push(batch)
          await new Promise((resolve) => setTimeout(resolve, 2))
        },
        getState: () => steps,
        setState: (before) => steps.splice(0, steps.length, ...before),
      },
      ...(backup === undefined ? [] : [hornbeam.backupAndRestore(backup, { saveFreq, deleteCheckpoint: false })]),
    ],
  })
  const weights = (await model.getWeights()).map((weight) => [...weight.data])
  const { best, bestEpoch, stoppedEpoch } = stopping
  writeFileSync(folder + '/end.json', JSON.stringify({ result, weights, steps, best, bestEpoch, stoppedEpoch }))
`

const scenarios = [
  { saveFreq: 1, backend: 'cpu', stateful: false, schedule: false, fit: {} },
  { saveFreq: 'epoch', backend: 'wasm', stateful: false, schedule: true, fit: {} },
  { saveFreq: 3, backend: 'wasm', stateful: true, schedule: false, fit: { shuffle: false } },
  { saveFreq: 2, backend: 'cpu', stateful: true, schedule: true, fit: { stepsPerEpoch: 3 } },
] as const

type Scenario = (typeof scenarios)[number]

beforeAll(async () => {
  await setup()
  writeFileSync(program, source)
})
afterAll(() => rmSync(root, { recursive: true }))

const start = (scenario: Scenario, folder: string, backup?: string): ChildProcess =>
  spawn(process.execPath, [program, JSON.stringify({ ...scenario, folder, backup })], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })

/** Waits for a process; says whether it was killed. @throws when it failed by itself. */
function ended(child: ChildProcess): Promise<boolean> {
  let words = ''
  child.stderr?.on('data', (chunk) => {
    words += chunk
  })
  return new Promise((resolve, reject) => {
    child.on('close', (code, signal) => {
      if (code === 0 || signal === 'SIGKILL') resolve(signal === 'SIGKILL')
      else reject(new Error(words))
    })
  })
}

/** What a run left. */
function left(folder: string): unknown {
  const files = readdirSync(folder).filter((name) => !name.endsWith('.tmp'))
  return Object.fromEntries(files.sort().map((name) => [name, readFileSync(join(folder, name)).toString('base64')]))
}

let runs = 0
const newFolder = (): string => mkdtempSync(join(root, `run-${runs++}-`))

test(`${wanted} kills change nothing`, { timeout: 60_000 + wanted * 5_000 }, async () => {
  const random = seeded('kills')
  const expected = new Map<Scenario, unknown>()
  for (let kills = 0, run = 0; kills < wanted; run++) {
    const scenario = scenarios[run % scenarios.length]
    if (!expected.has(scenario)) {
      const folder = newFolder()
      await ended(start(scenario, folder))
      expected.set(scenario, left(folder))
    }
    const folder = newFolder()
    const backup = newFolder()
    // Of each run a few: the last process of it comes to the end.
    const most = Math.min(wanted, kills + 3 + Math.floor(random() * 5))
    for (let isKilled = true; isKilled; ) {
      const child = start(scenario, folder, backup)
      const delay = random() * 120
      if (kills < most) child.stdout?.once('data', () => setTimeout(() => child.kill('SIGKILL'), delay))
      isKilled = await ended(child)
      if (isKilled) kills++
    }
    expect(left(folder), `run ${run}: ${JSON.stringify(scenario)}`).toEqual(expected.get(scenario))
  }
})
