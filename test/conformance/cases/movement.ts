// Moving elements: shapes, axes, boxes, padding, joining, turning round.
import * as ops from '../../../src/ops'
import { type Shape, sizeOf, Tensor } from '../../../src/tensor'
import { floats, integers } from '../../support'
import { at, build, type Case, type Family } from '../case'

const named = (numbers: readonly number[] | undefined): string => (numbers ? `[${numbers.join(', ')}]` : 'none')

const reshapes = [
  [
    [2, 6],
    [3, 4],
  ],
  [[12], [2, -1, 2]],
  [[1], []],
  [[], [1, 1]],
  [
    [0, 3],
    [3, 0],
  ],
].map(
  ([from, to]): Case => ({
    name: `reshape ${named(from)} to ${named(to)}`,
    inputs: [floats(from)],
    compute: (x) => ops.reshape(x, to),
    expected: (x) => new Tensor(Float64Array.from(x.data), x.reshape(to).shape),
    gradient: true,
  }),
)

const axisCases: readonly Case[] = [
  {
    name: 'expandDims, squeeze and swapAxes',
    inputs: [floats([2, 1, 3])],
    compute: (x) => [ops.expandDims(x, -1), ops.squeeze(x), ops.squeeze(x, 1), ops.swapAxes(x, 0, 2)],
    expected: (x) => [
      build([2, 1, 3, 1], ([i, j, k]) => at(x, [i, j, k])),
      build([2, 3], ([i, k]) => at(x, [i, 0, k])),
      build([2, 3], ([i, k]) => at(x, [i, 0, k])),
      build([3, 1, 2], ([k, , i]) => at(x, [i, 0, k])),
    ],
    gradient: true,
  },
]

const permutations: readonly (readonly [Shape, readonly number[] | undefined])[] = [
  [[3, 4], undefined],
  [
    [3, 4],
    [0, 1],
  ],
  [
    [2, 3, 4],
    [2, 0, 1],
  ],
  [
    [2, 3, 4],
    [0, 2, 1],
  ],
  [
    [2, 3, 4],
    [1, 0, 2],
  ],
  [
    [2, 3, 2, 4],
    [3, 1, 0, 2],
  ],
  [
    [1, 5, 1, 2],
    [2, 1, 3, 0],
  ],
  [
    [33, 65],
    [1, 0],
  ],
  [
    [0, 3],
    [1, 0],
  ],
  [[5], [0]],
]

const transposes = permutations.map(
  ([shape, permutation]): Case => ({
    name: `transpose ${named(shape)} by ${named(permutation)}`,
    inputs: [floats(shape)],
    compute: (x) => ops.transpose(x, permutation),
    expected: (x) => {
      const order = permutation ?? x.shape.map((_, i) => x.rank - 1 - i)
      return build(
        order.map((axis) => x.shape[axis]),
        (index) =>
          at(
            x,
            x.shape.map((_, axis) => index[order.indexOf(axis)]),
          ),
      )
    },
    gradient: sizeOf(shape) < 100,
  }),
)

const stretches = [
  [[3], [2, 3]],
  [
    [3, 1],
    [3, 4],
  ],
  [
    [1, 2, 1],
    [4, 3, 2, 5],
  ],
  [[], [7]],
  [[1], [0]],
].map(
  ([from, to]): Case => ({
    name: `broadcastTo ${named(from)} to ${named(to)}`,
    inputs: [floats(from)],
    compute: (x) => ops.broadcastTo(x, to),
    expected: (x) => build(to, (index) => at(x, index)),
    gradient: true,
  }),
)

type Box = readonly [shape: Shape, begin: number[], size?: number[], stride?: number[]]
const boxes: readonly Box[] = [
  [[6], [2], [3]],
  [[6], [-2]],
  [
    [4, 5],
    [1, 2],
    [2, 3],
  ],
  [[4, 5], [1], [2]],
  [
    [4, 5],
    [0, 3],
    [-1, -1],
  ],
  [
    [7, 8],
    [1, 0],
    [3, 3],
    [2, 3],
  ],
  [[7], [0], undefined, [2]],
  [[8], [1], undefined, [3]],
  [
    [3, 4, 5],
    [0, 1, 0],
    [3, 2, 5],
  ],
  [
    [3, 4],
    [1, 1],
    [0, 2],
  ],
]

const slices = boxes.map(
  ([shape, begin, size, stride]): Case => ({
    name: `slice ${named(shape)} from ${named(begin)}, size ${named(size)}, stride ${named(stride)}`,
    inputs: [floats(shape)],
    compute: (x) => ops.slice(x, begin, size, stride),
    expected: (x) => {
      const from = x.shape.map((n, i) => ((begin[i] ?? 0) + n) % n)
      const step = x.shape.map((_, i) => stride?.[i] ?? 1)
      const count = x.shape.map((n, i) => {
        const given = size?.[i] ?? -1
        return given < 0 ? Math.ceil((n - from[i]) / step[i]) : given
      })
      return build(count, (index) =>
        at(
          x,
          index.map((k, i) => from[i] + k * step[i]),
        ),
      )
    },
    gradient: true,
  }),
)

type Amounts = readonly (readonly [number, number])[]
const paddings: readonly (readonly [Shape, Amounts, number])[] = [
  [[3], [[1, 2]], 0],
  [
    [2, 3],
    [
      [0, 1],
      [2, 0],
    ],
    7.5,
  ],
  [
    [2, 2],
    [
      [1, 1],
      [1, 1],
    ],
    -Infinity,
  ],
  [
    [0, 2],
    [
      [1, 0],
      [0, 1],
    ],
    3,
  ],
  [
    [2, 3],
    [
      [0, 0],
      [0, 0],
    ],
    1,
  ],
]

const pads = paddings.map(
  ([shape, amounts, value]): Case => ({
    name: `pad ${named(shape)} by ${amounts.map(named).join(' ')} with ${value}`,
    inputs: [floats(shape)],
    compute: (x) => ops.pad(x, amounts, value),
    expected: (x) =>
      build(
        x.shape.map((n, i) => n + amounts[i][0] + amounts[i][1]),
        (index) => {
          const inside = index.map((k, i) => k - amounts[i][0])
          return inside.every((k, i) => k >= 0 && k < x.shape[i]) ? at(x, inside) : value
        },
      ),
    gradient: Number.isFinite(value),
  }),
)

const joins = [
  [[[3], [2], [4]], 0],
  [
    [
      [2, 3],
      [2, 1],
    ],
    -1,
  ],
  [
    [
      [2, 3],
      [4, 3],
      [0, 3],
    ],
    0,
  ],
  [
    [
      [2, 1, 3],
      [2, 5, 3],
    ],
    1,
  ],
].map(([shapes, axis]): Case => {
  const list = shapes as Shape[] // the first of each pair
  const along = axis as number // the second
  return {
    name: `concatenate ${list.map(named).join(' ')} along axis ${along}`,
    inputs: list.map((shape, i) => floats(shape, { seed: i + 1 })),
    compute: (...values) => ops.concatenate(values, along),
    expected: (...parts) => {
      const dim = (along + parts[0].rank) % parts[0].rank
      const total = parts.reduce((sum, { shape }) => sum + shape[dim], 0)
      return build(
        parts[0].shape.map((n, i) => (i === dim ? total : n)),
        (index) => {
          let k = index[dim]
          const part = parts.find(({ shape }) => {
            if (k < shape[dim]) return true
            k -= shape[dim]
            return false
          })
          return part === undefined
            ? Number.NaN
            : at(
                part,
                index.map((n, i) => (i === dim ? k : n)),
              )
        },
      )
    },
    gradient: true,
  }
})

const groups: readonly Case[] = [
  {
    name: 'stack puts values beside each other, split takes them apart',
    inputs: [floats([2, 3]), floats([2, 3], { seed: 2 })],
    compute: (a, b) => [ops.stack([a, b]), ops.stack([a, b], -1), ...ops.split(a, 3)],
    expected: (a, b) => [
      build([2, 2, 3], ([s, i, j]) => at(s === 0 ? a : b, [i, j])),
      build([2, 3, 2], ([i, j, s]) => at(s === 0 ? a : b, [i, j])),
      ...[0, 1, 2].map((j) => build([2, 1], ([i]) => at(a, [i, j]))),
    ],
    gradient: true,
  },
  ...[undefined, 0, -1, [0, 2]].map(
    (axis): Case => ({
      name: `reverse ${axis === undefined ? 'all axes' : `axis ${axis}`}`,
      inputs: [floats([2, 3, 4])],
      compute: (x) => ops.reverse(x, axis),
      expected: (x) => {
        const turned = axis === undefined ? [0, 1, 2] : [axis].flat().map((i) => (i + 3) % 3)
        return build(x.shape, (index) =>
          at(
            x,
            index.map((k, i) => (turned.includes(i) ? x.shape[i] - 1 - k : k)),
          ),
        )
      },
      gradient: true,
    }),
  ),
  {
    name: 'whole numbers and booleans move too',
    inputs: [integers([2, 3]), new Tensor(Uint8Array.of(1, 0, 0, 1, 1, 0), [2, 3])],
    compute: (x, y) => [
      ops.transpose(x),
      ops.concatenate([y, y], 0),
      ops.pad(
        x,
        [
          [0, 0],
          [1, 0],
        ],
        -1,
      ),
      ops.reverse(y, 1),
    ],
    expected: (x, y) => [
      build([3, 2], ([j, i]) => at(x, [i, j]), 'int32'),
      build([4, 3], ([i, j]) => at(y, [i % 2, j]), 'bool'),
      build([2, 4], ([i, j]) => (j === 0 ? -1 : at(x, [i, j - 1])), 'int32'),
      build([2, 3], ([i, j]) => at(y, [i, 2 - j]), 'bool'),
    ],
  },
  {
    name: 'what moves can be moved on, read element by element, and returned as it is',
    inputs: [floats([4, 6])],
    compute: (x) => {
      const y = ops.transpose(ops.slice(x, [1, 1], [2, 4]))
      return [y, ops.add(ops.reshape(y, [8]), 1), x]
    },
    expected: (x) => [
      build([4, 2], ([j, i]) => at(x, [i + 1, j + 1])),
      build([8], ([k]) => at(x, [(k % 2) + 1, Math.floor(k / 2) + 1]) + 1),
      build([4, 6], (index) => at(x, index)),
    ],
    gradient: true,
  },
]

export const movement: Family = {
  name: 'movement',
  cases: [...reshapes, ...axisCases, ...transposes, ...stretches, ...slices, ...pads, ...joins, ...groups],
}
