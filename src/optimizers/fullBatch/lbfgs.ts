// Minimizing a function of which value and gradient can be had anywhere, such as the loss of all data: L-BFGS, on the host.
import { dot, type Evaluated, largest, strongWolfe } from './strongWolfe'

/** Options of the search. */
export interface LbfgsOptions {
  /** How far the line search looks first; 1 by default. */
  readonly learningRate: number
  /** The most iterations, each of which is a line search. */
  readonly maxIterations: number
  /** The most evaluations; an iteration that has begun may need some more. */
  readonly maxEvaluations: number
  /** Ends where no element of the gradient is larger; 1e-7 by default. */
  readonly toleranceGradient: number
  /** Ends where neither the value nor any weight changes by more; 1e-9 by default. */
  readonly toleranceChange: number
  /** From how many steps before the curvature is known; 100 by default. */
  readonly historySize: number
}

/** Why a search ended: by one of its tolerances, or its limits. */
export type LbfgsEnd = 'gradient' | 'change' | 'iterations' | 'evaluations'

/** A point with what the function is there, and how it was found. */
export interface LbfgsResult {
  readonly point: Float64Array
  readonly value: number
  readonly iterations: number
  readonly evaluations: number
  readonly stopped: LbfgsEnd
}

/** A step that was made, and what it changed of the gradient. */
interface Pair {
  readonly step: Float64Array
  readonly change: Float64Array
  /** One by their product. */
  readonly rho: number
}

/**
 * Looks for a minimum (Nocedal and Wright, Numerical optimization, 2006, algorithms 7.4 and 7.5; with the choices, and the end, of PyTorch's `LBFGS` with
 * `strong_wolfe`).
 *
 * @param evaluate - the function and its gradient at a point.
 * @param first - what they are at `start`.
 * @param onIteration - is told each point that is reached.
 */
export async function lbfgs(
  evaluate: (point: Float64Array) => Promise<Evaluated>,
  start: Float64Array,
  first: Evaluated,
  options: LbfgsOptions,
  onIteration: (point: Float64Array, value: number) => Promise<void> | void = () => {},
): Promise<LbfgsResult> {
  const { learningRate, maxIterations, maxEvaluations, toleranceGradient, toleranceChange, historySize } = options
  const pairs: Pair[] = []
  let [point, here, evaluations, iterations, scale] = [start, first, 1, 0, 1]
  const end = (stopped: LbfgsEnd): LbfgsResult => ({ point, value: here.value, iterations, evaluations, stopped })
  if (largest(here.gradient) <= toleranceGradient) return end('gradient')
  while (iterations < maxIterations) {
    iterations++
    const direction = directionOf(here.gradient, pairs, scale)
    const slope = dot(here.gradient, direction)
    if (slope > -toleranceChange) {
      iterations--
      return end('change')
    }
    const sum = here.gradient.reduce((total, each) => total + Math.abs(each), 0)
    const along = (at: number): Float64Array => point.map((each, i) => each + at * direction[i])
    const found = await strongWolfe(
      (at) => evaluate(along(at)),
      direction,
      here,
      (iterations === 1 ? Math.min(1, 1 / sum) : 1) * learningRate,
      { maxEvaluations: maxEvaluations - evaluations, toleranceChange },
    )
    evaluations += found.evaluations
    const step = direction.map((each) => each * found.at)
    const change = found.gradient.map((each, i) => each - here.gradient[i])
    const product = dot(change, step)
    if (product > 1e-10) {
      if (pairs.length === historySize) pairs.shift()
      pairs.push({ step, change, rho: 1 / product })
      scale = product / dot(change, change)
    }
    const before = here.value
    point = along(found.at)
    here = found
    await onIteration(point, here.value)
    if (iterations === maxIterations) break
    if (evaluations >= maxEvaluations) return end('evaluations')
    if (largest(here.gradient) <= toleranceGradient) return end('gradient')
    if (largest(step) <= toleranceChange || Math.abs(here.value - before) < toleranceChange) return end('change')
  }
  return end('iterations')
}

/** Against the gradient, as it is bent by what the steps before tell of the curvature. */
function directionOf(gradient: Float64Array, pairs: readonly Pair[], scale: number): Float64Array {
  const q = gradient.map((each) => -each)
  const shares: number[] = []
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { step, change, rho } = pairs[i]
    shares[i] = dot(step, q) * rho
    for (let j = 0; j < q.length; j++) q[j] -= shares[i] * change[j]
  }
  for (let j = 0; j < q.length; j++) q[j] *= scale
  for (const [i, { step, change, rho }] of pairs.entries()) {
    const rest = shares[i] - dot(change, q) * rho
    for (let j = 0; j < q.length; j++) q[j] += rest * step[j]
  }
  return q
}
