// What ops give at the edges of their arguments: empty axes, numbers JSON has no word for, arguments that mean nothing.
import { describe, expect, test } from 'vitest'
import { OptionError, ShapeError } from '../../src/errors'
import { placeholder, type Value } from '../../src/graph'
import * as ops from '../../src/ops'
import { grad, jit, valueAndGrad } from '../../src/runtime'
import { ones, Tensor, tensor, zeros } from '../../src/tensor'

const backends = ['cpu', 'wasm'] as const

describe.each(backends)('on %s', (backend) => {
  test('pads that differ in their value alone are not taken for one another', async () => {
    const values = [Infinity, -Infinity, NaN, 0, 2]
    const padded = jit((x: Value) => values.map((value) => ops.pad(x, [[1, 0]], value)), { backend })
    expect((await padded([1])).map((result) => result.toArray())).toEqual(values.map((value) => [value, 1]))
  })

  test('what pads is of the type of what it pads', async () => {
    const padded = jit(
      (x: Value) => [ops.pad(ops.cast(x, 'int32'), [[1, 0]], 1.5), ops.pad(ops.cast(x, 'bool'), [[1, 0]], 0.5)],
      { backend },
    )
    expect((await padded([3])).map((result) => result.toArray())).toEqual([
      [1, 3],
      [true, true],
    ])
  })

  test('values of several types are joined in the type they have in common', async () => {
    const join = jit((x: Value) => ops.concatenate([ops.cast(x, 'int32'), ops.add(x, 0.5)]), { backend })
    const joined = await join([1, 2])
    expect([joined.dtype, joined.toArray()]).toEqual(['float32', [1, 2, 1.5, 2.5]])
  })

  test('a sum of products over an axis without elements is 0', async () => {
    const product = jit((a: Value, b: Value) => ops.tensordot(a, b, [[1], [0]]), { backend })
    expect((await product(zeros([2, 0]), zeros([0, 1]))).toArray()).toEqual([[0], [0]])
  })

  test('what pads whole numbers is never their maximum', async () => {
    const pooled = jit((x: Value) => ops.maxPool1d(x, 2, { padding: 'same' }), { backend })
    expect((await pooled(tensor([-3, -5, -7], [1, 3, 1], 'int32'))).toArray()).toEqual([[[-3], [-7]]])
  })

  test('a remainder stays below its divisor where the quotient rounds up to a whole number', async () => {
    const rest = jit((a: Value, b: Value) => ops.mod(a, b), { backend })
    const [a, b] = [Float32Array.of(1, -1, 5, -5, 1e10), Float32Array.of(0.1, -0.1, Infinity, Infinity, 3)]
    const expected = [0.1, -0.1, 5, Infinity, 1]
    for (const [i, value] of (await rest(a, b)).data.entries()) expect(value).toBeCloseTo(expected[i], 6)
  })

  test('windows of whole numbers are added back as such', async () => {
    const layout = { kernel: [1, 2], strides: [1, 1], dilation: [1, 1], padding: [0, 0, 0, 0], image: [1, 3] } as const
    const whole = tensor([-1, 2, -3, 16777217], [1, 1, 2, 2], 'int32')
    expect((await jit((x: Value) => ops.fold(x, layout), { backend })(whole)).toArray()).toEqual([
      [[[-1], [-1], [16777217]]],
    ])
  })

  test('an LSTM without units gives nothing, and owes its inputs zeros', async () => {
    const total = (x: Value, h0: Value, kernel: Value, recurrentKernel: Value, bias: Value): Value =>
      ops.sum(ops.lstm({ x, h0, c0: h0, kernel, recurrentKernel, bias }).ys)
    const [value, slopes] = await jit(valueAndGrad(total), { backend })(
      ...[ones([2, 1, 3]), zeros([1, 0]), zeros([3, 0]), zeros([0, 0]), zeros([0])],
    )
    expect([value.toArray(), slopes]).toEqual([0, zeros([2, 1, 3])])
  })

  test('bytes other than 0 and 1 are as true as 1', async () => {
    const [x, y] = [new Tensor(Uint8Array.of(0, 1, 2, 200), [4]), new Tensor(Uint8Array.of(1, 2, 1, 100), [4])]
    const logic = jit((p: Value, q: Value) => [ops.logicalAnd(p, q), ops.logicalOr(p, q), ops.logicalNot(p)], {
      backend,
    })
    expect((await logic(x, y)).map(({ data }) => [...data])).toEqual([
      [0, 1, 1, 1],
      [1, 1, 1, 1],
      [1, 0, 0, 0],
    ])
  })

  test('a power with the exponent 0 is flat, at 0 too', async () => {
    const slopes = jit(
      grad((x: Value) => ops.sum(ops.pow(x, [0, 1, 2]))),
      { backend },
    )
    expect((await slopes([0, 0, 0])).toArray()).toEqual([0, 1, 0])
  })
})

test('a single number of equal distances is the first', async () => {
  expect((await jit(() => ops.linspace(3, 5, 1))()).toArray()).toEqual([3])
})

test('arguments that mean nothing are refused', () => {
  const row = placeholder([3])
  expect(() => ops.slice(row, [0], [-2])).toThrow(ShapeError)
  expect(() => ops.slice(row, [0.5], [1])).toThrow(ShapeError)
  expect(() => ops.slice(row, [4], [0])).toThrow(ShapeError)
  expect(() => ops.split(row, 1.5)).toThrow(OptionError)
  expect(() => ops.arange(0, 5, 0)).toThrow(OptionError)
  expect(() => ops.argMax(zeros([2, 0]))).toThrow(/argMax: axis 1 of \[2, 0\] has no elements/)
  expect(() =>
    ops.tensordot(zeros([2, 3]), zeros([3, 2]), [
      [0, 1],
      [0, 1],
    ]),
  ).toThrow(/do not pair up/)
  expect(() => ops.scan(([c]) => [[c], []], [0], [], { length: 1.5 })).toThrow(/length: expected a whole number/)
})
