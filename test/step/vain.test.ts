// What can never be learnt is refused, or said, before training goes on in vain.
import { type ActivationName, dense, type LossOption, losses, OptionError, ops, sequential, type Value } from 'hornbeam'
import { afterEach, expect, test, vi } from 'vitest'

const x = [
  [1, 2],
  [3, 4],
]
const oneHot = [
  [1, 0],
  [0, 1],
]
const net = (units: number, activation: ActivationName) =>
  sequential([dense(units, { activation })], { inputShape: [2] })

afterEach(() => {
  vi.restoreAllMocks()
})

test.each<[string, (yTrue: Value, yPred: Value) => Value]>([
  ['argMax', (_, yPred) => ops.mean(ops.cast(ops.argMax(yPred), 'float32'))],
  ['rounding and comparing', (yTrue, yPred) => ops.mean(ops.cast(ops.notEqual(yTrue, ops.round(yPred)), 'float32'))],
  ['the targets alone', (yTrue) => ops.mean(yTrue)],
])('a loss of %s has no gradient, and fit says so', async (_, loss) => {
  const model = net(2, 'linear').compile({ loss, optimizer: 'sgd', backend: 'cpu' })
  const before = await model.getWeights()
  await expect(model.fit(x, oneHot, { verbose: 0 })).rejects.toThrow(OptionError)
  await expect(model.fit(x, oneHot, { verbose: 0 })).rejects.toThrow(
    /^sequential: the loss has no gradient by any weight/,
  )
  expect(await model.getWeights()).toEqual(before)
})

test('a softmax over one unit is always 1', async () => {
  const model = net(1, 'softmax').compile({ loss: 'binaryCrossentropy', backend: 'cpu' })
  await expect(model.fit(x, [[0], [1]], { verbose: 0 })).rejects.toThrow(/softmax over one unit is always 1.*'sigmoid'/)
})

test.each([
  ['classes told apart', 'categoricalCrossentropy', [[1], [1]]],
  ['labels', 'sparseCategoricalCrossentropy', [0, 0]],
  ['logits', losses.sparseCategoricalCrossentropy({ fromLogits: true }), [0, 0]],
])('there is nothing to learn from %s where there is one class', async (_, loss, y) => {
  const model = net(1, 'linear').compile({ loss: loss as LossOption, backend: 'cpu' })
  await expect(model.fit(x, y, { verbose: 0 })).rejects.toThrow(/with one class nothing can be learnt/)
})

test('that nothing is trainable is said once', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const model = sequential([dense(2, { trainable: false })], { inputShape: [2] }).compile({
    loss: 'mse',
    backend: 'cpu',
  })
  await model.fit(x, oneHot, { verbose: 0 })
  await model.fit(x.slice(1), oneHot.slice(1), { verbose: 0 })
  expect(warn.mock.calls).toEqual([['sequential: no weight is trainable, so training changes nothing']])
})

test('an infinite learning rate is none', () => {
  expect(() => net(2, 'linear').compile({ loss: 'mse', learningRate: Infinity })).toThrow(
    /learningRate.*below Infinity/,
  )
})
