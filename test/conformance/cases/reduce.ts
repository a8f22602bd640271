// Reductions over all kinds of axes, of nothing, and of NaN.
import type { Value } from '../../../src/graph'
import type { ReduceOptions } from '../../../src/ops'
import * as ops from '../../../src/ops'
import { normalizeAxes, type Shape, sizeOf, stridesOf, Tensor } from '../../../src/tensor'
import { distinct, floats, integers } from '../../support'
import { at, build, type Case, type Family } from '../case'

type Reduce = (numbers: readonly number[]) => number

/** A reduction in plain JavaScript: the numbers of each place, handed to a function. */
function reduced(f: Reduce, { axis, keepDims = false }: ReduceOptions = {}, dtype: Tensor['dtype'] = 'float64') {
  return (x: Tensor): Tensor => {
    const axes = normalizeAxes(axis, x.rank)
    const kept = x.shape.map((_, i) => i).filter((i) => !axes.includes(i))
    const box = axes.map((i) => x.shape[i])
    const shape = keepDims ? x.shape.map((n, i) => (axes.includes(i) ? 1 : n)) : kept.map((i) => x.shape[i])
    return build(
      shape,
      (index) => {
        const full = x.shape.map(() => 0)
        kept.forEach((i, k) => {
          full[i] = keepDims ? index[i] : index[k]
        })
        return f(
          indices(box).map((inner) => {
            axes.forEach((i, k) => {
              full[i] = inner[k]
            })
            return at(x, full)
          }),
        )
      },
      dtype,
    )
  }
}

function indices(shape: Shape): number[][] {
  const strides = stridesOf(shape)
  return Array.from({ length: sizeOf(shape) }, (_, flat) =>
    shape.map((length, axis) => Math.floor(flat / strides[axis]) % length),
  )
}

const total: Reduce = (numbers) => numbers.reduce((sum, x) => sum + x, 0)
const average: Reduce = (numbers) => total(numbers) / numbers.length

const reductions: Readonly<Record<string, { op: (x: Value, options?: ReduceOptions) => Value; f: Reduce }>> = {
  sum: { op: ops.sum, f: total },
  prod: { op: ops.prod, f: (numbers) => numbers.reduce((product, x) => product * x, 1) },
  max: { op: ops.max, f: (numbers) => Math.max(...numbers) },
  min: { op: ops.min, f: (numbers) => Math.min(...numbers) },
  mean: { op: ops.mean, f: average },
  variance: { op: ops.variance, f: (numbers) => average(numbers.map((x) => (x - average(numbers)) ** 2)) },
  logSumExp: { op: ops.logSumExp, f: (numbers) => Math.log(total(numbers.map(Math.exp))) },
}

const axes: readonly ReduceOptions[] = [
  {},
  { keepDims: true },
  { axis: 0 },
  { axis: -1 },
  { axis: 1, keepDims: true },
  { axis: [0, 2] },
  { axis: [-1, 1], keepDims: true },
  { axis: [] },
]

function described({ axis, keepDims }: ReduceOptions): string {
  const over = axis === undefined ? 'all axes' : Array.isArray(axis) ? `axes [${axis.join(', ')}]` : `axis ${axis}`
  return keepDims ? `${over}, kept` : over
}

const axisCases = Object.entries(reductions).flatMap(([name, { op, f }]) =>
  axes.map(
    (options): Case => ({
      name: `${name} over ${described(options)}`,
      inputs: [distinct([2, 3, 4], { gap: 0.125 })],
      compute: (x) => op(x, options),
      expected: reduced(f, options),
      gradient: true,
    }),
  ),
)

const longCases = ['sum', 'mean', 'max', 'variance'].flatMap((name) =>
  [[5000], [3, 1027], [1027, 3], [65, 65]].flatMap((shape) =>
    [-1, 0].map(
      (axis): Case => ({
        name: `${name} of [${shape.join(', ')}] over axis ${axis}`,
        inputs: [floats(shape)],
        compute: (x) => reductions[name].op(x, { axis }),
        expected: reduced(reductions[name].f, { axis }),
        tolerance: { absolute: 1e-3 },
      }),
    ),
  ),
)

const { NaN: nan } = Number

const specialCases: readonly Case[] = [
  {
    name: 'sums and products of nothing are 0 and 1, extremes the infinities',
    inputs: [floats([0, 3])],
    compute: (x) => [
      ops.sum(x, { axis: 0 }),
      ops.prod(x, { axis: 0 }),
      ops.max(x, { axis: 0 }),
      ops.min(x),
      ops.mean(x),
    ],
    expected: () =>
      [0, 1, -Infinity].map((n) => build([3], () => n)).concat([build([], () => Infinity), build([], () => nan)]),
  },
  {
    name: 'the variance of nothing is NaN, the logarithm of its sum -Infinity',
    inputs: [floats([0])],
    compute: (x) => [ops.variance(x), ops.logSumExp(x)],
    expected: () => [build([], () => nan), build([], () => -Infinity)],
  },
  {
    name: 'reducing an axis of nothing leaves nothing',
    inputs: [floats([0, 3])],
    compute: (x) => [ops.sum(x, { axis: 1 }), ops.max(x, { axis: 1 })],
    expected: () => [build([0], () => 0), build([0], () => 0)],
  },
  {
    name: 'NaN wins over everything, infinities over numbers',
    inputs: [new Tensor(Float32Array.of(1, nan, 3, 1, Infinity, 3, 1, -Infinity, Infinity), [3, 3])],
    compute: (x) => [
      ops.sum(x, { axis: 1 }),
      ops.max(x, { axis: 1 }),
      ops.min(x, { axis: 1 }),
      ops.prod(x, { axis: 1 }),
    ],
    expected: () => [
      build([3], ([i]) => [nan, Infinity, nan][i]),
      build([3], ([i]) => [nan, Infinity, Infinity][i]),
      build([3], ([i]) => [nan, 1, -Infinity][i]),
      build([3], ([i]) => [nan, Infinity, -Infinity][i]),
    ],
  },
  {
    name: 'logSumExp neither overflows nor loses small numbers, and passes infinities on',
    inputs: [new Tensor(Float32Array.of(1000, 1000, -1000, -1000, -Infinity, -Infinity, Infinity, 0), [4, 2])],
    compute: (x) => ops.logSumExp(x, { axis: -1 }),
    expected: () => build([4], ([i]) => [1000 + Math.LN2, -1000 + Math.LN2, -Infinity, Infinity][i]),
  },
  {
    name: 'whole numbers have whole sums and extremes, and means in floats',
    inputs: [integers([3, 4], { from: -9 })],
    compute: (x) => [ops.sum(x, { axis: 1 }), ops.max(x), ops.min(x, { axis: 0 }), ops.mean(x)],
    expected: (x) => [
      reduced(total, { axis: 1 }, 'int32')(x),
      reduced((numbers) => Math.max(...numbers), {}, 'int32')(x),
      reduced((numbers) => Math.min(...numbers), { axis: 0 }, 'int32')(x),
      reduced(average, {}, 'float32')(x),
    ],
  },
  {
    name: 'any and all; a sum of booleans counts',
    inputs: [new Tensor(Uint8Array.of(1, 0, 1, 1, 0, 0), [3, 2])],
    compute: (x) => [ops.any(x, { axis: 1 }), ops.all(x, { axis: 1 }), ops.any(x), ops.sum(x)],
    expected: () => [
      new Tensor(Uint8Array.of(1, 1, 0), [3]),
      new Tensor(Uint8Array.of(0, 1, 0), [3]),
      new Tensor(Uint8Array.of(1), []),
      new Tensor(Int32Array.of(3), []),
    ],
  },
  {
    name: 'the product of several numbers among which are zeros',
    inputs: [new Tensor(Float32Array.of(2, 0, 3, 0, 4, 0, 1, 2, 3), [3, 3])],
    compute: (x) => ops.prod(x, { axis: 1 }),
    expected: () => build([3], ([i]) => [0, 0, 6][i]),
    gradient: true,
  },
]

const firstOf =
  (better: (x: number, best: number) => boolean): Reduce =>
  (numbers) => {
    const firstNaN = numbers.findIndex(Number.isNaN)
    return firstNaN >= 0 ? firstNaN : numbers.reduce((best, x, i) => (better(x, numbers[best]) ? i : best), 0)
  }
const largest = firstOf((x, best) => x > best)
const smallest = firstOf((x, best) => x < best)

const argCases: readonly Case[] = [
  ...[0, 1, -1].map(
    (axis): Case => ({
      name: `argMax and argMin along axis ${axis}`,
      inputs: [distinct([3, 5, 4])],
      compute: (x) => [ops.argMax(x, axis), ops.argMin(x, axis)],
      expected: (x) => [reduced(largest, { axis }, 'int32')(x), reduced(smallest, { axis }, 'int32')(x)],
    }),
  ),
  {
    name: 'argMax and argMin give the first of equal ones, and the first NaN',
    inputs: [new Tensor(Float32Array.of(1, 2, 2, 1, 1, nan, 5, nan, Infinity, -Infinity, Infinity, 0), [3, 4])],
    compute: (x) => [ops.argMax(x), ops.argMin(x)],
    expected: (x) => [reduced(largest, { axis: 1 }, 'int32')(x), reduced(smallest, { axis: 1 }, 'int32')(x)],
  },
  {
    name: 'argMax of whole numbers over a long axis',
    inputs: [integers([2, 1025], { from: -1000, to: 1000 })],
    compute: (x) => ops.argMax(x),
    expected: reduced(largest, { axis: 1 }, 'int32'),
  },
]

export const reduce: Family = { name: 'reductions', cases: [...axisCases, ...longCases, ...specialCases, ...argCases] }
