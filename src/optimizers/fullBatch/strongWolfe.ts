// A line search: how far to go along a direction, so that the value falls enough and the slope becomes flat enough (the strong
// Wolfe conditions: Nocedal and Wright, Numerical optimization, 2006, algorithms 3.5 and 3.6), step by step as PyTorch's LBFGS does it.

/** A function's value and its gradient at a point. */
export interface Evaluated {
  readonly value: number
  readonly gradient: Float64Array
}

/** A point on the line: how far along it lies, the value, the gradient there and the slope along the line. */
interface Tried extends Evaluated {
  readonly at: number
  readonly slope: number
}

/** Where the search ended, and how often it looked. */
export interface LineSearch extends Evaluated {
  readonly at: number
  readonly evaluations: number
}

/** How much of the fall that the first slope promises there must be, and how much of the slope may be left. */
const [enough, flat] = [1e-4, 0.9]

/**
 * Searches along a direction.
 *
 * @param look - the function at so many times the direction; a value that is not finite counts as too large.
 * @param start - what it is at 0, with the slope there, which is below 0.
 * @param first - how far to look first.
 */
export async function strongWolfe(
  look: (at: number) => Promise<Evaluated>,
  direction: Float64Array,
  start: Evaluated,
  first: number,
  { maxEvaluations, toleranceChange }: { readonly maxEvaluations: number; readonly toleranceChange: number },
): Promise<LineSearch> {
  const origin: Tried = { ...start, at: 0, slope: dot(start.gradient, direction) }
  let evaluations = 0
  const tryAt = async (at: number): Promise<Tried> => {
    const { value, gradient } = await look(at)
    evaluations++
    return { at, value: Number.isFinite(value) ? value : Infinity, gradient, slope: dot(gradient, direction) }
  }
  const isTooHigh = ({ at, value }: Tried): boolean => value > origin.value + enough * at * origin.slope
  const isFlat = ({ slope }: Tried): boolean => Math.abs(slope) <= -flat * origin.slope
  const found = ({ at, value, gradient }: Tried): LineSearch => ({ at, value, gradient, evaluations })

  // First outwards, until a minimum lies between two points.
  let [before, here, steps] = [origin, await tryAt(first), 0]
  let ends: [Tried, Tried] | undefined
  while (steps < maxEvaluations) {
    if (isTooHigh(here) || (steps > 1 && here.value >= before.value)) ends = [before, here]
    else if (isFlat(here)) return found(here)
    else if (here.slope >= 0) ends = [before, here]
    if (ends !== undefined) break
    const next = cubicMinimum(before, here, here.at + 0.01 * (here.at - before.at), here.at * 10)
    before = here
    here = await tryAt(next)
    steps++
  }
  ends ??= [origin, here]

  // Then inwards.
  const size = largest(direction)
  let low = ends[0].value <= ends[1].value ? 0 : 1
  let isStuck = false
  while (steps < maxEvaluations && Math.abs(ends[1].at - ends[0].at) * size >= toleranceChange) {
    const places = ends.map((end) => end.at)
    const [smallest, greatest] = [Math.min(...places), Math.max(...places)]
    let at = cubicMinimum(ends[0], ends[1], smallest, greatest)
    const edge = 0.1 * (greatest - smallest)
    const isNearEnd = Math.min(greatest - at, at - smallest) < edge
    if (isNearEnd && (isStuck || at >= greatest || at <= smallest)) {
      at = Math.abs(at - greatest) < Math.abs(at - smallest) ? greatest - edge : smallest + edge
      isStuck = false
    } else {
      isStuck = isNearEnd
    }
    const tried = await tryAt(at)
    steps++
    if (isTooHigh(tried) || tried.value >= ends[low].value) {
      ends[1 - low] = tried
      low = ends[0].value <= ends[1].value ? 0 : 1
      continue
    }
    if (isFlat(tried)) return found(tried)
    if (tried.slope * (ends[1 - low].at - ends[low].at) >= 0) ends[1 - low] = ends[low]
    ends[low] = tried
  }
  return found(ends[low])
}

/** Where the cubic through two points with their slopes is lowest, between bounds; their middle where it has no minimum. */
function cubicMinimum(one: Tried, other: Tried, from: number, to: number): number {
  const [a, b] = one.at <= other.at ? [one, other] : [other, one]
  const d = a.slope + b.slope - (3 * (a.value - b.value)) / (a.at - b.at)
  const square = d * d - a.slope * b.slope
  if (!(square >= 0)) return (from + to) / 2
  const root = Math.sqrt(square)
  const at = b.at - (b.at - a.at) * ((b.slope + root - d) / (b.slope - a.slope + 2 * root))
  return Math.min(Math.max(at, from), to)
}

/** The sum of products. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}

/** The largest element in size. */
export function largest(x: Float64Array): number {
  return x.reduce((most, each) => Math.max(most, Math.abs(each)), 0)
}
