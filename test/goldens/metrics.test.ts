// Metrics, streamed over batches of unequal size, against the real Keras.
import { describe, test } from 'vitest'
import { placeholder, Variable } from '../../src/graph'
import { metricRegistry, resolveMetric } from '../../src/metrics'
import { compute, decode, type Encoded, expectGolden, named, readFixture } from './fixtures'

interface MetricCase {
  readonly name: string
  readonly metric: string
  /** Whether it is what 'accuracy' means for these shapes. */
  readonly chosenByShape?: boolean
  readonly config: Readonly<Record<string, unknown>>
  readonly batches: readonly {
    readonly yTrue: Encoded
    readonly yPred: Encoded
    readonly sampleWeight?: Encoded
    readonly result: Encoded
  }[]
}

describe('a metric goes from batch to batch as in Keras', () => {
  test.for(named(readFixture<MetricCase>('metrics')))('%s', async ([, golden]) => {
    const [first] = golden.batches
    const metric = golden.chosenByShape
      ? resolveMetric('accuracy', { yTrueShape: first.yTrue.shape, yPredShape: first.yPred.shape, loss: undefined })
      : metricRegistry.resolve({ name: golden.metric, options: golden.config })
    const state = Object.entries(metric.state(first.yPred.shape)).map(
      ([name, initial]) => [name, new Variable(name, initial)] as const,
    )
    for (const [index, batch] of golden.batches.entries()) {
      const given = [batch.yTrue, batch.yPred, ...(batch.sampleWeight ? [batch.sampleWeight] : [])].map(decode)
      const values = given.map(({ shape, dtype }) => placeholder(shape, dtype))
      const before = Object.fromEntries(state.map(([name, { value }]) => [name, value]))
      const after = metric.update(before, values[0], values[1], values[2])
      const updates = state.map(([name, { value }]) => ({ variable: value, value: after[name] }))
      const [result] = await compute(given, values, [metric.result(after)], updates)
      expectGolden(result, batch.result, `result after batch ${index + 1}`)
    }
  })
})
