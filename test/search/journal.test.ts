// Studies as Optuna's journal: what Optuna wrote is read as Optuna reads it, and the file survives what may happen to it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { search } from 'hornbeam'
import { afterAll, describe, expect, test } from 'vitest'
import { Journal } from '../../src/search/journal/journal'
import { parsePython, writePython } from '../../src/search/journal/pythonJson'
import { type Log, operations, Replay } from '../../src/search/journal/replay'
import { linesOf } from '../../src/search/journal/store'
import { told } from './told'

const folder = mkdtempSync(join(tmpdir(), 'hornbeam-journal-'))
afterAll(() => rmSync(folder, { recursive: true }))

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')
const replayed = (lines: readonly Log[]): Replay => {
  const replay = new Replay()
  for (const line of lines) replay.apply(line)
  return replay
}

test('a journal of the real Optuna amounts to what Optuna reads from it: states, values, parameters, attributes, and what came too late', () => {
  const replay = replayed(linesOf('optuna.jsonl', fixture('optuna.jsonl'), 0))
  expect(told(replay)).toEqual(JSON.parse(fixture('optuna.json')))
})

test('JSON is read and written as Python does', () => {
  const text = '{"a":NaN,"b":[Infinity,-Infinity,1e-3],"c":"NaN \\"Infinity\\" \\u00fc"}'
  const value = parsePython(text)
  expect(value).toEqual({
    a: Number.NaN,
    b: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.001],
    c: 'NaN "Infinity" ü',
  })
  expect(parsePython(writePython(value))).toEqual(value)
  expect(writePython({ a: Number.NaN, b: Number.NEGATIVE_INFINITY })).toBe('{"a":NaN,"b":-Infinity}')
  expect(() => parsePython('{"a":NaN')).toThrow('expected JSON')
})

const score = ({ a }: { readonly a: number }): number => (a - 0.3) ** 2
const space = { a: { min: 0, max: 1 }, cell: ['lstm', 'gru', { units: [1, 2] }] } as const
const options = { objective: 'loss', trials: 5, epochs: 2, seed: 3 } as const

describe('a study in a file', () => {
  test('holds the trials under its name, beside other studies', async () => {
    const storage = join(folder, 'deep', 'study.log')
    const found = await search(score, space, { ...options, storage })
    await search(score, space, { ...options, trials: 2, storage, study: 'second' })
    const { replay } = await Journal.open(storage)
    const study = replay.find('hornbeam')
    expect(study?.trials.map(({ values }) => values)).toEqual(
      [...found.trials].sort((a, b) => a.trial - b.trial).map((trial) => [trial.score]),
    )
    expect(study?.trials.map(({ parameters }) => parameters)).toEqual(
      [...found.trials].sort((a, b) => a.trial - b.trial).map(({ parameters }) => parameters),
    )
    expect(study?.trials[0].intermediate).toEqual(new Map([[1, study?.trials[0].values?.[0]]]))
    expect(replay.find('second')?.trials.length).toBe(2)
  })

  test('has values of which less is better, whatever the objective', async () => {
    const storage = join(folder, 'max.log')
    const found = await search(({ a }) => 1 - a, { a: [0.25, 0.5] }, { objective: 'score', storage, epochs: 1 })
    const study = (await Journal.open(storage)).replay.find('hornbeam')
    expect(found.best.score).toBe(0.75)
    expect(study?.directions).toEqual([1])
    expect(study?.system['study:metric_names']).toEqual(['-score'])
    expect(study?.trials.map(({ values }) => values?.[0]).sort()).toEqual([-0.5, -0.75])
  })

  test('is added to behind a line that was cut off, and is left alone where it is something else', async () => {
    const storage = join(folder, 'cut.log')
    await search(score, space, { ...options, storage })
    const whole = readFileSync(storage, 'utf8')
    writeFileSync(storage, `${whole}{"op_code":8,"worker_id":"a","tri`)
    await search(score, space, { ...options, trials: 6, storage })
    expect(readFileSync(storage, 'utf8').startsWith(`${whole}{"op_code":`)).toBe(true)
    expect((await Journal.open(storage)).replay.find('hornbeam')?.trials.length).toBe(6)
    for (const [text, message] of [
      ['a diary', 'it ends in a diary'],
      ['a diary\n', 'line 1 is not JSON'],
      ['{"op_code":10,"worker_id":"a"}\n{"search":1}\n', 'line 2: expected an op_code'],
    ]) {
      writeFileSync(storage, text)
      await expect(search(score, space, { ...options, storage })).rejects.toThrow(message)
      expect(readFileSync(storage, 'utf8')).toBe(text)
    }
    mkdirSync(join(folder, 'a folder'))
    await expect(search(score, space, { ...options, storage: join(folder, 'a folder') })).rejects.toThrow(
      'cannot be opened',
    )
  })

  test('waits for the lock of whoever writes, and takes one that nobody removes', async () => {
    const storage = join(folder, 'locked.log')
    const journal = await Journal.open(storage, 0.3)
    symlinkSync(storage, `${storage}.lock`)
    const started = performance.now()
    const line = { op_code: operations.createStudy, study_name: 'late', directions: [1] }
    await journal.write('me', () => ({ operations: [line], result: undefined }))
    expect(performance.now() - started).toBeGreaterThan(300)
    expect(journal.replay.find('late')).toBeDefined()
    await journal.write('me', () => ({ operations: [{ ...line, study_name: 'next' }], result: undefined }))
    expect(readFileSync(storage, 'utf8').split('\n').length).toBe(3)
  })

  test('is decided on as it stands: of two that write at once neither misses the other', async () => {
    const storage = join(folder, 'both.log')
    const journals = await Promise.all([Journal.open(storage), Journal.open(storage)])
    await Promise.all(
      journals.flatMap((journal, i) =>
        Array.from({ length: 10 }, () =>
          journal.write(`worker ${i}`, (replay) => ({
            operations: [{ op_code: operations.createStudy, study_name: `study ${replay.nextStudy}`, directions: [1] }],
            result: undefined,
          })),
        ),
      ),
    )
    await journals[0].sync()
    expect([...journals[0].replay.studies.values()].map(({ name }) => name)).toEqual(
      Array.from({ length: 20 }, (_, i) => `study ${i}`),
    )
  })

  test('leaves a trial to its worker, however long it takes, as long as that lives', async () => {
    const storage = join(folder, 'slow.log')
    let begun = 0
    const slow = async ({ a }: { readonly a: number }): Promise<number> => {
      begun++
      await new Promise((resolve) => setTimeout(resolve, 1500))
      return a
    }
    const both = { ...options, trials: 2, storage, grace: 0.4 }
    const [one, other] = await Promise.all([search(slow, space, both), search(slow, space, both)])
    expect(begun).toBe(2)
    expect(one.trials).toEqual(other.trials)
    expect(readFileSync(storage, 'utf8')).toContain('hornbeam:alive')
  })

  test('a study of two values, or of another search, is not gone on with', async () => {
    const storage = join(folder, 'two.log')
    writeFileSync(storage, '{"op_code":0,"worker_id":"python","study_name":"hornbeam","directions":[1,2]}\n')
    await expect(search(score, space, { ...options, storage })).rejects.toThrow('expected one value, got 2')
    await search(score, space, { ...options, storage, study: 'one' })
    await expect(search(score, space, { ...options, seed: 4, storage, study: 'one' })).rejects.toThrow(
      `study 'one' in '${storage}' is of another search: its seed is 3, expected 4`,
    )
    await expect(search(score, space, { ...options, storage, file: storage })).rejects.toThrow('expected one place')
    await expect(search(score, space, { ...options, storage, grace: 0 })).rejects.toThrow('above 0')
  })
})

test('a study that Python began, with trials in its queue, is gone on with: what is fixed stays', async () => {
  const storage = join(folder, 'python.log')
  const lines = [
    { op_code: 0, worker_id: 'python', study_name: 'hornbeam', directions: [2] },
    {
      op_code: 4,
      worker_id: 'python',
      study_id: 0,
      datetime_start: null,
      state: 4,
      system_attrs: { fixed_params: { a: 0.125, b: null } },
    },
  ]
  writeFileSync(storage, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const found = await search(
    ({ a }) => a,
    { a: { min: 0, max: 1 }, b: [1, null] },
    { objective: 'score', trials: 3, seed: 1, storage },
  )
  expect(found.trials.find(({ trial }) => trial === 0)).toMatchObject({
    parameters: { a: 0.125, b: null },
    score: 0.125,
    status: 'finished',
  })
  const study = (await Journal.open(storage)).replay.find('hornbeam')
  expect(study?.trials.map(({ state }) => state)).toEqual([1, 1, 1])
  // More is better in this study, too: its values are the scores.
  expect(Math.max(...(study?.trials.map(({ values }) => values?.[0] ?? 0) ?? []))).toBe(found.best.score)
})

test('a thousand trials with 30 epochs each are replayed in less than a second', () => {
  const writer = { worker_id: 'me' }
  const distribution =
    '{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}'
  const create = { op_code: 0, ...writer, study_name: 'long', directions: [1] }
  const lines = Array.from({ length: 1000 }, (_, trial) => [
    { op_code: 4, ...writer, study_id: 0, datetime_start: '2026-01-01T00:00:00.000000+00:00' },
    { op_code: 5, ...writer, trial_id: trial, param_name: 'x', param_value_internal: trial / 1000, distribution },
    ...Array.from({ length: 30 }, (_, step) => ({
      op_code: 7,
      ...writer,
      trial_id: trial,
      step,
      intermediate_value: 1 / (step + 1),
    })),
    {
      op_code: 8,
      ...writer,
      trial_id: trial,
      user_attr: { history: { loss: Array(30).fill(0.123456789), val_loss: Array(30).fill(0.5) } },
    },
    {
      op_code: 6,
      ...writer,
      trial_id: trial,
      state: 1,
      values: [1 / 30],
      datetime_complete: '2026-01-01T00:00:00.000000+00:00',
    },
  ]).flat()
  const text = [create, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('')
  const started = performance.now()
  const trials = replayed(linesOf('long.log', text, 0)).find('long')?.trials ?? []
  expect(performance.now() - started).toBeLessThan(1000)
  expect(trials.filter(({ state, intermediate }) => state === 1 && intermediate.size === 30).length).toBe(1000)
})
