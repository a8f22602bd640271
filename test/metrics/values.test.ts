// The metrics' results, against numbers worked out by hand.

import { describe, expect, test } from 'vitest'
import { ShapeError } from '../../src/errors'
import { type Metric, resolveMetric } from '../../src/metrics'
import * as metrics from '../../src/metrics/factories'
import { type NestedArray, tensor } from '../../src/tensor'
import { fc } from '../support/random'
import { type Batch, resultOf } from './support'

describe('a metric', () => {
  const chances = [
    [0.1, 0.7, 0.2],
    [0.5, 0.3, 0.2],
    [0.2, 0.3, 0.5],
    [0.4, 0.5, 0.1],
  ]
  const labels = [1, 1, 2, 2]
  const oneHot = [
    [0, 1, 0],
    [0, 1, 0],
    [0, 0, 1],
    [0, 0, 1],
  ]
  const cases: [string, Metric, readonly Batch[], number][] = [
    [
      'accuracy counts what is equal',
      metrics.accuracy(),
      [
        [
          [1, 2, 3],
          [1, 0, 3],
        ],
      ],
      2 / 3,
    ],
    [
      'binaryAccuracy takes its threshold',
      metrics.binaryAccuracy({ threshold: 0.8 }),
      [
        [
          [1, 0, 1],
          [0.9, 0.7, 0.5],
        ],
      ],
      2 / 3,
    ],
    [
      'binaryAccuracy takes exactly the threshold for no',
      metrics.binaryAccuracy(),
      [
        [
          [1, 0],
          [0.5, 0.5],
        ],
      ],
      0.5,
    ],
    ['categoricalAccuracy', metrics.categoricalAccuracy(), [[oneHot, chances]], 0.5],
    ['sparseCategoricalAccuracy', metrics.sparseCategoricalAccuracy(), [[labels, chances]], 0.5],
    [
      'sparseCategoricalAccuracy, a column of labels',
      metrics.sparseCategoricalAccuracy(),
      [[[[1], [1], [2], [2]], chances]],
      0.5,
    ],
    ['topKCategoricalAccuracy', metrics.topKCategoricalAccuracy({ k: 2 }), [[oneHot, chances]], 0.75],
    ['sparseTopKCategoricalAccuracy', metrics.sparseTopKCategoricalAccuracy({ k: 2 }), [[labels, chances]], 0.75],
    [
      'mean',
      metrics.mean(),
      [
        [
          [0, 0],
          [1, 3],
        ],
        [[0], [8]],
      ],
      4,
    ],
    [
      'sum',
      metrics.sum(),
      [
        [
          [0, 0],
          [1, 3],
        ],
        [[0], [8]],
      ],
      12,
    ],
    [
      'meanSquaredError',
      metrics.meanSquaredError(),
      [
        [
          [[0], [0]],
          [[1], [3]],
        ],
      ],
      5,
    ],
    [
      'rootMeanSquaredError takes the root of the mean over all',
      metrics.rootMeanSquaredError(),
      [
        [
          [[0], [0]],
          [[1], [3]],
        ],
        [[[0]], [[1]]],
      ],
      Math.sqrt(11 / 3),
    ],
    [
      'cosineSimilarity is 1 for vectors of one direction',
      metrics.cosineSimilarity(),
      [
        [
          [
            [1, 0],
            [1, 1],
          ],
          [
            [0, 2],
            [3, 3],
          ],
        ],
      ],
      0.5,
    ],
    [
      'perplexity of even chances is the number of classes',
      metrics.perplexity(),
      [
        [
          [0, 3],
          [
            [0.25, 0.25, 0.25, 0.25],
            [0.25, 0.25, 0.25, 0.25],
          ],
        ],
      ],
      4,
    ],
    [
      'perplexity does not count ignored labels',
      metrics.perplexity({ ignoreClass: 0 }),
      [
        [
          [0, 1],
          [
            [0.9, 0.1],
            [0.5, 0.5],
          ],
        ],
      ],
      2,
    ],
    [
      'precision',
      metrics.precision(),
      [
        [
          [1, 0, 1, 0],
          [0.9, 0.8, 0.2, 0.1],
        ],
      ],
      0.5,
    ],
    [
      'precision where nothing is said to be yes',
      metrics.precision(),
      [
        [
          [1, 0],
          [0.1, 0.2],
        ],
      ],
      0,
    ],
    [
      'recall',
      metrics.recall({ thresholds: 0.15 }),
      [
        [
          [1, 0, 1, 1],
          [0.9, 0.8, 0.2, 0.1],
        ],
      ],
      2 / 3,
    ],
    ['recall among the top two', metrics.recall({ topK: 2 }), [[oneHot, chances]], 0.75],
    ['precision of one class', metrics.precision({ topK: 1, classId: 1 }), [[oneHot, chances]], 0.5],
    ['f1Score, macro', metrics.f1Score(), [[oneHot, chances]], (0 + 0.5 + 2 / 3) / 3],
    ['f1Score, micro', metrics.f1Score({ average: 'micro' }), [[oneHot, chances]], 0.5],
    ['f1Score, weighted', metrics.f1Score({ average: 'weighted' }), [[oneHot, chances]], (0.5 + 2 / 3) / 2],
    [
      'f1Score of one output has the threshold 0.5',
      metrics.f1Score(),
      [
        [
          [[1], [0], [1]],
          [[0.9], [0.2], [0.3]],
        ],
      ],
      2 / 3,
    ],
    [
      'fBetaScore',
      metrics.fBetaScore({ beta: 2, average: 'micro', threshold: 0.25 }),
      [
        [
          [1, 0, 1],
          [0.9, 0.8, 0.7],
        ],
      ],
      (5 * (2 / 3)) / (4 * (2 / 3) + 1),
    ],
    [
      'auc of what is in perfect order',
      metrics.auc(),
      [
        [
          [0, 0, 1, 1],
          [0.1, 0.2, 0.8, 0.9],
        ],
      ],
      1,
    ],
    [
      'auc of what is in perfect disorder',
      metrics.auc(),
      [
        [
          [1, 1, 0, 0],
          [0.1, 0.2, 0.8, 0.9],
        ],
      ],
      0,
    ],
    [
      'auc counts pairs in order',
      metrics.auc({ numThresholds: 1001 }),
      [
        [
          [0, 0, 1, 1],
          [0.1, 0.4, 0.35, 0.8],
        ],
      ],
      0.75,
    ],
    [
      'auc by label',
      metrics.auc({ multiLabel: true }),
      [
        [
          [
            [0, 1],
            [1, 0],
          ],
          [
            [0.2, 0.3],
            [0.9, 0.7],
          ],
        ],
      ],
      0.5,
    ],
    [
      'auc from logits',
      metrics.auc({ fromLogits: true }),
      [
        [
          [0, 1],
          [-3, 2],
        ],
      ],
      1,
    ],
    [
      'r2Score is 1 for what is right',
      metrics.r2Score(),
      [
        [
          [[1], [2]],
          [[1], [2]],
        ],
        [[[5]], [[5]]],
      ],
      1,
    ],
    [
      'r2Score is 0 for the mean',
      metrics.r2Score(),
      [
        [
          [[1], [2]],
          [[3], [3]],
        ],
        [[[6]], [[3]]],
      ],
      0,
    ],
    [
      'r2Score of targets far from 0',
      metrics.r2Score(),
      [
        [
          [[10001], [10002]],
          [[10001], [10003]],
        ],
        [[[10003]], [[10003]]],
      ],
      0.5,
    ],
    [
      'r2Score by variance',
      metrics.r2Score({ classAggregation: 'varianceWeightedAverage' }),
      [
        [
          [
            [0, 0],
            [2, 4],
          ],
          [
            [0, 2],
            [2, 2],
          ],
        ],
      ],
      1 - 8 / 10,
    ],
  ]
  test.each(cases)('%s', async (_, metric, batches, expected) => {
    expect(await resultOf(metric, ...batches)).toBeCloseTo(expected, 5)
  })

  test('gives one number for each threshold of a list', async () => {
    const batch: Batch = [
      [1, 0, 1],
      [0.9, 0.6, 0.4],
    ]
    expect(await resultOf(metrics.precision({ thresholds: [0.3, 0.5, 0.95] }), batch)).toEqual([
      expect.closeTo(2 / 3),
      0.5,
      0,
    ])
  })

  test('gives one number for each class where there is to be no average', async () => {
    expect(await resultOf(metrics.f1Score({ average: null }), [oneHot, chances])).toEqual([
      0,
      expect.closeTo(0.5),
      expect.closeTo(2 / 3),
    ])
  })
})

describe('weights', () => {
  test('a weight of 0 leaves a sample out', async () => {
    const yTrue = [1, 0, 1, 0]
    const yPred = [0.9, 0.8, 0.2, 0.6]
    for (const metric of [metrics.binaryAccuracy(), metrics.precision(), metrics.recall(), metrics.auc()]) {
      const weighted = await resultOf(metric, [yTrue, yPred, [1, 1, 1, 0]])
      expect(weighted).toBeCloseTo(Number(await resultOf(metric, [yTrue.slice(0, 3), yPred.slice(0, 3)])), 5)
    }
  })

  test('a masked step does not count', async () => {
    const batch: Batch = [
      [
        [1, 2],
        [3, 4],
      ],
      [
        [1, 0],
        [0, 4],
      ],
      [
        [1, 0],
        [1, 1],
      ],
    ]
    expect(await resultOf(metrics.accuracy(), batch)).toBeCloseTo(2 / 3)
  })

  test('a weight of a sample counts for all its values', async () => {
    expect(
      await resultOf(metrics.rootMeanSquaredError(), [
        [
          [0, 0],
          [0, 0],
        ],
        [
          [1, 3],
          [2, 2],
        ],
        [3, 1],
      ]),
    ).toBeCloseTo(Math.sqrt((3 * 5 + 4) / 4))
  })
})

test('the order of batches and where they are cut make no difference', async () => {
  const pair = fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 100 }))
  await fc.assert(
    fc.asyncProperty(fc.array(pair, { minLength: 2, maxLength: 8 }), fc.nat(), async (pairs, at) => {
      const cut = 1 + (at % (pairs.length - 1))
      const batch = (part: typeof pairs): Batch => [part.map(([y]) => [y]), part.map(([, p]) => [p / 100])]
      for (const metric of [metrics.auc(), metrics.f1Score(), metrics.r2Score(), metrics.binaryCrossentropy()]) {
        const whole = Number(await resultOf(metric, batch(pairs)))
        const parts = await resultOf(metric, batch(pairs.slice(cut)), batch(pairs.slice(0, cut)))
        expect(Number(parts)).toBeCloseTo(whole, 3)
      }
    }),
    { numRuns: 15 },
  )
})

describe('resolveMetric', () => {
  test.each<[string, number[], number[], string]>([
    ['one output', [4], [4, 1], 'binaryAccuracy'],
    ['one output for each step', [4, 3, 1], [4, 3, 1], 'binaryAccuracy'],
    ['class indices', [4], [4, 5], 'sparseCategoricalAccuracy'],
    ['a column of class indices', [4, 1], [4, 5], 'sparseCategoricalAccuracy'],
    ['class indices of sequences', [4, 3], [4, 3, 5], 'sparseCategoricalAccuracy'],
    ['one-hot classes', [4, 5], [4, 5], 'categoricalAccuracy'],
  ])("'accuracy' of %s", (_, yTrueShape, yPredShape, name) => {
    expect(resolveMetric('accuracy', { yTrueShape, yPredShape }).config.name).toBe(name)
    expect(resolveMetric('acc', { yTrueShape, yPredShape }).config.name).toBe(name)
  })

  test('takes a function as the mean of its values', async () => {
    const metric = resolveMetric((_, p) => p, { yTrueShape: [2], yPredShape: [2] })
    expect(
      await resultOf(
        metric,
        [
          [0, 0],
          [1, 3],
        ],
        [[0], [8]],
      ),
    ).toBe(4)
  })

  test('offers the nearest name', () => {
    const choice = { yTrueShape: [2], yPredShape: [2] }
    expect(() => resolveMetric('precison', choice)).toThrow("unknown metric 'precison'. Did you mean 'precision'?")
  })
})

test('a class that is not there is an error', async () => {
  const batch: Batch = [[[1, 0]], [[0.5, 0.5]]]
  await expect(resultOf(metrics.recall({ classId: 2 }), batch)).rejects.toThrow(ShapeError)
})

test('predictions of one axis are samples of one output', async () => {
  const results: NestedArray[] = []
  for (const shape of [[4], [4, 1]]) {
    const batch: Batch = [tensor([1, 2, 3, 4], shape), tensor([1, 2, 3, 5], shape)]
    results.push(await resultOf(metrics.r2Score(), batch))
  }
  expect(results).toEqual([expect.closeTo(0.8), expect.closeTo(0.8)])
})
