// Metrics by name and by config.
import { expect, test } from 'vitest'
import { OptionError } from '../../src/errors'
import { metricKey, metricRegistry } from '../../src/metrics'
import { auc, meanSquaredError, precision } from '../../src/metrics/factories'

test.each(metricRegistry.names())('%s comes back from its config', (name) => {
  const config = JSON.parse(JSON.stringify(metricRegistry.toConfig(metricRegistry.resolve(name))))
  expect(metricRegistry.toConfig(metricRegistry.fromConfig(config))).toEqual(config)
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
