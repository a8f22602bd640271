// Programs that share variables, and programs that are disposed of: none runs on memory that was given back.
import { BackendError, dense, randomNormal, sequential } from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { type Graph, Variable } from '../../src/graph'
import * as ops from '../../src/ops'
import { compile, moveTo, release, selectBackend } from '../../src/runtime'
import { tensor } from '../../src/tensor'

/** Adds 1 to a variable and gives what it was before. */
function counting(variable: Variable): Graph {
  return { inputs: [], outputs: [variable.value], updates: [{ variable: variable.value, value: ops.add(variable, 1) }] }
}

describe.each(['cpu', 'wasm'] as const)('on %s', (name) => {
  test('a program goes on with a variable that someone else released', async () => {
    const backend = await selectBackend(name)
    const variable = new Variable('count', tensor([0]))
    const program = await compile(counting(variable), backend)
    await program.run([])
    await release(variable)
    // What takes the place that was given back.
    await moveTo(new Variable('other', tensor([50])), backend)
    expect((await program.run([]))[0].toArray()).toEqual([1])
    expect((await variable.read()).toArray()).toEqual([2])
  })

  test('programs that are compiled at the same time share their variable', async () => {
    const backend = await selectBackend(name)
    const variable = new Variable('count', tensor([0]))
    const programs = await Promise.all([1, 2, 3].map(() => compile(counting(variable), backend)))
    for (const program of programs) await program.run([])
    expect((await variable.read()).toArray()).toEqual([3])
  })

  test('a program that was disposed of runs no more, and what waited for its turn fails', async () => {
    const variable = new Variable('count', tensor([0]))
    const program = await compile(counting(variable), await selectBackend(name))
    // The variable has to be brought back before anything runs.
    await release(variable)
    const waiting = program.run([])
    program.dispose()
    await expect(waiting).rejects.toThrow(BackendError)
    await expect(program.run([])).rejects.toThrow(/disposed of/)
    expect((await variable.read()).toArray()).toEqual([0])
  })

  test('a run that waits for nothing has its results at once, and one behind it that waits has its turn', async () => {
    const variable = new Variable('count', tensor([0]))
    const program = await compile(counting(variable), await selectBackend(name))
    expect(program.run([])).toBeInstanceOf(Array)
    await release(variable)
    const results = [program.run([]), program.run([]), program.run([])]
    expect(results.every((result) => result instanceof Promise)).toBe(true)
    expect((await Promise.all(results)).map(([count]) => count.toArray())).toEqual([[1], [2], [3]])
    expect(program.run([])).toBeInstanceOf(Array)
    expect((await variable.read()).toArray()).toEqual([5])
  })

  test('a model predicts as before when another one with the same layer is disposed of', async () => {
    const shared = dense(8, { activation: 'tanh' })
    const [kept, gone] = [1, 2].map((units) => sequential([shared, dense(units)], { inputShape: [3] }))
    const x = randomNormal([4, 3], { seed: 1 })
    const before = await kept.predict(x, { backend: name })
    await gone.predict(x, { backend: name })
    await gone.dispose()
    await sequential([dense(8), dense(8)], { inputShape: [3] }).predict(x, { backend: name })
    expect(await kept.predict(x, { backend: name })).toEqual(before)
  })
})

test('programs on two backends take turns with their variables', async () => {
  const variables = ['a', 'b', 'c'].map((name) => new Variable(name, tensor([0])))
  const graph = {
    inputs: [],
    outputs: [],
    updates: variables.map((variable) => ({ variable: variable.value, value: ops.add(variable, 1) })),
  }
  const programs = [await compile(graph, await selectBackend('cpu')), await compile(graph, await selectBackend('wasm'))]
  await Promise.all(Array.from({ length: 20 }, (_, i) => programs[i % 2].run([])))
  for (const variable of variables) expect((await variable.read()).toArray()).toEqual([20])
})
