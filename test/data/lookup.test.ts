// Texts as numbers, against Keras 3.15.1 on TensorFlow.
import { DataError, data, OptionError } from 'hornbeam'
import { describe, expect, test } from 'vitest'

const { stringLookup, textVectorization } = data
const texts = ['The rain, the rain!', 'a snow-storm; the sun', 'Sun and RAIN and wind']
const given = ['the sun and the moon', 'rain']

describe('textVectorization gives what Keras gives', () => {
  test.each([
    [
      {},
      ['', '[UNK]', 'the', 'rain', 'sun', 'and', 'wind', 'snowstorm', 'a'],
      [
        [2, 4, 5, 2, 1],
        [3, 0, 0, 0, 0],
      ],
    ],
    [
      { maxTokens: 5 },
      ['', '[UNK]', 'the', 'rain', 'sun'],
      [
        [2, 4, 1, 2, 1],
        [3, 0, 0, 0, 0],
      ],
    ],
    [
      { outputMode: 'multiHot' },
      ['[UNK]', 'the', 'rain', 'sun', 'and', 'wind', 'snowstorm', 'a'],
      [
        [1, 1, 0, 1, 1, 0, 0, 0],
        [0, 0, 1, 0, 0, 0, 0, 0],
      ],
    ],
    [
      { outputMode: 'count', maxTokens: 6 },
      ['[UNK]', 'the', 'rain', 'sun', 'and', 'wind'],
      [
        [1, 2, 0, 1, 1, 0],
        [0, 0, 1, 0, 0, 0],
      ],
    ],
    [
      { ngrams: 2, outputMode: 'count' },
      [
        ...['[UNK]', 'the', 'rain', 'the rain', 'sun', 'and', 'wind', 'the sun', 'sun and', 'snowstorm the'],
        ...['snowstorm', 'rain the', 'rain and', 'and wind', 'and rain', 'a snowstorm', 'a'],
      ],
      [
        [3, 2, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      ],
    ],
    [
      { split: 'character', outputSequenceLength: 6 },
      ['', '[UNK]', ' ', 'n', 'a', 't', 's', 'r', 'i', 'h', 'e', 'd', 'w', 'u', 'o', 'm'],
      [
        [5, 9, 10, 2, 6, 13],
        [7, 4, 8, 3, 0, 0],
      ],
    ],
    [
      { standardize: 'lower', outputSequenceLength: 3 },
      ['', '[UNK]', 'the', 'sun', 'and', 'wind', 'snow-storm;', 'rain,', 'rain!', 'rain', 'a'],
      [
        [2, 3, 4],
        [9, 0, 0],
      ],
    ],
  ] as const)('%j', (options, vocabulary, expected) => {
    const layer = textVectorization(options).adapt(texts)
    expect(layer.getVocabulary()).toEqual(vocabulary)
    expect(layer.run(given).toArray()).toEqual(expected)
    expect(textVectorization(layer.config()).run(given).toArray()).toEqual(expected)
  })

  test('weighs tokens by how few texts have them', () => {
    const layer = textVectorization({ outputMode: 'tfIdf' }).adapt(texts)
    const expected = [
      [0.8206577897, 1.3862943649, 0, 0.6931471825, 0.91629076, 0, 0, 0],
      [0, 0, 0.6931471825, 0, 0, 0, 0, 0],
    ].flat()
    Array.from(layer.run(given).data).forEach((weight, i) => {
      expect(weight).toBeCloseTo(expected[i], 6)
    })
  })
})

describe('stringLookup gives what Keras gives', () => {
  test('places, by frequency', () => {
    const layer = stringLookup().adapt([
      ['b', 'a', 'c'],
      ['c', 'a', 'c'],
    ])
    expect(layer.getVocabulary()).toEqual(['[UNK]', 'c', 'a', 'b'])
    const nested = [
      ['a', 'z'],
      ['c', 'b'],
    ]
    expect(layer.run(nested).toArray()).toEqual([
      [2, 0],
      [1, 3],
    ])
    expect(stringLookup(layer.config()).run(nested).toArray()).toEqual(layer.run(nested).toArray())
  })

  test('vectors, in which a mask is nothing', () => {
    const layer = stringLookup({ maskToken: '', maxTokens: 4, outputMode: 'oneHot' }).adapt(['b', 'a', 'c', 'c'])
    expect(layer.getVocabulary()).toEqual(['[UNK]', 'c', 'b', 'a'])
    expect(layer.run(['a', 'c', '']).toArray()).toEqual([
      [0, 0, 0, 1],
      [0, 1, 0, 0],
      [0, 0, 0, 0],
    ])
  })

  test('weights, and texts again', () => {
    const weighted = stringLookup({ outputMode: 'tfIdf', vocabulary: ['x', 'y'], idfWeights: [0.5, 2] })
    expect(weighted.run([['x', 'q', 'y', 'y']]).toArray()).toEqual([[1.25, 0.5, 4]])
    const back = stringLookup({ vocabulary: ['x', 'y'], invert: true })
    expect(back.texts([[2, 0, 1]])).toEqual([['y', '[UNK]', 'x']])
  })

  test('says what is missing or wrong', () => {
    expect(() => stringLookup().run('x')).toThrow(/adapt\(texts\)/)
    expect(() => stringLookup({ vocabulary: ['x', 'x'] })).toThrow(OptionError)
    expect(() => stringLookup({ vocabulary: ['x'] }).run([['x'], []])).toThrow(DataError)
    expect(() => stringLookup({ vocabulary: ['x'], numOovIndices: 0 }).run('y')).toThrow(/'y'/)
    expect(() => textVectorization({ outputMode: 'count', outputSequenceLength: 3 })).toThrow(OptionError)
    expect(() => textVectorization({ vocabulary: ['x'] }).run(3 as never)).toThrow(DataError)
  })
})
