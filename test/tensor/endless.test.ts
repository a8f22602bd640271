// Arrays that contain themselves, and arrays of very many holes, are refused like any others that are no tensors.
import { data, dense, HornbeamError, jit, sequential, tensor, zeros } from 'hornbeam'
import { expect, test } from 'vitest'

const cyclic: unknown[] = []
cyclic.push(cyclic)

test.each<[string, (given: never) => unknown]>([
  ['tensor', (given) => tensor(given)],
  ['jit', (given) => jit((x) => x)(given)],
  ['predict', (given) => sequential([dense(1)], { inputShape: [2] }).predict(given)],
  [
    'fit',
    (given) =>
      sequential([dense(1)])
        .compile({ loss: 'mse' })
        .fit(given, given, { verbose: 0 }),
  ],
  ['scaler', (given) => data.scaler().fit(given)],
  ['run', (given) => dense(1).run(given)],
])('%s refuses arrays without an end, and those of four thousand million holes', async (_, act) => {
  await expect((async () => act(cyclic as never))()).rejects.toThrow(HornbeamError)
  await expect((async () => act(new Array(2 ** 32 - 1) as never))()).rejects.toThrow(HornbeamError)
})

test('a shape for which there is no memory is refused', () => {
  expect(() => zeros([2 ** 53])).toThrow(/^zeros: expected no more elements than memory has room for/)
})
