// The callbacks that change the learning rate, as Keras 3 does.
import { describe, expect, test } from 'vitest'
import { learningRateScheduler, type ReduceLROnPlateauOptions, reduceLROnPlateau } from '../../src/callbacks'
import { FakeModel, losses, train } from './host'

/** The learning rate after each epoch, from 1. */
async function rates(options: ReduceLROnPlateauOptions, ...values: number[]): Promise<number[]> {
  const model = Object.assign(new FakeModel(), { rate: 1 })
  const after: number[] = []
  const watch = { onEpochEnd: () => void after.push(model.rate) }
  await train(model, [reduceLROnPlateau(options), watch], losses(...values))
  return after
}

describe('reduceLROnPlateau', () => {
  test('multiplies the rate by the factor after epochs without improvement', async () => {
    expect(await rates({ factor: 0.5, patience: 2 }, 1, 1, 1, 1, 1)).toEqual([1, 1, 0.5, 0.5, 0.25])
    expect(await rates({ factor: 0.5, patience: 2 }, 3, 2, 1, 1, 0.5, 0.5)).toEqual([1, 1, 1, 1, 1, 1])
  })

  test('does not count an improvement below minDelta, which is 1e-4 by default', async () => {
    expect(await rates({ factor: 0.5, patience: 1 }, 1, 0.99995, 0.9)).toEqual([1, 0.5, 0.5])
    expect(await rates({ factor: 0.5, patience: 1, minDelta: 0 }, 1, 0.99995, 0.9)).toEqual([1, 1, 1])
  })

  test('rests for the cooldown after it has lowered the rate', async () => {
    expect(await rates({ factor: 0.5, patience: 1, cooldown: 2 }, 1, 1, 1, 1, 1, 1)).toEqual([
      1, 0.5, 0.5, 0.25, 0.25, 0.125,
    ])
  })

  test('never goes below minLR', async () => {
    expect(await rates({ factor: 0.1, patience: 1, minLR: 0.05 }, 1, 1, 1, 1)).toEqual([1, 0.1, 0.05, 0.05])
  })

  test('puts the rate that was in force into the logs', async () => {
    const seen = await train(new FakeModel(), [reduceLROnPlateau({ factor: 0.5, patience: 1 })], losses(1, 1, 1))
    expect(seen.map((logs) => logs.learning_rate)).toEqual([0.1, 0.1, 0.05])
  })

  test('refuses a factor that lowers nothing', () => {
    expect(() => reduceLROnPlateau({ factor: 1 })).toThrow('factor: expected a number below 1, got 1')
    expect(() => reduceLROnPlateau({ min_lr: 1 } as object)).toThrow("Did you mean 'minLR'?")
  })
})

describe('learningRateScheduler', () => {
  test('sets the rate at the beginning of each epoch and logs it at the end', async () => {
    const model = new FakeModel()
    const during: number[] = []
    const seen = await train(
      model,
      [
        learningRateScheduler((epoch, rate) => (epoch === 0 ? rate : rate / 2)),
        { onBatchBegin: () => void during.push(model.rate) },
      ],
      losses(1, 1, 1),
    )
    expect(during).toEqual([0.1, 0.05, 0.025])
    expect(seen.map((logs) => logs.learning_rate)).toEqual([0.1, 0.05, 0.025])
  })

  test('waits for a function that is async', async () => {
    const model = new FakeModel()
    await train(model, [learningRateScheduler(async () => 0.7)], losses(1))
    expect(model.rate).toBe(0.7)
  })

  test('refuses what is no rate, and leaves the rate alone', async () => {
    const model = new FakeModel()
    await expect(train(model, [learningRateScheduler(() => Number.NaN)], losses(1))).rejects.toThrow(
      'expected a number for epoch 0, got NaN',
    )
    expect(model.rate).toBe(0.1)
    expect(() => learningRateScheduler(0.1 as unknown as () => number)).toThrow('expected a function')
  })
})
