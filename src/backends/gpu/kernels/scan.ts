// Loops over time: the body's launches once for each step. Nothing is copied between steps: what a step gives is read where
// it lies by the next.
import { sizeOf } from '../../../tensor'
import { Arrays, launch, thread } from './code'
import type { Kernel, Operand, Placed, Region, Target } from './kernel'

export const scan: Kernel<'scan'> = ({ inputs, outputs, attributes }, target) => {
  const { carries, sequences, length, reverse, body } = attributes
  const results = body.outputs.length - carries

  const stacks = outputs.slice(carries).map(({ shape, wanted }) => {
    const size = length === 0 ? 0 : sizeOf(shape) / length
    return wanted ? { slot: target.stack(length, size), size } : undefined
  })
  const series = inputs.slice(carries, carries + sequences)
  const captured = inputs.slice(carries + sequences)
  let state: readonly Region[] = inputs.slice(0, carries)
  for (let s = 0; s < length; s++) {
    const t = reverse ? length - 1 - s : s
    const keep = (stack: number, from: Region): void => {
      const kept = stacks[stack]
      if (kept !== undefined) target.put(kept.slot, t, kept.size, from)
    }
    for (const [i, carry] of state.entries()) keep(results + i, carry)
    const given = target.run(body, [...state, ...series.map((whole) => sliceAt(whole, t, length, target)), ...captured])
    for (let i = 0; i < results; i++) keep(i, given[carries + i])
    state = given.slice(0, carries)
  }
  const stacked: Placed = stacks.map((stack) => (stack === undefined ? undefined : { slot: stack.slot, offset: 0 }))
  return [...state.map((place, i) => (outputs[i].wanted ? place : undefined)), ...stacked]
}

/** One step of a sequence: one kernel for all of them, told which by a number. */
function sliceAt(whole: Operand, t: number, length: number, target: Target): Region {
  const size = sizeOf(whole.shape) / length
  const arrays = new Arrays()
  const body = [`return ${arrays.read(whole, `n0 * ${size} + ${thread}`)};`]
  return { slot: launch(target, arrays, size, body, { numbers: [t] }), offset: 0 }
}
