// Element-wise primitives: every function of one number, shapes of all kinds, chains, selection, conversions.
import type { Value } from '../../../src/graph'
import * as ops from '../../../src/ops'
import { Tensor } from '../../../src/tensor'
import { floats, integers } from '../../support'
import { at, build, type Case, each, type Family, vector } from '../case'

interface Unary {
  readonly op: (x: Value) => Value
  readonly f: (x: number) => number
  /** Where it is smooth. */
  readonly from?: number
  readonly to?: number
  readonly gradient?: false
  /** Numbers that need exact handling, beside NaN, infinities and zeros. */
  readonly special?: readonly number[]
}

const large = [1e20, -1e20, 60, -60, 1e-20, -1e-20]

const unaries: Readonly<Record<string, Unary>> = {
  neg: { op: ops.neg, f: (x) => -x, special: large },
  abs: { op: ops.abs, f: Math.abs, special: large },
  sign: { op: ops.sign, f: Math.sign, gradient: false, special: large },
  floor: { op: ops.floor, f: Math.floor, gradient: false, special: [1.5, -1.5, 1e20] },
  ceil: { op: ops.ceil, f: Math.ceil, gradient: false, special: [1.5, -1.5, 1e20] },
  round: { op: ops.round, f: halfToEven, gradient: false, special: [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 2.4, 2.6] },
  exp: { op: ops.exp, f: Math.exp, special: large },
  expm1: { op: ops.expm1, f: Math.expm1, special: large },
  log: { op: ops.log, f: Math.log, from: 0.1, to: 4, special: [1e20, 1e-20, -1] },
  log1p: { op: ops.log1p, f: Math.log1p, from: -0.9, special: [1e20, 1e-20, -1, -2] },
  sqrt: { op: ops.sqrt, f: Math.sqrt, from: 0.1, to: 4, special: [1e20, 1e-20, -1] },
  sin: { op: ops.sin, f: Math.sin, special: [100, -100] },
  cos: { op: ops.cos, f: Math.cos, special: [100, -100] },
  tan: { op: ops.tan, f: Math.tan, from: -1.2, to: 1.2, special: [4, -4] },
  asin: { op: ops.asin, f: Math.asin, from: -0.9, to: 0.9, special: [1, -1, 2] },
  acos: { op: ops.acos, f: Math.acos, from: -0.9, to: 0.9, special: [1, -1, 2] },
  atan: { op: ops.atan, f: Math.atan, special: large },
  sinh: { op: ops.sinh, f: Math.sinh, special: large },
  cosh: { op: ops.cosh, f: Math.cosh, special: large },
  tanh: { op: ops.tanh, f: Math.tanh, special: [...large, 0.002, 100] },
  sigmoid: { op: ops.sigmoid, f: (x) => 1 / (1 + Math.exp(-x)), special: large },
  erf: { op: ops.erf, f: erfByIntegral, special: [...large, 3, -3] },
  identity: { op: ops.identity, f: (x) => x, special: large },
  square: { op: ops.square, f: (x) => x * x, special: large },
  reciprocal: { op: ops.reciprocal, f: (x) => 1 / x, from: 0.5, special: large },
  rsqrt: { op: ops.rsqrt, f: (x) => 1 / Math.sqrt(x), from: 0.5, special: [1e20, 1e-20] },
  log2: { op: ops.log2, f: Math.log2, from: 0.1, special: [8, 1e20] },
  log10: { op: ops.log10, f: Math.log10, from: 0.1, special: [1000, 1e20] },
}

function halfToEven(x: number): number {
  return Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)
}

/** Simpson's rule on 2 / sqrt(pi) exp(-t^2). */
function erfByIntegral(x: number): number {
  if (!(Math.abs(x) < 6)) return Math.sign(x)
  const intervals = 2000
  const h = x / intervals
  let sum = 1 + Math.exp(-x * x)
  for (let i = 1; i < intervals; i++) sum += (i % 2 === 0 ? 2 : 4) * Math.exp(-((i * h) ** 2))
  return ((2 / Math.sqrt(Math.PI)) * sum * h) / 3
}

const unaryCases = Object.entries(unaries).flatMap(([name, { op, f, from = -2, to = 2, gradient, special = [] }]) => [
  {
    name: `${name} of numbers`,
    inputs: [floats([3, 5], { from, to })],
    compute: op,
    expected: each(f),
    gradient: gradient ?? true,
  },
  {
    name: `${name} of NaN, infinities, zeros and extremes`,
    inputs: [vector(Number.NaN, Infinity, -Infinity, 0, -0, ...special)],
    compute: op,
    expected: each(f),
  },
])

const shapeCases = [[], [1], [0], [0, 3], [7], [513], [1031], [2, 1, 3, 2], [3, 700]].map(
  (shape): Case => ({
    name: `a chain over the shape [${shape.join(', ')}]`,
    inputs: [floats(shape), floats(shape, { seed: 2 })],
    compute: (a, b) => ops.sub(ops.mul(ops.add(a, b), 2), ops.tanh(a)),
    expected: each((a, b) => (a + b) * 2 - Math.tanh(a)),
  }),
)

const bools = (...values: number[]): Tensor => new Tensor(Uint8Array.from(values), [values.length])

const tests: readonly Case[] = [
  {
    name: 'isNan, isFinite and isInf tell NaN, infinities and numbers apart',
    inputs: [vector(Number.NaN, Infinity, -Infinity, 0, 1, -3e38)],
    compute: (x) => [ops.isNan(x), ops.isFinite(x), ops.isInf(x)],
    expected: () => [bools(1, 0, 0, 0, 0, 0), bools(0, 0, 0, 1, 1, 1), bools(0, 1, 1, 0, 0, 0)],
  },
  {
    name: 'logicalAnd, logicalOr and logicalNot take any number but 0 as true',
    inputs: [vector(0, 0, 2, -1), bools(0, 1, 0, 1)],
    compute: (x, y) => [ops.logicalAnd(x, y), ops.logicalOr(x, y), ops.logicalNot(x)],
    expected: () => [bools(0, 0, 0, 1), bools(0, 1, 1, 1), bools(1, 1, 0, 0)],
  },
]

const conversions: readonly Case[] = [
  {
    name: 'cast to int32 cuts towards zero',
    inputs: [vector(1.9, -1.9, 0.2, -0.2, 16777216)],
    compute: (x) => ops.cast(x, 'int32'),
    expected: each(Math.trunc, 'int32'),
  },
  {
    name: 'cast to bool is true for all but 0',
    inputs: [vector(0, -0, 0.3, -2, Number.NaN, Infinity)],
    compute: (x) => ops.cast(x, 'bool'),
    expected: () => bools(0, 0, 1, 1, 1, 1),
  },
  {
    name: 'cast makes floats of whole numbers and of booleans',
    inputs: [integers([5], { from: -3 }), bools(0, 1)],
    compute: (x, y) => [ops.cast(x, 'float32'), ops.cast(y, 'float32'), ops.cast(y, 'int32')],
    expected: (x, y) => [
      build([5], ([i]) => x.data[i], 'float32'),
      build([2], ([i]) => y.data[i], 'float32'),
      build([2], ([i]) => y.data[i], 'int32'),
    ],
  },
  {
    name: 'whole numbers stay whole through neg, abs, sign, add, sub and mul',
    inputs: [integers([6], { from: -5, to: 5 }), integers([6], { from: 1, seed: 3 })],
    compute: (x, y) => [
      ops.neg(x),
      ops.abs(x),
      ops.sign(x),
      ops.add(x, y),
      ops.sub(x, y),
      ops.mul(x, y),
      ops.maximum(x, 0),
    ],
    expected: (x, y) => [
      each((a) => -a, 'int32')(x),
      each(Math.abs, 'int32')(x),
      each(Math.sign, 'int32')(x),
      each((a, b) => a + b, 'int32')(x, y),
      each((a, b) => a - b, 'int32')(x, y),
      each((a, b) => a * b, 'int32')(x, y),
      each((a) => Math.max(a, 0), 'int32')(x),
    ],
  },
  {
    name: 'whole numbers are divided as floats',
    inputs: [integers([6], { from: -5, to: 5 }), integers([6], { from: 1, seed: 3 })],
    compute: (x, y) => [ops.div(x, y), ops.exp(x)],
    expected: (x, y) => [each((a, b) => a / b, 'float32')(x, y), each(Math.exp, 'float32')(x)],
  },
]

const selections: readonly Case[] = [
  {
    name: 'where stretches all three operands',
    inputs: [vector(1, 0, 1), floats([2, 1]), floats([4, 1, 1], { seed: 2 })],
    compute: (condition, a, b) => ops.where(ops.greater(condition, 0.5), a, b),
    expected: each((condition, a, b) => (condition > 0.5 ? a : b)),
  },
  {
    name: 'where gives each side its part of the gradient',
    inputs: [floats([3, 4]), floats([3, 4], { seed: 2 }), floats([4], { seed: 3 })],
    compute: (condition, a, b) => ops.where(ops.greater(condition, 0), a, b),
    expected: each((condition, a, b) => (condition > 0 ? a : b)),
    gradient: true,
  },
  {
    name: 'where lets nothing through from what it does not choose',
    inputs: [vector(1, 0, 1, 0), vector(1, Number.NaN, 3, Infinity), vector(Number.NaN, 2, Infinity, 4)],
    compute: (condition, a, b) => ops.where(condition, a, b),
    expected: () => build([4], ([i]) => i + 1),
  },
  {
    name: 'clip keeps NaN and takes its bounds from operands too',
    inputs: [vector(-3, 0.5, 3, Number.NaN, Infinity), vector(1, 1, 1, 1, 2)],
    compute: (x, high) => [ops.clip(x, -1, 1), ops.clip(x, 0, high)],
    expected: () =>
      [vector(-1, 0.5, 1, Number.NaN, 1), vector(0, 0.5, 1, Number.NaN, 2)].map((x) => build([5], ([i]) => x.data[i])),
  },
  {
    name: 'clip passes the gradient inside its bounds',
    inputs: [floats([3, 5])],
    compute: (x) => ops.clip(x, -1, 1),
    expected: each((x) => Math.min(Math.max(x, -1), 1)),
    gradient: true,
  },
  {
    name: 'stopGradient changes nothing but the gradient',
    inputs: [floats([5])],
    compute: (x) => ops.stopGradient(ops.mul(x, 2)),
    expected: each((x) => 2 * x),
  },
]

const chains: readonly Case[] = [
  {
    name: 'a chain of functions that kernels make of the same parts',
    inputs: [floats([3, 5], { from: 0.2, to: 1.4 })],
    compute: (x) =>
      ops.add(
        ops.mul(ops.sin(x), ops.cos(x)),
        ops.mul(ops.tan(x), ops.mul(ops.log(x), ops.pow(ops.log1p(x), ops.tanh(x)))),
      ),
    expected: each((x) => Math.sin(x) * Math.cos(x) + Math.tan(x) * Math.log(x) * Math.log1p(x) ** Math.tanh(x)),
    gradient: true,
  },
  {
    name: 'a chain with several results, read again outside of it',
    inputs: [floats([4, 6]), floats([6], { seed: 2 })],
    compute: (x, y) => {
      const a = ops.mul(x, y)
      const b = ops.exp(a)
      return [a, ops.add(b, x), ops.sum(b, { axis: 0 })]
    },
    expected: (x, y) => [
      each((a, b) => a * b)(x, y),
      each((a, b) => Math.exp(a * b) + a)(x, y),
      build([6], ([j]) => [0, 1, 2, 3].reduce((sum, i) => sum + Math.exp(at(x, [i, j]) * y.data[j]), 0)),
    ],
    gradient: true,
  },
  {
    name: 'a chain longer than one instruction holds',
    inputs: [floats([70])],
    compute: (x) => Array.from({ length: 120 }).reduce<Value>((y) => ops.sin(ops.add(y, x)), x),
    expected: each((x) => Array.from({ length: 120 }).reduce<number>((y) => Math.sin(y + x), x)),
    tolerance: { relative: 1e-3, absolute: 1e-4 },
  },
  {
    name: 'a value used many times',
    inputs: [floats([9])],
    compute: (x) => ops.mul(ops.mul(x, x), ops.add(x, ops.mul(x, x))),
    expected: each((x) => x * x * (x + x * x)),
    gradient: true,
  },
]

export const elementwise: Family = {
  name: 'element-wise',
  cases: [...unaryCases, ...shapeCases, ...tests, ...conversions, ...selections, ...chains],
}
