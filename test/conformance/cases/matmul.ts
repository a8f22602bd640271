// Products: sizes that fit no block, transposes, batches that broadcast, vectors, and what is written with indices.
import type { Value } from '../../../src/graph'
import * as ops from '../../../src/ops'
import { broadcastShapes, type Shape, sizeOf } from '../../../src/tensor'
import { floats, integers } from '../../support'
import { at, build, type Case, type Family } from '../case'

const sizes: readonly (readonly [m: number, k: number, n: number])[] = [
  [1, 1, 1],
  [2, 3, 4],
  [5, 7, 3],
  [1, 9, 17],
  [17, 9, 1],
  [4, 4, 4],
  [8, 1, 8],
  [33, 65, 31],
  [1, 130, 5],
  [3, 0, 2],
  [0, 3, 2],
  [6, 64, 48],
]

const sizeCases = sizes.flatMap(([m, k, n]) =>
  [false, true].flatMap((transposeA) =>
    [false, true].map(
      (transposeB): Case => ({
        name: `[${m}, ${k}]${transposeA ? ' transposed' : ''} times [${k}, ${n}]${transposeB ? ' transposed' : ''}`,
        inputs: [floats(transposeA ? [k, m] : [m, k]), floats(transposeB ? [n, k] : [k, n], { seed: 2 })],
        compute: (a, b) => ops.matmul(a, b, { transposeA, transposeB }),
        expected: (a, b) =>
          build([m, n], ([i, j]) =>
            sum(k, (l) => at(a, transposeA ? [l, i] : [i, l]) * at(b, transposeB ? [j, l] : [l, j])),
          ),
        gradient: m * k * n < 300,
        tolerance: { absolute: 2e-4 },
      }),
    ),
  ),
)

function sum(count: number, term: (i: number) => number): number {
  let total = 0
  for (let i = 0; i < count; i++) total += term(i)
  return total
}

const batches: readonly (readonly [Shape, Shape])[] = [
  [
    [2, 3, 4],
    [2, 4, 5],
  ],
  [
    [2, 3, 4],
    [4, 5],
  ],
  [
    [3, 4],
    [2, 4, 5],
  ],
  [
    [2, 1, 3, 4],
    [3, 4, 2],
  ],
  [
    [1, 2, 3],
    [5, 3, 2],
  ],
  [
    [0, 2, 3],
    [3, 2],
  ],
]

const batchCases = batches.map(
  ([a, b]): Case => ({
    name: `batches [${a.join(', ')}] times [${b.join(', ')}]`,
    inputs: [floats(a), floats(b, { seed: 2 })],
    compute: (x, y) => [ops.matmul(x, y), ops.matmul(x, ops.swapAxes(y, -1, -2), { transposeB: true })],
    expected: (x, y) => {
      const k = a[a.length - 1]
      const shape = [...broadcastShapes(a.slice(0, -2), b.slice(0, -2)), a[a.length - 2], b[b.length - 1]]
      const product = build(shape, (index) => {
        const lead = index.slice(0, -2)
        const [i, j] = index.slice(-2)
        return sum(k, (l) => at(x, [...lead, i, l]) * at(y, [...lead, l, j]))
      })
      return [product, product]
    },
    gradient: true,
  }),
)

const vectorCases: readonly Case[] = [
  {
    name: 'a vector is a row on the left and a column on the right',
    inputs: [floats([3]), floats([3, 4], { seed: 2 }), floats([4], { seed: 3 })],
    compute: (a, b, c) => [ops.matmul(a, b), ops.matmul(b, c), ops.matmul(c, c)],
    expected: (a, b, c) => [
      build([4], ([j]) => sum(3, (i) => a.data[i] * at(b, [i, j]))),
      build([3], ([i]) => sum(4, (j) => at(b, [i, j]) * c.data[j])),
      build([], () => sum(4, (j) => c.data[j] ** 2)),
    ],
    gradient: true,
  },
  {
    name: 'dot, outer and tensordot',
    inputs: [floats([2, 3]), floats([4, 3, 2], { seed: 2 })],
    compute: (a, b) => [
      ops.dot(a, b),
      ops.outer(a, [1, 2]),
      ops.tensordot(a, b, [
        [0, 1],
        [2, 1],
      ]),
    ],
    expected: (a, b) => [
      build([2, 4, 2], ([i, p, q]) => sum(3, (l) => at(a, [i, l]) * at(b, [p, l, q]))),
      build([6, 2], ([i, j]) => a.data[i] * (j + 1)),
      build([4], ([p]) => sum(2, (i) => sum(3, (l) => at(a, [i, l]) * at(b, [p, l, i])))),
    ],
    gradient: true,
  },
  {
    name: 'whole numbers are multiplied as float32',
    inputs: [integers([2, 3]), integers([3, 2], { seed: 2 })],
    compute: (a, b) => ops.matmul(a, b),
    expected: (a, b) => build([2, 2], ([i, j]) => sum(3, (l) => at(a, [i, l]) * at(b, [l, j])), 'float32'),
  },
  {
    name: 'norms of order 1, 2 and Infinity',
    inputs: [floats([3, 4])],
    compute: (x) => [
      ops.norm(x),
      ops.norm(x, { order: 1, axis: 0 }),
      ops.norm(x, { order: Infinity, axis: 1, keepDims: true }),
      ops.norm(ops.mul(x, 0), { axis: 1 }),
    ],
    expected: (x) => [
      build([], () => Math.hypot(...x.data)),
      build([4], ([j]) => sum(3, (i) => Math.abs(at(x, [i, j])))),
      build([3, 1], ([i]) => Math.max(...[0, 1, 2, 3].map((j) => Math.abs(at(x, [i, j]))))),
      build([3], () => 0),
    ],
    gradient: true,
  },
]

const [I, J, K] = [2, 3, 4]
const lengths: Readonly<Record<string, number>> = { i: I, j: J, k: K, b: 2, q: 3, d: 2 }

/** Every combination of letters' values, summed as the equation says: the definition itself. */
function einsumCase(equation: string): Case {
  const [left, right] = equation.split('->')
  const operands = left.split(',')
  const letters = [...new Set(left.replaceAll(',', ''))]
  const shapeOf = (labels: string): number[] => [...labels].map((label) => lengths[label])
  const inner = letters.filter((label) => !right.includes(label))
  const count = sizeOf(shapeOf(inner.join('')))
  return {
    name: `einsum ${equation}`,
    inputs: operands.map((labels, i) => floats(shapeOf(labels), { seed: i + 1 })),
    compute: (...values: Value[]) => ops.einsum(equation, ...values),
    expected: (...tensors) =>
      build(shapeOf(right), (index) =>
        sum(count, (flat) => {
          const value = new Map([...right].map((label, i) => [label, index[i]]))
          let rest = flat
          for (const label of inner) {
            value.set(label, rest % lengths[label])
            rest = Math.floor(rest / lengths[label])
          }
          return operands.reduce((product, labels, i) => {
            return (
              product *
              at(
                tensors[i],
                [...labels].map((label) => value.get(label) ?? 0),
              )
            )
          }, 1)
        }),
      ),
    gradient: true,
  }
}

const einsums = ['ij,jk->ik', 'ij->ji', 'ij->', 'ij,ij->i', 'bqd,bkd->bqk', 'ij,jk,ki->', 'i,j->ij', 'ij,kj,i->k']

export const matmul: Family = {
  name: 'products',
  cases: [...sizeCases, ...batchCases, ...vectorCases, ...einsums.map(einsumCase)],
}
