// From the flag to the backend: what 'auto' means, what is refused, what model.backend tells.
import { dense, jit, type Model, ops, sequential, tensor, type Value } from 'hornbeam'
import { describe, expect, test } from 'vitest'

const data = tensor([[1, 2, 3]])

/** The name of the backend a model has just predicted on. */
async function used(model: Model): Promise<unknown> {
  await model.predict(tensor(Float64Array.of(1, 2, 3), [1, 3]))
  return model.backend
}

describe("'auto'", () => {
  test('is wasm', async () => {
    const model = sequential([dense(2)], { inputShape: [3] })
    expect(model.backend).toEqual({ name: 'auto' })
    await model.predict(data)
    expect(model.backend).toMatchObject({ name: 'wasm', relaxed: expect.any(Boolean), threads: expect.any(Number) })
  })

  test('is cpu for a model in float64, without a word about it', async () => {
    expect(await used(sequential([dense(2)], { inputShape: [3], dtype: 'float64' }))).toEqual({
      name: 'cpu',
      threads: 1,
    })
  })

  test('is still cpu once a model in float64 was trained, whose logs are added up in float32', async () => {
    const model = sequential([dense(2)], { inputShape: [3], dtype: 'float64' }).compile({
      optimizer: 'sgd',
      loss: 'mse',
    })
    await model.fit(data, tensor([[0, 1]]), { verbose: 0 })
    expect(model.backend).toEqual({ name: 'cpu', threads: 1 })
  })

  test('is cpu for a function that computes in float64 anywhere', async () => {
    const inside = jit((x: Value) => ops.cast(ops.exp(ops.cast(x, 'float64')), 'float32'))
    const [value] = (await inside(tensor([1]))).data
    expect(value).toBe(Math.fround(Math.E))
  })
})

describe("'wasm'", () => {
  test('refuses float64, and says what does not', async () => {
    const model = sequential([dense(2)], { inputShape: [3], dtype: 'float64' })
    await expect(model.predict([[1, 2, 3]], { backend: 'wasm' })).rejects.toThrow(
      "backend wasm: expected the types it computes with (bool, int32, float32), got float64; use 'cpu' or 'auto'",
    )
  })

  test('refuses a wrong number of threads and options it does not have', async () => {
    for (const threads of [0, -1, 1.5, Number.NaN]) {
      const run = jit((x: Value) => ops.exp(x), { backend: { name: 'wasm', threads } })
      await expect(run([1])).rejects.toThrow(/threads: expected a whole number from 1 on, got/)
    }
    const misspelt = { name: 'wasm', thread: 2 } as const
    await expect(jit((x: Value) => ops.exp(x), { backend: misspelt })([1])).rejects.toThrow(/'threads'/)
  })
})
