// Types of storage: every pattern of two bytes is read as it should be and written back, and whole numbers are exact or refused.
import { describe, expect, test } from 'vitest'
import { FormatError } from '../../src/errors'
import {
  bfloat16ToFloat,
  floatToBfloat16,
  floatToHalf,
  halfToFloat,
  type StorageType,
  widen,
  widthOf,
} from '../../src/io'
import { float8E4M3ToFloat, float8E5M2ToFloat } from '../../src/io/halfFloats'

const everyPattern = Array.from({ length: 2 ** 16 }, (_, bits) => bits)

describe('float16', () => {
  test('is read by its definition, every pattern of bits', () => {
    for (const bits of everyPattern) {
      const sign = bits >> 15 === 1 ? -1 : 1
      const [exponent, mantissa] = [(bits >> 10) & 31, bits & 1023]
      const value =
        exponent === 0
          ? sign * mantissa * 2 ** -24
          : exponent < 31
            ? sign * (1024 + mantissa) * 2 ** (exponent - 25)
            : mantissa === 0
              ? sign * Infinity
              : Number.NaN
      if (!Object.is(halfToFloat(bits), value)) expect.fail(`${bits}: ${halfToFloat(bits)}, not ${value}`)
    }
  })

  test('is written back as it was read, and what lies between goes to the nearest, ties to even', () => {
    for (const bits of everyPattern) {
      const value = halfToFloat(bits)
      if (Number.isNaN(value)) expect(floatToHalf(value) & 0x7c00).toBe(0x7c00)
      else if (floatToHalf(value) !== bits) expect.fail(`${bits} came back as ${floatToHalf(value)}`)
    }
    for (let bits = 0; bits < 0x7bff; bits++) {
      const [low, high] = [halfToFloat(bits), halfToFloat(bits + 1)]
      const middle = (low + high) / 2
      const even = bits % 2 === 0 ? bits : bits + 1
      const found = [floatToHalf(low + (high - low) / 4), floatToHalf(middle), floatToHalf(high - (high - low) / 4)]
      if (found.join() !== [bits, even, bits + 1].join()) expect.fail(`${bits}: ${found}`)
    }
    expect([65504, 65519, 65520, 1e9, -1e9].map((value) => halfToFloat(floatToHalf(value)))).toEqual([
      65504,
      65504,
      Infinity,
      Infinity,
      -Infinity,
    ])
  })
})

describe('bfloat16', () => {
  test('is the upper half of a float32, rounded to the nearest, ties to even', () => {
    for (const bits of everyPattern) {
      const value = bfloat16ToFloat(bits)
      if (Number.isNaN(value)) expect(Number.isNaN(bfloat16ToFloat(floatToBfloat16(value)))).toBe(true)
      else if (floatToBfloat16(value) !== bits) expect.fail(`${bits} came back as ${floatToBfloat16(value)}`)
    }
    expect(
      [1 + 2 ** -8, 1 + 3 * 2 ** -8, 1 + 2 ** -8 + 2 ** -20].map((x) => bfloat16ToFloat(floatToBfloat16(x))),
    ).toEqual([1, 1 + 2 ** -6, 1 + 2 ** -7])
  })
})

test('float8 is read with its largest numbers, its smallest, and what is no number', () => {
  expect([0x7e, 0x01, 0x38, 0xb8, 0x7f].map(float8E4M3ToFloat)).toEqual([448, 2 ** -9, 1, -1, Number.NaN])
  expect([0x7b, 0x01, 0x3c, 0xbc, 0x7c, 0x7e].map(float8E5M2ToFloat)).toEqual([
    57344,
    2 ** -16,
    1,
    -1,
    Infinity,
    Number.NaN,
  ])
})

describe('whole numbers', () => {
  const stored = (type: StorageType, values: readonly bigint[]) => {
    const width = widthOf(type)
    const bytes = new Uint8Array(values.length * width)
    values.forEach((value, i) => {
      for (let byte = 0; byte < width; byte++) bytes[i * width + byte] = Number((value >> BigInt(8 * byte)) & 255n)
    })
    return { type, shape: [values.length], bytes }
  }

  test.each<[StorageType, bigint[], string]>([
    ['int64', [-3n, 2147483647n], 'int32'],
    ['int64', [-3n, 2147483648n], 'float64'],
    ['uint64', [0n, 2n ** 53n - 1n], 'float64'],
    ['uint32', [4294967295n], 'float64'],
    ['int16', [-32768n, 32767n], 'int32'],
    ['uint16', [65535n], 'int32'],
    ['int8', [-128n, 127n], 'int32'],
    ['uint8', [255n], 'int32'],
  ])('%s %s become %s', (type, values, dtype) => {
    const read = widen('it', stored(type, values))
    expect([read.dtype, Array.from(read.data)]).toEqual([dtype, values.map(Number)])
  })

  test('that a float64 does not hold are refused', () => {
    expect(() => widen('it', stored('int64', [2n ** 53n + 1n]))).toThrow(FormatError)
    expect(() => widen('it', stored('uint64', [2n ** 64n - 1n]))).toThrow(/it: expected whole numbers below 2 \*\* 53/)
  })
})

test('high end first is read as well, and bytes that do not fit the shape are refused', () => {
  const bytes = Uint8Array.of(0x3f, 0x80, 0, 0)
  expect(widen('it', { type: 'float32', shape: [1], bytes }, false).data[0]).toBe(1)
  expect(() => widen('it', { type: 'float32', shape: [2], bytes })).toThrow(/it: expected 8 bytes of float32, got 4/)
})
