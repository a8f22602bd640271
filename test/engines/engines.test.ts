// Every engine trains the same model: what it computes is held to its own cpu backend, and its weights to those of all others, bit by bit.
import { availableParallelism } from 'node:os'
import type { BackendOption } from 'hornbeam'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Result, resultOf, writeResults } from './results'
import type { Order, Report, Run } from './script/report'
import { train } from './script/train'
import { uses } from './script/uses'
import { browsers, type Engine, programs } from './support/engines'
import { visit } from './support/visit'

const threads = [1, 2, 3, 8] as const
const kinds = ['plain', 'fused'] as const

const wasm = (kind: (typeof kinds)[number], threads: number): BackendOption => ({
  name: 'wasm',
  threads,
  relaxed: kind === 'fused',
})

function order(place: string, counts: readonly number[], modes: readonly ('webgpu' | 'webgl2')[]): Order {
  return {
    place,
    runs: [
      { name: 'cpu', backend: 'cpu', length: 'part' },
      { name: 'cpu, small', backend: 'cpu', length: 'small' },
      { name: 'auto', backend: 'auto', length: 'part' },
      ...kinds.flatMap((kind) =>
        counts.map((count) => ({
          name: `${kind} ${count}`,
          backend: wasm(kind, count),
          length: 'whole' as const,
        })),
      ),
      // Where it can be had it holds from there on.
      ...(modes.length > 1
        ? []
        : [
            {
              name: 'wide',
              backend: { name: 'wasm', threads: 1, relaxed: false, wide: true },
              length: 'whole',
            } as const,
          ]),
      ...modes.map((mode) => ({ name: mode, backend: { name: 'gpu', mode }, length: 'small' }) as const),
    ],
  }
}

const modesOf = ({ kind }: Engine) => (kind === 'browser' ? (['webgpu', 'webgl2'] as const) : (['webgpu'] as const))

interface Setting {
  readonly title: string
  readonly engine: Engine
  readonly isolated: boolean
}

const settings: readonly Setting[] = [
  ...programs.map((engine) => ({ title: engine.name, engine, isolated: true })),
  ...browsers.flatMap((engine) => [
    { title: `${engine.name}, in a page that is isolated`, engine, isolated: true },
    { title: `${engine.name}, in a page that is not`, engine, isolated: false },
  ]),
]

/** The weights after 200 steps with plain arithmetic, on one thread of the Node that runs the tests: all others must have them. */
let plainHash: string | undefined
/** Those of the first engine that fuses. */
let fusedHash: string | undefined

/** What came of the engines that were there. */
const results: Result[] = []

beforeAll(async () => {
  plainHash = (await train(wasm('plain', 1), 'whole')).hash
})

afterAll(() => {
  if (process.env.HORNBEAM_RECORD !== '1') return
  expect(results.length, 'all engines must be there and asked where results are recorded').toBe(settings.length)
  writeResults(results)
})

describe.each(settings.map((setting) => [setting.title, setting] as const))('%s', (_title, { engine, isolated }) => {
  const isPage = engine.kind === 'browser'
  // Without shared memory there is one thread, however many are asked for.
  const counts = isolated ? threads : [1, 2]
  let report: Report
  beforeAll(async () => {
    if (engine.missing !== undefined) return
    const wanted = order(isPage ? 'indexeddb://' : 'models/', counts, modesOf(engine))
    const visited = await visit(engine, wanted, { isolated })
    report = visited.report
    const where = !isPage ? 'program' : isolated ? 'isolated' : 'plain'
    results.push(resultOf({ engine: engine.name, version: visited.version, where }, report))
  }, 300_000)

  const check = (name: string, body: () => void): void =>
    test(name, ({ skip }) => {
      if (engine.missing !== undefined && process.env.CI !== 'true') skip(`no ${engine.name}: ${engine.missing}`)
      expect(engine.missing, `${engine.name} must be there in continuous integration`).toBeUndefined()
      body()
    })

  const runOf = (name: string): Run => {
    const run = report.runs[name]
    if (typeof run === 'object') return run
    throw new Error(`expected ${name} to run, got: ${run}`)
  }

  check('trains and predicts on wasm, with any number of threads, what it does on the cpu', () => {
    const cpu = runOf('cpu')
    for (const name of ['auto', ...counts.flatMap((count) => kinds.map((kind) => `${kind} ${count}`))]) {
      const { losses, predicted } = runOf(name)
      expectNear(losses, cpu.losses, name)
      expectNear(predicted, cpu.predicted, name)
    }
  })

  check('has, with plain arithmetic, the weights that every engine has, to the last bit', () => {
    for (const count of counts) {
      const { hash, backend } = runOf(`plain ${count}`)
      expect(backend).toMatchObject({ name: 'wasm', relaxed: false, threads: report.host.sharesMemory ? count : 1 })
      expect(hash, `${count} threads`).toBe(plainHash)
    }
  })

  check('has, with fused arithmetic, the weights of every engine that fuses', () => {
    for (const count of counts) {
      const { hash, backend } = runOf(`fused ${count}`)
      if (backend.relaxed === true) fusedHash ??= hash
      expect(hash, `${count} threads`).toBe(backend.relaxed === true ? fusedHash : plainHash)
    }
  })

  check("takes wasm for 'auto', with the threads that it has, and tells why where that is one", () => {
    const { backend } = runOf('auto')
    const { host } = report
    expect(host.isolated).toBe(isPage && isolated)
    const cores = Math.min(host.processors || availableParallelism(), 8)
    expect(backend).toMatchObject({ name: 'wasm', threads: host.sharesMemory ? cores : 1 })
    const reason = isolated ? 'does not share memory with workers' : 'not cross-origin isolated'
    expect(backend.reason).toEqual(host.sharesMemory ? undefined : expect.stringContaining(reason))
  })

  if (!isPage) {
    check('has the same weights with vectors of 256 bits, or says why it has none', () => {
      const wide = report.runs.wide
      if (typeof wide === 'string') return expect(wide).toMatch(/^BackendError: backend wasm: wide: expected Node 24/)
      expect(wide).toMatchObject({ hash: plainHash, backend: { wide: true } })
    })
  }

  for (const mode of modesOf(engine)) {
    check(`trains on the gpu, by ${mode}, as on the cpu, or says why it has none`, () => {
      const run = report.runs[mode]
      if (typeof run === 'string') return expect(run).toMatch(/^BackendError: backend gpu: /)
      expectNear(run.losses, runOf('cpu, small').losses, mode)
      expectNear(run.predicted, runOf('cpu, small').predicted, mode)
    })
  }

  for (const name of Object.keys(uses)) {
    check(name, () => expect(report.uses[name]).toBe(''))
  }
})

function expectNear(actual: readonly number[], expected: readonly number[], what: string): void {
  expect(actual.length).toBe(expected.length)
  const off = Math.max(...actual.map((value, i) => Math.abs(value - expected[i])))
  expect(off, `${what}: the largest difference`).toBeLessThan(1e-4)
}
