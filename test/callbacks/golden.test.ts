// Early stopping and plateaus against Keras' own callbacks, on random runs of a validation loss.
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { type Callback, earlyStopping, reduceLROnPlateau } from '../../src/callbacks'
import { FakeModel, train } from './host'

interface Case {
  readonly name: string
  readonly kind: 'earlyStopping' | 'reduceLROnPlateau'
  readonly options: object
  readonly values: readonly number[]
  readonly epochs: number
  readonly weight: number
  readonly rates: readonly number[]
}

const file = new URL('../goldens/fixtures/callbacks.json', import.meta.url)
const { cases } = JSON.parse(await readFile(file, 'utf8')) as { readonly cases: readonly Case[] } // as tools/make_callbacks.py writes it
const factories = { earlyStopping, reduceLROnPlateau }

describe.each(cases)('$name', ({ kind, options, values, epochs, weight, rates }) => {
  test('ends, keeps weights and sets rates as Keras does', async () => {
    const model = Object.assign(new FakeModel(), { rate: 1 })
    const seen: number[] = []
    const watch: Callback = { onEpochEnd: () => void seen.push(model.rate) }
    await train(
      model,
      [factories[kind](options), watch],
      values.map((value) => ({ val_loss: value })),
    )
    expect(seen).toHaveLength(epochs)
    expect(model.weight).toBe(weight)
    for (const [epoch, rate] of rates.entries()) expect(seen[epoch]).toBeCloseTo(rate, 7)
  })
})
