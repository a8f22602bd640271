// Memory: what is disposed of or forgotten is used again, so that neither many steps nor many models make it grow.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { dense, lstm, ops, sequential, tensor } from 'hornbeam'
import { describe, expect, it } from 'vitest'
import { createWasmBackend } from '../../../src/backends/wasm'
import { placeholder, Variable } from '../../../src/graph'
import { compile, release } from '../../../src/runtime'

setFlagsFromString('--expose_gc')
const collectGarbage = runInNewContext('gc') as () => void // what the flag gives

const backendOption = { name: 'wasm', threads: 1 } as const

/** A small graph with a variable it updates. */
function counter(): { variable: Variable; graph: Parameters<typeof compile>[0] } {
  const variable = new Variable('counter', tensor(new Float32Array(1000), [1000]))
  const x = placeholder([1000])
  const next = ops.add(variable, ops.tanh(x))
  return {
    variable,
    graph: { inputs: [x], outputs: [ops.sum(next)], updates: [{ variable: variable.value, value: next }] },
  }
}

describe('memory', () => {
  it('stays flat over 10,000 steps', async () => {
    const backend = await createWasmBackend({ threads: 1 })
    const { graph, variable } = counter()
    const compiled = await compile(graph, backend)
    const x = tensor(new Float32Array(1000).fill(0.25), [1000])
    const before = backend.info.bytesInUse
    for (let step = 0; step < 10_000; step++) await compiled.run([x])
    expect(backend.info.bytesInUse).toBe(before)
    expect((await variable.read()).data[7]).toBeCloseTo(10_000 * Math.tanh(0.25), -1)
  })

  it('is free again when programs and variables are disposed of', async () => {
    const backend = await createWasmBackend({ threads: 1 })
    const before = backend.info.bytesInUse
    for (let i = 0; i < 1000; i++) {
      const { graph, variable } = counter()
      const compiled = await compile(graph, backend)
      expect(backend.info.bytesInUse).toBeGreaterThan(Number(before))
      compiled.dispose()
      compiled.dispose()
      await release(variable)
    }
    expect(backend.info.bytesInUse).toBe(before)
  })

  it('is free again when nobody holds models any more', async () => {
    const x = tensor(new Float32Array(4 * 6 * 3).fill(0.5), [4, 6, 3])
    const use = async (): Promise<number> => {
      const model = sequential([lstm(16), dense(1)], { inputShape: [6, 3] })
      await model.predict(x, { backend: backendOption })
      return Number(Reflect.get(Object(model.backend), 'bytesInUse'))
    }
    const first = await use()
    let last = 0
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 20; i++) last = await use()
      // Finalisers run in turns of their own.
      for (let turn = 0; turn < 5; turn++) {
        collectGarbage()
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    }
    expect(last).toBeLessThan(first * 1.02 + 60 * 20_000)
    expect(await use()).toBeLessThan(first * 1.02 + 20 * 20_000)
  })

  it('grows for a program that needs more, and what lies in it stays', async () => {
    const backend = await createWasmBackend({ threads: 1 })
    const { graph, variable } = counter()
    const compiled = await compile(graph, backend)
    const ones = tensor(new Float32Array(1000).fill(1), [1000])
    await compiled.run([ones])
    const x = placeholder([3000, 3000])
    const large = await compile({ inputs: [x], outputs: [ops.sum(ops.exp(x), { axis: 0 })], updates: [] }, backend)
    const [sums] = await large.run([tensor(new Float32Array(9_000_000), [3000, 3000])])
    expect(sums.data[2999]).toBe(3000)
    await compiled.run([ones])
    expect((await variable.read()).data[0]).toBeCloseTo(2 * Math.tanh(1), 5)
  })
})
