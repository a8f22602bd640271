// The nearest right name for a misspelt one.

import { describe, expect, test } from 'vitest'
import { didYouMean, nearestName } from '../../src/errors'

const optimizers = ['sgd', 'adam', 'adamw', 'nadam', 'rmsprop', 'adagrad', 'adadelta']

describe('nearestName', () => {
  test.each([
    ['a letter left out', 'rmsprp', 'rmsprop'],
    ['a letter added', 'adagrrad', 'adagrad'],
    ['a letter replaced', 'adsdelta', 'adadelta'],
    ['two letters swapped', 'adma', 'adam'],
    ['other letter case', 'AdamW', 'adamw'],
    ['two slips in a long name', 'adadleto', 'adadelta'],
  ])('finds the name behind %s', (_slip, misspelt, right) => {
    expect(nearestName(misspelt, optimizers)).toBe(right)
  })

  test('sees through the underscores and hyphens of other languages', () => {
    expect(nearestName('return_sequences', ['returnState', 'returnSequences'])).toBe('returnSequences')
    expect(nearestName('batch-size', ['batchSize', 'epochs'])).toBe('batchSize')
  })

  test('counts a swap of neighbours as one slip, which a short name may have, and not as two, which it may not', () => {
    expect(nearestName('abdc', ['abcd'])).toBe('abcd')
    expect(nearestName('abdc', ['abef'])).toBeUndefined()
  })

  test('offers nothing where nothing is near', () => {
    expect(nearestName('banana', optimizers)).toBeUndefined()
    expect(nearestName('x', optimizers)).toBeUndefined()
    expect(nearestName('', optimizers)).toBeUndefined()
    expect(nearestName('adam', [])).toBeUndefined()
  })

  test('takes the first of equally near names', () => {
    expect(nearestName('mean', ['mead', 'meat'])).toBe('mead')
    expect(nearestName('mean', ['meat', 'mead'])).toBe('meat')
  })
})

describe('didYouMean', () => {
  test('is a question to append to a message', () => {
    expect(didYouMean('adma', optimizers)).toBe(" Did you mean 'adam'?")
  })

  test('is empty where nothing is near', () => {
    expect(didYouMean('banana', optimizers)).toBe('')
  })
})
