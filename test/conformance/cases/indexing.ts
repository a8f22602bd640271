// Reading and adding by index, sorting, running sums, and what is made of counting numbers.
import * as ops from '../../../src/ops'
import { type Shape, Tensor } from '../../../src/tensor'
import { distinct, floats, integers } from '../../support'
import { at, build, type Case, type Family } from '../case'

const ints = (shape: Shape, ...numbers: number[]): Tensor => new Tensor(Int32Array.from(numbers), shape)
const { NaN: nan } = Number

/** The element at an index, or 0 where the index along `axis` lies outside. */
function atOrZero(x: Tensor, index: readonly number[], axis: number): number {
  return index[axis] >= 0 && index[axis] < x.shape[axis] ? at(x, index) : 0
}

const gathers: readonly (readonly [Shape, Shape, number])[] = [
  [[5, 3], [4], 0],
  [[5, 3], [2, 3], 0],
  [[2, 5, 3], [4], 1],
  [[2, 5, 3], [2, 2], -1],
  [[7], [], 0],
  [[4, 2], [0], 0],
  [[300, 33], [70], 0],
]

const gatherCases = gathers.map(
  ([shape, places, axis]): Case => ({
    name: `gather [${places.join(', ')}] places of [${shape.join(', ')}] along axis ${axis}`,
    inputs: [floats(shape), integers(places, { from: 0, to: 3 })],
    compute: (x, indices) => ops.gather(x, indices, axis),
    expected: (x, indices) => {
      const dim = (axis + x.rank) % x.rank
      const out = [...shape.slice(0, dim), ...places, ...shape.slice(dim + 1)]
      return build(out, (index) => {
        const place = at(indices, index.slice(dim, dim + places.length))
        return at(x, [...index.slice(0, dim), place, ...index.slice(dim + places.length)])
      })
    },
    gradient: shape[0] < 100,
  }),
)

const scatterCases: readonly Case[] = [
  {
    name: 'scatterAdd adds up what has the same index',
    inputs: [floats([2, 3, 4]), ints([2, 3], 1, 0, 1, 3, 1, 1)],
    compute: (updates, indices) => ops.scatterAdd(updates, indices, 5),
    expected: (updates, indices) =>
      build([5, 4], ([place, j]) => {
        let sum = 0
        for (let k = 0; k < 6; k++) if (indices.data[k] === place) sum += at(updates, [Math.floor(k / 3), k % 3, j])
        return sum
      }),
    gradient: true,
  },
  {
    name: 'scatterAdd along a middle axis',
    inputs: [floats([2, 3, 2]), ints([3], 2, 0, 2)],
    compute: (updates, indices) => ops.scatterAdd(updates, indices, 4, 1),
    expected: (updates, indices) =>
      build([2, 4, 2], ([i, place, j]) =>
        [0, 1, 2].reduce((sum, k) => sum + (indices.data[k] === place ? at(updates, [i, k, j]) : 0), 0),
      ),
    gradient: true,
  },
  {
    name: 'takeAlongAxis has indices of its own for each line',
    inputs: [floats([3, 4]), ints([3, 2], 0, 3, 1, 1, 2, 0), ints([2, 4], 0, 2, 1, 0, 1, 1, 2, 2)],
    compute: (x, columns, rows) => [ops.takeAlongAxis(x, columns), ops.takeAlongAxis(x, rows, 0)],
    expected: (x, columns, rows) => [
      build([3, 2], ([i, j]) => at(x, [i, at(columns, [i, j])])),
      build([2, 4], ([i, j]) => at(x, [at(rows, [i, j]), j])),
    ],
    gradient: true,
  },
  {
    name: 'scatterAlongAxis adds each element in its line',
    inputs: [floats([2, 3]), ints([2, 3], 0, 3, 0, 1, 2, 1)],
    compute: (updates, indices) => ops.scatterAlongAxis(updates, indices, 4),
    expected: (updates, indices) =>
      build([2, 4], ([i, place]) =>
        [0, 1, 2].reduce((sum, k) => sum + (at(indices, [i, k]) === place ? at(updates, [i, k]) : 0), 0),
      ),
    gradient: true,
  },
  {
    name: 'an index outside the axis reads 0 and adds nowhere',
    inputs: [floats([3, 2]), ints([5], -1, 3, 1, 1000000, -1000000), floats([5, 2], { seed: 2 })],
    compute: (x, indices, updates) => [
      ops.gather(x, indices),
      ops.scatterAdd(updates, indices, 3),
      ops.takeAlongAxis(x, ops.broadcastTo(ops.expandDims(indices, 1), [5, 2]), 0),
      ops.scatterAlongAxis(updates, ops.broadcastTo(ops.expandDims(indices, 1), [5, 2]), 3, 0),
    ],
    expected: (x, indices, updates) => {
      const read = build([5, 2], ([k, j]) => atOrZero(x, [indices.data[k], j], 0))
      const added = build([3, 2], ([i, j]) => (i === 1 ? at(updates, [2, j]) : 0))
      return [read, added, read, added]
    },
    gradient: true,
  },
  {
    name: 'indices may be floats with whole values; whole numbers and booleans are gathered too',
    inputs: [integers([4, 2]), floats([2], { from: 1, to: 1 }), new Tensor(Uint8Array.of(0, 1, 0, 1), [4])],
    compute: (x, indices, y) => [ops.gather(x, indices), ops.gather(y, indices)],
    expected: (x) => [build([2, 2], ([, j]) => at(x, [1, j]), 'int32'), build([2], () => 1, 'bool')],
  },
]

const counting: readonly Case[] = [
  {
    name: 'arange, iota, linspace and eye',
    inputs: [],
    compute: () => [
      ops.arange(4),
      ops.arange(1, 2, 0.25),
      ops.iota(3),
      ops.linspace(-1, 1, 5),
      ops.eye(2, 3),
      ops.eye(3, 3, -1),
    ],
    expected: () => [
      build([4], ([i]) => i, 'float32'),
      build([4], ([i]) => 1 + i / 4, 'float32'),
      build([3], ([i]) => i, 'int32'),
      build([5], ([i]) => -1 + i / 2, 'float32'),
      build([2, 3], ([i, j]) => Number(i === j), 'float32'),
      build([3, 3], ([i, j]) => Number(i === j + 1), 'float32'),
    ],
  },
  {
    name: 'oneHot marks the index, and nothing for one outside',
    inputs: [ints([2, 2], 0, 2, -1, 3)],
    compute: (x) => [ops.oneHot(x, 3), ops.oneHot(x, 3, 0, 'int32')],
    expected: (x) => [
      build([2, 2, 3], ([i, j, k]) => Number(at(x, [i, j]) === k), 'float32'),
      build([3, 2, 2], ([k, i, j]) => Number(at(x, [i, j]) === k), 'int32'),
    ],
  },
  {
    name: 'tril and triu keep a triangle',
    inputs: [floats([2, 3, 4])],
    compute: (x) => [ops.tril(x), ops.triu(x), ops.tril(x, 1), ops.triu(x, -1)],
    expected: (x) => [
      build(x.shape, ([b, i, j]) => (j <= i ? at(x, [b, i, j]) : 0)),
      build(x.shape, ([b, i, j]) => (j >= i ? at(x, [b, i, j]) : 0)),
      build(x.shape, ([b, i, j]) => (j <= i + 1 ? at(x, [b, i, j]) : 0)),
      build(x.shape, ([b, i, j]) => (j >= i - 1 ? at(x, [b, i, j]) : 0)),
    ],
    gradient: true,
  },
]

/** The order of the last axis: NaN last, equal ones in their order. */
function order(row: readonly number[], descending: boolean): number[] {
  const sign = descending ? -1 : 1
  return row
    .map((_, i) => i)
    .sort((p, q) => {
      const [a, b] = [row[p], row[q]]
      if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b)) || p - q
      return a === b ? p - q : sign * (a < b ? -1 : 1)
    })
}

function sorted(x: Tensor, descending: boolean): [Tensor, Tensor] {
  const length = x.shape[x.rank - 1]
  const rowOf = (index: readonly number[]): number[] =>
    Array.from({ length }, (_, k) => at(x, [...index.slice(0, -1), k]))
  const place = (index: readonly number[]): number => order(rowOf(index), descending)[index[index.length - 1]]
  return [
    build(x.shape, (index) => rowOf(index)[place(index)], x.dtype === 'int32' ? 'int32' : 'float64'),
    build(x.shape, place, 'int32'),
  ]
}

const special = new Tensor(Float32Array.of(2, nan, 1, 2, nan, 0, -0, Infinity, -Infinity, 2, 1, 1), [2, 6])

const sorts = [false, true].flatMap((descending): Case[] => [
  ...[[1], [2], [9], [3, 4], [2, 2, 5], [0, 3], [3, 0], [2, 513]].map(
    (shape): Case => ({
      name: `sort [${shape.join(', ')}], ${descending ? 'largest' : 'smallest'} first`,
      inputs: [distinct(shape)],
      compute: (x) => [ops.sort(x, { descending }), ops.argSort(x, { descending })],
      expected: (x) => sorted(x, descending),
      gradient: shape[shape.length - 1] < 100,
    }),
  ),
  {
    name: `equal elements keep their order and NaN come last, ${descending ? 'largest' : 'smallest'} first`,
    inputs: [special, integers([3, 20], { to: 4 })],
    compute: (x, n) => [
      ops.sort(x, { descending }),
      ops.argSort(x, { descending }),
      ops.sort(n, { descending }),
      ops.argSort(n, { descending }),
    ],
    expected: (x, n) => [...sorted(x, descending), ...sorted(n, descending)],
  },
])

const ranks: readonly Case[] = [
  {
    name: 'sort along another axis',
    inputs: [distinct([4, 3])],
    compute: (x) => ops.sort(x, { axis: 0 }),
    expected: (x) => build([4, 3], ([i, j]) => [0, 1, 2, 3].map((k) => at(x, [k, j])).sort((a, b) => a - b)[i]),
    gradient: true,
  },
  {
    name: 'topK gives the largest and where they were',
    inputs: [distinct([3, 7])],
    compute: (x) => {
      const { values, indices } = ops.topK(x, 2)
      return [values, indices, ops.topK(x, 1, 0).values, ops.topK(x, 0).values]
    },
    expected: (x) => {
      const [values, indices] = sorted(x, true)
      return [
        build([3, 2], (index) => at(values, index)),
        build([3, 2], (index) => at(indices, index), 'int32'),
        build([1, 7], ([, j]) => Math.max(at(x, [0, j]), at(x, [1, j]), at(x, [2, j]))),
        build([3, 0], () => 0),
      ]
    },
    gradient: true,
  },
]

/** What a running operation gives: each element's own line up to it, or behind it, with or without itself. */
function running(f: (numbers: readonly number[]) => number, axis: number, reverse: boolean, exclusive: boolean) {
  return (x: Tensor): Tensor => {
    const dim = (axis + x.rank) % x.rank
    return build(x.shape, (index) => {
      const line = Array.from({ length: x.shape[dim] }, (_, k) =>
        at(
          x,
          index.map((n, i) => (i === dim ? k : n)),
        ),
      )
      const here = index[dim]
      return f(reverse ? line.slice(here + Number(exclusive)) : line.slice(0, here + 1 - Number(exclusive)))
    })
  }
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, x) => sum + x, 0)
const product = (numbers: readonly number[]): number => numbers.reduce((result, x) => result * x, 1)

const runs = [false, true].flatMap((reverse) =>
  [false, true].flatMap((exclusive) =>
    [0, 1, -1].map(
      (axis): Case => ({
        name: `cumSum and cumProd along axis ${axis}${reverse ? ', from the end' : ''}${exclusive ? ', exclusive' : ''}`,
        inputs: [floats([3, 5, 2])],
        compute: (x) => [ops.cumSum(x, { axis, reverse, exclusive }), ops.cumProd(x, { axis, reverse, exclusive })],
        expected: (x) => [running(total, axis, reverse, exclusive)(x), running(product, axis, reverse, exclusive)(x)],
        gradient: true,
      }),
    ),
  ),
)

const runEnds: readonly Case[] = [
  {
    name: 'running sums of nothing, of one, of whole numbers and of booleans',
    inputs: [floats([0, 2]), floats([1]), integers([4]), new Tensor(Uint8Array.of(1, 0, 1), [3])],
    compute: (x, y, n, b) => [ops.cumSum(x, { axis: 0 }), ops.cumProd(y), ops.cumSum(n), ops.cumSum(b)],
    expected: (x, y, n) => [
      build(x.shape, () => 0),
      build([1], () => y.data[0]),
      build([4], ([i]) => total(Array.from(n.data.slice(0, i + 1))), 'int32'),
      new Tensor(Int32Array.of(1, 1, 2), [3]),
    ],
  },
  {
    name: 'cumProd has a gradient at zeros too',
    inputs: [new Tensor(Float32Array.of(2, 0, 3, 0, 4), [5])],
    compute: (x) => ops.cumProd(x),
    expected: running(product, -1, false, false),
    gradient: true,
  },
  {
    name: 'a running sum over a long axis',
    inputs: [floats([2, 3000])],
    compute: (x) => ops.cumSum(x),
    expected: running(total, -1, false, false),
    tolerance: { absolute: 1e-3 },
  },
]

export const indexing: Family = {
  name: 'indices',
  cases: [...gatherCases, ...scatterCases, ...counting],
}

export const sorting: Family = { name: 'order and running sums', cases: [...sorts, ...ranks, ...runs, ...runEnds] }
