// What the compiler refuses and accepts, as an editor shows it: wrong programs have an error each, on the line where they are wrong, right
// programs have none. All are checked in one run of the compiler.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { activationRegistry } from '../../src/activations'
import { constraintRegistry } from '../../src/constraints'
import { initializerRegistry } from '../../src/initializers'
import { lossRegistry } from '../../src/losses'
import { metricRegistry } from '../../src/metrics'
import { optimizerRegistry } from '../../src/optimizers'
import { regularizerRegistry } from '../../src/regularizers'
import { fits, misfits, right, wrong } from './programs'
import '../../src'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What programs find there. */
const names = `activations, adam, data, bidirectional, constraints, conv1d, conv2d, dense, dropout, embedding, flatten, globalAveragePooling1d,
  gru, initializers, input, Layer, loadModel, maxPooling1d, maxPooling2d, repeatVector,
  losses, lstm, metrics, model, modelFromJSON, ops, plotHistory, randomNormal, regularizers, schedules, sequential, sgd, simpleRNN, tensor`
const setting = `
  import { ${names} } from 'hornbeam'
  export { ${names} }
  export type { Model, Tensor, TensorLike, Value } from 'hornbeam'
  declare module 'hornbeam' {
    interface LossNames { readonly ofMyOwn: true }
  }
  export const one = sequential([lstm(4), dense(1)])
  export const start = input({ shape: [5, 3] })
  export const two = model({ inputs: start, outputs: [dense(1).apply(start), dense(2).apply(start)] })
  export const x = randomNormal([4, 5, 3], { seed: 1 })
  export const y = randomNormal([4, 1], { seed: 2 })
`
const head = `import { one, two, start, x, y, ${names}, type Model, type Tensor, type TensorLike, type Value } from './setting'`

/** A model of so many layers. */
const longModel = (count: number): string =>
  `sequential([embedding(9, 4), ${'lstm(8, { returnSequences: true }), dropout(0.1), dense(8), '.repeat(Math.floor(count / 3))}lstm(4), dense(1)], { inputShape: [null] })`

const registries = {
  LossNames: lossRegistry,
  MetricNames: metricRegistry,
  OptimizerNames: optimizerRegistry,
  InitializerNames: initializerRegistry,
  RegularizerNames: regularizerRegistry,
  ConstraintNames: constraintRegistry,
  ActivationNames: activationRegistry,
}

let program: ts.Program
let folder: string
let errors: ReadonlyMap<string, readonly string[]>
/** How many types each program made the compiler put together. */
const work = new Map<string, number>()

beforeAll(() => {
  mkdirSync(join(root, '.generated'), { recursive: true })
  folder = mkdtempSync(join(root, '.generated', 'types-'))
  const file = (kind: string, i: number): string => join(folder, `${kind}${i}.ts`)
  const programs = [
    ...right.map((code, i) => [file('right', i), code] as const),
    ...wrong.map((code, i) => [file('wrong', i), code] as const),
    ...fits.map((code, i) => [file('fits', i), code] as const),
    ...misfits.map(([code], i) => [file('misfits', i), code] as const),
    [file('long', 30), longModel(30)] as const,
    [file('long', 1), longModel(1)] as const,
  ]
  for (const [path, code] of programs) writeFileSync(path, `${head}\n{${code}\n}\nexport {}`)
  writeFileSync(join(folder, 'setting.ts'), setting)
  const kinds = Object.keys(registries)
  writeFileSync(
    join(folder, 'names.ts'),
    [
      `import type { ${kinds.join(', ')} } from 'hornbeam'`,
      ...kinds.map((kind) => `export type All${kind} = keyof ${kind}`),
    ].join('\n'),
  )
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config,
    ts.sys,
    root,
  )
  program = ts.createProgram([...programs.map(([path]) => path), join(folder, 'names.ts')], {
    ...options,
    noUnusedLocals: false,
    noUncheckedIndexedAccess: true,
    noEmit: true,
  })
  errors = new Map(
    programs.map(([path]) => {
      const source = program.getSourceFile(path)
      const before = program.getInstantiationCount()
      const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
      work.set(path, program.getInstantiationCount() - before)
      return [path, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))]
    }),
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the compiler refuses', () => {
  test.each(wrong.map((code, i) => [code, i] as const))('%s', (_, i) => {
    expect(errors.get(join(folder, `wrong${i}.ts`))).not.toEqual([])
  })
})

describe.each([
  ['right', right],
  ['fits', fits],
])('the compiler takes', (kind, programs) => {
  test(`what is ${kind}`, () => {
    const refused = programs.flatMap((code, i) =>
      (errors.get(join(folder, `${kind}${i}.ts`)) ?? []).map((text) => `${code}: ${text}`),
    )
    expect(refused).toEqual([])
  })
})

describe('the compiler says which layer does not go with the one before', () => {
  test.each(misfits.map(([code, says], i) => [code, says, i] as const))('%s', (_, says, i) => {
    expect(errors.get(join(folder, `misfits${i}.ts`))?.join('\n')).toContain(says)
  })
})

test('a model of 30 layers costs the compiler little', () => {
  expect(errors.get(join(folder, 'long30.ts'))).toEqual([])
  // Counted, since time depends on what else the machine does: what 30 layers ask for beyond 1.
  expect(work.get(join(folder, 'long30.ts')) ?? Infinity).toBeLessThan(5000)
})

test.each(Object.entries(registries))(
  'every name in %s is registered, and every registered name is in it',
  (kind, registry) => {
    const declared = program
      .getSourceFile(join(folder, 'names.ts'))
      ?.statements.find((each) => ts.isTypeAliasDeclaration(each) && each.name.text === `All${kind}`)
    if (declared === undefined) throw new Error('the program declares names')
    const type = program.getTypeChecker().getTypeAtLocation(declared)
    const found = (type.isUnion() ? type.types : [type]).map((each) => (each as ts.StringLiteralType).value) // names are literals
    // Which accuracy is meant depends on the shapes; one name is the program's own.
    const special = ['accuracy', 'acc', 'ofMyOwn']
    expect(found.filter((name) => !registry.has(name) && !special.includes(name))).toEqual([])
    expect(registry.names().filter((name) => !found.includes(name))).toEqual([])
  },
)
