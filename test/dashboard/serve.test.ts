// The page that Node serves: over HTTP, as a browser talks to it.
import { spawn } from 'node:child_process'
import { request } from 'node:http'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { dense, randomNormal, sequential } from '../../src'
import { type Dashboard, type DashboardOptions, dashboard } from '../../src/dashboard'
import { Listener } from './support'

const x = randomNormal([32, 3], { seed: 1 })
const y = randomNormal([32, 1], { seed: 2 })
const model = () =>
  sequential([dense(1)], { inputShape: [3] }).compile({ optimizer: 'sgd', loss: 'mse', backend: 'cpu' })
const fit = { verbose: 0, batchSize: 8 } as const

const open: Dashboard[] = []
afterEach(async () => {
  vi.restoreAllMocks()
  for (const each of open.splice(0)) await each.close()
})

/** A dashboard that is served, and its address. */
async function served(
  options: DashboardOptions = {},
): Promise<{ board: Dashboard; address: string; printed: unknown[] }> {
  const printed: unknown[] = []
  vi.spyOn(console, 'log').mockImplementation((text) => void printed.push(text))
  const board = dashboard(options)
  open.push(board)
  return { board, address: (await board.open()) ?? '', printed }
}

const post = (address: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${address}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
const until = (condition: () => boolean): Promise<void> => vi.waitFor(() => expect(condition()).toBe(true), 20_000)

test('serves a page of this machine alone, prints its address, and lets it talk to nobody else', async () => {
  const { address, printed } = await served()
  expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  expect(printed).toEqual([`Training is shown at ${address}`])
  const page = await fetch(address)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'")
  const html = await page.text()
  expect(html).toContain('<script type="module" src="/page.js">')
  expect(html.match(/https?:/)).toBeNull()
  const script = await fetch(`${address}page.js`)
  expect(script.headers.get('content-type')).toContain('text/javascript')
  expect((await script.text()).length).toBeGreaterThan(50_000)
  expect((await fetch(`${address}elsewhere`)).status).toBe(404)
})

test('events come as they happen, and whoever comes late is given what was', async () => {
  const { board, address } = await served({ name: 'first' })
  const early = new Listener(address, 'viewer=a')
  await until(() => early.messages.length > 0)
  await model().fit(x, y, { ...fit, epochs: 3, validationSplit: 0.25, callbacks: [board] })
  await until(() => early.board.runs[0]?.state === 'ended')
  const late = new Listener(address, 'viewer=b')
  await until(() => late.messages.length > 0)
  expect(late.board.runs).toEqual(early.board.runs)
  const [{ name, curves, answers }] = late.board.runs
  expect(name).toBe('first')
  expect(curves.val_loss.at).toEqual([1, 2, 3])
  expect(answers?.samples).toBe(8)
  early.leave()
  late.leave()
})

test('a hidden page is told nothing until it is seen, but for the end', async () => {
  const { board, address } = await served()
  const page = new Listener(address, 'viewer=a')
  const other = new Listener(address, 'viewer=b')
  await until(() => page.messages.length > 0 && other.messages.length > 0)
  await post(address, 'watching?viewer=a', false)
  page.messages.length = 0
  const trained = model()
  const done = trained.fit(x, y, { ...fit, epochs: 1_000_000, callbacks: [board] })
  await until(() => (other.board.runs[0]?.at ?? 0) > 1)
  expect(page.messages).toEqual([])
  await post(address, 'watching?viewer=a', true)
  await until(() => page.messages.length > 1)
  expect('board' in page.messages[0] && page.messages[0].board[0].curves.loss.at.length).toBeGreaterThan(0)
  await post(address, 'watching?viewer=a', false)
  const { length } = page.messages
  trained.stopTraining = true
  await done
  await until(() => page.messages.length > length)
  expect(page.messages.slice(length)).toMatchObject([{ board: [{ state: 'ended' }] }])
  page.leave()
  other.leave()
})

test('commands do what they say; what cannot be done is told', async () => {
  const { board, address } = await served()
  const command = (body: object) => post(address, 'command', body)
  const trained = model()
  expect(await (await command({ run: 1, do: 'stop' })).text()).toBe('dashboard: run 1 is not training')
  const page = new Listener(address, 'viewer=a')
  const done = trained.fit(x, y, { ...fit, epochs: 1_000_000, callbacks: [board] })
  await until(() => page.board.runs.length > 0)
  expect((await command({ run: 1, do: 'pause' })).status).toBe(204)
  await until(() => page.board.runs[0].state === 'paused')
  expect((await command({ run: 1, do: 'rate', rate: 0.125 })).status).toBe(204)
  expect(await trained.getLearningRate()).toBe(0.125)
  const refused = await command({ run: 1, do: 'rate', rate: 'fast' })
  expect([refused.status, await refused.text()]).toEqual([
    400,
    "dashboard: rate: expected a number of at least 0, got 'fast'",
  ])
  expect((await command({ run: 1, do: 'resume' })).status).toBe(204)
  await until(() => page.board.runs[0].state === 'training')
  expect((await command({ run: 1, do: 'stop' })).status).toBe(204)
  await done
  await until(() => page.board.runs[0].state === 'stopped')
  page.leave()
})

describe('other sites', () => {
  test('may not command: a form, JSON from elsewhere, more than a command is', async () => {
    const { address } = await served()
    const text = { 'content-type': 'text/plain' }
    expect((await post(address, 'command', { run: 1, do: 'stop' }, text)).status).toBe(400)
    const stranger = await post(address, 'command', { run: 1, do: 'stop' }, { origin: 'https://example.com' })
    expect([stranger.status, await stranger.text()]).toEqual([400, 'dashboard: expected JSON from the page itself'])
    expect((await post(address, 'command', 'x'.repeat(5000))).status).toBe(400)
  })

  test('may not read by a name of their own for this machine', async () => {
    const { address } = await served()
    const status = await new Promise((resolve, reject) => {
      request(address, { headers: { host: 'example.com' } }, ({ statusCode }) => resolve(statusCode))
        .on('error', reject)
        .end()
    })
    expect(status).toBe(403)
  })

  test('from other machines nothing is to be seen', async () => {
    const { address } = await served()
    const other = connect(Number(new URL(address).port), '127.0.0.2')
    const code = await new Promise((resolve) => {
      other.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      other.on('connect', () => resolve('connected'))
    })
    other.destroy()
    expect(code).toBe('ECONNREFUSED')
  })
})

test('a port may be chosen; one that is taken is refused before training begins', async () => {
  const { address } = await served()
  const port = Number(new URL(address).port)
  const second = dashboard({ port })
  await expect(model().fit(x, y, { ...fit, callbacks: [second] })).rejects.toThrow(
    `dashboard: port: ${port} is taken; leave it out for a free one`,
  )
  await open[0].close()
  expect((await served({ port })).address).toBe(address)
})

test('close() gives pages all there is, and ends them', async () => {
  const { board, address } = await served()
  const page = new Listener(address, 'viewer=a')
  await until(() => page.messages.length > 0)
  await post(address, 'watching?viewer=a', false)
  await model().fit(x, y, { ...fit, callbacks: [board.run('by name')] })
  await board.close()
  await until(() => page.isOver)
  expect(page.messages.at(-1)).toMatchObject({ last: true, board: [{ name: 'by name', state: 'ended' }] })
  await expect(fetch(address)).rejects.toThrow()
})

describe('a program', () => {
  /** A program of its own that trains until it is told to stop, and what it prints. */
  function program(options: string, after = '') {
    const code = `
      import { dense, sequential } from './src/index.ts'
      import { dashboard } from './src/dashboard.ts'
      const board = dashboard(${options})
      const model = sequential([dense(1)], { inputShape: [1] }).compile({ optimizer: 'sgd', loss: 'mse', backend: 'cpu' })
      await model.fit([[1], [2]], [[1], [2]], { epochs: 1_000_000, verbose: 0, callbacks: [board] })
      console.log('trained')
      ${after}`
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const state = { printed: '', code: undefined as number | null | undefined }
    child.stdout.setEncoding('utf8').on('data', (text) => {
      state.printed += text
    })
    child.on('exit', (exit) => {
      state.code = exit
    })
    return { child, state, addressOf: () => /shown at (\S+)/.exec(state.printed)?.[1] ?? '' }
  }

  test('ends with its training, though a page looks on', async () => {
    const { child, state, addressOf } = program('{}')
    try {
      await until(() => addressOf() !== '')
      const page = new Listener(addressOf(), 'viewer=a')
      await until(() => page.board.runs.length > 0)
      await post(addressOf(), 'command', { run: 1, do: 'pause' })
      expect(state.code).toBeUndefined()
      await post(addressOf(), 'command', { run: 1, do: 'stop' })
      await until(() => state.code !== undefined)
      expect(state.code).toBe(0)
      await until(() => page.board.runs[0].state === 'stopped')
    } finally {
      child.kill()
    }
  })

  test('goes on with keepOpen, until close()', async () => {
    const { child, state, addressOf } = program('{ keepOpen: true }', 'setTimeout(() => board.close(), 2000).unref()')
    try {
      await until(() => addressOf() !== '')
      const page = new Listener(addressOf(), 'viewer=a')
      await until(() => page.board.runs.length > 0)
      await post(addressOf(), 'command', { run: 1, do: 'stop' })
      await until(() => state.printed.includes('trained'))
      expect((await fetch(addressOf())).status).toBe(200)
      await until(() => state.code !== undefined)
      expect(page.messages.at(-1)).toMatchObject({ last: true })
    } finally {
      child.kill()
    }
  })
})
