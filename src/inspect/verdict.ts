// What the norms of gradients over time mean: by which factor a step changes them, and whether that is good.

import type { LayerFlow } from './gradientFlow'

/** A gradient that falls below this part of what it was, over the whole sequence, vanishes. */
export const vanishes = 1 / 100
/** A gradient that grows more than so many times, over the whole sequence, explodes. */
export const explodes = 100

/**
 * What the steps of a sequence hand back, each with the norms over all samples: `after` is the gradient by the state
 * after the step, `before` the part of it that comes back to the state before. Samples for which there is no state
 * before, or which skip the step, are left out; `count` says how many are not.
 */
export interface Link {
  readonly after: number
  readonly before: number
  readonly count: number
}

/**
 * The links of a batch.
 *
 * @param total - norms of the total derivative by the state after a step, `[step][sample]` in the order of the layer.
 * @param handed - norms of the part of it that comes back from the step after.
 * @param kept - whether the step counts; all by default.
 */
export function linksOf(
  total: readonly ArrayLike<number>[],
  handed: readonly ArrayLike<number>[],
  kept?: readonly ArrayLike<number>[],
): readonly Link[] {
  const previous: number[] = new Array(total[0]?.length ?? 0).fill(-1)
  return total.map((norms, step) => {
    let [after, before, count] = [0, 0, 0]
    previous.forEach((last, sample) => {
      if (kept !== undefined && !kept[step][sample]) return
      previous[sample] = step
      if (last < 0) return
      count++
      after = Math.hypot(after, norms[sample])
      before = Math.hypot(before, handed[last][sample])
    })
    return { after, before, count }
  })
}

/**
 * The factor by which going back one step changes the norm: the geometric mean over the links. Those with numbers too
 * small to be exact, or not finite, are left out; where a step lets nothing through at all the factor is 0.
 *
 * @param smallest - the smallest number that is still exact.
 * @returns the factor, and the number of steps that the gradient goes back.
 */
export function stepFactor(
  links: readonly Link[],
  smallest: number,
): { readonly factor: number; readonly steps: number } {
  const made = links.filter(({ count }) => count > 0)
  const steps = made.length
  if (steps === 0) return { factor: 1, steps }
  const exact = made.filter((link) => [link.after, link.before].every((norm) => norm >= smallest && norm < Infinity))
  const isBlocked = made.some(({ after, before }) => before === 0 && after > Math.sqrt(smallest))
  if (isBlocked) return { factor: 0, steps }
  if (exact.length === 0) return { factor: made.every(({ after }) => Number.isFinite(after)) ? 0 : Infinity, steps }
  const logs = exact.map(({ after, before }) => Math.log(before) - Math.log(after))
  return { factor: Math.exp(logs.reduce((sum, log) => sum + log, 0) / logs.length), steps }
}

/** The verdict on a layer, by the rule that stands at {@link LayerFlow}. */
export function verdictOn(factor: number, steps: number, norms: readonly number[]): LayerFlow['verdict'] {
  if (norms.some((norm) => !Number.isFinite(norm)) || factor ** steps > explodes) return 'exploding'
  return factor ** steps < vanishes || norms.every((norm) => norm === 0) ? 'vanishing' : 'healthy'
}
