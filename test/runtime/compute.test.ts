// Ops on host tensors, at once.
import { compute, ops, tensor } from 'hornbeam'
import { expect, test } from 'vitest'

const degrees = tensor([
  [20, 22],
  [21, 19],
])

test('one result is a tensor, several are a list', async () => {
  expect((await compute(ops.sub(ops.mul(degrees, 2), [1, 2]))).toArray()).toEqual([
    [39, 42],
    [41, 36],
  ])
  const [warmest, mean, row] = await compute([ops.argMax(degrees, 1), ops.mean(degrees), ops.slice(degrees, [1])])
  expect(warmest.toArray()).toEqual([1, 0])
  expect(mean.item()).toBe(20.5)
  expect(row.toArray()).toEqual([[21, 19]])
})

test('on another backend, with the error of the op', async () => {
  expect((await compute(ops.div(degrees, 4), { backend: 'wasm' })).data[1]).toBe(5.5)
  expect(() => ops.add(degrees, [1, 2, 3])).toThrow(/^add/)
})
