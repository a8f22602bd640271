// Branches, loops and maps, and gradients of one's own.
import type { Value } from '../../../src/graph'
import * as ops from '../../../src/ops'
import { floats } from '../../support'
import { build, type Case, each, type Family, vector } from '../case'

const x = floats([3, 4])
const positive = floats([3, 4]).data.map((value) => Math.abs(value) + 0.5)
const row = (values: readonly number[], from: number) => values.slice(4 * from, 4 * from + 4)

const cases: readonly Case[] = [
  {
    name: 'cond: the branch that holds, and its gradient alone, where the other has none',
    inputs: [vector(-1.5, -0.25, -3)],
    compute: (value: Value) =>
      ops.cond(
        ops.greater(ops.sum(value), 0),
        () => ops.sqrt(value),
        () => ops.mul(value, ops.square(value)),
      ),
    expected: each((value) => value ** 3),
    gradient: true,
  },
  {
    name: 'cond: several results, from operands',
    inputs: [x, floats([3, 4], { seed: 2 })],
    compute: (a: Value, b: Value) =>
      ops.cond(
        true,
        (left, right) => [ops.mul(left, right), ops.sum(left)],
        (left, right) => [ops.div(left, right), ops.sum(right)],
        a,
        b,
      ),
    expected: (a, b) => [
      each((left, right) => left * right)(a, b),
      build([], () => Array.from(a.data).reduce((s, v) => s + v, 0)),
    ],
    gradient: true,
  },
  {
    name: 'switch: a number outside is the nearest',
    inputs: [x],
    compute: (value: Value) =>
      [-3, 1, 9].map((at) => ops.switch(at, [ops.neg, ops.square, (v: Value) => ops.mul(v, 3)], value)),
    expected: (value) => [each((v) => -v)(value), each((v) => v * v)(value), each((v) => 3 * v)(value)],
    gradient: true,
  },
  {
    name: 'whileLoop: rounds behind the end change nothing',
    inputs: [vector(10, 3)],
    compute: (value: Value) => {
      const [halved, rounds] = ops.whileLoop(
        (v) => ops.greater(ops.max(v), 1),
        (v, n) => [ops.div(v, 2), ops.add(n, 1)],
        [value, ops.cast(0, 'int32')],
        { maximumIterations: 9 },
      )
      return [halved, ops.cast(rounds, 'int32')]
    },
    expected: (value) => [each((v) => v / 16)(value), build([], () => 4, 'int32')],
    gradient: true,
  },
  {
    name: 'foriLoop: the number counts up',
    inputs: [x],
    compute: (value: Value) =>
      ops.foriLoop(2, 5, (i, sum) => ops.add(ops.mul(sum, value), ops.cast(i, value.dtype)), value),
    expected: each((v) => ((v * v + 2) * v + 3) * v + 4),
    gradient: true,
  },
  {
    name: 'map: rows one by one',
    inputs: [x, floats([3], { seed: 5 })],
    compute: (matrix: Value, factors: Value) => [
      ops.map((line) => ops.sum(ops.square(line)), matrix),
      ops.vectorizedMap(([line, factor]) => ops.mul(line, factor), [matrix, factors]),
    ],
    expected: (matrix, factors) => [
      build([3], ([i]) => row(Array.from(matrix.data), i).reduce((s, v) => s + v * v, 0)),
      build([3, 4], ([i, j]) => matrix.data[4 * i + j] * factors.data[i]),
    ],
    gradient: true,
  },
  {
    name: 'vectorize: axes before those of the signature broadcast',
    inputs: [floats([2, 1, 3, 4]), floats([5, 4], { seed: 3 })],
    compute: (matrices: Value, vectors: Value) =>
      ops.vectorize((m, v) => ops.squeeze(ops.matmul(m, ops.expandDims(v, 1)), 1), { signature: '(m,n),(n)->(m)' })(
        matrices,
        vectors,
      ),
    expected: ({ data: m }, { data: v }) =>
      build([2, 5, 3], ([b, i, k]) => [0, 1, 2, 3].reduce((s, n) => s + m[b * 12 + k * 4 + n] * v[i * 4 + n], 0)),
    gradient: true,
  },
  {
    name: 'customGradient: within a loop, from what the function computed',
    inputs: [build([3, 4], ([i, j]) => positive[4 * i + j], 'float32')],
    compute: (value: Value) => {
      // The right gradient, said by hand.
      const root = ops.customGradient((v) => {
        const y = ops.sqrt(v)
        return [y, (g) => ops.div(ops.mul(g, 0.5), y)]
      })
      return ops.foriLoop(0, 3, (_, v) => ops.add(root(v), value), value)
    },
    expected: each((v) => [0, 1, 2].reduce((sum) => Math.sqrt(sum) + v, v)),
    gradient: true,
  },
  {
    name: 'jvp: the change along a direction',
    inputs: [x, floats([3, 4], { seed: 9 })],
    compute: (value: Value, direction: Value) => ops.jvp((v) => ops.mul(ops.sin(v), v), [value], [direction]),
    expected: (value, direction) => [
      each((v) => Math.sin(v) * v)(value),
      each((v, d) => d * (Math.cos(v) * v + Math.sin(v)))(value, direction),
    ],
    gradient: true,
  },
]

export const control: Family = { name: 'branches, loops and maps', cases }
