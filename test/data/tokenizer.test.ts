// Tokenizers: what they learn, and that texts come back as they were.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DataError, data, FormatError, OptionError, tensor } from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { fc } from '../support/random'

const texts = ['the cat sat on the mat', 'The cat, the dog!', 'low lower lowest low']

describe('words', () => {
  test('get numbers by how often they occur, after padding and unknown', () => {
    const tokenizer = data.tokenizer('words').fit(texts)
    expect(tokenizer.vocabulary.slice(0, 5)).toEqual(['[PAD]', '[UNK]', 'the', 'cat', 'low'])
    expect(tokenizer.encode('The CAT flew')).toEqual([2, 3, 1])
    expect(tokenizer.decode([2, 3, 0, 0])).toBe('the cat')
    expect(tokenizer.encode(['low', ''])).toEqual([[4], []])
  })

  test('are kept as options say', () => {
    const small = data.tokenizer('words', { vocabularySize: 4 }).fit(texts)
    expect(small.size).toBe(4)
    expect(data.tokenizer('words', { minCount: 2 }).fit(texts).vocabulary.slice(2)).toEqual(['the', 'cat', 'low'])
    const marks = data.tokenizer('words', { punctuation: true, lowercase: false }).fit(texts)
    expect(marks.decode(marks.encode('The cat, the dog!'))).toBe('The cat , the dog !')
  })
})

test('characters come back as they were, where they are known', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
      const tokenizer = data.tokenizer('characters').fit(text)
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
    }),
  )
  expect(data.tokenizer('characters').fit('ab').encode('abc')).toEqual([2, 3, 1])
})

describe('byte pairs', () => {
  /** Learnt by the definition: count all pairs, join the most frequent, begin again. */
  function plainMerges(words: readonly string[], count: number): (readonly [number, number])[] {
    let sequences = words.map((word) => [...new TextEncoder().encode(word)])
    const merges: (readonly [number, number])[] = []
    while (merges.length < count) {
      const counts = new Map<string, number>()
      for (const tokens of sequences) {
        for (let i = 0; i + 1 < tokens.length; i++) {
          const key = `${tokens[i]} ${tokens[i + 1]}`
          counts.set(key, (counts.get(key) ?? 0) + 1)
        }
      }
      const pairs = [...counts].map(([key, n]) => ({ pair: key.split(' ').map(Number), n }))
      pairs.sort((a, b) => b.n - a.n || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1])
      const [best] = pairs
      if (best === undefined || best.n < 2) break
      const [left, right] = best.pair
      merges.push([left, right])
      const token = 255 + merges.length
      sequences = sequences.map((tokens) => {
        const out: number[] = []
        for (let i = 0; i < tokens.length; i++) {
          if (tokens[i] === left && tokens[i + 1] === right) {
            out.push(token)
            i++
          } else out.push(tokens[i])
        }
        return out
      })
    }
    return merges
  }

  test('are those that joining the most frequent pair again and again gives', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 8 }), {
          minLength: 1,
          maxLength: 20,
        }),
        (words) => {
          const tokenizer = data.tokenizer('bytePair', { vocabularySize: 2 + 256 + 10 }).fit(words)
          expect(tokenizer.toJSON().merges).toEqual(plainMerges(words, 10))
        },
      ),
    )
  })

  test('make frequent words one token, and fewer tokens than bytes', () => {
    const tokenizer = data.tokenizer('bytePair', { vocabularySize: 300 }).fit(texts)
    expect(tokenizer.size).toBeLessThanOrEqual(300)
    expect(tokenizer.encode('low low')).toHaveLength(2)
    expect(tokenizer.vocabulary).toContain(' the')
  })

  test('write every text without loss, learnt or not', () => {
    const tokenizer = data.tokenizer('bytePair', { vocabularySize: 320, specialTokens: ['<end>'] }).fit(texts)
    const again = data.tokenizerFromJSON(JSON.stringify(tokenizer))
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('', ' the  cat\n\n', '<end>', '\u{FEFF}'),
        (text, more) => {
          const whole = `${more}${text}${more}`
          const tokens = tokenizer.encode(whole)
          expect(tokenizer.decode(tokens)).toBe(whole)
          expect(again.encode(whole)).toEqual(tokens)
          expect(tokens.every((token) => token >= 2 && token < tokenizer.size)).toBe(true)
        },
      ),
    )
  })
})

test('special tokens are never cut', () => {
  const tokenizer = data.tokenizer('characters', { specialTokens: ['<s>', '<s>>'] }).fit('a<s>b')
  expect(tokenizer.encode('<s>a<s>>')).toEqual([2, 4, 3])
  expect(tokenizer.decode([2, 4, 3])).toBe('<s>a<s>>')
})

test('a tensor of tokens is decoded like an array of them', () => {
  const tokenizer = data.tokenizer('words').fit('the rain')
  expect(tokenizer.decode(tensor(tokenizer.encode('the rain'), undefined, 'int32'))).toBe('the rain')
})

test('a tokenizer can be saved and loaded', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hornbeam-tokenizer-'))
  try {
    for (const kind of ['words', 'characters', 'bytePair'] as const) {
      const tokenizer = data.tokenizer(kind, { specialTokens: ['<end>'] }).fit(texts)
      await tokenizer.save(join(folder, kind))
      const loaded = await data.loadTokenizer(join(folder, kind))
      expect(loaded.vocabulary).toEqual(tokenizer.vocabulary)
      expect(loaded.encode('the lowest<end>')).toEqual(tokenizer.encode('the lowest<end>'))
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('what cannot be is an error', () => {
  expect(() => data.tokenizer('letters' as never)).toThrow(OptionError)
  expect(() => data.tokenizer('bytePair', { vocabularySize: 200 })).toThrow('at least 258')
  expect(() => data.tokenizer('words', { specialTokens: ['[PAD]'] })).toThrow(OptionError)
  expect(() => data.tokenizer('words').encode('a')).toThrow('call fit')
  expect(() => data.tokenizer('words').fit([])).toThrow(DataError)
  expect(() => data.tokenizer('words').fit('a').decode([3])).toThrow(DataError)
  expect(() =>
    data
      .tokenizer('words')
      .fit('a')
      .decode(2 as never),
  ).toThrow(DataError)
  expect(() =>
    data
      .tokenizer('words')
      .fit('a')
      .encode(2 as never),
  ).toThrow(DataError)
  expect(() => data.tokenizer('words').fit(2 as never)).toThrow(DataError)
  for (const wrong of [
    '{',
    '{}',
    '{"kind":"words","options":{}}',
    '{"kind":"bytePair","options":{},"merges":[[1,256]]}',
  ]) {
    expect(() => data.tokenizerFromJSON(wrong)).toThrow(FormatError)
  }
})
