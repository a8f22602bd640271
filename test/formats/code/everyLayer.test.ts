// Every kind of layer as a module: it gives what the cpu backend gives, bit for bit.
import { describe, expect, test } from 'vitest'
import { cases, modelOf, needLengths, someEqual } from '../layerModels'
import { moduleOf } from './load'

async function expectBits(layerCase: (typeof cases)[number], open: boolean): Promise<void> {
  const { made, data } = modelOf(layerCase, open)
  const expected = [await made.predict([...data], { backend: 'cpu' })].flat()
  const { predict } = await moduleOf<Float32Array | Float32Array[]>(made)
  const given = data.map((tensor) => tensor.toArray())
  const results = [predict(given.length === 1 ? given[0] : given)].flat()
  expect(results).toHaveLength(expected.length)
  expected.forEach((tensor, i) => {
    expect([...results[i]]).toEqual(Array.from(tensor.data))
  })
}

describe.each(cases)('$says', (layerCase) => {
  test('gives the same bits', async () => {
    await expectBits(layerCase, false)
  })
})

/** Lengths that are no sums and products of that of the input, and inputs of several lengths. */
const needMore = new Set([
  ...['conv1d in groups', 'averagePooling1d', 'averagePooling3d', 'stftSpectrogram', 'add', 'concatenate over time'],
  ...['attention', 'attention with dropout', 'additiveAttention', 'groupQueryAttention with scores'],
  ...['sinePositionEncoding', 'rotaryEmbedding', 'rotaryEmbedding, yarn', 'transformerDecoder'],
  // A mask of places is numbers that depend on their number.
  ...['multiHeadAttention, causal', 'multiHeadAttention with dropout', 'groupQueryAttention'],
  ...someEqual,
])

const sequences = cases.filter(({ inputs }) => inputs[0].rank > 2)

describe.each(sequences.filter(({ says }) => !needLengths.has(says) && !needMore.has(says)))(
  '$says, with open lengths',
  (layerCase) => {
    test('gives the same bits', async () => {
      await expectBits(layerCase, true)
    })
  },
)
