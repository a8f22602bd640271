// Metrics by name and by config.
import { expect, test } from 'vitest'
import { OptionError } from '../../src/errors'
import { directionOf, metricKey, metricRegistry } from '../../src/metrics'
import { auc, meanSquaredError, precision } from '../../src/metrics/factories'

test.each(metricRegistry.names())('%s comes back from its config', (name) => {
  const config = JSON.parse(JSON.stringify(metricRegistry.toConfig(metricRegistry.resolve(name))))
  expect(metricRegistry.toConfig(metricRegistry.fromConfig(config))).toEqual(config)
})

test('every metric says whether less or more of it is better; a mean and a sum of predictions are neither', () => {
  const silent = metricRegistry.names().filter((name) => metricRegistry.resolve(name).better === undefined)
  expect(silent).toEqual(['mean', 'sum'])
})

test('a name in the logs is that of a metric or a loss, behind those of the output and of validation', () => {
  expect(['loss', 'val_loss', 'decoder_loss', 'mse', 'val_huber', 'val_left_mae'].map(directionOf)).toEqual(
    Array.from({ length: 6 }, () => 'min'),
  )
  expect(['acc', 'val_accuracy', 'auc', 'cosineSimilarity', 'out_1_f1Score'].map(directionOf)).toEqual(
    Array.from({ length: 5 }, () => 'max'),
  )
  expect(['gradientNorm', 'accuracy_gap', 'mean', 'val_mine'].map(directionOf)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

test('the key in the logs is the name as it was given, else the name of the metric', () => {
  expect(metricKey('mse', metricRegistry.resolve('mse'))).toBe('mse')
  expect(metricKey(meanSquaredError(), meanSquaredError())).toBe('meanSquaredError')
  const named = meanSquaredError({ name: 'error' })
  expect(metricKey(named, named)).toBe('error')
})

test('thresholds outside 0 and 1 are an error', () => {
  expect(() => auc({ thresholds: [0.5, 2] })).toThrow(OptionError)
  expect(() => precision({ thresholds: [0.5, -1] })).toThrow(OptionError)
  expect(() => precision({ thresholds: 2 })).toThrow(OptionError)
})
