import { expect, test } from 'vitest'
import { formatNumber, sparkLine, table } from '../../src/vis'

test('numbers keep the digits that count', () => {
  expect([0, 0.012345, 123.456, 1.234e-9, 2e-5, 3e7, -0.5, NaN, Infinity].map((value) => formatNumber(value))).toEqual([
    '0',
    '0.0123',
    '123',
    '1.2e-9',
    '2e-5',
    '3e7',
    '-0.5',
    'NaN',
    'Infinity',
  ])
})

test('a spark line goes from low to high, by the logarithm where asked to', () => {
  expect(sparkLine([0, 1, 2, 3, 4, 5, 6, 7])).toBe('▁▂▃▄▅▆▇█')
  expect(sparkLine([1, 10, 100, 1000], { scale: 'log' })).toBe('▁▃▆█')
  expect(sparkLine([1, NaN, 2])).toBe('▁ █')
  expect(sparkLine([5, 5])).toBe('▅▅')
  expect(sparkLine([])).toBe('')
})

test('a spark line of many numbers stays as wide as it was asked to be', () => {
  expect(
    sparkLine(
      Array.from({ length: 1000 }, (_, i) => i),
      { width: 8 },
    ),
  ).toBe('▁▂▃▄▅▆▇█')
})

test('a table sets numbers to the right', () => {
  const text = table(
    ['name', 'size'],
    [
      ['a', '1'],
      ['longer', '100'],
    ],
    [1],
  )
  expect(text.split('\n')).toEqual(['name    size', '------  ----', 'a          1', 'longer   100'])
})
