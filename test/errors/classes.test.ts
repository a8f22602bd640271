// The typed errors: what `instanceof`, `name` and `cause` say of each.

import { describe, expect, test } from 'vitest'
import { BackendError, DataError, FormatError, HornbeamError, OptionError, ShapeError } from '../../src/errors'

const classes = { ShapeError, OptionError, DataError, BackendError, FormatError }

describe.each(Object.entries(classes))('%s', (name, ErrorClass) => {
  test('is a HornbeamError and an Error', () => {
    const error = new ErrorClass('what went wrong')
    expect(error).toBeInstanceOf(HornbeamError)
    expect(error).toBeInstanceOf(Error)
  })

  test('tells its own name and message', () => {
    expect(String(new ErrorClass('what went wrong'))).toBe(`${name}: what went wrong`)
  })

  test('is not mistaken for one of the others', () => {
    const error = new ErrorClass('what went wrong')
    const matching = Object.entries(classes).filter(([, Other]) => error instanceof Other)
    expect(matching.map(([other]) => other)).toEqual([name])
  })

  test('keeps the error that caused it', () => {
    const cause = new RangeError('underneath')
    expect(new ErrorClass('on top', { cause }).cause).toBe(cause)
  })
})
