// Runs that end before their time and go on: with the same numbers, and with what their callbacks remember.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { IDBFactory } from 'fake-indexeddb'
import {
  type BackupAndRestoreOptions,
  backupAndRestore,
  type Callback,
  csvLogger,
  dense,
  dropout,
  earlyStopping,
  FormatError,
  type Model,
  modelCheckpoint,
  OptionError,
  reduceLROnPlateau,
  sequential,
  setSeed,
} from 'hornbeam'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { decodeModel } from '../../../src/formats/formats'
import { floats } from '../../support'

const root = mkdtempSync(join(tmpdir(), 'hornbeam-backup-'))
afterAll(() => rmSync(root, { recursive: true }))
let folders = 0
const newFolder = (): string => join(root, String(folders++))

const x = floats([20, 3])
const y = floats([20, 1], { seed: 2 })

function make(units = 4): Model {
  setSeed(11)
  return sequential([dense(units, { activation: 'tanh' }), dropout(0.2), dense(1)], { inputShape: [3] }).compile({
    optimizer: 'adam',
    learningRate: 0.05,
    loss: 'mse',
    metrics: ['mae'],
    backend: 'cpu',
  })
}

/** Callbacks that remember much, and what they left. */
function remembering(folder: string) {
  const stopping = earlyStopping({ monitor: 'loss', patience: 3, minDelta: 0.02, restoreBestWeights: true })
  const plateau = reduceLROnPlateau({ monitor: 'loss', patience: 1, minDelta: 0.05, cooldown: 1 })
  const best = modelCheckpoint(join(folder, 'best-{epoch}.safetensors'), { saveBestOnly: true, maxToKeep: 2 })
  const byStep = modelCheckpoint(join(folder, 'step-{epoch}-{batch}.safetensors'), { saveFreq: 3, maxToKeep: 3 })
  const csv = csvLogger(join(folder, 'log.csv'))
  const counts: number[] = []
  const own: Callback = {
    onTrainBatchEnd: (batch) => void counts.push(batch),
    getState: () => ({ counts, $: [undefined, Number.NaN, -0, 1 / 0] }),
    setState: (state) => {
      const { counts: before, $ } = state as { counts: number[]; $: unknown[] }
      expect($).toEqual([undefined, Number.NaN, -0, 1 / 0])
      counts.splice(0, counts.length, ...before)
    },
  }
  return { list: [stopping, best, byStep, plateau, csv, own], counts, stopping }
}

/** What a run leaves: history, files, what callbacks remember, the model as it is in the end. */
async function left(folder: string, model: Model, result: unknown, own: ReturnType<typeof remembering>) {
  const files = readdirSync(folder).sort()
  return {
    result,
    best: own.stopping.best,
    bestEpoch: own.stopping.bestEpoch,
    stoppedEpoch: own.stopping.stoppedEpoch,
    counts: [...own.counts],
    files: files.map((name) => [name, readFileSync(join(folder, name)).toString('base64')]),
    model: decodeModel(await model.toBytes()),
  }
}

const options = { epochs: 12, batchSize: 6, validationSplit: 0.2, verbose: 0 } as const

class Crash extends Error {}

/** A callback that ends the program, as far as it is one, at its n-th event. */
function crashAt(event: 'onTrainBatchEnd' | 'onEpochEnd' | 'onEpochBegin' | 'onTestEnd', nth: number): Callback {
  let seen = 0
  return {
    [event]: () => {
      if (++seen === nth) throw new Crash()
    },
  }
}

async function whole(): Promise<Awaited<ReturnType<typeof left>>> {
  const folder = newFolder()
  const own = remembering(folder)
  const model = make()
  const result = await model.fit(x, y, { ...options, callbacks: own.list })
  return left(folder, model, result, own)
}

describe('a run that crashes goes on to the same end', () => {
  test.each([
    ['epoch', 'onTrainBatchEnd'],
    ['epoch', 'onEpochEnd'],
    [1, 'onTrainBatchEnd'],
    [1, 'onEpochEnd'],
    [2, 'onEpochBegin'],
    [3, 'onTestEnd'],
    [5, 'onTrainBatchEnd'],
  ] as const)('with a backup each %s, and crashes %s', async (saveFreq, event) => {
    const expected = await whole()
    const folder = newFolder()
    const backup = newFolder()
    for (let crashes = 0; ; crashes++) {
      const own = remembering(folder)
      const model = make()
      // As in another program, which may have drawn other numbers before. Without a backup it begins as the first did.
      if (existsSync(join(backup, 'backup.safetensors'))) setSeed(crashes)
      const callbacks = [
        backupAndRestore(backup, { saveFreq, deleteCheckpoint: false }),
        ...own.list,
        ...(crashes < 5 ? [crashAt(event, 2 + crashes)] : []),
      ]
      try {
        const result = await model.fit(x, y, { ...options, callbacks })
        expect(await left(folder, model, result, own)).toEqual(expected)
        expect(crashes).toBeGreaterThan(1)
        break
      } catch (error) {
        if (!(error instanceof Crash)) throw error
      }
    }
  })

  test('also where training was stopped within an epoch', async () => {
    const stop = (): Callback => {
      let steps = 0
      return {
        onTrainBatchEnd: () => void steps++,
        getState: () => steps,
        setState: (state) => {
          steps = Number(state)
        },
      }
    }
    const stopper = (model: Model, at: number): Callback => {
      const counting = stop()
      return {
        ...counting,
        onTrainBatchEnd: () => {
          counting.onTrainBatchEnd?.(0, {})
          if (counting.getState?.() === at) model.stopTraining = true
        },
      }
    }
    const model = make()
    const { history } = await model.fit(x, y, { ...options, callbacks: [stopper(model, 5)] })
    const backup = newFolder()
    const broken = make()
    const crash: Callback = {
      onTestBegin: () => {
        if (broken.stopTraining) throw new Crash()
      },
    }
    const first = broken.fit(x, y, {
      ...options,
      callbacks: [stopper(broken, 5), crash, backupAndRestore(backup, { saveFreq: 1 })],
    })
    await expect(first).rejects.toThrow(Crash)
    const again = make()
    const rest = await again.fit(x, y, {
      ...options,
      callbacks: [stopper(again, 5), backupAndRestore(backup, { saveFreq: 1 })],
    })
    expect(rest.history).toEqual(history)
    expect(await again.getWeights()).toEqual(await model.getWeights())
  })
})

describe('the backup', () => {
  test('is removed in the end, or kept if asked; a longer run goes on from it', async () => {
    const backup = newFolder()
    await make().fit(x, y, { ...options, callbacks: [backupAndRestore(pathToFileURL(backup))] })
    expect(readdirSync(backup)).toEqual([])
    const kept = { callbacks: [backupAndRestore(backup, { deleteCheckpoint: false })] }
    await make().fit(x, y, { ...options, epochs: 3, ...kept })
    expect(readdirSync(backup)).toEqual(['backup.safetensors'])
    const again = await make().fit(x, y, { ...options, epochs: 5, ...kept })
    expect(again).toEqual(await make().fit(x, y, { ...options, epochs: 5 }))
    // All is done already.
    expect(await make().fit(x, y, { ...options, epochs: 5, ...kept })).toEqual(again)
  })

  test('lies in the database of a page', async () => {
    vi.stubGlobal('indexedDB', new IDBFactory())
    const place = 'indexeddb://run'
    const crashing = [backupAndRestore(place, { saveFreq: 2 }), crashAt('onTrainBatchEnd', 7)]
    await expect(make().fit(x, y, { ...options, callbacks: crashing })).rejects.toThrow(Crash)
    const batches: number[] = []
    const rest = await make().fit(x, y, {
      ...options,
      epochs: 4,
      callbacks: [backupAndRestore(place), { onTrainBatchEnd: (batch) => void batches.push(batch) }],
    })
    expect(batches).toEqual([0, 1, 2, 0, 1, 2])
    expect(rest).toEqual(await make().fit(x, y, { ...options, epochs: 4 }))
    const anew = await make().fit(x, y, { ...options, epochs: 1, callbacks: [backupAndRestore(place)] })
    expect(anew.epoch).toEqual([0])
    vi.unstubAllGlobals()
  })

  test('of another model, with other callbacks, or that is none is refused, and nothing changes', async () => {
    const backup = newFolder()
    const file = join(backup, 'backup.safetensors')
    const kept = backupAndRestore(backup, { deleteCheckpoint: false })
    await make().fit(x, y, { ...options, epochs: 2, callbacks: [kept, earlyStopping({ patience: 9 })] })
    const refused = async (
      model: Model,
      callbacks: Callback[],
      kind: typeof FormatError | typeof OptionError,
      says: RegExp,
    ) => {
      const before = await model.getWeights()
      const error = await model.fit(x, y, { ...options, callbacks }).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(kind)
      expect(String(error)).toMatch(says)
      expect(String(error)).toContain(`backupAndRestore: '${file}' (remove it to begin anew): `)
      expect(await model.getWeights()).toEqual(before)
    }
    const stopping = earlyStopping({ patience: 9 })
    await refused(
      make(5),
      [kept, stopping],
      FormatError,
      /dense\/kernel: expected shape \[3, 5\], the file has \[3, 4\]/,
    )
    await refused(make(), [kept], OptionError, /expected 1 that remember something, .* got 0/)
    writeFileSync(file, await make().toBytes())
    await refused(make(), [kept, stopping], FormatError, /expected a run that was kept, got another file/)
    writeFileSync(file, 'nonsense')
    await refused(make(), [kept, stopping], FormatError, /safetensors/)
  })

  test.each([
    ['', {}, /expected a folder, got ''/],
    ['download://run', {}, /cannot be read and written/],
    ['run', { saveFreq: 0 }, /saveFreq: expected/],
    ['run', { saveFreq: 'batch' }, /saveFreq: expected/],
    ['run', { deleteCheckpoint: 1 }, /deleteCheckpoint/],
    ['run', { every: 1 }, /unknown option 'every'/],
  ])('at %j with %j is no option', (folder, given, says) => {
    const wrong = () => backupAndRestore(folder, given as BackupAndRestoreOptions) // as JavaScript may give it
    expect(wrong).toThrow(OptionError)
    expect(wrong).toThrow(says)
  })

  test('holds states of callbacks that are plain data, and says which are not', async () => {
    const own = (state: unknown): Callback => ({ getState: () => state, setState: () => undefined })
    const run = (state: unknown) =>
      make().fit(x, y, { ...options, epochs: 1, callbacks: [own(state), backupAndRestore(newFolder())] })
    await expect(run({ at: [new Date()] })).rejects.toThrow(/states\[0\]\.at\[0\]: expected numbers, texts/)
    const round: unknown[] = []
    round.push(round)
    await expect(run(round)).rejects.toThrow(/nested too deep, or in itself/)
    await expect(make().fit(x, y, { ...options, callbacks: [{ getState: () => 1 }] })).rejects.toThrow(
      /expected setState beside getState/,
    )
  })
})

test('modelCheckpoint keeps the newest models alone, by batches as well', async () => {
  const folder = newFolder()
  const keep = modelCheckpoint(join(folder, '{epoch}-{batch}.safetensors'), { saveFreq: 2, maxToKeep: 2 })
  await make().fit(x, y, { ...options, epochs: 3, callbacks: [keep] })
  expect(readdirSync(folder).sort()).toEqual(['2-3.safetensors', '3-2.safetensors'])
  const one = modelCheckpoint(join(folder, 'one.safetensors'), { maxToKeep: 1 })
  await make().fit(x, y, { ...options, epochs: 3, callbacks: [one] })
  expect(existsSync(join(folder, 'one.safetensors'))).toBe(true)
  expect(() => modelCheckpoint('a', { maxToKeep: 0 })).toThrow(OptionError)
})
