// The losses' values, against numbers worked out by hand.
import { describe, expect, test } from 'vitest'
import { constant, gradients, type Value } from '../../src/graph'
import { type Loss, lossOf } from '../../src/losses'
import * as losses from '../../src/losses/factories'
import { sigmoid, softmax } from '../../src/ops'
import { jit } from '../../src/runtime'
import { type Tensor, type TensorLike, tensor } from '../../src/tensor'
import { expectClose, expectGradients, floats } from '../support'

function values(loss: Loss, yTrue: TensorLike, yPred: TensorLike): Promise<Tensor> {
  const run = jit((a: Value, b: Value) => loss.call(a, b), { backend: 'cpu' })
  return run(yTrue, yPred)
}

const { exp, log, log1p } = Math

describe('the value for each sample', () => {
  const cases: [string, Loss, TensorLike, TensorLike, TensorLike][] = [
    [
      'meanSquaredError',
      losses.meanSquaredError(),
      [
        [0, 1],
        [2, 2],
      ],
      [
        [1, 3],
        [2, 0],
      ],
      [2.5, 2],
    ],
    [
      'meanAbsoluteError',
      losses.meanAbsoluteError(),
      [
        [0, 1],
        [2, 2],
      ],
      [
        [1, 3],
        [2, 0],
      ],
      [1.5, 1],
    ],
    ['meanAbsolutePercentageError', losses.meanAbsolutePercentageError(), [[2, -4]], [[1, -5]], [37.5]],
    ['meanSquaredLogarithmicError', losses.meanSquaredLogarithmicError(), [[1, 3]], [[3, 3]], [log(2) ** 2 / 2]],
    ['huber within delta', losses.huber(), [[0, 0]], [[0.5, -1]], [(0.125 + 0.5) / 2]],
    ['huber beyond delta', losses.huber({ delta: 2 }), [[0]], [[-5]], [2 * 5 - 2]],
    ['logCosh', losses.logCosh(), [[0, 0]], [[1, -2]], [(log(Math.cosh(1)) + log(Math.cosh(2))) / 2]],
    ['poisson', losses.poisson(), [[2, 1]], [[1, 3]], [(1 + 3 - log(3)) / 2]],
    [
      'cosineSimilarity',
      losses.cosineSimilarity(),
      [
        [1, 0],
        [1, 1],
      ],
      [
        [0, 2],
        [3, 3],
      ],
      [0, -1],
    ],
    ['hinge of -1 and 1', losses.hinge(), [[-1, 1]], [[0.5, 2]], [0.75]],
    ['hinge of 0 and 1', losses.hinge(), [[0, 1]], [[0.5, 2]], [0.75]],
    ['squaredHinge', losses.squaredHinge(), [[-1, 1]], [[0.5, 0]], [(2.25 + 1) / 2]],
    ['categoricalHinge', losses.categoricalHinge(), [[0, 1, 0]], [[0.25, 0.5, 0.75]], [1.25]],
    ['klDivergence', losses.klDivergence(), [[0.5, 0.5]], [[0.25, 0.75]], [0.5 * log(2) + 0.5 * log(2 / 3)]],
    [
      'dice over all',
      losses.dice(),
      [
        [1, 0],
        [1, 0],
      ],
      [
        [1, 0],
        [0, 0],
      ],
      1 - 2 / 3,
    ],
    [
      'dice by sample',
      losses.dice({ axis: 1 }),
      [
        [1, 0],
        [1, 0],
      ],
      [
        [1, 0],
        [0, 0],
      ],
      [0, 1],
    ],
    ['tversky', losses.tversky({ alpha: 0.25, beta: 0.75 }), [[1, 1, 0]], [[1, 0, 1]], 1 - 1 / 2],
    ['binaryCrossentropy', losses.binaryCrossentropy(), [[1, 0]], [[0.5, 0.25]], [(log(2) - log(0.75)) / 2]],
    [
      'binaryCrossentropy, smooth',
      losses.binaryCrossentropy({ labelSmoothing: 1 }),
      [[1]],
      [[0.25]],
      [-0.5 * log(0.25 * 0.75)],
    ],
    [
      'binaryCrossentropy from logits',
      losses.binaryCrossentropy({ fromLogits: true }),
      [[1, 0]],
      [[2, 2]],
      [(log1p(exp(-2)) + log1p(exp(2))) / 2],
    ],
    ['categoricalCrossentropy', losses.categoricalCrossentropy(), [[0, 1]], [[0.25, 0.75]], [-log(0.75)]],
    [
      'categoricalCrossentropy of what has another sum',
      losses.categoricalCrossentropy(),
      [[0, 1]],
      [[1, 3]],
      [-log(0.75)],
    ],
    [
      'categoricalCrossentropy from logits',
      losses.categoricalCrossentropy({ fromLogits: true }),
      [[1, 0]],
      [[0, log(3)]],
      [log(4)],
    ],
    [
      'categoricalCrossentropy, smooth',
      losses.categoricalCrossentropy({ labelSmoothing: 0.5 }),
      [[1, 0]],
      [[0.5, 0.5]],
      [log(2)],
    ],
    [
      'sparseCategoricalCrossentropy',
      losses.sparseCategoricalCrossentropy(),
      [1, 0],
      [
        [0.25, 0.75],
        [0.5, 0.5],
      ],
      [-log(0.75), log(2)],
    ],
    [
      'sparseCategoricalCrossentropy, a column of labels',
      losses.sparseCategoricalCrossentropy(),
      [[1], [0]],
      [
        [0.25, 0.75],
        [0.5, 0.5],
      ],
      [-log(0.75), log(2)],
    ],
    [
      'sparseCategoricalCrossentropy from logits',
      losses.sparseCategoricalCrossentropy({ fromLogits: true }),
      [0],
      [[0, log(3)]],
      [log(4)],
    ],
    [
      'sparseCategoricalCrossentropy, one class ignored',
      losses.sparseCategoricalCrossentropy({ ignoreClass: -1 }),
      [1, -1],
      [
        [0.25, 0.75],
        [Number.NaN, 0],
      ],
      [-log(0.75), 0],
    ],
    ['binaryFocalCrossentropy', losses.binaryFocalCrossentropy({ gamma: 2 }), [[1]], [[0.25]], [0.75 ** 2 * log(4)]],
    [
      'binaryFocalCrossentropy, balanced',
      losses.binaryFocalCrossentropy({ applyClassBalancing: true }),
      [[0]],
      [[0.75]],
      [0.75 * 0.75 ** 2 * log(4)],
    ],
    [
      'categoricalFocalCrossentropy',
      losses.categoricalFocalCrossentropy(),
      [[0, 1]],
      [[0.5, 0.5]],
      [0.25 * 0.25 * log(2)],
    ],
  ]
  test.each(cases)('%s', async (_, loss, yTrue, yPred, expected) => {
    expectClose(await values(loss, tensor(yTrue), tensor(yPred)), tensor(expected), { relative: 2e-6, absolute: 2e-6 })
  })

  test('targets without the last axis of length 1 are given it', async () => {
    expectClose(await values(losses.meanSquaredError(), [1, 2], [[1], [4]]), [0, 4])
    expectClose(await values(losses.meanAbsoluteError(), tensor([[[1], [2]]]), tensor([[1, 4]])), [1])
  })
})

describe('cross-entropy of sure and wrong predictions', () => {
  // exp(-60) is far below what clipped probabilities can tell from 0.
  test('is exact where probabilities come from softmax', async () => {
    const loss = losses.categoricalCrossentropy()
    const run = jit((y: Value, x: Value) => loss.call(y, softmax(x)), { backend: 'cpu' })
    expectClose(await run([[1, 0]], [[0, 60]]), [60])
  })

  test('is exact where probabilities come from sigmoid', async () => {
    const loss = losses.binaryCrossentropy()
    const run = jit((y: Value, x: Value) => loss.call(y, sigmoid(x)), { backend: 'cpu' })
    expectClose(await run([[1, 1]], [[-60, 60]]), [30])
  })

  test('ends at -log(1e-7) for bare probabilities', async () => {
    expectClose(await values(losses.sparseCategoricalCrossentropy(), [0], [[0, 1]]), [-log(1e-7)])
  })
})

describe('gradients agree with central differences', () => {
  const targets = floats([3, 4], { from: 0.1, to: 0.9, seed: 3 })
  const predictions = floats([3, 4], { from: 0.15, to: 0.85, seed: 4 })
  const all: Loss[] = [
    losses.meanSquaredError(),
    losses.meanSquaredLogarithmicError(),
    losses.huber({ delta: 0.3 }),
    losses.logCosh(),
    losses.poisson(),
    losses.cosineSimilarity(),
    losses.squaredHinge(),
    losses.categoricalHinge(),
    losses.klDivergence(),
    losses.dice(),
    losses.tversky(),
    losses.binaryCrossentropy({ labelSmoothing: 0.1 }),
    losses.binaryCrossentropy({ fromLogits: true }),
    losses.categoricalCrossentropy({ labelSmoothing: 0.1 }),
    losses.categoricalCrossentropy({ fromLogits: true }),
    losses.binaryFocalCrossentropy(),
    losses.categoricalFocalCrossentropy({ fromLogits: true }),
  ]
  test.each(all.map((loss) => [loss.name, loss] as const))('%s', async (_, loss) => {
    await expectGradients((y, p) => loss.call(y, p), [targets, predictions], { by: [1] })
  })

  test.each([{ fromLogits: false }, { fromLogits: true }])('sparseCategoricalCrossentropy %o', async (options) => {
    const loss = losses.sparseCategoricalCrossentropy({ ...options, ignoreClass: 3 })
    const labels = tensor([0, 3, 2], [3], 'int32')
    await expectGradients((y, p) => loss.call(y, p), [labels, predictions], { by: [1] })
  })

  test('nothing flows from an ignored label, not even where its prediction is NaN', async () => {
    const loss = losses.sparseCategoricalCrossentropy({ ignoreClass: 0 })
    const run = jit(
      (y: Value, p: Value) => {
        const total = lossOf(loss, y, p)
        return gradients([total], [constant(1)], [p])[0] as Value // the loss depends on p
      },
      { backend: 'cpu' },
    )
    const gradient = await run(tensor([0, 1], [2], 'int32'), [
      [Number.NaN, 1],
      [0.5, 0.5],
    ])
    expect(gradient.toArray()).toMatchObject([
      [0, 0],
      [expect.closeTo(1), expect.closeTo(-1)],
    ])
  })
})
