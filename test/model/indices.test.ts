// Indices that are in no vocabulary are told before anything is computed with them, wherever the embedding stands.
import {
  add,
  concatenate,
  cropping1d,
  DataError,
  dense,
  embedding,
  flatten,
  input,
  lambda,
  lstm,
  type Model,
  model,
  ops,
  permute,
  repeatVector,
  reshape,
  sequential,
  tensor,
  timeDistributed,
  type Value,
  zeroPadding1d,
} from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { evaluate, placeholder } from '../../src/graph'
import { jit } from '../../src/runtime'
import { expectClose, floats } from '../support'

const words = (...rows: number[][]) => tensor(Int32Array.from(rows.flat()), [rows.length, rows[0].length], 'int32')

const inside = (): Model => sequential([embedding(10, 3), flatten(), dense(2)], { inputShape: [4] })

/** Two inputs of two indices each, whose embedding has what comes of them. */
function joined(between: (first: ReturnType<typeof input>, second: ReturnType<typeof input>) => unknown): Model {
  const [a, b] = [input({ shape: [2], dtype: 'int32', name: 'a' }), input({ shape: [2], dtype: 'int32', name: 'b' })]
  const indices = between(a, b) as ReturnType<typeof input>
  return model({ inputs: [a, b], outputs: [dense(1).apply(flatten().apply(embedding(10, 3).apply(indices)))] })
}

const places: readonly [says: string, make: () => Model][] = [
  [
    'inside timeDistributed',
    () => sequential([timeDistributed(embedding(10, 3)), timeDistributed(flatten()), lstm(2)], { inputShape: [2, 2] }),
  ],
  ['in a model inside timeDistributed', () => sequential([timeDistributed(inside()), lstm(2)], { inputShape: [1, 4] })],
  ['in a model', () => sequential([inside(), dense(1)], { inputShape: [4] })],
  ['in a model in a model', () => sequential([sequential([inside()]), dense(1)], { inputShape: [4] })],
  ['behind concatenate', () => joined((a, b) => concatenate().apply([a, b]))],
  ['behind another layer that joins', () => joined((a, b) => add().apply([a, b]))],
  [
    'behind a slice',
    () => joined((a) => lambda((x) => ops.slice(x as Value, [0, 1], [(x as Value).shape[0], 1])).apply(a)),
  ],
  [
    'behind layers that move',
    () => sequential([reshape([2, 2]), permute([2, 1]), flatten(), embedding(10, 3), lstm(2)], { inputShape: [4] }),
  ],
  [
    'behind padding and cropping',
    () =>
      sequential(
        [
          reshape([4, 1]),
          zeroPadding1d(2),
          cropping1d(1),
          flatten(),
          repeatVector(2),
          flatten(),
          embedding(10, 3),
          lstm(2),
        ],
        { inputShape: [4] },
      ),
  ],
]

/** Data of the model's inputs, all of them 3, with one in its last place. */
function dataFor(net: Model, last: number) {
  const tensors = net.inputs.map(({ shape, dtype }) => {
    const size = shape.reduce<number>((product, length) => product * (length ?? 1), 2)
    const numbers = Array.from({ length: size }, (_, i) => (i === size - 1 ? last : 3))
    return tensor(dtype === 'int32' ? Int32Array.from(numbers) : Float32Array.from(numbers), [2, ...shape.map(Number)])
  })
  return tensors.length === 1 ? tensors[0] : tensors
}

describe.each(places)('%s', (_, make) => {
  test.each([10, -1, 1e6])('%s is refused, by each that takes data', async (wrong) => {
    const net = make().compile({ loss: 'mse', backend: 'cpu' })
    const says = /embedding: expected whole numbers from 0 to 9, got /
    const refused = async (work: Promise<unknown>) => {
      const error = await work.catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(DataError)
      expect(String(error)).toMatch(says)
    }
    const y = floats([2, ...net.outputs[0].shape.map(Number)])
    const before = await net.getWeights()
    await refused(net.predict(dataFor(net, wrong)))
    await refused(net.fit(dataFor(net, wrong), y, { verbose: 0 }))
    await refused(net.trainOnBatch(dataFor(net, wrong), y))
    await refused(net.evaluate(dataFor(net, wrong), y))
    expect(await net.getWeights()).toEqual(before)
  })

  test('what is there is taken', async () => {
    const net = make().compile({ loss: 'mse', backend: 'cpu' })
    const y = floats([2, ...net.outputs[0].shape.map(Number)])
    await net.fit(dataFor(net, 2), y, { verbose: 0 })
  })
})

test('what is cut off may be anything', async () => {
  const net = sequential([reshape([4, 1]), cropping1d([0, 1]), flatten(), embedding(10, 3), lstm(2)], {
    inputShape: [4],
  })
  await net.predict(words([1, 2, 3, 99]))
  await expect(net.predict(words([1, 2, 99, 3]))).rejects.toThrow(DataError)
})

test('an embedding that is also given an input itself is asked for both', async () => {
  const [a, b] = [input({ shape: [2], dtype: 'int32' }), input({ shape: [2], dtype: 'int32' })]
  const shared = embedding(10, 3)
  const net = model({ inputs: [a, b], outputs: [shared.apply(a), shared.apply(reshape([2]).apply(b))] })
  await expect(net.predict([words([1, 2]), words([1, 10])])).rejects.toThrow(/got 10/)
  await expect(net.predict([words([11, 2]), words([1, 1])])).rejects.toThrow(/got 11/)
})

test('a layer by itself tells them too, and so does a stream', async () => {
  await expect(timeDistributed(embedding(10, 3)).run(words([1, 10]))).rejects.toThrow(/got 10 at \[0, 1\]/)
  const net = sequential([timeDistributed(embedding(10, 3))], { inputShape: [null, 2] })
  await expect(net.stream().push(tensor(Float32Array.of(1, 12), [1, 1, 2]))).rejects.toThrow(/got 12/)
})

test('values on the host are those of a backend', async () => {
  const x = floats([2, 3, 4])
  const work = (v: ReturnType<typeof placeholder>) => {
    const moved = ops.concatenate(
      [
        ops.transpose(v, [2, 0, 1]),
        ops.pad(ops.reverse(ops.transpose(v, [2, 0, 1]), { axis: [0, 2] }), [
          [1, 0],
          [0, 0],
          [0, 0],
        ]),
      ],
      0,
    )
    const part = ops.slice(moved, [1, 0, 0], [5, 2, 2])
    return ops.add(ops.mul(ops.floor(ops.mul(part, 3)), 2), ops.cast(ops.greater(part, 0), 'float32'))
  }
  const start = placeholder([2, 3, 4])
  const value = evaluate(work(start), new Map([[start, x]]))
  if (value === undefined) throw new Error('not evaluated')
  expectClose(value, await jit(work, { backend: 'cpu' })(x))
  expect(evaluate(ops.sum(start), new Map([[start, x]]))).toBeUndefined()
})
