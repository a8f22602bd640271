// Loops over time: the body's program bound once, run for each step, with carries copied back in between.
import type { Kernel } from '../kernel'
import type { View } from '../memory'
import { stepsOf } from './steps'

export const scan: Kernel<'scan'> = (bound) => {
  const { carries, sequences, length, reverse } = bound.attributes
  const body = bound.bind(bound.attributes.body, bound.attributes.workspace)

  const into = body.program.inputs.map((id) => body.views[id])
  const from = body.program.outputs.map((id) => body.views[id])
  const slices = bound.inputs.slice(carries, carries + sequences).map((input) => stepsOf(input, length))
  const results = from.length - carries
  const wanted = (first: number, count: number): { index: number; steps: View[] }[] =>
    bound.outputs.slice(first, first + count).flatMap((output, index) => {
      return output === undefined ? [] : [{ index, steps: stepsOf(output, length) }]
    })
  const stacked = wanted(carries, results)
  const history = wanted(carries + results, carries)

  return () => {
    bound.inputs.forEach(({ data }, i) => {
      if (i < carries || i >= carries + sequences) into[i].set(data)
    })
    for (let s = 0; s < length; s++) {
      const t = reverse ? length - 1 - s : s
      for (let i = 0; i < sequences; i++) into[carries + i].set(slices[i][t])
      for (const { index, steps } of history) steps[t].set(into[index])
      body.run()
      for (const { index, steps } of stacked) steps[t].set(from[carries + index])
      for (let i = 0; i < carries; i++) into[i].set(from[i])
    }
    for (let i = 0; i < carries; i++) bound.outputs[i]?.data.set(into[i])
  }
}
