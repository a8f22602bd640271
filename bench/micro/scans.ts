// Recurrences that may be computed in parallel over time, forwards and back: of T = 4,096 steps, as minGRU and LRU have them.
import { gradients, type Value } from '../../src/graph'
import { add, associativeScan, linearScan, mul, sum } from '../../src/ops'
import { filled, type Probe } from './probe'

const [steps, batch, units] = [4096, 4, 64]
const shape = [steps, batch, units]

/** h = a h + b, as pairs that are joined in any order. */
function joined(a: Value, b: Value): Value {
  const [, h] = associativeScan(([a0, b0], [a1, b1]) => [mul(a0, a1), add(mul(a1, b0), b1)], [a, b])
  return h
}

function probe(name: string, run: (a: Value, b: Value) => Value, isBackward: boolean): Probe {
  return {
    name: `${name}, ${steps} steps${isBackward ? ', with its gradient' : ''}`,
    build() {
      const inputs = [filled(shape, 0.3, 0.6), filled(shape)]
      const result = run(inputs[0], inputs[1])
      if (!isBackward) return [result]
      const found = gradients([sum(mul(result, result))], [filled([], 0, 1)], inputs)
      return found.filter((gradient) => gradient !== undefined)
    },
  }
}

export const scanProbes: readonly Probe[] = [false, true].flatMap((isBackward) => [
  probe('linearScan', (a, b) => linearScan(a, b), isBackward),
  probe('associativeScan', joined, isBackward),
])
