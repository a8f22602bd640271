// Which memory the slots of a plan share on WebGPU.
import { expect, test } from 'vitest'
import { lowering } from '../../../src/backends/gpu/lowering'
import { assignBlocks } from '../../../src/backends/gpu/memory'
import { mergedPlan } from '../../../src/backends/gpu/merge'
import { type Plan, planProgram } from '../../../src/backends/gpu/plan'
import { lower, placeholder, type Value } from '../../../src/graph'
import * as ops from '../../../src/ops'

const graphs: Record<string, (x: Value) => readonly Value[]> = {
  'a chain of products': (x) => [ops.matmul(ops.matmul(ops.matmul(x, x), x), x)],
  'sorted, summed and scaled': (x) => [ops.mul(ops.sort(x), ops.sum(x)), ops.max(x, { axis: 0 })],
  'a running mean': (x) =>
    ops.scan(([total], [row]) => [[ops.add(total, row)], [ops.tanh(row)]], [ops.sum(x, { axis: 0 })], [x])[1],
  'the variance': (x) => [ops.variance(x), ops.logSumExp(x)],
}

test.each(Object.entries(graphs))('%s: nothing is written where it is read from', (_, compute) => {
  for (const length of [0, 1, 4, 40]) {
    const x = placeholder([length, length])
    const program = lower({ inputs: [x], outputs: compute(x), updates: [] }, lowering)
    for (const plan of [planProgram(program, { canPut: true, canSweep: true }), mergedPlan(program)]) expectApart(plan)
  }
})

/** Expects of each command that what it reads lies elsewhere than what it writes. */
function expectApart(plan: Plan): void {
  const { blockOf, sizes } = assignBlocks(plan)
  for (const command of plan.commands) {
    const read = command.kind === 'put' ? [command.from.slot] : command.slots
    const to = blockOf[command.to]
    expect(read.map((slot) => blockOf[slot])).not.toContain(to)
    expect(sizes[to ?? -1]).toBeGreaterThanOrEqual(plan.slots[command.to].size)
  }
}
