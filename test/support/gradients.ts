// Gradients against central differences, in float64 on the cpu backend.
import { constant, gradients, type Value } from '../../src/graph'
import { add, mul, sum, zerosLike } from '../../src/ops'
import { jit } from '../../src/runtime'
import { castTensor, formatShape, isFloat, Tensor } from '../../src/tensor'
import { floats } from './numbers'

export interface GradientCheck {
  /** By which inputs to differentiate; all floats by default. */
  readonly by?: readonly number[]
  /** The largest difference, relative to the largest element of the gradient; 1e-6 by default. */
  readonly tolerance?: number
}

/**
 * Throws unless the gradients of a weighted sum of the results agree with central differences, element by element:
 * (f(x + h) - f(x - h)) / 2h, with h small enough for float64 and the curvature of ordinary functions.
 */
export async function expectGradients(
  fn: (...args: Value[]) => Value | readonly Value[],
  inputs: readonly Tensor[],
  { by, tolerance = 1e-6 }: GradientCheck = {},
): Promise<void> {
  const wide = inputs.map((input) => (isFloat(input.dtype) ? castTensor(input, 'float64') : input))
  const wrt = by ?? wide.flatMap((input, i) => (isFloat(input.dtype) ? [i] : []))
  const weighted = (args: readonly Value[]): Value => weightedSum(fn(...args))
  const evaluate = jit((...args: Value[]) => weighted(args), { backend: 'cpu' })
  const differentiate = jit(
    (...args: Value[]) => {
      const values = wrt.map((i) => args[i])
      const result = weighted(args)
      return gradients([result], [constant(1, result.dtype)], values).map((found, i) => found ?? zerosLike(values[i]))
    },
    { backend: 'cpu' },
  )
  const found = await differentiate(...wide)
  for (const [k, i] of wrt.entries()) {
    const expected = await differences(wide, i, async (given) => (await evaluate(...given)).item())
    const scale = Math.max(1e-3, ...Array.from(expected, Math.abs))
    for (const [at, want] of expected.entries()) {
      const got = found[k].data[at]
      if (Math.abs(got - want) <= tolerance * scale) continue
      const where = `element ${at} of input ${i} ${formatShape(wide[i].shape)}`
      throw new Error(`gradient at ${where}: expected ${want} by central differences, got ${got}`)
    }
  }
}

/** One number that depends on every element of every float result, each with a weight of its own. */
export function weightedSum(results: Value | readonly Value[]): Value {
  const list = (Array.isArray(results) ? results : [results]) as readonly Value[] // one value or a list of them
  const parts = list
    .filter(({ dtype }) => isFloat(dtype))
    .map((value, i) =>
      sum(mul(value, constant(floats(value.shape, { from: 0.5, to: 1.5, seed: 100 + i }), value.dtype))),
    )
  return parts.reduce((total, part) => add(total, part))
}

/** Central differences by every element of one input. */
async function differences(
  inputs: readonly Tensor[],
  index: number,
  evaluate: (inputs: readonly Tensor[]) => Promise<number>,
): Promise<number[]> {
  const { data, shape } = inputs[index]
  const moved = async (at: number, to: number): Promise<number> => {
    const copy = Float64Array.from(data)
    copy[at] = to
    return evaluate(inputs.map((input, i) => (i === index ? new Tensor(copy, shape) : input)))
  }
  const found: number[] = []
  for (const [at, x] of data.entries()) {
    const h = 1e-5 * Math.max(1, Math.abs(x))
    const [above, below] = [x + h, x - h]
    found.push(((await moved(at, above)) - (await moved(at, below))) / (above - below))
  }
  return found
}
