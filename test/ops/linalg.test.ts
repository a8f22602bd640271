// Decompositions beyond what goldens tell: matrices without full rank, equal values, many sizes; and the ends of operations on bits.
import { describe, expect, test } from 'vitest'
import { grad, jit, OptionError, ops, randomNormal, ShapeError, type Tensor, tensor, type Value } from '../../src'
import { backendUnderTest as backend } from '../support/backend'

const run = (f: (...x: Value[]) => Value | Value[], ...given: readonly Tensor[]) =>
  jit(f as (...x: Value[]) => Value[], { backend })(...given)

const largest = (x: Value): Value => ops.max(ops.abs(x))
const t = (x: Value): Value => ops.transpose(x)

function unlikeIdentity(x: Value): Value {
  const columns = x.shape[1]
  return largest(ops.sub(ops.matmul(t(x), x), ops.eye(columns, columns, 0, x.dtype)))
}

describe.each([1, 2, 3, 7, 16, 33])('matrices of %d', (n) => {
  test('are put together again from eigenvalues in order and vectors at right angles', async () => {
    const [off, angle, disorder] = await run(
      (given) => {
        const x = ops.add(given, t(given))
        const [w, v] = ops.eigh(x)
        const ordered = ops.sub(ops.sort(w), w)
        return [
          ops.div(largest(ops.sub(ops.matmul(ops.mul(v, w), t(v)), x)), largest(x)),
          unlikeIdentity(v),
          largest(ordered),
        ]
      },
      randomNormal([n, n], { seed: n }),
    )
    expect(off.item()).toBeLessThan(3e-6)
    expect(angle.item()).toBeLessThan(3e-6)
    expect(disorder.item()).toBe(0)
  })

  test('and from singular values, with all columns of both sides', async () => {
    const [off, left, right, less] = await run(
      (x) => {
        const [u, s, vt] = ops.svd(x)
        const [m, k] = [x.shape[0], s.shape[0]]
        const built = ops.matmul(ops.mul(ops.slice(u, [0, 0], [m, k]), s), vt)
        return [ops.div(largest(ops.sub(built, x)), largest(x)), unlikeIdentity(u), unlikeIdentity(t(vt)), ops.min(s)]
      },
      randomNormal([n + 3, n], { seed: n + 100 }),
    )
    expect(off.item()).toBeLessThan(6e-6)
    for (const each of [left, right]) expect(each.item()).toBeLessThan(6e-6)
    expect(less.item()).toBeGreaterThan(0)
  })
})

describe('matrices without full rank', () => {
  const low = async () => {
    const [x] = await run(
      (a, b) => [ops.matmul(a, b)],
      randomNormal([9, 3], { seed: 1 }),
      randomNormal([3, 6], { seed: 2 }),
    )
    return x
  }

  test('have zeros among their singular values, a rank, and a pseudo-inverse as it is defined', async () => {
    const [s, angle, rank, first, second, third, fourth] = await run(
      (x) => {
        const [u, values] = ops.svd(x)
        const p = ops.pinv(x, 1e-5)
        const [there, back] = [ops.matmul(x, p), ops.matmul(p, x)]
        const off = [
          ops.sub(ops.matmul(there, x), x),
          ops.sub(ops.matmul(back, p), p),
          ops.sub(there, t(there)),
          ops.sub(back, t(back)),
        ]
        return [values, unlikeIdentity(u), ops.matrixRank(x), ...off.map(largest)]
      },
      await low(),
    )
    expect(Math.max(...s.data.slice(3))).toBeLessThan(1e-5)
    expect(angle.item()).toBeLessThan(1e-5)
    expect(rank.item()).toBe(3)
    for (const each of [first, second, third, fourth]) expect(each.item()).toBeLessThan(2e-5)
  })

  test('of zeros alone stay what they are', async () => {
    const [w, v, s, p, rank] = await run(
      (x) => [...ops.eigh(x), ops.svdvals(x), ops.pinv(x), ops.matrixRank(x)],
      tensor([
        [0, 0],
        [0, 0],
      ]),
    )
    expect([w, s].map((each) => each.toArray())).toEqual([
      [0, 0],
      [0, 0],
    ])
    expect(v.toArray()).toEqual([
      [1, 0],
      [0, 1],
    ])
    expect(Array.from(p.data)).toEqual([0, 0, 0, 0])
    expect(rank.item()).toBe(0)
  })

  test('tiny and huge numbers neither vanish nor overflow', async () => {
    for (const scale of [1e-30, 1e25]) {
      const [s, w] = await run(
        (x) => [ops.svdvals(x), ops.eigh(x)[0]],
        tensor([
          [scale, 2 * scale],
          [2 * scale, 3 * scale],
        ]),
      )
      const [one, two] = Array.from(s.data, (value) => value / scale)
      expect(one).toBeCloseTo(4.236068, 4)
      expect(two).toBeCloseTo(0.236068, 4)
      expect(w.data[0] / scale).toBeCloseTo(-0.236068, 4)
    }
  })
})

describe('gradients', () => {
  const ofIdentity = tensor([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3], 'float64')

  test('of values that are equal are finite, and right for what depends on no vector', async () => {
    const trace = grad((x: Value) => ops.sum(ops.eigh(x)[0]))
    expect((await trace(ofIdentity)).toArray()).toEqual(ofIdentity.toArray())
    const nuclear = grad((x: Value) => ops.sum(ops.svdvals(x)))
    expect((await nuclear(ofIdentity)).toArray()).toEqual(ofIdentity.toArray())
    const vectors = grad((x: Value) => ops.sum(ops.eigh(x)[1]))
    expect((await vectors(ofIdentity)).data.every(Number.isFinite)).toBe(true)
  })

  test('of the logarithm of a determinant by eigenvalues are those of the inverse', async () => {
    const x = tensor([4, 1, 0.5, 1, 3, -1, 0.5, -1, 5], [3, 3], 'float64')
    const slope = await grad((a: Value) => ops.sum(ops.log(ops.eigh(a)[0])))(x)
    const [inverse] = await jit((a: Value) => [ops.inv(a)])(x)
    for (const [i, each] of slope.data.entries()) expect(each).toBeCloseTo(inverse.data[i], 10)
  })

  test('of a pseudo-inverse without full rank are those of a matrix that keeps its rank', async () => {
    // Along a change of a factor, under which the rank stays.
    const [a, b] = [
      randomNormal([4, 2], { seed: 3, dtype: 'float64' }),
      randomNormal([2, 3], { seed: 4, dtype: 'float64' }),
    ]
    const f = (left: Value, right: Value): Value => ops.sum(ops.sin(ops.pinv(ops.matmul(left, right), 1e-9)))
    const slope = await grad(f)(a, b)
    const value = jit(f)
    for (let i = 0; i < a.size; i++) {
      const [up, down] = [1e-5, -1e-5].map((by) =>
        tensor(
          a.data.map((each, j) => (j === i ? each + by : each)),
          a.shape,
          'float64',
        ),
      )
      const difference = ((await value(up, b)).item() - (await value(down, b)).item()) / 2e-5
      expect(slope.data[i]).toBeCloseTo(difference, 6)
    }
  })
})

describe('bits', () => {
  const ends = tensor(Int32Array.of(2 ** 31 - 1, -(2 ** 31), 2 ** 30, -1, 0), [5])

  test.skipIf(backend === 'gpu')('at the ends of whole numbers', async () => {
    const [and, or, xor, not, up, down] = await run(
      (x) => [
        ops.bitwiseAnd(x, 2 ** 30 + 5),
        ops.bitwiseOr(x, -(2 ** 30)),
        ops.bitwiseXor(x, -1),
        ops.bitwiseNot(x),
        ops.leftShift(x, 1),
        ops.rightShift(x, 30),
      ],
      ends,
    )
    const expected = (f: (x: number) => number) => Array.from(ends.data, f)
    expect(and.toArray()).toEqual(expected((x) => x & (2 ** 30 + 5)))
    expect(or.toArray()).toEqual(expected((x) => x | -(2 ** 30)))
    expect(xor.toArray()).toEqual(expected((x) => x ^ -1))
    expect(not.toArray()).toEqual(expected((x) => ~x))
    expect(up.toArray()).toEqual(expected((x) => x << 1))
    expect(down.toArray()).toEqual(expected((x) => x >> 30))
  })

  test.skipIf(backend === 'gpu')('of common divisors and multiples of large numbers', async () => {
    const [divisor, multiple] = await run(
      (x, y) => [ops.gcd(x, y), ops.lcm(x, y)],
      tensor(Int32Array.of(1836311903, 2147483646, 999999937), [3]),
      tensor(Int32Array.of(1134903170, 1073741823, 2), [3]),
    )
    expect(divisor.toArray()).toEqual([1, 1073741823, 1])
    expect(Array.from(multiple.data.slice(1))).toEqual([2147483646, 1999999874])
  })
})

test('what does not fit is refused', () => {
  const wrong: [() => unknown, typeof ShapeError | typeof OptionError, RegExp][] = [
    [() => ops.eigh([[1, 2, 3]]), ShapeError, /^eigh: expected square matrices/],
    [() => ops.svd([1, 2]), ShapeError, /^svd: expected matrices/],
    [() => ops.pinv(3), ShapeError, /^pinv: expected matrices/],
    [() => ops.bitwiseAnd([1.5], [2]), OptionError, /^bitwiseAnd: expected int32 or bool, got float32/],
    [() => ops.rearrange([[1, 2]], 'a b'), ShapeError, /expected one '->'/],
    [() => ops.rearrange([[1, 2]], 'a b c -> c b a'), ShapeError, /expected 2 axes for \[1, 2\], got 3/],
    [() => ops.rearrange([[1, 2]], 'a b -> b c'), ShapeError, /expected '[ac]' once on each side/],
    [() => ops.rearrange([[1, 2]], 'a (b c) -> b c a'), ShapeError, /none for b, c/],
    [() => ops.rearrange([[1, 2, 3]], 'a (b c) -> b c a', { b: 2 }), ShapeError, /product is 3, got 2/],
    [() => ops.rearrange([[1, 2]], 'a b -> b a', { p: 2 }), ShapeError, /expected 'p' once/],
    [() => ops.rearrange([[1, 2]], 'a * -> a *'), ShapeError, /got '\*'/],
    [() => ops.viewAsComplex([[1, 2, 3]]), ShapeError, /^viewAsComplex: expected pairs/],
    [
      () => ops.viewAsReal([[1, 2], [1]]),
      ShapeError,
      /^viewAsReal: expected a real and an imaginary part of one shape/,
    ],
  ]
  for (const [call, kind, message] of wrong) {
    expect(call).toThrow(kind)
    expect(call).toThrow(message)
  }
})
