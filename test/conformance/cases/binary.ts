// Functions of two numbers: all ways to broadcast, all pairs of special numbers, gradients by both operands.
import type { Value } from '../../../src/graph'
import * as ops from '../../../src/ops'
import { type DType, type Shape, sizeOf } from '../../../src/tensor'
import { floats, integers } from '../../support'
import { type Case, each, type Family, vector } from '../case'

interface Binary {
  readonly op: (a: Value, b: Value) => Value
  readonly f: (a: number, b: number) => number
  /** The range of the first operand and of the second, for the gradient. */
  readonly ranges?: readonly [readonly [number, number], readonly [number, number]]
  readonly dtype?: DType
  /** All pairs of these are tried. */
  readonly special?: readonly number[]
}

const special = [Number.NaN, Infinity, -Infinity, 0, 1, -2, 0.5]
const test = (f: (a: number, b: number) => boolean) => (a: number, b: number) => (f(a, b) ? 1 : 0)

const binaries: Readonly<Record<string, Binary>> = {
  add: { op: ops.add, f: (a, b) => a + b },
  sub: { op: ops.sub, f: (a, b) => a - b },
  mul: { op: ops.mul, f: (a, b) => a * b },
  div: {
    op: ops.div,
    f: (a, b) => a / b,
    ranges: [
      [-2, 2],
      [0.5, 2],
    ],
  },
  pow: {
    op: ops.pow,
    f: (a, b) => a ** b,
    ranges: [
      [0.2, 2],
      [-2, 2],
    ],
    special: [0, 0.5, 2, 3],
  },
  maximum: { op: ops.maximum, f: Math.max },
  minimum: { op: ops.minimum, f: Math.min },
  mod: {
    op: ops.mod,
    f: (a, b) => a - Math.floor(a / b) * b, // exact for these
    ranges: [
      [-2, 2],
      [0.5, 2],
    ],
    special: [1, -2, 0.75, 3],
  },
  floorDivide: {
    op: ops.floorDivide,
    f: (a, b) => Math.floor(a / b),
    ranges: [
      [-2, 2],
      [0.5, 2],
    ],
  },
  atan2: { op: ops.atan2, f: Math.atan2, special: [0, 1, -2, 0.5] },
  equal: { op: ops.equal, f: test((a, b) => a === b), dtype: 'bool' },
  notEqual: { op: ops.notEqual, f: test((a, b) => a !== b), dtype: 'bool' },
  less: { op: ops.less, f: test((a, b) => a < b), dtype: 'bool' },
  lessEqual: { op: ops.lessEqual, f: test((a, b) => a <= b), dtype: 'bool' },
  greater: { op: ops.greater, f: test((a, b) => a > b), dtype: 'bool' },
  greaterEqual: { op: ops.greaterEqual, f: test((a, b) => a >= b), dtype: 'bool' },
}

const opCases = Object.entries(binaries).flatMap(
  ([
    name,
    {
      op,
      f,
      ranges = [
        [-2, 2],
        [-2, 2],
      ],
      dtype,
      special: numbers = special,
    },
  ]): Case[] => {
    const [[fromA, toA], [fromB, toB]] = ranges
    const a = floats([3, 4], { from: fromA, to: toA })
    const b = floats([4], { from: fromB, to: toB, seed: 2 })
    return [
      {
        name: `${name} of numbers`,
        inputs: [a, b],
        compute: op,
        expected: each(f, dtype),
        gradient: dtype === undefined,
      },
      {
        name: `${name} of all pairs of special numbers`,
        inputs: [vector(...numbers).reshape([-1, 1]), vector(...numbers)],
        compute: op,
        expected: each(f, dtype),
      },
    ]
  },
)

const pairs: readonly (readonly [Shape, Shape])[] = [
  [[], [3]],
  [[1], [0]],
  [[0, 3], [3]],
  [
    [2, 3],
    [2, 3],
  ],
  [
    [2, 1],
    [1, 3],
  ],
  [
    [4, 1, 3],
    [5, 1],
  ],
  [[600, 2], [2]],
  [
    [3, 600],
    [3, 1],
  ],
  [
    [2, 3, 1, 5],
    [4, 1],
  ],
  [[1, 1], []],
]

const broadcastCases = pairs.map(
  ([a, b]): Case => ({
    name: `[${a.join(', ')}] and [${b.join(', ')}] broadcast`,
    inputs: [floats(a), floats(b, { seed: 2 })],
    compute: (x, y) => [ops.sub(x, y), ops.mul(y, x)],
    expected: (x, y) => [each((p, q) => p - q)(x, y), each((p, q) => q * p)(x, y)],
    gradient: sizeOf(a) * sizeOf(b) < 400,
  }),
)

const numberCases: readonly Case[] = [
  {
    name: 'a plain number on either side takes the type of the other',
    inputs: [floats([4]), integers([4])],
    compute: (x, n) => [ops.sub(1, x), ops.div(x, 3), ops.add(n, 2), ops.mul(n, 0.5)],
    expected: (x, n) => [
      each((a) => 1 - a)(x),
      each((a) => a / 3)(x),
      each((a) => a + 2, 'int32')(n),
      each((a) => a * 0.5, 'float32')(n),
    ],
  },
  {
    name: 'what is not finite times the plain number 0 is NaN',
    inputs: [vector(Number.NaN, Infinity, -Infinity, 3)],
    compute: (x) => [ops.mul(x, 0), ops.mul(0, x)],
    expected: (x) => [each((a) => a * 0)(x), each((a) => 0 * a)(x)],
  },
  {
    name: 'whole numbers are compared as such, up to 2^31 - 1',
    inputs: [integers([2], { from: 2147483646, to: 2147483648 }), integers([2], { from: 2147483647, to: 2147483648 })],
    compute: (x, y) => [ops.equal(x, y), ops.less(x, y)],
    expected: (x, y) => [
      each(
        test((a, b) => a === b),
        'bool',
      )(x, y),
      each(
        test((a, b) => a < b),
        'bool',
      )(x, y),
    ],
  },
]

export const binary: Family = { name: 'two operands', cases: [...opCases, ...broadcastCases, ...numberCases] }
