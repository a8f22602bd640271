// The first samples of what a model is validated on, for callbacks that look at single ones.

import type { SamplesSeen } from '../callbacks'
import { type Batches, joinRows, rowsOf, samplesOf } from '../feed/batches'
import type { StepData } from '../feed/stepData'

/** At most so many; undefined where there are none, or where padded steps would have to be told by a mask. */
export async function firstSamples(batches: Batches, most: number): Promise<SamplesSeen | undefined> {
  const taken: StepData[] = []
  let left = most
  for await (const batch of batches.walk(0)) {
    if (batch.masks?.some((mask) => mask !== undefined)) return undefined
    taken.push(batch)
    left -= samplesOf(batch)
    if (left <= 0) break
  }
  if (taken.length === 0) return undefined
  const joined = (name: 'x' | 'y') =>
    taken[0][name].map((_, i) => {
      const all = joinRows(taken.map((batch) => batch[name][i]))
      return rowsOf(all, 0, Math.min(most, all.shape[0]))
    })
  return { x: joined('x'), y: joined('y') }
}
