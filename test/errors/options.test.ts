// The check of option names.

import { describe, expect, test } from 'vitest'
import { checkOptions, OptionError } from '../../src/errors'

const allowed = ['activation', 'returnSequences', 'returnState']

describe('checkOptions', () => {
  test('lets known options through, and none at all', () => {
    checkOptions('lstm', { activation: 'tanh', returnState: true }, allowed)
    checkOptions('lstm', {}, allowed)
    checkOptions('lstm', undefined, allowed)
  })

  test('names the place, the unknown option, the nearest right one and all known ones', () => {
    expect(() => checkOptions('lstm', { return_sequences: true }, allowed)).toThrow(
      new OptionError(
        "lstm: unknown option 'return_sequences'. Did you mean 'returnSequences'? " +
          'Known options: activation, returnSequences, returnState.',
      ),
    )
  })

  test('offers no nearest name where none is near', () => {
    expect(() => checkOptions('lstm', { banana: 1 }, allowed)).toThrow(
      new OptionError("lstm: unknown option 'banana'. Known options: activation, returnSequences, returnState."),
    )
  })

  test('says so where no options are taken', () => {
    expect(() => checkOptions('flatten', { units: 3 }, [])).toThrow(
      new OptionError("flatten: unknown option 'units'. It takes no options."),
    )
  })

  test('reports an unknown name even where its value is undefined', () => {
    expect(() => checkOptions('lstm', { unit: undefined }, allowed)).toThrow(OptionError)
  })

  test('does not take the names every object inherits for options', () => {
    expect(() => checkOptions('lstm', { toString: 1 }, allowed)).toThrow(/unknown option 'toString'/)
  })

  test.each([
    [null, 'null'],
    [32, '32'],
    ['relu', "'relu'"],
    [[1, 2], 'an array'],
    [() => 1, 'a function'],
  ])('refuses %s in place of an options object', (given, named) => {
    expect(() => checkOptions('dense', given, allowed)).toThrow(
      new OptionError(`dense: expected an object of options, got ${named}`),
    )
  })
})
