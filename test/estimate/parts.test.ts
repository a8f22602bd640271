// The parts of an estimate: timing at smaller sizes, advice, words.
import { describe, expect, test } from 'vitest'
import { type Circumstances, warningsFor } from '../../src/estimate/advice'
import { secondsPerRun, timeStep } from '../../src/estimate/stopwatch'
import { bytesText, countText, secondsText } from '../../src/estimate/words'

describe('a step', () => {
  /** A step that takes so many seconds, and so many more for each unit of its size. */
  const pretended = (full: number, multiplyAdds: number, base: number, each: number) => ({
    full,
    multiplyAdds,
    at: async (size: number) => async (runs: number) => runs * (base + each * size),
  })

  test('that is soon done is timed as it is', async () => {
    expect(await timeStep(pretended(100, 1e6, 0.001, 1e-5))).toEqual({ seconds: 0.002, sizes: [100] })
  })

  test('that takes long is found from smaller ones, along a line', async () => {
    const { seconds, sizes } = await timeStep(pretended(160, 1e10, 0.05, 0.01))
    expect(seconds).toBeCloseTo(1.65, 9)
    expect(sizes.at(-1)).toBeLessThan(160)
    expect(sizes.length).toBeGreaterThan(1)
  })

  test('that takes long even when it is small is taken to grow with its size', async () => {
    expect(await timeStep(pretended(160, 1e12, 0, 1))).toEqual({ seconds: 160, sizes: [10] })
  })

  test('of which one round is disturbed takes its usual time', async () => {
    let round = 0
    const run = async (runs: number) => runs * (round++ % 5 === 0 ? 0.04 : 0.01)
    expect(await secondsPerRun(run)).toBe(0.01)
  })
})

describe('warnings', () => {
  const calm: Circumstances = {
    totalSeconds: 60,
    peakBytes: 1e6,
    batchSize: 32,
    samples: 1000,
    sequenceLength: 500,
    truncate: undefined,
    backend: { name: 'cpu', threads: 1 },
    layers: [
      { name: 'memory', kind: 'lstm', share: 0.9 },
      { name: 'head', kind: 'dense', share: 0.1 },
    ],
    isTooLarge: false,
  }

  test('are silent where training is short', () => {
    expect(warningsFor(calm)).toEqual([])
  })

  test('of hours come with what would help', () => {
    const [warning] = warningsFor({ ...calm, totalSeconds: 10_000 })
    expect(warning).toContain('2 h 47 min')
    for (const word of [
      "'wasm'",
      'larger batches than 32',
      'of 500 steps',
      'truncate',
      'memory by a gru',
      'fewer units',
    ]) {
      expect(warning).toContain(word)
    }
    const used = {
      ...calm,
      totalSeconds: 1e4,
      sequenceLength: 20,
      batchSize: 256,
      backend: { name: 'wasm', threads: 4 } as const,
    }
    const [other] = warningsFor(used)
    expect(other).not.toContain('batches')
    expect(other).not.toContain('shorten')
    expect(other).not.toContain("'wasm'")
  })

  test('name wider vectors where they are off and could be had', () => {
    const backend = { name: 'wasm', threads: 4, wide: false } as const
    const [off] = warningsFor({ ...calm, totalSeconds: 1e4, backend })
    expect(off).not.toContain('256 bits')
    const [could] = warningsFor({ ...calm, totalSeconds: 1e4, backend: { ...backend, canBeWide: true } })
    expect(could).toContain("try vectors of 256 bits, { name: 'wasm', wide: true }")
  })

  test('of memory name the limit of WebAssembly', () => {
    const [warning] = warningsFor({
      ...calm,
      peakBytes: 6 * 2 ** 30,
      backend: { name: 'wasm', threads: 1 },
      isTooLarge: true,
    })
    expect(warning).toContain('6 GB of memory, which does not fit into the 4 GB that WebAssembly can address')
    expect(warning).toContain('smaller batches than 32')
  })
})

test('times, sizes and counts are words', () => {
  expect([2e-6, 0.0042, 0.9996, 37, 125, 3599.9, 12_000, 190_000].map(secondsText)).toEqual([
    '2 µs',
    '4.2 ms',
    '1000 ms',
    '37 s',
    '2 min 5 s',
    '60 min',
    '3 h 20 min',
    '2 days 5 h',
  ])
  expect([512, 1536, 13_000_000].map(bytesText)).toEqual(['512 B', '1.5 KB', '12.4 MB'])
  expect([17, 6_290_000_000].map(countText)).toEqual(['17', '6.29 G'])
})
