// What functions handed to ops may do and what is refused; that what they compute is right is held by the conformance suite.
import { compute, grad, HornbeamError, jit, ops, tensor, type Value } from 'hornbeam'
import { describe, expect, test } from 'vitest'

const wrong = (value: unknown): never => value as never

describe('a gradient of one’s own', () => {
  test('is taken instead of the derivative', async () => {
    const straight = ops.customGradient((x) => [ops.round(x), (g) => g])
    const slope = grad((x: Value) => ops.sum(ops.mul(straight(x), [1, 2, 3])))
    expect((await slope([0.2, 1.7, 2.5])).toArray()).toEqual([1, 2, 3])
  })

  test('may leave operands out, and give several', async () => {
    const scaled = ops.customGradient((x, y) => [
      [ops.mul(x, y), ops.add(x, y)],
      (ofProduct, ofSum) => [ops.add(ofProduct, ops.mul(ofSum, 10)), undefined],
    ])
    const loss = (x: Value, y: Value) => {
      const [product, sum] = scaled(x, y)
      return ops.add(ops.mul(product, 3), sum)
    }
    expect((await grad(loss)(2, 5)).item()).toBe(13)
    expect((await grad((y: Value) => loss(ops.cast(2, 'float32'), y))(5)).item()).toBe(0)
  })

  test('is differentiated in its turn, through what it remembers', async () => {
    const cube = ops.customGradient((x) => {
      const squared = ops.square(x)
      return [ops.mul(squared, x), (g) => ops.mul(g, ops.mul(squared, 3))]
    })
    const inner = (x: Value) => ops.jvp(cube, [x], [tensor(1)])[1]
    expect((await grad(inner)(2)).item()).toBe(12)
  })
})

describe('a branch that is not chosen', () => {
  test('brings no NaN into gradients, whatever it captures', async () => {
    const f = (x: Value) =>
      ops.cond(
        ops.greater(x, 0),
        () => ops.log(x),
        () => ops.mul(x, 2),
      )
    expect((await grad(f)(0)).item()).toBe(2)
    expect((await grad(f)(4)).item()).toBe(0.25)
  })

  test('nor do rounds behind the end of a loop', async () => {
    const f = (x: Value) =>
      ops.whileLoop(
        (v) => ops.greater(v, 0.5),
        (v) => ops.sub(ops.sqrt(ops.sub(v, 0.25)), 0.25),
        x,
        { maximumIterations: 6 },
      )
    const value = (await jit(f)(1.25)).item()
    expect(value).toBeCloseTo(Math.sqrt(Math.sqrt(1) - 0.25 - 0.25) - 0.25, 6)
    const slope = (await grad(f)(1.25)).item()
    expect(slope).toBeCloseTo(0.5 * (0.5 / Math.sqrt(0.5)), 5)
  })
})

test('a loop over no numbers gives what it began with', async () => {
  const [a, b] = await jit(() => ops.foriLoop(3, 3, (_, [x, y]) => [y, x], [tensor([1]), tensor([2])]))()
  expect([a.toArray(), b.toArray()]).toEqual([[1], [2]])
})

test('maps give lists for lists', async () => {
  const result = await jit(() => ops.map((x) => [ops.neg(x), ops.square(x)], tensor([1, 2, 3])))()
  expect(result.map((each) => each.toArray())).toEqual([
    [-1, -2, -3],
    [1, 4, 9],
  ])
})

test('vectorize without a signature is of scalars', async () => {
  const clipped = ops.vectorize((a, b) =>
    ops.cond(
      ops.greater(a, b),
      () => b,
      () => a,
    ),
  )
  expect((await compute(clipped([[1], [5]], [2, 3]))).toArray()).toEqual([
    [1, 1],
    [2, 3],
  ])
})

describe('refused by name', () => {
  const x = tensor([1, 2])
  test.each<[string, () => unknown, RegExp]>([
    [
      'a predicate of two',
      () =>
        ops.cond(
          x,
          () => 1,
          () => 2,
        ),
      /^cond: predicate: expected a scalar, got shape \[2\]/,
    ],
    [
      'branches of two shapes',
      () =>
        ops.cond(
          true,
          () => x,
          () => tensor([1]),
        ),
      /^cond: expected float32 \[2\] from each/,
    ],
    [
      'branches of two counts',
      () =>
        ops.cond(
          true,
          () => [x],
          () => [x, x] as never,
        ),
      /^cond: expected 1 values from each/,
    ],
    ['no function', () => ops.cond(true, wrong(x), () => x), /^cond: onTrue: expected a function/],
    ['no branches', () => ops.switch(0, []), /^switch: branches: expected a list of functions/],
    [
      'a loop without an end',
      () =>
        ops.whileLoop(
          () => true,
          (v) => v,
          x,
          wrong({}),
        ),
      /^whileLoop: maximumIterations: expected a whole number from 0/,
    ],
    [
      'a condition of two',
      () =>
        ops.whileLoop(
          (v) => v,
          (v) => v,
          x,
          { maximumIterations: 2 },
        ),
      /^whileLoop: scan: condition: expected a scalar/,
    ],
    [
      'a body of another shape',
      () =>
        ops.whileLoop(
          () => true,
          () => tensor([1]),
          x,
          { maximumIterations: 2 },
        ),
      /^whileLoop: scan: body: expected shape \[2\], got \[1\]/,
    ],
    ['a loop to a half', () => ops.foriLoop(0, 1.5, (_, v) => v, x), /^foriLoop: upper: expected a whole number/],
    [
      'a signature that is none',
      () => ops.vectorize((v) => v, { signature: 'n->n' }),
      /^vectorize: signature: expected one such as/,
    ],
    [
      'lengths that differ',
      () => ops.vectorize((a, b) => ops.sum(ops.mul(a, b)), { signature: '(n),(n)->()' })([1, 2], [1]),
      /^vectorize: expected one length of n, got 2 and 1/,
    ],
    [
      'a function without a gradient',
      () => ops.customGradient(((v: Value) => v) as never)(1),
      /^customGradient: expected \[results, backward\]/,
    ],
    [
      'a gradient of another shape',
      () => ops.customGradient((v) => [v, () => [tensor([1])]])(x),
      /expected shape \[2\] for operand 0, got \[1\]/,
    ],
    ['a tangent of another shape', () => ops.jvp((v) => v, [x], [tensor(1)]), /^jvp: tangents: expected shape \[2\]/],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(HornbeamError)
    expect(act).toThrow(message)
  })
})
