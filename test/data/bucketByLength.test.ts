// Buckets: every sequence once, with others of its length, padded to the boundary.

import { DataError, data, dense, lstm, OptionError, randomNormal, sequential } from 'hornbeam'
import { expect, test } from 'vitest'
import { fc } from '../support/random'

test('every sequence is in one batch of its bucket, with the mask of its steps', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 30 }), async (lengths) => {
      const sequences = lengths.map((length, i) => Array.from({ length }, () => i + 1))
      const elements = data.fromIterable(sequences.map((x, i) => ({ x, y: i + 1 })))
      const batches = await data
        .bucketByLength(elements, { boundaries: [3, 8], batchSize: [4, 3, 2], perStep: false })
        .toArray()
      const seen: number[] = []
      for (const { x, y, mask } of batches) {
        const [count, longest] = x.shape
        const own = Array.from(y?.data ?? [], (label) => lengths[label - 1])
        if (Math.max(...own) <= 8) expect(longest).toBe(Math.max(...own) <= 3 ? 3 : 8)
        expect(Math.max(...own) > 8 ? Math.min(...own) : 9).toBeGreaterThan(8)
        for (let i = 0; i < count; i++) {
          const steps = [...x.data.subarray(i * longest, (i + 1) * longest)]
          expect(steps.filter((step) => step !== 0)).toEqual(sequences[Number(y?.data[i]) - 1])
          expect([...mask.data.subarray(i * longest, (i + 1) * longest)]).toEqual(
            steps.map((step) => (step === 0 ? 0 : 1)),
          )
        }
        seen.push(...(y?.data ?? []))
      }
      expect(seen.sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i + 1))
    }),
    { numRuns: 40 },
  )
})

test('a model trains on buckets', async () => {
  const sequences = [2, 9, 3, 5].map((length, seed) => randomNormal([length, 2], { seed }))
  const batches = data.bucketByLength(data.fromArrays(sequences, [[1], [2], [3], [4]]), { boundaries: [4] })
  const net = sequential([lstm(2), dense(1)]).compile({ optimizer: 'sgd', loss: 'mse', backend: 'cpu' })
  const { history } = await net.fit(batches, { epochs: 2, verbose: 0 })
  expect(history.loss).toHaveLength(2)
})

test('what cannot be is an error', async () => {
  const elements = data.fromArrays([[1], [2]])
  expect(() => data.bucketByLength(elements, { boundaries: [4, 2] })).toThrow(OptionError)
  expect(() => data.bucketByLength(elements, { boundaries: [4], batchSize: [1] })).toThrow('2 buckets')
  await expect(data.bucketByLength(data.fromIterable([1]), { boundaries: [4] }).toArray()).rejects.toThrow(DataError)
})
