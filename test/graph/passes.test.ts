// What the passes and lowering make of a graph, seen in the Program's text; and that results stay the same whatever they do.

import { describe, expect, test } from 'vitest'
import { cpuBackend } from '../../src/backends/cpu'
import { type Graph, lower, nodesOf, placeholder, printProgram, toValue, type Value, Variable } from '../../src/graph'
import * as ops from '../../src/ops'
import { compile, selectBackend } from '../../src/runtime'
import { arange, type Tensor, tensor } from '../../src/tensor'
import { expectClose, floats } from '../support'
import { fc } from '../support/random'

/** The instructions of the Program for a function of inputs with these shapes. */
function instructions(shapes: readonly number[][], fn: (...inputs: Value[]) => Value | readonly Value[]): string[] {
  const inputs = shapes.map((shape) => placeholder(shape))
  const result = fn(...inputs)
  const outputs = Array.isArray(result) ? result : [result as Value] // one value or a list of them
  const text = printProgram(lower({ inputs, outputs, updates: [] }, cpuBackend.lowering))
  return text.split('\n').filter((line) => line.includes(' = '))
}

describe('folding', () => {
  test('computes what is constant beforehand', () => {
    const made = instructions([[3]], (x) => ops.mul(x, ops.add(ops.mul(2, 3), 1)))
    expect(made).toHaveLength(1)
    expect(made[0]).toMatch(/constants=\[7\] \{mul\(0 1\)\}/)
  })

  test('drops what changes nothing', () => {
    const made = instructions([[2, 3]], (x) => {
      const same = ops.identity(ops.mul(ops.add(ops.neg(ops.neg(x)), 0), 1))
      return ops.exp(ops.transpose(ops.transpose(ops.reshape(ops.div(same, 1), [2, 3]))))
    })
    expect(made).toHaveLength(1)
    expect(made[0]).toMatch(/exp/)
    expect(made[0]).not.toMatch(/neg|mul|add|transpose/)
  })

  test('turns a transpose before a product into a flag of the product', () => {
    const made = instructions(
      [
        [3, 2],
        [3, 4],
      ],
      (a, b) => ops.matmul(ops.transpose(a), b),
    )
    expect(made).toHaveLength(1)
    expect(made[0]).toMatch(/matmul\(.*transposeA=true transposeB=false/)
  })

  test('makes no instruction of a reshape', () => {
    expect(instructions([[2, 3]], (x) => ops.sum(ops.reshape(x, [3, 2]), { axis: 0 }))).toHaveLength(1)
  })
})

test('common nodes are computed once', () => {
  const made = instructions([[4]], (x) => ops.mul(ops.tanh(ops.add(x, 1)), ops.tanh(ops.add(x, 1))))
  expect(made.join().match(/tanh/g)).toHaveLength(1)
  // Random numbers too, where their streams are the same.
  const draws = instructions([], () => {
    const state = toValue(tensor([1, 0], [2], 'int32'))
    const draw = (stream: number): Value => ops.randomUniform(state, [4], { stream })
    return ops.add(draw(1), ops.add(draw(1), draw(2)))
  })
  expect(draws.join().match(/randomUniform\(/g)).toHaveLength(2)
})

test('dead nodes are not in the Program', () => {
  const made = instructions([[4], [4]], (x, unused) => {
    ops.exp(unused)
    ops.sort(x)
    return ops.sin(x)
  })
  expect(made).toHaveLength(1)
})

describe('fusion', () => {
  test('makes one instruction of a chain of element-wise nodes, broadcasting included', () => {
    const made = instructions([[5, 4], [4], [5, 1]], (x, b, c) =>
      ops.exp(ops.sub(ops.tanh(ops.mul(ops.add(x, b), c)), 1)),
    )
    expect(made).toHaveLength(1)
    expect(made[0]).toMatch(/\{add.*; mul.*; tanh.*; sub.*; exp.*\}/)
  })

  test('stops where something else has to run between', () => {
    const made = instructions([[5, 4]], (x) => {
      const e = ops.exp(x)
      return ops.div(e, ops.sum(e, { axis: 1, keepDims: true }))
    })
    expect(made.map((line) => / = (\w+)/.exec(line)?.[1])).toEqual(['elementwise', 'sum', 'elementwise'])
  })

  test('gives every result that someone outside reads', () => {
    const made = instructions([[4]], (x) => {
      const a = ops.exp(x)
      return [ops.mul(a, 2), a]
    })
    expect(made).toHaveLength(1)
    expect(made[0].split(' = ')[0].split('float32')).toHaveLength(3)
  })
})

describe('updates', () => {
  const run = async (graph: Graph): Promise<Tensor[]> => (await compile(graph, cpuBackend)).run([])

  test('leave outputs in the arena, also where they are the new content in another shape', () => {
    const w = new Variable('w', tensor([1, 2]))
    const next = ops.add(w, 1)
    const outputs = [ops.reshape(next, [2, 1])]
    const program = lower({ inputs: [], outputs, updates: [{ variable: w.value, value: next }] }, cpuBackend.lowering)
    expect(program.storages[program.buffers[program.outputs[0]].storage].kind).toBe('arena')
  })

  test('are written in place where nothing reads the old content later', () => {
    const w = new Variable('w', tensor([1, 2]))
    const graph = { inputs: [], outputs: [], updates: [{ variable: w.value, value: ops.sub(w, ops.mul(w, 0.1)) }] }
    const text = printProgram(lower(graph, cpuBackend.lowering))
    expect(text).toMatch(/w: float32\[2\] = elementwise\(w\)/)
    expect(text).not.toMatch(/copy/)
  })

  test('all see the content from before, also where two variables swap', async () => {
    const [a, b] = [new Variable('a', tensor([1])), new Variable('b', tensor([2]))]
    const updates = [
      { variable: a.value, value: b.value },
      { variable: b.value, value: a.value },
    ]
    const [sum] = await run({ inputs: [], outputs: [ops.add(a, ops.mul(b, 10))], updates })
    expectClose(sum, [21])
    expectClose(await a.read(), [2])
    expectClose(await b.read(), [1])
  })

  test('do not reach an output that is the old content', async () => {
    const a = new Variable('a', tensor([1, 2]))
    const graph = { inputs: [], outputs: [a.value], updates: [{ variable: a.value, value: ops.mul(a, 2) }] }
    expectClose((await run(graph))[0], [1, 2])
    expectClose(await a.read(), [2, 4])
  })
})

// ---- any graph ------------------------------------------------------------------------------------------------------

/** A step in making a graph: an operation, and which values made so far it takes. */
interface Step {
  readonly op: number
  readonly first: number
  readonly second: number
}

const operations: readonly ((a: Value, b: Value) => Value)[] = [
  (a, b) => ops.add(a, b),
  (a, b) => ops.mul(a, b),
  (a, b) => ops.sub(ops.tanh(a), b),
  (a) => ops.sin(a),
  (a) => ops.add(ops.mul(a, 1), 0),
  (a) => ops.transpose(a),
  (a, b) => ops.div(ops.matmul(a, b), 4),
  (a, b) => ops.matmul(ops.transpose(a), b),
  (a) => ops.mul(ops.softmax(a), ops.sum(a, { axis: 1, keepDims: true })),
  (a) => ops.reshape(ops.reverse(ops.reshape(a, [-1])), [4, 4]),
  (a, b) => ops.where(ops.greater(a, b), a, b),
  (a) => ops.cumSum(ops.div(a, 4), { axis: 0 }),
  (a, b) => ops.maximum(a, ops.slice(b, [0, 1], [-1, 1])),
  // Through bool and int32, and 0 where the condition turns: another rounding changes little.
  (a, b) => {
    const isAbove = ops.cast(ops.logicalAnd(ops.greater(a, b), ops.greater(a, 0)), 'int32')
    return ops.mul(ops.minimum(ops.sub(a, b), a), isAbove)
  },
  (a, b) => ops.concatenate([ops.slice(a, [2, 0]), ops.slice(b, [0, 0], [2, 4])], 0),
]

const anyGraph = fc.record({
  steps: fc.array(fc.record({ op: fc.nat(operations.length - 1), first: fc.nat(40), second: fc.nat(40) }), {
    minLength: 1,
    maxLength: 25,
  }),
  outputs: fc.array(fc.nat(40), { minLength: 1, maxLength: 4 }),
  updates: fc.tuple(fc.nat(40), fc.nat(40)),
})

/** Builds the graph on two inputs and two variables, all 4 x 4. */
function build({ steps, outputs, updates }: { steps: readonly Step[]; outputs: number[]; updates: [number, number] }) {
  const inputs = [placeholder([4, 4]), placeholder([4, 4])]
  const variables = [3, 4].map((seed) => new Variable(`v${seed}`, floats([4, 4], { seed })))
  const values: Value[] = [...inputs, ...variables.map(({ value }) => value)]
  for (const { op, first, second } of steps) {
    values.push(operations[op](values[first % values.length], values[second % values.length]))
  }
  const pick = (i: number): Value => values[i % values.length]
  const graph: Graph = {
    inputs,
    outputs: outputs.map(pick),
    updates: variables.map(({ value }, i) => ({ variable: value, value: pick(updates[i]) })),
  }
  return { graph, variables }
}

const data = [floats([4, 4], { seed: 1 }), floats([4, 4], { seed: 2 })]

/** Every node as a Program of its own: nothing folded, shared, fused or put in the place of something else. */
async function nodeByNode({ graph, variables }: ReturnType<typeof build>): Promise<Tensor[]> {
  const known = new Map<Value, Tensor>(graph.inputs.map((input, i) => [input, data[i]]))
  for (const variable of variables) known.set(variable.value, await variable.read())
  for (const node of nodesOf(graph)) {
    if (node.outputs.every((output) => known.has(output))) continue
    const inputs = node.inputs.map(({ shape, dtype }) => placeholder(shape, dtype))
    if (node.primitive.name === 'constant') {
      known.set(node.outputs[0], node.attributes.tensor as Tensor) // by the declaration of constants
      continue
    }
    const outputs = node.primitive.apply(inputs, node.attributes)
    const compiled = await compile({ inputs, outputs, updates: [] }, cpuBackend)
    const given = node.inputs.map((input) => known.get(input) ?? arange(0))
    for (const [i, result] of (await compiled.run(given)).entries()) known.set(node.outputs[i], result)
  }
  return [...graph.outputs, ...graph.updates.map(({ value }) => value)].map((value) => known.get(value) ?? arange(0))
}

test('a Program gives what its nodes give one by one, and its variables the same, on cpu and on wasm', async () => {
  const backends = [cpuBackend, await selectBackend({ name: 'wasm', threads: 2 })]
  await fc.assert(
    fc.asyncProperty(anyGraph, async (recipe) => {
      const expected = await nodeByNode(build(recipe))
      for (const backend of backends) {
        const { graph, variables } = build(recipe)
        const compiled = await compile(graph, backend)
        const results = [...(await compiled.run(data))]
        for (const variable of variables) results.push(await variable.read())
        for (const [i, want] of expected.entries()) {
          expectClose(results[i], want, { relative: 1e-4, absolute: 1e-4 }, `${backend.name}: result ${i}`)
        }
      }
    }),
    { numRuns: 60 },
  )
})

test('in no Program do two storages that are needed at the same time share memory', () => {
  fc.assert(
    fc.property(anyGraph, (recipe) => {
      const program = lower(build(recipe).graph, cpuBackend.lowering)
      const lifetimes = new Map<number, { first: number; last: number }>()
      const touch = (buffer: number, at: number): void => {
        if (buffer < 0) return
        const { storage } = program.buffers[buffer]
        const known = lifetimes.get(storage)
        lifetimes.set(storage, { first: Math.min(at, known?.first ?? at), last: Math.max(at, known?.last ?? at) })
      }
      for (const input of program.inputs) touch(input, -1)
      program.instructions.forEach(({ inputs, outputs }, i) => {
        for (const buffer of [...inputs, ...outputs]) touch(buffer, i)
      })
      for (const output of program.outputs) touch(output, program.instructions.length)
      const places = [...lifetimes].flatMap(([index, time]) => {
        const storage = program.storages[index]
        return storage.kind === 'arena' ? [{ ...time, from: storage.offset, to: storage.offset + storage.bytes }] : []
      })
      for (const [i, a] of places.entries()) {
        expect(a.to).toBeLessThanOrEqual(program.arenaBytes)
        for (const b of places.slice(0, i)) {
          const atOnce = a.first <= b.last && b.first <= a.last
          const overlap = a.from < b.to && b.from < a.to
          expect(atOnce && overlap).toBe(false)
        }
      }
    }),
    { numRuns: 200 },
  )
})
