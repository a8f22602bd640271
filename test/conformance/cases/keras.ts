// The ops that NumPy and Keras have beside the primitives, against what Keras gives: tools/make_ops.py, tools/make_linalg.py.
import { readFileSync } from 'node:fs'
import type { Value } from '../../../src/graph'
import * as ops from '../../../src/ops'
import { allocate, type DType, Tensor } from '../../../src/tensor'
import { floats } from '../../support'
import { type Case, type Family, vector } from '../case'

interface Written {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly data: readonly (number | string)[]
}

interface KerasCase {
  readonly op: string
  readonly inputs: readonly Written[]
  readonly arguments: readonly unknown[]
  /** Whether the operands are given in one list. */
  readonly oneList: boolean
  readonly gradient: boolean
  readonly outputs: readonly Written[]
}

function fixture(name: string): readonly KerasCase[] {
  const text = readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8')
  const { cases }: { readonly cases: readonly KerasCase[] } = JSON.parse(text)
  return cases
}

function read({ shape, dtype, data }: Written): Tensor {
  const numbers = allocate(dtype, data.length)
  data.forEach((text, i) => {
    numbers[i] = text === 'inf' ? Infinity : text === '-inf' ? -Infinity : text === 'nan' ? Number.NaN : Number(text)
  })
  return new Tensor(numbers, shape, dtype)
}

const bare = (name: string): string => name.replaceAll('_', '').toLowerCase()

/** The op of that name: Keras' or ours. */
function opNamed(name: string): (...args: unknown[]) => Value | readonly Value[] {
  const found = Object.entries(ops).find(([key]) => bare(key) === bare(name))?.[1]
  if (typeof found !== 'function') throw new Error(`there is no op ${name}`)
  return found as (...args: unknown[]) => Value | readonly Value[] // what is named in the fixture
}

const goldenCase = ({ op, inputs, arguments: rest, oneList, gradient, outputs }: KerasCase, i: number): Case => ({
  name: `${op} (${i})`,
  inputs: inputs.map(read),
  compute: (...values) => opNamed(op)(...(oneList ? [values] : values), ...rest),
  expected: () => outputs.map(read),
  gradient,
  tolerance: { absolute: 2e-5, relative: 2e-5 },
})

const goldens = fixture('ops').map(goldenCase)

const farOut = [0.2888443663464849, 0.013328328780817553, 1.541725790028002e-8]
const bessel = [9.118945860844567, 864.1593836139687, 43558282.559553534]

const own: readonly Case[] = [
  {
    name: 'erfc far out, and i0',
    inputs: [vector(-3, -0.5, 0, 0.75, 1.75, 4)],
    compute: (x) => [ops.erfc(x), ops.i0(ops.mul(x, 5))],
    // Of SciPy: erfc and i0.
    expected: () => [
      new Tensor(Float64Array.of(...[1.9999779095030015, 1.5204998778130465, 1], ...farOut), [6]),
      new Tensor(Float64Array.of(...[339649.3732979138, 3.289839144050123, 1], ...bessel), [6]),
    ],
    tolerance: { absolute: 1e-6, relative: 3e-5 },
  },
  {
    name: 'heaviside, polar, select, saturateCast',
    inputs: [vector(-2, 0, 3)],
    compute: (x) => [
      ops.heaviside(x, 0.5),
      ...ops.polar(ops.abs(x), x),
      ops.select([ops.greater(x, 1), ops.less(x, -1)], [10, x], 7),
      ops.saturateCast(ops.mul(ops.minimum(x, 0), 1e30), 'int32'),
    ],
    expected: () => [
      new Tensor(Float64Array.of(0, 0.5, 1), [3]),
      new Tensor(Float64Array.of(2 * Math.cos(2), 0, 3 * Math.cos(3)), [3]),
      new Tensor(Float64Array.of(-2 * Math.sin(2), 0, 3 * Math.sin(3)), [3]),
      new Tensor(Float64Array.of(-2, 7, 10), [3]),
      new Tensor(Int32Array.of(-2147483648, 0, 0), [3]),
    ],
    tolerance: { absolute: 1e-5 },
  },
  {
    name: 'conv, convTranspose, depthwiseConv, separableConv, maxPool and averagePool go by the number of axes',
    inputs: [floats([1, 6, 2]), floats([2, 2, 3], { seed: 2 }), floats([2, 2, 1], { seed: 3 })],
    compute: (x, kernel, own2) => [
      ops.sub(ops.conv(x, kernel, { strides: [2] }), ops.conv1d(x, kernel, { strides: 2 })),
      ops.sub(
        ops.convTranspose(x, ops.transpose(kernel, [0, 2, 1])),
        ops.conv1dTranspose(x, ops.transpose(kernel, [0, 2, 1])),
      ),
      ops.sub(ops.depthwiseConv(x, own2), ops.depthwiseConv1d(x, own2)),
      ops.sub(ops.separableConv(x, own2, [[[1], [2]]]), ops.separableConv1d(x, own2, [[[1], [2]]])),
      ops.sub(ops.maxPool(ops.expandDims(x, 1), [1, 2]), ops.expandDims(ops.maxPool1d(x, 2), 1)),
      ops.sub(ops.averagePool(x, 3, { strides: 1 }), ops.averagePool1d(x, 3, { strides: 1 })),
    ],
    expected: () =>
      [
        [1, 3, 3],
        [1, 7, 3],
        [1, 5, 2],
        [1, 5, 1],
        [1, 1, 3, 2],
        [1, 4, 2],
      ].map((shape) => new Tensor(new Float64Array(shape.reduce((product, n) => product * n, 1)), shape)),
  },
]

export const keras: Family = { name: 'ops of Keras', cases: [...goldens, ...own] }

export const linear: Family = {
  name: 'linear algebra and Fourier transforms',
  cases: fixture('linalg').map((golden, i) => ({
    ...goldenCase(golden, i),
    tolerance: { absolute: 1e-4, relative: 1e-4 },
  })),
}
