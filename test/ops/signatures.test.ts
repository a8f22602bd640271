// An op that is called wrongly says so, by its name; what NumPy and Keras write by themselves may stand by itself.
import { HornbeamError, jit, lambda, ops, type Tensor, tensor } from 'hornbeam'
import { describe, expect, test } from 'vitest'

/** A value that a caller without types may pass. */
const wrong = (value: unknown): never => value as never

const a = tensor([
  [1, 2, 3],
  [4, 5, 6],
])
const text = wrong('x')
const run = async (compute: () => ReturnType<typeof ops.add>): Promise<Tensor> => jit(compute, { backend: 'cpu' })()

describe('refused by name', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['an option of PyTorch', () => ops.sum(a, wrong({ dim: 0 })), /^sum: unknown option 'dim'\..* axis, keepDims/],
    ['a plural', () => ops.sum(a, wrong({ axes: 0 })), /^sum: unknown option 'axes'\. Did you mean 'axis'\?/],
    ['keepdims', () => ops.mean(a, wrong({ axis: 1, keepdims: true })), /^mean: .*'keepdims'.* mean 'keepDims'\?/],
    ['a word for an axis', () => ops.max(a, { axis: text }), /^max: axis: expected an axis or a list.*, got 'x'/],
    ['a number as a flag', () => ops.sum(a, { keepDims: wrong(1) }), /^sum: keepDims: expected true or false, got 1/],
    ['stride', () => ops.conv1d(a, a, wrong({ stride: 2 })), /^conv1d: .*'stride'\. Did you mean 'strides'\?/],
    ['stride of images', () => ops.conv2d(a, a, wrong({ stride: 2 })), /^conv2d: .*Did you mean 'strides'\?/],
    ['half a word', () => ops.conv2d(a, a, { padding: wrong('sam') }), /^conv2d: padding: expected one of .*got 'sam'/],
    ['strides of 0', () => ops.maxPool1d(a, 2, { strides: 0 }), /^maxPool1d: strides: expected a whole number from 1/],
    ['snake case', () => ops.matmul(a, a, wrong({ transpose_a: true })), /^matmul: .*Did you mean 'transposeA'\?/],
    ['ord', () => ops.norm(a, wrong({ ord: 1 })), /^norm: unknown option 'ord'\. Did you mean 'order'\?/],
    ['an order that there is not', () => ops.norm(a, { order: 3 }), /^norm: expected order 1, 2 or Infinity, got 3/],
    ['a word for a flag', () => ops.gelu(a, text), /^gelu: approximate: expected true or false, got 'x'/],
    ['a type that there is not', () => ops.cast(a, wrong('float16')), /^cast: dtype: expected one of .*got 'float16'/],
    ['numbers for lists', () => ops.slice(a, wrong(0), wrong(1)), /^slice: begin: expected a list of whole numbers/],
    [
      'values not in a list',
      () => ops.concatenate(wrong(a), wrong(a)),
      /^concatenate: values: .*concatenate\(\[a, b\]\)/,
    ],
    ['values not in a list', () => ops.stack(wrong(a), wrong(a)), /^stack: values: expected a list of them, as in/],
    [
      'the operand first',
      () => ops.einsum(wrong(a), wrong('ij->ji')),
      /^einsum: equation: expected a text, got Tensor/,
    ],
    ['data where options belong', () => ops.sum(a, wrong(a)), /^sum: expected an object of options, got Tensor/],
    ['one operand too few', () => ops.add(a, wrong(undefined)), /^add: b: expected numbers .*got undefined/],
    [
      'one argument too many',
      () => Reflect.apply(ops.add, undefined, [1, 2, 3]),
      /^add: expected the arguments a, b, got 3 as another/,
    ],
    ['a text to compute with', () => ops.square(text), /^square: x: expected numbers .*, got 'x'/],
    ['a promise to compute with', () => ops.sqrt(wrong(Promise.resolve(1))), /^sqrt: x: .*, got a Promise/],
    ['a ragged array', () => ops.exp([[1, 2], [3]]), /^exp: tensor: ragged array/],
    ['what goes wrong inside', () => ops.einsum('ij,jk->ik', a, a), /^einsum: 'j' is 3 long .* and 2 in/],
    ['fractions of a shape', () => ops.broadcastTo(a, [0.5]), /^broadcastTo: shape: expected a shape/],
    [
      'a probability of 2',
      () => ops.bernoulli([1, 2], [2], 2),
      /^bernoulli: probability: expected a number from 0 to 1/,
    ],
    ['options that are missing', () => ops.lstm(wrong({})), /^lstm: x: expected numbers .*got undefined/],
    ['too many elements', () => ops.iota(2 ** 53), /^iota: tensor: expected no more elements than memory has room for/],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(HornbeamError)
    expect(act).toThrow(message)
  })
})

describe('an option by itself', () => {
  test.each<[string, () => ReturnType<typeof ops.add>, unknown]>([
    ['an axis of a sum', () => ops.sum(a, -1), [6, 15]],
    ['several of them', () => ops.mean(a, [0, 1]), 3.5],
    [
      'an axis of a running sum',
      () => ops.cumSum(a, 0),
      [
        [1, 2, 3],
        [5, 7, 9],
      ],
    ],
    [
      'an axis of an order',
      () =>
        ops.argSort(
          [
            [2, 1],
            [1, 2],
          ],
          0,
        ),
      [
        [1, 0],
        [0, 1],
      ],
    ],
    ['a length as a shape', () => ops.reshape(a, -1), [1, 2, 3, 4, 5, 6]],
    ['an axis among options', () => ops.argMax(a, { axis: 0 }), [1, 1, 1]],
    [
      'an axis of a softmax among options',
      () =>
        ops.softmax(
          [
            [0, 1],
            [0, 1],
          ],
          { axis: 0 },
        ),
      [
        [0.5, 0.5],
        [0.5, 0.5],
      ],
    ],
    [
      'an axis to join along',
      () => ops.concatenate([a, a], { axis: 0 }),
      [
        [1, 2, 3],
        [4, 5, 6],
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    ['a slope among options', () => ops.leakyRelu([-1, 1], { negativeSlope: 0.5 }), [-0.5, 1]],
  ])('%s', async (_, compute, expected) => {
    expect((await run(compute)).toArray()).toEqual(expected)
  })

  test('gelu is told by name or by itself to be approximate, and is not where it is told not to be', async () => {
    const [exact, named, alone] = await Promise.all(
      [() => ops.gelu(1), () => ops.gelu(1, { approximate: false }), () => ops.gelu(1, false)].map(run),
    )
    expect([named.item(), alone.item()]).toEqual([exact.item(), exact.item()])
    expect((await run(() => ops.gelu(1, { approximate: true }))).item()).not.toBe(exact.item())
  })
})

test('an op goes into map, reduce and a layer as any function does', async () => {
  const total = await run(() => [1, 2, 3].map(ops.square).reduce(ops.add))
  expect(total.item()).toBe(14)
  expect((await lambda(ops.square).run([[2, 3]], { backend: 'cpu' })).toArray()).toEqual([[4, 9]])
})

test('numbers of an array are as exact as their peer', async () => {
  const times = tensor([1700000000, 1700000060], [2], 'float64')
  expect((await run(() => ops.sub([1700000060, 1700000120], times))).toArray()).toEqual([60, 60])
  expect((await run(() => ops.gather(tensor([1, 2]), [16777217]))).toArray()).toEqual([0])
})
