// Models as modules: what they export, what they refuse, and where they run.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import { getQuickJS } from 'quickjs-emscripten'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { FormatError } from '../../../src/errors'
import { conv1d, dense, embedding, globalMaxPooling1d, gru, input, lambda, lstm } from '../../../src/layers'
import { model, sequential } from '../../../src/model'
import * as ops from '../../../src/ops'
import { tensor } from '../../../src/tensor'
import { floats, integers } from '../../support'
import { moduleOf } from './load'

const forecaster = () => sequential([lstm(32), dense(1)], { inputShape: [24, 3] })

/** The code of a module, without its weights. */
async function codeOf(made: { toBytes(options: object): Promise<Uint8Array> }): Promise<string> {
  const text = new TextDecoder().decode(await made.toBytes({ format: 'module' }))
  return text.replace(/decode\('[^']*'\)/g, "decode('')")
}

describe('a module', () => {
  test('imports nothing, and is small beside its weights', async () => {
    const code = await codeOf(forecaster())
    expect(code).not.toMatch(/\bimport\b[^s]/)
    expect(gzipSync(code).length).toBeLessThan(8000)
  })

  test('says its shapes', async () => {
    const made = await moduleOf(sequential([lstm(2, { returnSequences: true })], { inputShape: [null, 3] }))
    expect([made.inputShape, made.outputShape]).toEqual([
      [null, 3],
      [null, 2],
    ])
  })

  test('takes numbers in any nesting, and one or more samples', async () => {
    const made = forecaster()
    const { predict } = await moduleOf(made)
    const x = floats([3, 24, 3])
    const expected = [...(await made.predict(x, { backend: 'cpu' })).data]
    expect([...predict(x.data)]).toEqual(expected)
    expect([...predict(x.toArray())]).toEqual(expected)
    expect([...predict((x.toArray() as unknown[])[0])]).toEqual(expected.slice(0, 1)) // of rank 3
  })

  test('takes samples of several lengths where the length is open', async () => {
    const made = sequential([gru(3), dense(2)], { inputShape: [null, 2] })
    const { predict } = await moduleOf(made)
    const [short, long] = [floats([1, 2, 2]), floats([1, 9, 2], { seed: 3 })]
    const expected = [
      ...(await made.predict(short, { backend: 'cpu' })).data,
      ...(await made.predict(long, { backend: 'cpu' })).data,
    ]
    expect([...predict([(short.toArray() as unknown[])[0], (long.toArray() as unknown[])[0]])]).toEqual(expected) // of rank 3
    expect([...predict(long.data)]).toEqual(expected.slice(2))
  })

  test('takes inputs by name or in order, and gives a list of outputs', async () => {
    const [a, b] = [input({ shape: [2], name: 'a' }), input({ shape: [3], name: 'b' })]
    const made = model({ inputs: [a, b], outputs: [dense(2).apply(a), dense(1).apply(b)] })
    const { predict } = await moduleOf<Float32Array[]>(made)
    const [x, y] = [floats([2, 2]), floats([2, 3])]
    const expected = (await made.predict([x, y], { backend: 'cpu' })).map(({ data }) => [...data])
    expect(predict({ a: x.data, b: y.data }).map((one) => [...one])).toEqual(expected)
    expect(predict([x.data, y.data]).map((one) => [...one])).toEqual(expected)
  })

  test('refuses another number of numbers, and words that are in no vocabulary', async () => {
    const { predict } = await moduleOf(forecaster())
    expect(() => predict(new Float32Array(7))).toThrow('predict: expected a multiple of 72 numbers, got 7')
    const words = await moduleOf(sequential([embedding(5, 2), globalMaxPooling1d()], { inputShape: [3] }))
    expect(() => words.predict([[1, 5, 0]])).toThrow('expected whole numbers from 0 to 4, got 5')
  })

  test('goes on step by step where the model goes forward in time', async () => {
    const made = sequential(
      [
        embedding(7, 3),
        conv1d(3, 2, { padding: 'causal' }),
        lstm(4, { returnSequences: true }),
        gru(2, { returnSequences: true }),
      ],
      { inputShape: [null] },
    )
    const { stream } = await moduleOf(made)
    const x = integers([1, 6], { to: 7 })
    const whole = [...(await made.predict(x, { backend: 'cpu' })).data]
    const one = stream()
    const other = stream()
    other.push([1])
    const pushed = Array.from(x.data, (word) => [...one.push([word])]).flat()
    expect(pushed).toEqual(whole)
    one.reset()
    expect([...one.push([x.data[0]])]).toEqual(whole.slice(0, 2))
  })

  test('has no stream where a layer looks ahead', async () => {
    const made = await moduleOf(sequential([conv1d(2, 3, { padding: 'same' })], { inputShape: [null, 2] }))
    expect(made.stream).toBeUndefined()
  })

  test('of a stateful model goes on from call to call', async () => {
    const made = sequential([lstm(3, { stateful: true })], { inputShape: [4, 2] })
    const { predict, resetStates } = await moduleOf(made)
    const [first, second] = [floats([1, 4, 2]), floats([1, 4, 2], { seed: 5 })]
    const expected = [await made.predict(first, { backend: 'cpu' }), await made.predict(second, { backend: 'cpu' })]
    expect([[...predict(first.data)], [...predict(second.data)]]).toEqual(expected.map(({ data }) => [...data]))
    resetStates()
    expect([...predict(first.data)]).toEqual([...expected[0].data])
  })

  test('computes in float64 where the model does', async () => {
    const made = sequential([lstm(3), dense(2)], { inputShape: [4, 2], dtype: 'float64' })
    const { predict } = await moduleOf(made)
    const x = floats([2, 4, 2])
    expect([...predict(x.data)]).toEqual([...(await made.predict(x, { backend: 'cpu' })).data])
  })

  test('computes what layers of a model of one own do with any primitives', async () => {
    const own = lambda((x) => ops.cumSum(ops.sort(ops.mul(ops.erf(x), 2), { axis: 1, descending: true }), { axis: 1 }))
    const made = sequential([own], { inputShape: [null, 2] })
    const { predict } = await moduleOf(made)
    const x = floats([1, 6, 2])
    expect([...predict(x.data)]).toEqual([...(await made.predict(x, { backend: 'cpu' })).data])
  })

  test('names the layer for which no code can be written', async () => {
    const noisy = lambda((x) => ops.add(x, ops.randomNormal([1, 2], x.shape)), { name: 'noisy' })
    const writing = sequential([noisy], { inputShape: [3] }).toBytes({ format: 'module' })
    await expect(writing).rejects.toThrow(FormatError)
    await expect(sequential([noisy], { inputShape: [3] }).toBytes({ format: 'module' })).rejects.toThrow(
      /layer 'noisy' computes randomNormal/,
    )
  })
})

describe('a saved module', () => {
  test('has its types beside it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hornbeam-module-'))
    const place = join(folder, 'forecaster.mjs')
    await forecaster().save(place)
    const use = join(folder, 'use.mts')
    await writeFile(
      use,
      "import { inputShape, predict, stream } from './forecaster.mjs'\nconst y: Float32Array = predict([[1]])\nstream().push([1, 2, 3]).length\nexport { inputShape, y }\n",
    )
    const program = ts.createProgram([use], {
      strict: true,
      noEmit: true,
      module: ts.ModuleKind.NodeNext,
      types: [],
      lib: ['lib.es5.d.ts'],
    })
    const problems = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
    const { predict } = await import(/* @vite-ignore */ place)
    expect(problems).toEqual([])
    expect(predict(new Float32Array(72))).toHaveLength(1)
    expect((await readFile(join(folder, 'forecaster.d.mts'), 'utf8')).length).toBeGreaterThan(100)
    await rm(folder, { recursive: true })
  })

  test('runs in a worker', async () => {
    const made = forecaster()
    const x = floats([1, 24, 3])
    const bytes = await made.toBytes({ format: 'module' })
    const address = `data:text/javascript;base64,${Buffer.from(bytes).toString('base64')}`
    const code = `import('${address}').then(({ predict }) => require('node:worker_threads').parentPort.postMessage([...predict([${[...x.data]}])]))`
    const worker = new Worker(code, { eval: true })
    const result = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    await worker.terminate()
    expect(result).toEqual([...(await made.predict(x, { backend: 'cpu' })).data])
  })

  test('runs in QuickJS, which has nothing but the language', async () => {
    const made = sequential([lstm(4, { returnSequences: true }), dense(2, { activation: 'softmax' })], {
      inputShape: [null, 2],
    })
    const x = floats([1, 5, 2])
    const code = new TextDecoder().decode(await made.toBytes({ format: 'module' }))
    const context = (await getQuickJS()).newContext()
    context.runtime.setModuleLoader(() => code)
    const program = `import { predict, stream } from 'model'
const s = stream()
s.push([${[...x.data.slice(0, 2)]}])
globalThis.result = JSON.stringify([...predict([${[...x.data]}])])`
    context.unwrapResult(context.evalCode(program, 'main.js', { type: 'module' })).dispose()
    const result = context.getProp(context.global, 'result').consume((value) => context.getString(value))
    context.dispose()
    const expected = await made.predict(x, { backend: 'cpu' })
    // Another engine has exp and tanh of its own, which may differ in the last bit.
    const numbers = tensor(JSON.parse(result))
    numbers.data.forEach((number: number, i: number) => {
      expect(Math.abs(number - expected.data[i])).toBeLessThan(1e-6)
    })
    expect(numbers.size).toBe(expected.size)
  })
})
