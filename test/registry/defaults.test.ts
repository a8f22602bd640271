// The defaults of Keras 3, option by option, for whatever has options in a registry.
import { expect, test } from 'vitest'
import { constraintRegistry } from '../../src/constraints'
import { initializerRegistry } from '../../src/initializers'
import { lossRegistry } from '../../src/losses'
import { metricRegistry } from '../../src/metrics'
import { optimizerRegistry } from '../../src/optimizers'
import { regularizerRegistry } from '../../src/regularizers'
import * as schedules from '../../src/schedules/factories'

const moments = { learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }
const focal = { alpha: 0.25, gamma: 2, fromLogits: false, labelSmoothing: 0 }
const logits = { fromLogits: false, labelSmoothing: 0 }

test.each<[string, { resolve(name: string): { config: object } }, object]>([
  ['sgd', optimizerRegistry, { learningRate: 0.01, momentum: 0, nesterov: false, useEma: false, emaMomentum: 0.99 }],
  ['adam', optimizerRegistry, { ...moments, amsgrad: false }],
  ['adamw', optimizerRegistry, { ...moments, amsgrad: false, weightDecay: 0.004 }],
  ['nadam', optimizerRegistry, moments],
  ['adamax', optimizerRegistry, moments],
  ['rmsprop', optimizerRegistry, { learningRate: 0.001, rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false }],
  ['adagrad', optimizerRegistry, { learningRate: 0.001, initialAccumulatorValue: 0.1, epsilon: 1e-7 }],
  ['adadelta', optimizerRegistry, { learningRate: 0.001, rho: 0.95, epsilon: 1e-7 }],
  ['lion', optimizerRegistry, { learningRate: 0.001, beta1: 0.9, beta2: 0.99 }],
  ['ftrl', optimizerRegistry, { learningRate: 0.001, learningRatePower: -0.5, initialAccumulatorValue: 0.1, beta: 0 }],
  ['meanSquaredError', lossRegistry, { reduction: 'sumOverBatchSize' }],
  ['huber', lossRegistry, { delta: 1 }],
  ['cosineSimilarity', lossRegistry, { axis: -1 }],
  ['binaryCrossentropy', lossRegistry, logits],
  ['categoricalCrossentropy', lossRegistry, logits],
  ['binaryFocalCrossentropy', lossRegistry, { ...focal, applyClassBalancing: false }],
  ['categoricalFocalCrossentropy', lossRegistry, focal],
  ['tversky', lossRegistry, { alpha: 0.5, beta: 0.5 }],
  ['binaryAccuracy', metricRegistry, { threshold: 0.5 }],
  ['topKCategoricalAccuracy', metricRegistry, { k: 5 }],
  ['auc', metricRegistry, { numThresholds: 200, curve: 'ROC', summationMethod: 'interpolation', multiLabel: false }],
  ['r2Score', metricRegistry, { classAggregation: 'uniformAverage' }],
  ['randomNormal', initializerRegistry, { mean: 0, stddev: 0.05 }],
  ['randomUniform', initializerRegistry, { minval: -0.05, maxval: 0.05 }],
  ['varianceScaling', initializerRegistry, { scale: 1, mode: 'fanIn', distribution: 'truncatedNormal' }],
  ['orthogonal', initializerRegistry, { gain: 1 }],
  ['l1', regularizerRegistry, { l1: 0.01 }],
  ['l2', regularizerRegistry, { l2: 0.01 }],
  ['l1l2', regularizerRegistry, { l1: 0, l2: 0 }],
  ['orthogonalRegularizer', regularizerRegistry, { factor: 0.01, mode: 'rows' }],
  ['maxNorm', constraintRegistry, { maxValue: 2, axis: 0 }],
  ['minMaxNorm', constraintRegistry, { minValue: 0, maxValue: 1, rate: 1, axis: 0 }],
])('%s', (name, registry, defaults) => {
  expect(registry.resolve(name).config).toMatchObject({ name, options: defaults })
})

test('schedules', () => {
  const common = { initialLearningRate: 0.1, decaySteps: 10 }
  const optionsOf = (made: { readonly config: { readonly options: object } }): object => made.config.options
  expect(optionsOf(schedules.exponentialDecay({ ...common, decayRate: 0.5 }))).toMatchObject({ staircase: false })
  expect(optionsOf(schedules.polynomialDecay(common))).toMatchObject({ endLearningRate: 1e-4, power: 1, cycle: false })
  expect(optionsOf(schedules.cosineDecay(common))).toMatchObject({ alpha: 0, warmupSteps: 0 })
  const restarts = schedules.cosineDecayRestarts({ initialLearningRate: 0.1, firstDecaySteps: 10 })
  expect(optionsOf(restarts)).toMatchObject({ tMul: 2, mMul: 1, alpha: 0 })
})
