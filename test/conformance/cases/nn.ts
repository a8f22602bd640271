// Activation functions, softmax, cross-entropy and layer norm: formulas, large numbers, NaN, fused and decomposed.
import { gradients, type Value } from '../../../src/graph'
import * as ops from '../../../src/ops'
import { type Shape, Tensor } from '../../../src/tensor'
import { distinct, floats, integers } from '../../support'
import { at, build, type Case, each, type Family, vector } from '../case'

const { NaN: nan } = Number
const relu = (x: number): number => (x > 0 || Number.isNaN(x) ? x : 0)
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
const softplus = (x: number): number => relu(x) + Math.log1p(Math.exp(-Math.abs(x)))
const between = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high)

interface Activation {
  readonly op: (x: Value) => Value
  readonly f: (x: number) => number
}

const activations: Readonly<Record<string, Activation>> = {
  relu: { op: (x) => ops.relu(x), f: relu },
  'relu with a slope, a bound and a threshold': {
    op: (x) => ops.relu(x, { negativeSlope: 0.25, maxValue: 1.5, threshold: 0.5 }),
    f: (x) => (x >= 1.5 ? 1.5 : x > 0.5 || Number.isNaN(x) ? x : 0.25 * (x - 0.5)),
  },
  relu6: { op: ops.relu6, f: (x) => between(x, 0, 6) },
  leakyRelu: { op: (x) => ops.leakyRelu(x), f: (x) => (x > 0 ? x : 0.2 * x) },
  elu: { op: (x) => ops.elu(x), f: (x) => (x > 0 ? x : Math.expm1(x)) },
  'elu with alpha': { op: (x) => ops.elu(x, 0.5), f: (x) => (x > 0 ? x : 0.5 * Math.expm1(x)) },
  celu: { op: (x) => ops.celu(x, 2), f: (x) => (x > 0 ? x : 2 * Math.expm1(x / 2)) },
  selu: {
    op: ops.selu,
    f: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * Math.expm1(x)),
  },
  exponential: { op: ops.exponential, f: Math.exp },
  softplus: { op: ops.softplus, f: softplus },
  logSigmoid: { op: ops.logSigmoid, f: (x) => -softplus(-x) },
  softsign: { op: ops.softsign, f: (x) => x / (1 + Math.abs(x)) },
  hardSigmoid: { op: ops.hardSigmoid, f: (x) => between(x / 6 + 0.5, 0, 1) },
  sparseSigmoid: { op: ops.sparseSigmoid, f: (x) => between(x / 2 + 0.5, 0, 1) },
  hardTanh: { op: ops.hardTanh, f: (x) => between(x, -1, 1) },
  silu: { op: ops.silu, f: (x) => x * sigmoid(x) },
  hardSilu: { op: ops.hardSilu, f: (x) => x * between(x / 6 + 0.5, 0, 1) },
  mish: { op: ops.mish, f: (x) => x * Math.tanh(softplus(x)) },
  'gelu by tanh': {
    op: (x) => ops.gelu(x, true),
    f: (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
  },
  squareplus: { op: (x) => ops.squareplus(x), f: (x) => (x + Math.sqrt(x * x + 4)) / 2 },
  sparsePlus: { op: ops.sparsePlus, f: (x) => (x <= -1 ? 0 : x < 1 ? (x + 1) ** 2 / 4 : x) },
  softShrink: { op: (x) => ops.softShrink(x), f: (x) => x - between(x, -0.5, 0.5) },
  hardShrink: { op: (x) => ops.hardShrink(x), f: (x) => (Math.abs(x) <= 0.5 ? 0 : x) },
  tanhShrink: { op: ops.tanhShrink, f: (x) => x - Math.tanh(x) },
  threshold: { op: (x) => ops.threshold(x, 0.3, -7), f: (x) => (x <= 0.3 ? -7 : x) },
}

const activationCases = Object.entries(activations).flatMap(([name, { op, f }]): Case[] => [
  { name, inputs: [floats([4, 9], { from: -4, to: 4 })], compute: op, expected: each(f), gradient: true },
  {
    name: `${name} of NaN, large and small numbers`,
    inputs: [vector(nan, 50, -50, 1e-6, -1e-6, 0, 1)],
    compute: op,
    expected: each(f),
  },
])

/** The derivative at each number. */
function slope(op: (x: Value) => Value): (x: Value) => Value {
  return (x) => gradients([op(x)], [ops.onesLike(x)], [x])[0] ?? ops.zerosLike(x)
}

/** Derivatives at corners, and far out, where a careless formula gives NaN. */
const slopes: readonly (readonly [name: string, op: (x: Value) => Value, at: Tensor, is: readonly number[]])[] = [
  ['relu', ops.relu, vector(0, -0, 1, -1, 1e30), [0, 0, 1, 0, 1]],
  ['relu6', ops.relu6, vector(0, 6, 3, 1e30), [0, 0, 1, 0]],
  ['leakyRelu', (x) => ops.leakyRelu(x), vector(0, 1e30, -1e30), [0.2, 1, 0.2]],
  ['elu', (x) => ops.elu(x), vector(0, 1000, -1000), [1, 1, 0]],
  ['softplus', ops.softplus, vector(0, 1000, -1000), [0.5, 1, 0]],
  ['logSigmoid', ops.logSigmoid, vector(0, 1000, -1000), [0.5, 0, 1]],
  ['hardTanh', ops.hardTanh, vector(-1, 0, 1), [0, 1, 0]],
  ['silu', ops.silu, vector(0, 1000, -1000), [0.5, 1, 0]],
  ['mish', ops.mish, vector(0, 1000, -1000), [0.6, 1, 0]],
  ['gelu', (x) => ops.gelu(x), vector(0, 1000, -1000), [0.5, 1, 0]],
  ['clip', (x) => ops.clip(x, -1, 1), vector(-1, 1, 2), [1, 1, 0]],
  ['abs', ops.abs, vector(0, 2, -2), [0, 1, -1]],
]

const slopeCases = slopes.map(
  ([name, op, point, is]): Case => ({
    name: `the derivative of ${name} at its corners and far out`,
    inputs: [point],
    compute: slope(op),
    expected: () => build([is.length], ([i]) => is[i]),
  }),
)

const gates: readonly Case[] = [
  {
    name: 'gelu is x times the normal distribution',
    inputs: [vector(-3, -1, 0, 0.5, 2)],
    compute: (x) => ops.gelu(x),
    // x * Phi(x) with Phi from a table of the normal distribution.
    expected: (x) =>
      build([5], ([i]) => {
        const phi = [0.0013498980316301, 0.158655253931457, 0.5, 0.691462461274013, 0.977249868051821]
        return x.data[i] * phi[i]
      }),
    gradient: true,
  },
  {
    name: 'glu gates the first half by the second, along any axis',
    inputs: [floats([4, 6])],
    compute: (x) => [ops.glu(x), ops.glu(x, 0)],
    expected: (x) => [
      build([4, 3], ([i, j]) => at(x, [i, j]) * sigmoid(at(x, [i, j + 3]))),
      build([2, 6], ([i, j]) => at(x, [i, j]) * sigmoid(at(x, [i + 2, j]))),
    ],
    gradient: true,
  },
]

/** A function of rows, applied along an axis. */
function alongAxis(f: (row: readonly number[]) => readonly number[], axis = -1): (x: Tensor) => Tensor {
  return (x) => {
    const dim = (axis + x.rank) % x.rank
    return build(x.shape, (index) => {
      const row = Array.from({ length: x.shape[dim] }, (_, k) =>
        at(
          x,
          index.map((n, i) => (i === dim ? k : n)),
        ),
      )
      return f(row)[index[dim]]
    })
  }
}

function softmax(row: readonly number[]): number[] {
  const top = Math.max(...row)
  const powers = row.map((x) => Math.exp(x - top))
  const total = powers.reduce((sum, power) => sum + power, 0)
  return powers.map((power) => power / total)
}

/** The nearest point of the simplex by bisection for tau: sum max(x - tau, 0) = 1. */
function sparsemax(row: readonly number[]): number[] {
  let [low, high] = [Math.min(...row) - 1, Math.max(...row)]
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2
    if (row.reduce((sum, x) => sum + Math.max(x - middle, 0), 0) > 1) low = middle
    else high = middle
  }
  return row.map((x) => Math.max(x - low, 0))
}

const far = new Tensor(Float32Array.of(1000, 999, -1000, -1e4, -1e4, -1e4, 0, -Infinity, 1, nan, 0, 1), [4, 3])

const softmaxCases: readonly Case[] = [
  ...([[5], [2, 3], [3, 1], [2, 3, 7], [2, 600], [0, 3]] as const).map(
    (shape): Case => ({
      name: `softmax and logSoftmax of [${shape.join(', ')}]`,
      inputs: [floats(shape)],
      compute: (x) => [ops.softmax(x), ops.logSoftmax(x)],
      expected: (x) => [alongAxis(softmax)(x), alongAxis((row) => softmax(row).map(Math.log))(x)],
      gradient: shape[shape.length - 1] < 100,
    }),
  ),
  {
    name: 'softmax, logSoftmax and sparsemax along another axis',
    inputs: [distinct([4, 3], { gap: 0.3 })],
    compute: (x) => [ops.softmax(x, 0), ops.logSoftmax(x, 0), ops.sparsemax(x, 0), ops.sparsemax(x)],
    expected: (x) => [
      alongAxis(softmax, 0)(x),
      alongAxis((row) => softmax(row).map(Math.log), 0)(x),
      alongAxis(sparsemax, 0)(x),
      alongAxis(sparsemax)(x),
    ],
    gradient: true,
  },
  {
    name: 'softmax and logSoftmax of numbers whose powers overflow or vanish, of -Infinity and of NaN',
    inputs: [far],
    compute: (x) => [ops.softmax(x), ops.logSoftmax(x)],
    expected: (x) => [
      alongAxis(softmax)(x),
      alongAxis((row) => {
        const top = Math.max(...row)
        const shift = Math.log(row.reduce((sum, n) => sum + Math.exp(n - top), 0))
        return row.map((n) => n - top - shift)
      })(x),
    ],
  },
]

/** -log softmax(row)[label], worked out without overflow; a label outside counts as a logit of 0. */
function crossEntropy(logits: Tensor, labels: Tensor): Tensor {
  return build(labels.shape, (index) => {
    const classes = logits.shape[logits.rank - 1]
    const row = Array.from({ length: classes }, (_, k) => at(logits, [...index, k]))
    const top = Math.max(...row)
    return top + Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0)) - (row[at(labels, index)] ?? 0)
  })
}

const crossEntropies: readonly Case[] = [
  ...([[4], [2, 3], []] as Shape[]).map(
    (rows): Case => ({
      name: `softmaxCrossEntropy of [${rows.join(', ')}] rows`,
      inputs: [floats([...rows, 5]), integers(rows, { to: 5 })],
      compute: (logits, labels) => ops.softmaxCrossEntropy(logits, labels),
      expected: crossEntropy,
      gradient: true,
    }),
  ),
  {
    name: 'softmaxCrossEntropy of large logits, and of labels outside the classes',
    inputs: [
      new Tensor(Float32Array.of(1000, 0, -1000, 2, 1, 0, 3, 3, 3), [3, 3]),
      new Tensor(Int32Array.of(2, -1, 7), [3]),
    ],
    compute: (logits, labels) => ops.softmaxCrossEntropy(logits, labels),
    expected: crossEntropy,
    gradient: true,
  },
]

function normalised(row: readonly number[], epsilon: number): number[] {
  const mean = row.reduce((sum, x) => sum + x, 0) / row.length
  const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / row.length
  return row.map((x) => (x - mean) / Math.sqrt(variance + epsilon))
}

const layerNorms: readonly Case[] = [
  ...([[6], [3, 5], [2, 3, 4], [2, 1], [3, 300]] as Shape[]).map(
    (shape): Case => ({
      name: `layerNorm of [${shape.join(', ')}]`,
      inputs: [floats(shape)],
      compute: (x) => ops.layerNorm(x),
      expected: alongAxis((row) => normalised(row, 1e-3)),
      gradient: shape[shape.length - 1] < 100,
    }),
  ),
  {
    name: 'layerNorm with gamma and beta, of numbers far from 0',
    inputs: [floats([3, 4], { from: 98, to: 102 }), floats([4], { seed: 2 }), floats([4], { seed: 3 })],
    compute: (x, gamma, beta) => ops.layerNorm(x, { gamma, beta, epsilon: 1e-5 }),
    expected: (x, gamma, beta) =>
      alongAxis((row) => normalised(row, 1e-5).map((y, i) => y * gamma.data[i] + beta.data[i]))(x),
    gradient: true,
    tolerance: { absolute: 1e-4 },
  },
]

export const nn: Family = {
  name: 'networks',
  cases: [...activationCases, ...slopeCases, ...gates, ...softmaxCases, ...crossEntropies, ...layerNorms],
}
