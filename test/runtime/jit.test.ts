// Functions without a model: compiled by shape, differentiated, and what they refuse.
import { grad, HornbeamError, jit, OptionError, ops, ShapeError, tensor, type Value, valueAndGrad } from 'hornbeam'
import { describe, expect, test, vi } from 'vitest'
import { expectClose } from '../support'

const cpu = { backend: 'cpu' } as const

describe('jit', () => {
  test('traces once for each combination of shapes and types', async () => {
    const traced = vi.fn((a: Value, b: Value) => ops.add(a, b))
    const sum = jit(traced, cpu)
    expectClose(await sum([1], [2]), [3])
    expectClose(await sum([5], [6]), [11])
    expect(traced).toHaveBeenCalledTimes(1)
    expectClose(await sum([[1], [2]], [3]), [[4], [5]])
    expectClose(await sum(tensor([1], [1], 'float64'), [2]), tensor([3], [1], 'float64'))
    expect(traced).toHaveBeenCalledTimes(3)
  })

  test('gives one tensor for a value, a list for a list, also where a result is an argument or a number', async () => {
    const [a, b, c] = await jit((x: Value) => [x, ops.neg(x), 7], cpu)([1, 2])
    expectClose(a, [1, 2])
    expectClose(b, [-1, -2])
    expectClose(c, 7)
    expect(await jit((x: Value) => [ops.neg(x)], cpu)([1])).toHaveLength(1)
  })

  test('calls that overlap give each its own result', async () => {
    const square = jit((x: Value) => ops.square(x), cpu)
    const all = await Promise.all([1, 2, 3, 4].map((n) => square([n])))
    expect(all.map((t) => t.data[0])).toEqual([1, 4, 9, 16])
  })

  test('a function that throws can be called again', async () => {
    const reshaped = jit((x: Value) => ops.reshape(x, [2, 2]), cpu)
    await expect(reshaped([1, 2, 3])).rejects.toThrow(ShapeError)
    expectClose(await reshaped([1, 2, 3, 4]), [
      [1, 2],
      [3, 4],
    ])
  })

  test('another backend or option is refused', async () => {
    await expect(jit((x: Value) => x, { backend: 'gpuu' as 'gpu' })([1])).rejects.toThrow(OptionError)
    expect(() => jit((x: Value) => x, { backand: 'cpu' } as never)).toThrow(/'backend'/)
    expect(() => grad((x: Value) => x, { argnum: 1 } as never)).toThrow(/'argnums'/)
  })
})

describe('grad', () => {
  const energy = (x: Value, y: Value): Value => ops.sum(ops.mul(ops.square(x), y))

  test('differentiates by the first argument, or by those that are named', async () => {
    expectClose(await grad(energy)([1, 2], [3, 4]), [6, 16])
    expectClose(await grad(energy, { argnums: 1 })([1, 2], [3, 4]), [1, 4])
    const [dy, dx] = await grad(energy, { argnums: [1, 0] })([1, 2], [3, 4])
    expectClose(dy, [1, 4])
    expectClose(dx, [6, 16])
  })

  test('is zero for what the result does not depend on', async () => {
    expectClose(await grad((_: Value, y: Value) => ops.sum(y))([1, 2], [3]), [0, 0])
  })

  test('goes inside jit and itself: Hessians are gradients of gradients', async () => {
    const f = (x: Value): Value => ops.sum(ops.pow(x, 4))
    const row = (i: number) => (x: Value) => ops.sum(ops.slice(grad(f)(x), [i], [1]))
    const hessian = jit((x: Value) => ops.stack([grad(row(0))(x), grad(row(1))(x)]), cpu)
    expectClose(await hessian([1, 2]), [
      [12, 0],
      [0, 48],
    ])
    const third = grad((x: Value) => ops.sum(grad((v: Value) => ops.sum(grad(f)(v)))(x)))
    expectClose(await jit((x: Value) => third(x), cpu)([1, 2]), [24, 48])
  })

  test('with the value beside it', async () => {
    const [value, dx] = await jit((x: Value, y: Value) => valueAndGrad(energy)(x, y), cpu)([1, 2], [3, 4])
    expectClose(value, 19)
    expectClose(dx, [6, 16])
  })

  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['a result that is no scalar', () => grad((x: Value) => x)([1, 2]), /scalar result, got shape \[2\]/],
    ['an index beyond the arguments', () => grad(energy, { argnums: 2 })([1], [2]), /argnums.*below 2, got 2/],
    ['whole numbers', () => grad((x: Value) => ops.sum(x))(tensor(Int32Array.of(1))), /only floats have derivatives/],
  ])('refuses %s', async (_, call, message) => {
    await expect(call()).rejects.toThrow(HornbeamError)
    await expect(call()).rejects.toThrow(message)
  })
})
