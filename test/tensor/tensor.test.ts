// Host tensors, shapes and random numbers.

import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { dense, initializers, sequential } from '../../src'
import { DataError, ShapeError } from '../../src/errors'
import {
  arange,
  broadcastShapes,
  castTensor,
  type NestedArray,
  permutation,
  randomNormal,
  randomUniform,
  setSeed,
  tensor,
  zeros,
} from '../../src/tensor'
import { threefry } from '../../src/tensor/random'
import { fc } from '../support/random'

const anyShape = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 })

test('nested arrays and tensors turn into one another and back', () => {
  fc.assert(
    fc.property(anyShape, (shape) => {
      const t = arange(shape.reduce((product, n) => product * n, 1)).reshape(shape)
      expect(tensor(t.toArray())).toEqual(t)
    }),
  )
  for (const empty of [[], [[], []], [[[]]]] as NestedArray[]) expect(tensor(empty).toArray()).toEqual(empty)
})

test('as bool, whatever is not 0 is true', () => {
  expect(tensor([0, 0.5, 2, 256], undefined, 'bool').toArray()).toEqual([false, true, true, true])
  expect(tensor(Int32Array.of(0, 256), undefined, 'bool').toArray()).toEqual([false, true])
})

test('a reshape keeps the elements in their order, and works out one length', () => {
  fc.assert(
    fc.property(anyShape, (shape) => {
      const t = arange(shape.reduce((product, n) => product * n, 1))
      expect(t.reshape(shape).reshape([-1])).toEqual(t)
    }),
  )
  for (const shape of [
    [4, 2],
    [-1, 4],
    [-1, -1],
    [0, -1],
    [1.5, 4],
  ]) {
    expect(() => arange(6).reshape(shape), String(shape)).toThrow(ShapeError)
  }
})

test('shapes broadcast as in NumPy: alike in both orders, and as with every length compared from the end', () => {
  fc.assert(
    fc.property(anyShape, anyShape, (a, b) => {
      const rank = Math.max(a.length, b.length)
      const at = (shape: readonly number[], axis: number): number => shape[shape.length - rank + axis] ?? 1
      const axes = Array.from({ length: rank }, (_, axis) => [at(a, axis), at(b, axis)])
      if (axes.some(([p, q]) => p !== q && p !== 1 && q !== 1)) {
        expect(() => broadcastShapes(a, b)).toThrow(ShapeError)
        return
      }
      expect(broadcastShapes(a, b)).toEqual(axes.map(([p, q]) => Math.max(p, q)))
      expect(broadcastShapes(b, a)).toEqual(broadcastShapes(a, b))
    }),
  )
})

test('conversions go towards zero for whole numbers, and to true for what is not 0', () => {
  const t = tensor([-1.7, 0, 2.9])
  expect(castTensor(t, 'int32').toArray()).toEqual([-1, 0, 2])
  expect(castTensor(t, 'bool').toArray()).toEqual([true, false, true])
})

test.each<[string, unknown, RegExp]>([
  ['a ragged array', [[1, 2], [3]], /ragged.*2 at \[1\], got 1/],
  ['a text', [1, '2'], /at \[1\], got the string "2"/],
  ['nothing', [1, undefined], /at \[1\], got undefined/],
  ['a number among arrays', [[1], 2], /ragged/],
  ['an object', { a: 1 }, /expected a number/],
])('%s is no tensor', (_, data, message) => {
  expect(() => tensor(data as number[])).toThrow(DataError) // what JavaScript lets a user pass
  expect(() => tensor(data as number[])).toThrow(message)
})

describe('random numbers', () => {
  test.each([
    // The known answers of Random123, the authors' own implementation, for Threefry-2x32 with 20 rounds.
    [
      [0, 0, 0, 0],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3],
      [0xc4923a9c, 0x483df7a0],
    ],
  ])('are those of Threefry: %o', ([key0, key1, counter0, counter1], expected) => {
    const out = new Uint32Array(2)
    threefry(key0, key1, counter0, counter1, out)
    expect(Array.from(out)).toEqual(expected)
  })

  test('have the mean and the spread they should', () => {
    const moments = (t: ReturnType<typeof randomNormal>): [number, number] => {
      const numbers = Array.from(t.data)
      const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length
      return [mean, Math.sqrt(numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length)]
    }
    const [mean, deviation] = moments(randomNormal([20000], { seed: 1 }))
    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(Math.abs(deviation - 1)).toBeLessThan(0.03)
    const uniform = randomUniform([20000], { seed: 1 })
    expect(Math.abs(moments(uniform)[0] - 0.5)).toBeLessThan(0.01)
    expect(Math.abs(moments(uniform)[1] - Math.sqrt(1 / 12))).toBeLessThan(0.01)
    expect(uniform.data.every((x) => x >= 0 && x < 1)).toBe(true)
  })

  test('follow the seed: the same again, and others from call to call', () => {
    setSeed(5)
    const [a, b] = [randomNormal([4]), randomNormal([4])]
    setSeed(5)
    expect([randomNormal([4]), randomNormal([4])]).toEqual([a, b])
    expect(a).not.toEqual(b)
  })

  test('an order has every number once, another one each epoch', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 }), fc.nat(1000), (n, seed) => {
        expect(Array.from(permutation(n, seed)).sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i))
      }),
    )
    expect(permutation(20, 1, 0, 0)).not.toEqual(permutation(20, 1, 0, 1))
  })
})

describe('as JSON', () => {
  test('a tensor comes back exactly, of every type, empty ones and numbers that JSON has not too', () => {
    const all = [
      randomNormal([3, 4], { seed: 1 }),
      tensor([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-45, 3.4e38]),
      tensor(Float64Array.of(0.1, 1 / 3, Number.MAX_VALUE)),
      tensor(Int32Array.of(-1, 2 ** 31 - 1)),
      tensor([[true, false]]),
      zeros([0, 3]),
      tensor(7),
    ]
    for (const t of all) expect(tensor(JSON.parse(JSON.stringify(t)))).toEqual(t)
  })

  test('float32 takes no more digits than give it back', () => {
    expect(JSON.stringify(tensor([0.1, 1]))).toBe('{"shape":[2],"dtype":"float32","data":[0.1,1]}')
  })

  test('what does not hold together is refused', () => {
    expect(() => tensor({ shape: [2], dtype: 'float32', data: [1] })).toThrow(ShapeError)
    expect(() => tensor({ shape: [1], dtype: 'float32', data: ['x'] } as never)).toThrow(DataError)
    expect(() => tensor({ shape: [1], dtype: 'float16', data: [1] } as never)).toThrow(/float16/)
  })
})

describe('in the console of Node', () => {
  test.each([
    [tensor(7), 'Tensor float32 []\n7'],
    [
      tensor([
        [1, 2.5],
        [-10, 0.25],
      ]),
      'Tensor float32 [2, 2]\n[[  1   ,   2.5 ],\n [-10   ,   0.25]]',
    ],
    [tensor([0.1, Number.NaN]), 'Tensor float32 [2]\n[0.1, NaN]'],
    [tensor([1e-6, 1]), 'Tensor float32 [2]\n[1e-6, 1e+0]'],
    [tensor(Int32Array.of(1, 200)), 'Tensor int32 [2]\n[  1, 200]'],
    [tensor([true, false]), 'Tensor bool [2]\n[ true, false]'],
    [arange(8).reshape([2, 2, 2]), 'Tensor float32 [2, 2, 2]\n[[[0, 1],\n  [2, 3]],\n\n [[4, 5],\n  [6, 7]]]'],
    [zeros([0, 3]), 'Tensor float32 [0, 3]\n[]'],
  ])('%s', (t, text) => {
    expect(inspect(t).replace(/ +$/gm, '')).toBe(text)
  })

  test('the middle of what is long is left out, and lines end at 88', () => {
    const text = inspect(arange(2000))
    expect(text).toBe('Tensor float32 [2000]\n[   0,    1,    2, ..., 1997, 1998, 1999]')
    for (const line of inspect(randomNormal([900], { seed: 1 })).split('\n')) expect(line.length).toBeLessThan(90)
  })
})

describe('bytes and other whole numbers', () => {
  test.each([
    Uint8Array.of(0, 1, 200),
    Uint8ClampedArray.of(0, 1, 200),
    Int8Array.of(0, 1, -100),
    Int16Array.of(0, 1, -30_000),
    Uint16Array.of(0, 1, 60_000),
    Uint32Array.of(0, 1, 2_000_000_000),
  ])('of %o are numbers', (given) => {
    expect(tensor(given)).toMatchObject({ dtype: 'int32', shape: [3] })
    expect(tensor(given).toArray()).toEqual([...given])
    expect(tensor(given, [3, 1], 'float32').toArray()).toEqual([...given].map((value) => [value]))
    expect(tensor([given, given]).toArray()).toEqual([[...given], [...given]])
    expect(tensor(given, [3], 'bool').data).toEqual(Uint8Array.of(0, 1, 1))
  })

  test('that int32 does not hold are refused, unless a float is asked for', () => {
    const large = Uint32Array.of(1, 3_000_000_000)
    expect(() => tensor(large)).toThrow('expected numbers below 2^31, got 3000000000 at [1]')
    expect(tensor(large, [2], 'float64').toArray()).toEqual([1, 3_000_000_000])
  })

  test('of 64 bits are refused', () => {
    expect(() => tensor(BigInt64Array.of(1n) as never)).toThrow('expected numbers, got a BigInt64Array')
  })

  test('are given to a model as they are', async () => {
    const double = sequential([dense(1, { kernelInitializer: initializers.constant(2) })], {
      inputShape: [1],
    })
    expect((await double.predict(tensor(Uint8ClampedArray.of(200), [1, 1]))).toArray()).toEqual([[400]])
    expect((await double.predict([Uint8Array.of(200)])).toArray()).toEqual([[400]])
  })
})
