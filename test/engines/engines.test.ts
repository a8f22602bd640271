// Every engine trains the same model: what it computes is held to its own cpu backend, and its weights to those of all others, bit by bit.
import { availableParallelism } from 'node:os'
import type { BackendOption } from 'hornbeam'
import { beforeAll, describe, expect, test } from 'vitest'
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

/** Without shared memory there is one thread, however many are asked for. */
const countsWhere = (isolated: boolean) => (isolated ? threads : ([1, 2] as const))

function order(place: string, isolated: boolean): Order {
  return {
    place,
    runs: [
      { name: 'cpu', backend: 'cpu', length: 'part' },
      { name: 'auto', backend: 'auto', length: 'part' },
      ...kinds.flatMap((kind) =>
        countsWhere(isolated).map((count) => ({
          name: `${kind} ${count}`,
          backend: wasm(kind, count),
          length: 'whole' as const,
        })),
      ),
    ],
  }
}

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

beforeAll(async () => {
  plainHash = (await train(wasm('plain', 1), 'whole')).hash
})

describe.each(settings.map((setting) => [setting.title, setting] as const))('%s', (_title, { engine, isolated }) => {
  let report: Report
  beforeAll(async () => {
    if (engine.missing !== undefined) return
    report = await visit(engine, order(engine.kind === 'browser' ? 'indexeddb://' : 'models/', isolated), { isolated })
  }, 200_000)

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
    for (const name of ['auto', ...countsWhere(isolated).flatMap((count) => kinds.map((kind) => `${kind} ${count}`))]) {
      const { losses, predicted } = runOf(name)
      expectNear(losses, cpu.losses, name)
      expectNear(predicted, cpu.predicted, name)
    }
  })

  check('has, with plain arithmetic, the weights that every engine has, to the last bit', () => {
    for (const count of countsWhere(isolated)) {
      const { hash, backend } = runOf(`plain ${count}`)
      expect(backend).toMatchObject({ name: 'wasm', relaxed: false, threads: isolated ? count : 1 })
      expect(hash, `${count} threads`).toBe(plainHash)
    }
  })

  check('has, with fused arithmetic, the weights of every engine that fuses', () => {
    for (const count of countsWhere(isolated)) {
      const { hash, backend } = runOf(`fused ${count}`)
      if (backend.relaxed === true) fusedHash ??= hash
      expect(hash, `${count} threads`).toBe(backend.relaxed === true ? fusedHash : plainHash)
    }
  })

  check("takes wasm for 'auto', with the threads that it has, and tells why where that is one", () => {
    const { backend } = runOf('auto')
    expect(backend).toMatchObject({ name: 'wasm' })
    expect(report.host.isolated).toBe(engine.kind === 'browser' && isolated)
    expect('reason' in backend).toBe(!isolated)
    if (isolated) expect(backend.threads).toBe(Math.min(report.host.processors || availableParallelism(), 8))
    else expect(backend).toMatchObject({ threads: 1, reason: expect.stringContaining('not cross-origin isolated') })
  })

  for (const name of Object.keys(uses)) {
    check(name, () => expect(report.uses[name]).toBe(''))
  }
})

function expectNear(actual: readonly number[], expected: readonly number[], what: string): void {
  expect(actual.length).toBe(expected.length)
  const off = Math.max(...actual.map((value, i) => Math.abs(value - expected[i])))
  expect(off, `${what}: the largest difference`).toBeLessThan(1e-4)
}
