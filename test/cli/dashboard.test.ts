// `hornbeam dashboard`: a study in a page, while others work on it.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dense, randomNormal, search, sequential } from 'hornbeam'
import { afterAll, expect, test, vi } from 'vitest'
import { followStudy } from '../../src/search/follow'
import { Listener } from '../dashboard/support'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'hornbeam-dashboard-'))
afterAll(() => rmSync(folder, { recursive: true }))

const x = randomNormal([16, 2], { seed: 1 })
const y = randomNormal([16, 1], { seed: 2 })
const build = ({ units }: { readonly units: number }) => ({
  model: sequential([dense(units, { activation: 'tanh' }), dense(1)], { inputShape: [2] }).compile({
    optimizer: 'sgd',
    loss: 'mse',
    metrics: ['mae'],
    backend: 'cpu',
  }),
  x,
  y,
})
const space = { units: [2, 3, 4, 5, 6] } as const
const options = { objective: 'loss', epochs: 3, seed: 1 } as const

/** The program; what it printed, and how it ended. */
function run(...args: readonly string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli.ts', 'dashboard', ...args], { cwd: root })
  const told = { text: '', code: new Promise<number | null>((resolve) => child.once('close', resolve)) }
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      told.text += text
    })
  }
  return { child, told }
}

test('shows the trials that are there, then those that come, and takes no commands', async () => {
  const storage = join(folder, 'study.log')
  await search(build, space, { ...options, trials: 3, storage })
  const { child, told } = run(storage, '--last', '2')
  try {
    await vi.waitFor(() => expect(told.text).toContain('Ctrl-C ends that'), 60_000)
    const [, address = ''] = /The study 'hornbeam' is shown at (\S+);/.exec(told.text) ?? []
    const page = new Listener(address, 'viewer=1')
    await vi.waitFor(() => expect(page.board.runs.map(({ name }) => name)).toHaveLength(2), 20_000)
    const [first] = page.board.runs
    expect(first).toMatchObject({ state: 'ended', epochs: 3, at: 3, isElsewhere: true })
    expect(first.name).toMatch(/^trial 1: units [2-6]$/)
    expect(first.curves.loss.at).toEqual([1, 2, 3])
    expect(first.curves.mae.values).toHaveLength(3)
    await search(build, space, { ...options, trials: 4, storage })
    await vi.waitFor(() => expect(page.board.runs[2]).toMatchObject({ state: 'ended', at: 3 }), 20_000)
    const answer = await fetch(`${address}command`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ run: 1, do: 'stop' }),
    })
    expect([answer.status, await answer.text()]).toEqual([400, 'dashboard: run 1 is not training'])
  } finally {
    child.kill('SIGINT')
  }
  expect(await told.code).toBe(0)
}, 120_000)

test('a study that Python keeps is seen as it stands: values by epoch, and how each trial ended', async () => {
  const followed = await followStudy(fileURLToPath(new URL('../search/fixtures/optuna.jsonl', import.meta.url)), 'kept')
  const trials = await followed.look()
  expect(trials[0]).toMatchObject({ trial: 0, status: 'finished', parameters: { units: 4 } })
  expect(trials[0].curves.value.map(([at]) => at)).toEqual([1, 2, 3])
  expect(trials[0].curves.value[0][1]).toBeCloseTo(0.004656804637919571, 12)
  expect(new Set(trials.map(({ status }) => status))).toContain('stopped')
  await followed.close()
})

test('what is not there is refused, and not made', async () => {
  const { told } = run(join(folder, 'none.log'))
  expect(await told.code).toBe(1)
  expect(told.text).toContain("expected the storage of a study, got '")
  expect(readdirSync(folder)).toEqual(['study.log'])
  await expect(followStudy(join(folder, 'study.log'), 'other')).rejects.toThrow("('hornbeam'), got other")
}, 60_000)
