// Patterns of paths may come out of a file: those that would take for ever are refused.

import { describe, expect, test } from 'vitest'
import { OptionError } from '../../src'
import { endsSoon, pathPattern } from '../../src/optimizers/step/pattern'

describe('a pattern', () => {
  test.each([
    ['dense/kernel', 'dense/kernel', true],
    ['encoder/.*', 'encoder/lstm/kernel', true],
    ['(?:.*/)?dense/kernel', 'a/dense/kernel', true],
    ['a/.*|b/.*', 'b/kernel', true],
    ['dense_\\d+/(kernel|bias)', 'dense_12/bias', true],
    ['(?:ab)+', 'abab', true],
    ['[(+*]+x', '(x', true],
    ['dense', 'dense/kernel', false],
  ])("'%s' for '%s' matches: %s", (pattern, path, matches) => {
    expect(pathPattern('map', pattern, true)(path)).toBe(matches)
  })

  test('for a part of a path', () => {
    expect(pathPattern('list', 'embed', false)('tokens/embeddings')).toBe(true)
  })

  test.each(['(a+)+b', '(a|a)*b', '((a?)b)*', '(a*){2,}', '(.*)\\1', 'a{99999}', '(x'])(
    "'%s' is refused",
    (pattern) => {
      expect(() => pathPattern('map', pattern, true)).toThrow(OptionError)
      expect(endsSoon(pattern)).toBe(false)
    },
  )

  test.each([
    ['a?'.repeat(30) + 'a'.repeat(30), 'a'.repeat(30)],
    ['(a|a)'.repeat(30), 'a'.repeat(31)],
    ['.*.*.*.*.*.*x', 'a'.repeat(100)],
  ])("'%s' is refused for a path that it takes too long for", (pattern, path) => {
    expect(() => pathPattern('map', pattern, true)(path)).toThrow(/takes too long/)
  })
})
