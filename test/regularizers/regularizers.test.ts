// Regularizers: what they add to the loss, in training and in tests, and to the gradient.
import { add, dense, input, model, regularizers, sequential, sgd } from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { expectClose } from '../support'

const kernel = [
  [1, -2],
  [3, 0],
]
const x = [[0, 0]]
const y = [[0, 0]]

/** A layer on zeros: its loss is its penalty alone. */
function penalized(kernelRegularizer: NonNullable<Parameters<typeof dense>[1]>['kernelRegularizer']) {
  const layer = dense(2, { useBias: false, ...(kernelRegularizer === undefined ? {} : { kernelRegularizer }) })
  return sequential([layer], { inputShape: [2] }).compile({ optimizer: sgd({ learningRate: 0.1 }), loss: 'mse' })
}

test.each([
  ['l1', 'l1', 0.01 * 6],
  ['l2', 'l2', 0.01 * 14],
  ['l1 of 0.5', regularizers.l1(0.5), 3],
  ['l2 of 0.5', regularizers.l2(0.5), 7],
  ['l1l2', regularizers.l1l2({ l1: 0.1, l2: 0.2 }), 0.6 + 2.8],
  // Rows (1, -2) and (3, 0) over their lengths: the size of the cosine between them.
  ['orthogonalRegularizer', regularizers.orthogonalRegularizer({ factor: 0.5 }), 0.5 / Math.sqrt(5)],
] as const)('%s is part of the loss', async (_, option, expected) => {
  const net = penalized(option)
  await net.setWeights([kernel])
  expect((await net.testOnBatch(x, y)).loss).toBeCloseTo(expected, 4)
  expect((await net.evaluate(x, y)).loss).toBeCloseTo(expected, 4)
  expect((await net.trainOnBatch(x, y)).loss).toBeCloseTo(expected, 4)
})

describe('the gradient', () => {
  test('of l2 is twice the weight, of l1 its sign', async () => {
    const square = penalized(regularizers.l2(0.5))
    await square.setWeights([kernel])
    await square.trainOnBatch(x, y)
    expectClose(
      (await square.getWeights())[0],
      kernel.map((row) => row.map((w) => w - 0.1 * w)),
    )
    const sign = penalized(regularizers.l1(0.5))
    await sign.setWeights([kernel])
    await sign.trainOnBatch(x, y)
    expectClose((await sign.getWeights())[0], [
      [0.95, -1.95],
      [2.95, 0],
    ])
  })
})

test('a layer that is used twice is charged once', async () => {
  const layer = dense(2, { useBias: false, kernelRegularizer: regularizers.l2(1) })
  const a = input({ shape: [2] })
  const net = model({ inputs: a, outputs: add().apply([layer.apply(a), layer.apply(a)]) }).compile({ loss: 'mse' })
  await net.setWeights([kernel])
  expect((await net.testOnBatch(x, y)).loss).toBeCloseTo(14, 4)
})
