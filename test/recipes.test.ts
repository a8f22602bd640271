// The recipes of CONTRIBUTING.md, followed word by word in a copy of the repository: what they add compiles, and passes the
// tests that they say it passes.
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What a copy does without. */
const leftOut = new Set(['node_modules', '.git', 'dist', 'reports'])

interface Step {
  readonly kind: 'ts' | 'diff'
  readonly path: string
  readonly body: string
}

/** The blocks of the recipes that open with a path. */
function stepsOf(text: string): Step[] {
  const recipes = text.slice(text.indexOf('## The recipes'), text.indexOf('## Code blocks in the documents'))
  return [...recipes.matchAll(/^```(ts|diff)\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)].map(([, kind, path, body]) => ({
    kind: kind === 'diff' ? 'diff' : 'ts',
    path,
    body,
  }))
}

/** Lines of a diff with one of two signs, or with none: what was there, or what is there then. */
function side(body: string, sign: '-' | '+'): string {
  const lines = body.split('\n').filter((line) => line.startsWith(sign) || line.startsWith(' '))
  return lines.map((line) => `${line.slice(1)}\n`).join('')
}

async function follow(copy: string, { kind, path, body }: Step): Promise<void> {
  const file = join(copy, path)
  const before = await readFile(file, 'utf8').catch(() => '')
  if (kind === 'ts') {
    await mkdir(dirname(file), { recursive: true })
    return writeFile(file, before === '' ? body : `${before}\n${body}`)
  }
  const [old, now] = [side(body, '-'), side(body, '+')]
  const count = before.split(old).length - 1
  if (count !== 1) throw new Error(`${path}: expected these lines once, found them ${count} times:\n${old}`)
  await writeFile(
    file,
    before.replace(old, () => now),
  )
}

/** What Vitest reports. */
interface Report {
  readonly testResults: readonly {
    readonly name: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

interface Ran {
  readonly failed: boolean
  readonly output: string
}

function run(copy: string, ...command: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { cwd: copy, maxBuffer: 1 << 26, env: { ...process.env, VITEST: undefined, CI: 'true' } }
    execFile(process.execPath, command, options, (error, stdout, stderr) => {
      resolve({ failed: error !== null, output: `${stdout}${stderr}` })
    })
  })
}

let copy: string
let steps: Step[]

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'hornbeam-recipes-'))
  await cp(root, copy, {
    recursive: true,
    filter: (path) => !leftOut.has(basename(path)) && path !== join(root, 'site'),
  })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction')
  steps = stepsOf(await readFile(join(root, 'CONTRIBUTING.md'), 'utf8'))
  for (const step of steps) await follow(copy, step)
})
afterAll(() => rm(copy, { recursive: true }))

test('there is something to follow for an op, primitives, a layer, a loss and a backend', () => {
  const added = steps.filter(({ kind }) => kind === 'ts').map(({ path }) => path)
  const [op, elementwise, fused, kernel, layer, loss, backend] = added
  expect([op, elementwise, fused, kernel]).toEqual([
    'src/ops/derived.ts',
    'src/ops/elementwise/elementwise.ts',
    'src/ops/nn/rmsNorm.ts',
    'src/backends/cpu/kernels/rmsNorm.ts',
  ])
  expect([layer, loss, backend].map(dirname)).toEqual(['src/layers/core', 'src/losses', 'src/backends/plain'])
})

test('what the recipes add compiles', async () => {
  const { output } = await run(copy, 'node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json')
  expect(output).toBe('')
}, 300_000)

test('what the recipes add passes the tests that hold it', async () => {
  const report = join(copy, 'report.json')
  const ran = await run(
    copy,
    ...['node_modules/vitest/vitest.mjs', 'run', '--project', 'node', '--reporter', 'json', '--outputFile', report],
    ...['-t', 'haversine|cubeRoot|rmsNorm|gain|meanQuarticError|every primitive|every kind|is computed'],
    ...['test/conformance/cpu.test.ts', 'test/conformance/wasm.test.ts', 'test/conformance/plain.test.ts'],
    ...['test/graph/everyPrimitive.test.ts', 'test/layers/everyLayer.test.ts', 'test/losses/values.test.ts'],
  )
  const { testResults }: Report = JSON.parse(
    await readFile(report, 'utf8').catch(() => {
      throw new Error(ran.output)
    }),
  )
  const results = testResults.flatMap(({ assertionResults }) => assertionResults)
  expect(results.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName)).toEqual([])
  expect(ran.failed, ran.output).toBe(false)
  const passed = (file: string): string[] =>
    testResults
      .filter(({ name }) => name.endsWith(file))
      .flatMap(({ assertionResults }) => assertionResults)
      .flatMap(({ status, fullName }) => (status === 'passed' ? [fullName] : []))
  for (const backend of ['cpu', 'wasm', 'plain']) {
    const own = passed(`conformance/${backend}.test.ts`)
    for (const name of ['haversine of numbers', 'cubeRoot of numbers', 'rmsNorm of [2, 2]']) {
      for (const says of [name, `${name}: the gradient`]) {
        expect(
          own.some((each) => each.endsWith(says)),
          `${says}, on ${backend}`,
        ).toBe(true)
      }
    }
  }
  expect(passed('everyLayer.test.ts').filter((name) => /^'?gain'? /.test(name)).length).toBeGreaterThan(2)
  expect(passed('values.test.ts').join()).toContain('meanQuarticError')
}, 600_000)
