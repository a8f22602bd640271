// The mistakes of the first hour, and that each message says what to do about it.
import {
  DataError,
  dense,
  flatten,
  jit,
  type Layer,
  lstm,
  type Operand,
  OptionError,
  ops,
  randomNormal,
  ShapeError,
  sequential,
  type TensorLike,
  tensor,
} from 'hornbeam'
import { describe, expect, test } from 'vitest'

const x = randomNormal([8, 5, 3], { seed: 1 })
const y = randomNormal([8, 1], { seed: 2 })
const forecaster = () => sequential([lstm(2), dense(1)]).compile({ optimizer: 'adam', loss: 'mse' })
/** What a JavaScript user may pass all the same. */
const oops = (value: unknown) => value as never

describe('shapes', () => {
  test('a recurrent layer after one that keeps its steps to itself', async () => {
    const stack = sequential([lstm(2), oops(lstm(2)), dense(1)]).compile({ loss: 'mse' })
    await expect(stack.fit(x, y)).rejects.toThrow(/lstm_1: expected \[batch, time, features\].*returnSequences: true/)
  })

  test('a series without an axis of features', async () => {
    await expect(forecaster().fit(randomNormal([8, 5]), y)).rejects.toThrow(/\[batch, time, 1\]/)
  })

  test('one sample without its batch', async () => {
    const model = sequential([lstm(2), dense(1)], { inputShape: [null, 3] })
    await expect(model.predict(randomNormal([5, 3]))).rejects.toThrow(/one sample is a batch of one: \[1, 5, 3\]/)
    await expect(model.predict(randomNormal([5, 4]))).rejects.toThrow(/got \[5, 4\]$/)
  })

  test('targets for each step of a model that gives the last', async () => {
    await expect(forecaster().fit(x, randomNormal([8, 5, 1]))).rejects.toThrow(/needs returnSequences: true/)
  })

  test('one number a sample for a last layer of two units', async () => {
    const model = sequential([lstm(2), dense(2)]).compile({ loss: 'binaryCrossentropy' })
    await expect(model.fit(x, randomNormal([8]))).rejects.toThrow(/a last layer of one unit/)
  })
})

describe('what is missing or misplaced', () => {
  test('training without a loss', async () => {
    const model = sequential([dense(1)]).compile({ optimizer: 'adam' })
    await expect(model.fit(randomNormal([4, 2]), randomNormal([4, 1]))).rejects.toThrow(OptionError)
    await expect(model.fit(randomNormal([4, 2]), randomNormal([4, 1]))).rejects.toThrow(/sequential: there is no loss/)
  })

  test.each<[string, RegExp, () => unknown]>([
    ['a layer in place of a list', /got the layer dense without a list/, () => sequential(oops(dense(1)))],
    ['an empty list', /got an empty one/, () => sequential([])],
    [
      'a factory that is not called',
      /got a function at position 0; a layer is made by a call/,
      () => sequential([oops(flatten)]),
    ],
    [
      'a mode in place of a backend',
      /\{ name: 'gpu', mode: 'webgpu' \}/,
      () => forecaster().compile({ backend: oops('webgpu') }),
    ],
    ['an object in place of units', /units: .* got an object/, () => dense(oops({ units: 3 }))],
    ['a string in place of units', /units: .* got '3'/, () => dense(oops('3'))],
    ['a type that is none', /dtype: expected one of .*got 'float'/, () => tensor([1], [1], oops('float'))],
    ['apply on data', /for data use run\(\)/, () => (dense(1) as Layer).apply(oops(x))],
  ])('%s', (_, message, call) => {
    expect(call).toThrow(OptionError)
    expect(call).toThrow(message)
  })

  test('arithmetic in JavaScript on symbolic values', async () => {
    const wrong = jit((a: Operand) => (a as unknown as number) + 1)
    await expect(wrong(2)).rejects.toThrow(DataError)
    await expect(wrong(2)).rejects.toThrow(/write ops.add\(a, b\)/)
    let text = ''
    await jit((a: Operand) => {
      const value = ops.add(a, 1)
      text = `${value}`
      return value
    })([1, 2] as TensorLike)
    expect(text).toBe('Value(float32 [2])')
  })
})

test('all of them are ShapeErrors where the shape is wrong', async () => {
  await expect(forecaster().fit(x, randomNormal([8, 3]))).rejects.toThrow(ShapeError)
})
