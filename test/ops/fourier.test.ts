// Fourier transforms there and back, and long ones; that they are right is held by the conformance suite.
import { compute, HornbeamError, ops, randomNormal, tensor } from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { expectClose } from '../support'

test.each([[1024], [1000], [997], [2310]])('%i numbers come back', async (length) => {
  const x = randomNormal([2, length], { seed: 1 })
  const back = await compute(ops.irfft(ops.rfft(x), length))
  expectClose(back, x, { relative: 1e-4, absolute: 1e-5 }, `${length}`)
})

test('a wave has one frequency', async () => {
  const wave = tensor(Float32Array.from({ length: 480 }, (_, t) => Math.cos((2 * Math.PI * 7 * t) / 480)))
  const [real, imaginary] = ops.rfft(wave)
  const size = await compute(ops.sqrt(ops.add(ops.square(real), ops.square(imaginary))))
  expect(size.data[7]).toBeCloseTo(240, 2)
  for (const [k, value] of size.data.entries()) if (k !== 7) expect(value).toBeLessThan(1e-2)
})

test.each([
  [{ window: 'hann' }, 4],
  [{ window: 'hamming', center: false }, 2],
  [{ window: [1, 2, 3, 4, 4, 3, 2, 1] }, 3],
  [{ window: null }, 4],
] as const)('stretches of time with %o come back', async (options, stride) => {
  const x = randomNormal([2, 80], { seed: 2 })
  const parts = ops.stft(x, 8, stride, 8, options)
  const back = await compute(ops.istft(parts, 8, stride, 8, options))
  const whole = Math.min(80, back.shape[1])
  expect(whole).toBeGreaterThan(70)
  expectClose(
    await compute(ops.slice(back, [0, 1], [2, whole - 1])),
    await compute(ops.slice(x, [0, 1], [2, whole - 1])),
    { relative: 1e-4, absolute: 1e-5 },
    'back',
  )
})

describe('refused by name', () => {
  const x = tensor([1, 2, 3])
  test.each<[string, () => unknown, RegExp]>([
    [
      'parts of two shapes',
      () => ops.fft([x, tensor([1])]),
      /^fft: expected a real and an imaginary part of one shape/,
    ],
    ['one part', () => ops.fft([x] as never), /^fft: expected \[real, imaginary\], got 1 values/],
    ['a scalar', () => ops.rfft(1), /^rfft: expected at least one axis/],
    ['one axis for two', () => ops.fft2([x, x]), /^fft2: .* with at least 2 axes/],
    ['a short transform', () => ops.stft(x, 4, 1, 2), /^stft: fftLength: expected a number from 4/],
    [
      'a window of another length',
      () => ops.stft(x, 2, 1, 2, { window: [1] }),
      /^stft: window: expected 2 numbers, got 1/,
    ],
    [
      'a window of another name',
      () => ops.stft(x, 2, 1, 2, { window: 'han' as never }),
      /^stft: window: expected one of/,
    ],
    ['too few steps', () => ops.stft(x, 8, 1, 8), /^stft: x: expected more than 4 steps/],
    ['matrices that are not square', () => ops.inv([[1, 2]]), /^inv: expected square matrices/],
    [
      'a right side that does not fit',
      () => ops.solve([[1]], [1, 2]),
      /^solve: b: expected \[1\] or \[1, null\], got \[2\]/,
    ],
    ['a vector', () => ops.qr(x), /^qr: expected matrices/],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(HornbeamError)
    expect(act).toThrow(message)
  })
})
