// The script of the page: counts from the start, and measures when it is told to.
import { makeInputs } from '../inputs'
import { recurrentWorkloads } from '../workloads'
import { startCounting } from './counts'

startCounting()
const { measure } = await import('./contestants')

/** Measures a contestant on a workload with batches of a size. */
const run = (name: Parameters<typeof measure>[0], workload: string, batch: number, batches: number) => {
  const found = recurrentWorkloads.find((each) => each.name === workload)
  if (found === undefined) throw new Error(`no workload is named ${workload}`)
  const sized = { ...found, batch }
  const { weights, x, y } = makeInputs(sized)
  return measure(name, sized, weights, x, y, batches)
}

export type Run = typeof run

Object.assign(globalThis, { run })
