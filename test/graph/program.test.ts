// A Program as text and as JSON.
import { expect, test } from 'vitest'
import { cpuBackend } from '../../src/backends/cpu'
import { type Graph, lower, placeholder, printProgram, programFromJSON, programToJSON, Variable } from '../../src/graph'
import * as ops from '../../src/ops'
import { moveTo } from '../../src/runtime'
import { ones, tensor } from '../../src/tensor'
import { expectClose, floats } from '../support'

/** y = tanh(x w + b) with a running sum of y's means, and a scan with a program inside. */
function example(): { graph: Graph; variables: Variable[] } {
  const [w, total] = [new Variable('dense/kernel', floats([3, 2])), new Variable('total', tensor(0, []))]
  const x = placeholder([4, 3], 'float32', 'x')
  const y = ops.tanh(ops.add(ops.matmul(x, w), [0.5, -0.5]))
  const [[last]] = ops.scan(
    ([h], [row]) => [[ops.sin(ops.add(h, row))], []],
    [ops.zerosLike(ops.slice(y, [0, 0], [1, 2]))],
    [ops.expandDims(y, 1)],
  )
  const extremes = ops.div(ops.where(ops.greater(y, 0), y, Number.NEGATIVE_INFINITY), tensor([-0, 0]))
  const updates = [{ variable: total.value, value: ops.add(total, ops.mean(y)) }]
  return { graph: { inputs: [x], outputs: [last, extremes], updates }, variables: [w, total] }
}

test('a Program reads as text, one instruction a line, variables by their names', () => {
  const w = new Variable('dense/kernel', ones([3, 2]))
  const x = placeholder([4, 3], 'float32', 'x')
  const y = ops.tanh(ops.add(ops.matmul(x, w), 1))
  const text = printProgram(lower({ inputs: [x], outputs: [y], updates: [] }, cpuBackend.lowering))
  expect(text.split('\n').map((line) => line.replaceAll(/%\d+/g, '%'))).toEqual([
    'inputs %: float32[4, 3]',
    '%: float32[4, 2] = matmul(%, dense/kernel) transposeA=false transposeB=false',
    '%: float32[4, 2] = elementwise(%) constants=[1] {add(0 1); tanh(2)} results=[1]',
    'outputs %',
    'arena 128 bytes',
  ])
})

test('a Program is plain data: written as JSON and read again it prints and computes the same', async () => {
  const { graph, variables } = example()
  const program = lower(graph, cpuBackend.lowering)
  const again = programFromJSON(programToJSON(program), (name) => {
    const found = variables.find((variable) => variable.name === name)
    if (found === undefined) throw new Error(`no variable ${name}`)
    return found
  })
  expect(printProgram(again)).toBe(printProgram(program))
  expect(programToJSON(again)).toBe(programToJSON(program))
  const x = floats([4, 3], { seed: 2 })
  const results = []
  for (const each of [program, again]) {
    for (const variable of variables) await variable.write(variable.name === 'total' ? tensor(0, []) : floats([3, 2]))
    const places = new Map(
      await Promise.all(
        each.storages.flatMap((storage, i) =>
          storage.kind === 'variable'
            ? [moveTo(storage.variable, cpuBackend).then((place) => [i, place] as const)]
            : [],
        ),
      ),
    )
    const executable = await cpuBackend.compile(each, places)
    results.push([...(await executable.run([x])), await variables[1].read()])
  }
  for (const [i, result] of results[1].entries()) expectClose(result, results[0][i], { relative: 0, absolute: 0 })
})
