// How launches become one on WebGPU. That results stay what they are is what every other test of the backend there says.
import { expect, test } from 'vitest'
import { lowering } from '../../../src/backends/gpu/lowering'
import { mergedPlan } from '../../../src/backends/gpu/merge'
import { type Plan, planProgram } from '../../../src/backends/gpu/plan'
import { lower, type Program, placeholder, type Value } from '../../../src/graph'
import * as ops from '../../../src/ops'

function programOf(shapes: readonly (readonly number[])[], compute: (...x: Value[]) => Value[]): Program {
  const inputs = shapes.map((shape) => placeholder(shape))
  return lower({ inputs, outputs: compute(...inputs), updates: [] }, lowering)
}

const alone = (program: Program): Plan => planProgram(program, { canPut: true, canSweep: true })

function launchesOf({ commands }: Plan): number {
  return commands.filter(({ kind }) => kind !== 'put').length
}

test('what does not wait for one another is one launch', () => {
  const program = programOf([[3, 4], [5], [2, 2]], (a, b, c) => [
    ops.sum(a, { axis: 0 }),
    ops.reverse(b),
    ops.transpose(c),
    ops.matmul(c, ops.transpose(c)),
  ])
  expect(launchesOf(alone(program))).toBe(4)
  expect(launchesOf(mergedPlan(program))).toBe(1)
})

test('what waits for something is launched after it', () => {
  const program = programOf([[4, 4]], (a) => [ops.matmul(ops.matmul(a, a), a), ops.sum(a)])
  expect(launchesOf(alone(program))).toBe(3)
  const plan = mergedPlan(program)
  const written = new Set(plan.inputs.map(({ slot }) => slot))
  for (const command of plan.commands) {
    const read = command.kind === 'put' ? [command.from.slot] : command.slots
    for (const slot of read) expect(plan.slots[slot].kind === 'constant' || written.has(slot)).toBe(true)
    written.add(command.to)
  }
})

test('a number is worked out by whoever would have to wait for it', () => {
  const program = programOf([[40], [5]], (a, b) => {
    const norm = ops.sqrt(ops.sum(a))
    return [norm, ops.reverse(ops.mul(b, norm)), ops.add(ops.reverse(b), norm)]
  })
  // The sum; then its root, and what is made with it.
  expect(launchesOf(mergedPlan(program))).toBeLessThan(launchesOf(alone(program)) - 1)
  const x = placeholder([3])
  const scaled = lower(
    {
      inputs: [x],
      outputs: [ops.matmul(ops.reshape(x, [1, 3]), ops.broadcastTo(ops.sqrt(ops.sum(x)), [3, 2]))],
      updates: [],
    },
    lowering,
  )
  const alike = launchesOf(alone(scaled))
  expect(launchesOf(mergedPlan(scaled))).toBeLessThan(alike)
})

test('a launch reads at most 7 arrays, though its parts read more', () => {
  const shapes = Array.from({ length: 20 }, (_, i) => [i + 1])
  const plan = mergedPlan(programOf(shapes, (...all) => all.map((x) => ops.reverse(x))))
  expect(launchesOf(plan)).toBe(3)
  for (const command of plan.commands) if (command.kind === 'launch') expect(command.slots.length).toBeLessThan(8)
})

test('the steps of a loop share their kernels, so they are left as they are', () => {
  const program = programOf([[6, 3]], (x) => [
    ops.scan(([total], [row]) => [[ops.tanh(ops.add(total, row))], []], [ops.sum(x, { axis: 0 })], [x])[0][0],
  ])
  const codes = (plan: Plan) =>
    new Set(plan.commands.flatMap((each) => (each.kind === 'launch' ? [each.code.body] : [])))
  expect(codes(mergedPlan(program)).size).toBe(codes(alone(program)).size)
})

test('what is large is launched alone', () => {
  const program = programOf([[1024, 1024], [5]], (a, b) => [ops.transpose(a), ops.reverse(b)])
  expect(launchesOf(mergedPlan(program))).toBe(2)
})

test('a plan of very many launches stays as it is: each merged kernel is compiled for it alone', () => {
  const shapes = Array.from({ length: 400 }, (_, i) => [i + 1, 2])
  const program = programOf(shapes, (...all) => all.map((x) => ops.sum(ops.transpose(x), { axis: 1 })))
  expect(launchesOf(mergedPlan(program))).toBe(launchesOf(alone(program)))
})
