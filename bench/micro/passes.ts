// What runs at the speed of memory or of its special functions: chains of element-wise operations, reductions, softmax,
// normalisation, embedding, random numbers, an optimizer's update.
import { findPrimitive, type Value, Variable } from '../../src/graph'
import {
  add,
  div,
  dropoutMask,
  exp,
  gather,
  layerNorm,
  mul,
  scatterAdd,
  sigmoid,
  softmax,
  softmaxCrossEntropy,
  sqrt,
  sub,
  sum,
  tanh,
} from '../../src/ops'
import { sizeOf, Tensor } from '../../src/tensor'
import { filled, type Probe } from './probe'

const rows = 2048
const columns = 96
const wide = [rows, columns] as const
const many = sizeOf(wide)

/** A probe that reads and writes so many numbers of four bytes. */
function pass(name: string, numbers: number, build: () => readonly Value[]): Probe {
  return { name: name, bytes: 4 * numbers, build }
}

export const passProbes: readonly Probe[] = [
  pass('a + b', 3 * many, () => [add(filled(wide), filled(wide))]),
  pass('a row added to each', 2 * many, () => [add(filled(wide), filled([columns]))]),
  pass('a chain of six', 3 * many, () => {
    const [a, b] = [filled(wide), filled(wide)]
    return [add(mul(sub(a, b), add(a, 2)), div(b, add(mul(a, a), 1)))]
  }),
  pass('exp', 2 * many, () => [exp(filled(wide, 5))]),
  pass('tanh', 2 * many, () => [tanh(filled(wide, 5))]),
  pass('sigmoid', 2 * many, () => [sigmoid(filled(wide, 5))]),
  pass('sum of all', many, () => [sum(filled(wide))]),
  pass('sum of rows', many, () => [sum(filled(wide), { axis: 1 })]),
  pass('sum of columns', many, () => [sum(filled(wide), { axis: 0 })]),
  pass('softmax', 2 * many, () => [softmax(filled(wide))]),
  pass('softmaxCrossEntropy', many, () => [softmaxCrossEntropy(filled(wide), indices(rows, columns))]),
  pass('softmaxCrossEntropy, gradient', 2 * many, () =>
    findPrimitive('softmaxCrossEntropyGradient').apply([filled(wide), indices(rows, columns), filled([rows])], {}),
  ),
  pass('layerNorm', 2 * many, () => [layerNorm(filled(wide))]),
  pass('layerNorm, gradient', 3 * many, () =>
    findPrimitive('layerNormGradient').apply([filled(wide), filled([rows, 1]), filled(wide)], {}),
  ),
  pass('gather of rows', 2 * many, () => [gather(filled([columns, columns]), indices(rows, columns))]),
  pass('scatterAdd of rows', many, () => [scatterAdd(filled(wide), indices(rows, columns), columns)]),
  pass('dropoutMask', many, () => [dropoutMask(state(), wide, 0.5)]),
  pass('Adam, W2 recurrent kernel', 7 * 256 * 1024, adam),
]

/** The step of one variable, written with ops: weight, momentum and velocity from themselves and the gradient. */
function adam(): readonly Value[] {
  const [weight, momentum, velocity, gradient] = [0, 0, 0.2, 0].map((shift) => filled([256, 1024], 0.1, shift))
  const m = add(momentum, mul(sub(gradient, momentum), 0.1))
  const v = add(velocity, mul(sub(mul(gradient, gradient), velocity), 0.001))
  return [sub(weight, div(mul(m, 1e-3), add(sqrt(v), 1e-7))), m, v]
}

function indices(count: number, below: number): Value {
  const data = Int32Array.from({ length: count }, (_, index) => (index * 37) % below)
  return new Variable('indices', new Tensor(data, [count], 'int32')).value
}

function state(): Value {
  return new Variable('state', new Tensor(Int32Array.of(42, 7), [2], 'int32')).value
}
