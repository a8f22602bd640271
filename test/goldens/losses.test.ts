// Losses, regularizers and constraints against the real Keras: values and gradients.
import { describe, test } from 'vitest'
import { constraintRegistry } from '../../src/constraints'
import { constant, gradients, placeholder } from '../../src/graph'
import { lossOf, lossRegistry } from '../../src/losses'
import { regularizerRegistry } from '../../src/regularizers'
import { expectClose } from '../support'
import { compute, decode, type Encoded, expectGolden, named, readFixture } from './fixtures'

type Options = Readonly<Record<string, unknown>>

interface LossCase {
  readonly name: string
  readonly loss: string
  readonly config: Options
  readonly yTrue: Encoded
  readonly yPred: Encoded
  readonly sampleWeight?: Encoded
  readonly value: Encoded
  readonly upstream: Encoded
  readonly gradient: Encoded
}

describe('a loss and its gradient are those of Keras', () => {
  test.for(named(readFixture<LossCase>('losses')))('%s', async ([, golden]) => {
    const loss = lossRegistry.resolve({ name: golden.loss, options: golden.config })
    const given = [golden.yTrue, golden.yPred, ...(golden.sampleWeight ? [golden.sampleWeight] : [])].map(decode)
    const values = given.map(({ shape, dtype }) => placeholder(shape, dtype))
    const [yTrue, yPred, sampleWeight] = values
    loss.checkTargets?.(yTrue.shape, yPred.shape)
    loss.checkLabels?.(given[0], yPred.shape)
    const value = lossOf(loss, yTrue, yPred, { sampleWeight })
    const [gradient] = gradients([value], [constant(decode(golden.upstream))], [yPred])
    if (gradient === undefined) throw new Error('the loss does not depend on the predictions')
    const [computedValue, computedGradient] = await compute(given, values, [value, gradient])
    expectGolden(computedValue, golden.value, 'loss')
    expectGolden(computedGradient, golden.gradient, 'gradient')
  })
})

interface RegularizerCase {
  readonly name: string
  readonly regularizer: string
  readonly config: Options
  readonly weight: Encoded
  readonly value: number
  readonly gradient: Encoded
}

describe('a regularizer and its gradient are those of Keras', () => {
  test.for(named(readFixture<RegularizerCase>('regularizers')))('%s', async ([, golden]) => {
    const weight = decode(golden.weight)
    const input = placeholder(weight.shape, weight.dtype)
    const value = regularizerRegistry.resolve({ name: golden.regularizer, options: golden.config }).call(input)
    const [gradient] = gradients([value], [constant(1)], [input])
    if (gradient === undefined) throw new Error('the penalty does not depend on the weight')
    const [computedValue, computedGradient] = await compute([weight], [input], [value, gradient])
    expectClose(computedValue, golden.value, { relative: 1e-4 }, 'penalty')
    expectGolden(computedGradient, golden.gradient, 'gradient')
  })
})

interface ConstraintCase {
  readonly name: string
  readonly constraint: string
  readonly config: Options
  readonly weight: Encoded
  readonly result: Encoded
}

describe('a constraint moves weights where Keras moves them', () => {
  test.for(named(readFixture<ConstraintCase>('constraints')))('%s', async ([, golden]) => {
    const weight = decode(golden.weight)
    const input = placeholder(weight.shape, weight.dtype)
    const moved = constraintRegistry.resolve({ name: golden.constraint, options: golden.config }).call(input)
    const [computed] = await compute([weight], [input], [moved])
    expectGolden(computed, golden.result, 'weight')
  })
})
