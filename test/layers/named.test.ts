// What goes wrong in a layer is told by its name, also where the layer is a user's own and the op throws.
import { activation, conv1d, dense, Layer, lambda, ops, sequential, type Value } from 'hornbeam'
import { expect, test } from 'vitest'

class Mixing extends Layer {
  call(x: Value): Value {
    return ops.matmul(x, [[1, 2, 3]])
  }
}

test("an op that fails in a layer of one's own says in which", async () => {
  const expected = /^blend: matmul: inner lengths differ/
  await expect(new Mixing({ name: 'blend' }).run([[1, 2]])).rejects.toThrow(expected)
  expect(() => sequential([new Mixing({ name: 'blend' })], { inputShape: [2] })).toThrow(expected)
  await expect(lambda((x) => ops.reshape(x, [7]), { name: 'flat' }).run([[1, 2]])).rejects.toThrow(
    /^flat: reshape: 2 elem/,
  )
})

test('an activation that halves the features tells the shape, and is trained through', async () => {
  const layers = [dense(4, { activation: 'glu' }), activation('glu'), dense(1)]
  const model = sequential(layers, { inputShape: [3] }).compile({ loss: 'mse', backend: 'cpu' })
  expect(layers[0].outputShape([3])).toEqual([2])
  await model.fit([[1, 2, 3]], [[1]], { verbose: 0 })
  expect((await model.predict([[1, 2, 3]])).shape).toEqual([1, 1])
  expect(conv1d(4, 2, { activation: 'glu' }).outputShape([5, 3])).toEqual([4, 2])
  expect(dense(4, { activation: (x: Value) => ops.glu(x) }).outputShape([3])).toEqual([2])
  expect(() => sequential([dense(3, { activation: 'glu' })], { inputShape: [3] })).toThrow(
    /^dense: glu: expected an even/,
  )
})
