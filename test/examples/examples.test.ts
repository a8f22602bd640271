// The examples run, at a small size; at full size they are run by hand, and their figures stand in their docstrings.
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { actorCritic } from '../../examples/actorCritic/actorCritic'
import { adding, sequences as additions } from '../../examples/adding/adding'
import { characters } from '../../examples/characters/characters'
import { cities } from '../../examples/cities/cities'
import { clipping } from '../../examples/clipping/clipping'
import { sequences as copies, copying } from '../../examples/copying/copying'
import { ctc } from '../../examples/ctc/ctc'
import { digits } from '../../examples/digits/digits'
import { gpt } from '../../examples/gpt/gpt'
import { randomFrom } from '../../examples/random'
import { judge, reviews } from '../../examples/reviews/reviews'
import { translation } from '../../examples/translation/translation'
import { vae } from '../../examples/vae/vae'
import { wgan } from '../../examples/wgan/wgan'
import { generate } from '../../src'

beforeAll(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {})
})

describe('the adding problem', () => {
  test('asks for the sum of two marked numbers, one in each half', () => {
    const [x, y] = additions(10, randomFrom(3))(20)
    for (let b = 0; b < 20; b++) {
      const marked = Array.from({ length: 10 }, (_, t) => t).filter((t) => x.data[(b * 10 + t) * 2 + 1] === 1)
      expect(marked).toHaveLength(2)
      expect(marked[0]).toBeLessThan(5)
      expect(marked[1]).toBeGreaterThanOrEqual(5)
      expect(y.data[b]).toBeCloseTo(
        marked.reduce((sum, t) => sum + x.data[(b * 10 + t) * 2], 0),
        6,
      )
    }
  })

  test('is solved by a GRU over a few steps', async () => {
    const { error } = await adding('gru', { length: 6, units: 16, steps: 800, learningRate: 0.01 })
    expect(error).toBeLessThan(0.01)
  })

  test.each([
    ['lstm', 'healthy'],
    ['gru', 'healthy'],
    ['simpleRNN', 'vanishing'],
  ] as const)('over 400 steps the gradient flow of the %s is %s before any training', async (kind, verdict) => {
    const { before } = await adding(kind, { length: 400, units: 32, steps: 0 })
    expect(before).toContain(verdict)
  })
})

describe('copying memory', () => {
  test('asks for the symbols of the beginning, after the mark', () => {
    const [x, y] = copies(4, randomFrom(5))(3)
    for (let b = 0; b < 3; b++) {
      for (let t = 0; t < 10; t++) {
        const symbol = y.data[b * 24 + 14 + t]
        expect(symbol).toBeGreaterThan(0)
        expect(x.data[(b * 24 + t) * 10 + symbol]).toBe(1)
      }
      expect(x.data[(b * 24 + 13) * 10 + 9]).toBe(1)
    }
  })

  test('begins to be learned: a GRU is soon better than one that remembers nothing', async () => {
    const { loss, recalled, guessing } = await copying('gru', {
      delay: 1,
      units: 32,
      steps: 250,
      batchSize: 32,
      learningRate: 0.01,
    })
    expect(loss).toBeLessThan(guessing)
    expect(recalled).toBeGreaterThan(1 / 8)
  })
})

describe('digits by rows', () => {
  test('an LSTM reads most of them after a few epochs', async () => {
    const { accuracy } = await digits({ units: 32, epochs: 6, verbose: 0 })
    expect(accuracy).toBeGreaterThan(0.6)
  })
})

describe('the weather of two cities', () => {
  test('is forecast better than by the same as today, already after a few epochs', async () => {
    const { model, sameAsToday } = await cities({ units: 8, epochs: 4, verbose: 0 })
    expect(model).toHaveLength(3)
    expect(model[2]).toBeLessThan(sameAsToday[2])
  })
})

describe('the mood of reviews', () => {
  test('is told better than by always saying the same, and a sentence of one word is one, too', async () => {
    const result = await reviews({ units: 8, epochs: 2, verbose: 0 })
    expect(result.accuracy).toBeGreaterThan(result.majority)
    const [good, bad] = await judge(result, ['great', 'terrible and useless'])
    expect(good).toBeGreaterThan(bad)
  })
})

describe('a character model', () => {
  test('learns which characters are frequent, and writes with them', async () => {
    const small = { units: 16, layers: 1, length: 20, epochs: 2, characters: 8000, verbose: 0 } as const
    const { model, tokenizer, perplexity } = await characters(small)
    expect(perplexity).toBeLessThan(0.7 * tokenizer.size)
    const text = await generate(model, { prompt: 'The ', length: 12, seed: 1, tokenizer })
    expect(text).toHaveLength(12)
    expect(await generate(model, { prompt: 'The ', length: 12, seed: 1, tokenizer })).toBe(text)
  })
})

describe('a miniature GPT', () => {
  test('learns which characters are frequent, writes with them, and shows what its heads attend to', async () => {
    const small = { units: 16, heads: 2, blocks: 1, length: 20, epochs: 2, characters: 8000, verbose: 0 } as const
    const { model, tokenizer, perplexity, heads } = await gpt(small)
    expect(perplexity).toBeLessThan(0.7 * tokenizer.size)
    const text = await generate(model, { prompt: 'The ', length: 30, seed: 1, tokenizer })
    expect(text).toHaveLength(30)
    expect(heads.svg).toMatch(/head 1/)
  })
})

describe('short versions of examples of keras.io', () => {
  test('a variational auto-encoder learns what digits are like, and draws what lies between them', async () => {
    const [first, later] = [await vae({ epochs: 1, verbose: 0 }), await vae({ epochs: 6, verbose: 0 })]
    expect(later.reconstruction).toBeLessThan(first.reconstruction)
    expect(later.divergence).toBeGreaterThan(0)
    expect(later.plane).toMatch(/^<svg .*<path/)
  })

  test('a generator and a critic are trained in one step', async () => {
    const { distance, images } = await wgan({ epochs: 2, verbose: 0 })
    expect(Number.isFinite(distance)).toBe(true)
    expect(images).toMatch(/^<svg .*<path/)
  })

  test('lines of digits begin to be read', async () => {
    const { loss, reading } = await ctc({ lines: 320, epochs: 3, verbose: 0 })
    expect(loss).toBeLessThan(16)
    expect(reading.match(/<text/g)).toHaveLength(8)
  })

  test('numbers in words are translated in part after two epochs', async () => {
    const { accuracy, looks } = await translation({ pairs: 1500, epochs: 3, verbose: 0 })
    expect(accuracy).toBeGreaterThan(0.5)
    expect(looks).toContain('>vierzig</text>')
  })

  test('a pole stands longer after some rollouts', async () => {
    const { first, steps } = await actorCritic({ rollouts: 80 })
    expect(steps).toBeGreaterThan(1.5 * first)
  })
})

describe('clipping', () => {
  test('trains a model that diverges without it', async () => {
    const small = { length: 50, epochs: 4, samples: 128 }
    const [without, clipped] = [await clipping(undefined, small), await clipping(1, small)]
    expect(without.loss.at(-1)).toBeNaN()
    expect(clipped.loss.at(-1)).toBeLessThan(1)
  })
})
