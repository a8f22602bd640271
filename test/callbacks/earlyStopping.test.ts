// Ending the training when it no longer helps, as Keras 3 does.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { dense, metrics, randomNormal, sequential } from '../../src'
import { earlyStopping } from '../../src/callbacks'
import { FakeModel, losses, train } from './host'

afterEach(() => {
  vi.restoreAllMocks()
})

async function epochsRun(options: Parameters<typeof earlyStopping>[0], ...values: number[]): Promise<number> {
  return (await train(new FakeModel(), [earlyStopping(options)], losses(...values))).length
}

describe('earlyStopping', () => {
  test('stops after as many epochs without improvement as its patience', async () => {
    expect(await epochsRun({}, 3, 2, 2.5, 1)).toBe(3)
    expect(await epochsRun({ patience: 2 }, 3, 2, 2.5, 2.5, 1)).toBe(4)
    expect(await epochsRun({ patience: 2 }, 3, 2, 2.5, 1, 1.5, 1.5, 0)).toBe(6)
    expect(await epochsRun({ patience: 2 }, 5, 4, 3, 2)).toBe(4)
  })

  test('does not count an improvement smaller than minDelta, whatever its sign', async () => {
    for (const minDelta of [0.1, -0.1]) {
      expect(await epochsRun({ minDelta, patience: 2 }, 1, 0.95, 0.92, 0)).toBe(3)
      expect(await epochsRun({ minDelta, patience: 2 }, 1, 0.95, 0.89, 0.85, 0.85, 0)).toBe(5)
    }
  })

  test('goes for more where more is better, by name or by mode', async () => {
    const accuracies = [0.5, 0.6, 0.7, 0.65, 0.8].map((value) => ({ val_accuracy: value }))
    const model = new FakeModel()
    expect(await train(model, [earlyStopping({ monitor: 'val_accuracy' })], accuracies)).toHaveLength(4)
    expect(await train(model, [earlyStopping({ monitor: 'val_accuracy', mode: 'min' })], accuracies)).toHaveLength(2)

    const own = [0.5, 0.6, 0.4].map((value) => ({ val_mine: value }))
    await expect(train(model, [earlyStopping({ monitor: 'val_mine' })], own)).rejects.toThrow("say mode: 'min'")
  })

  test('counts epochs that are not better than the baseline as without improvement', async () => {
    expect(await epochsRun({ baseline: 1, patience: 2 }, 3, 2, 1.5, 1.2, 0.5)).toBe(5)
    expect(await epochsRun({ baseline: 1, patience: 2 }, 3, 3, 0.5)).toBe(2)
    expect(await epochsRun({ baseline: 1, patience: 2 }, 0.9, 0.95, 0.95, 0)).toBe(3)
  })

  test('does not look before startFromEpoch', async () => {
    expect(await epochsRun({ startFromEpoch: 3 }, 1, 2, 3, 4, 5, 6)).toBe(5)
  })

  test('gives the model back the weights of its best epoch, stopped or not', async () => {
    const model = new FakeModel()
    const callback = earlyStopping({ patience: 2, restoreBestWeights: true })
    await train(model, [callback], losses(3, 1, 2, 2, 0))
    expect(model.weight).toBe(2)
    expect([callback.best, callback.bestEpoch, callback.stoppedEpoch]).toEqual([1, 1, 3])
    await train(model, [callback], losses(3, 1, 2))
    expect(model.weight).toBe(2)
    expect(callback.stoppedEpoch).toBe(0)
  })

  test('leaves the last weights unless asked', async () => {
    const model = new FakeModel()
    await train(model, [earlyStopping()], losses(1, 2))
    expect(model.weight).toBe(2)
  })

  test('begins anew in each training', async () => {
    const callback = earlyStopping({ patience: 1 })
    expect(await train(new FakeModel(), [callback], losses(1, 2))).toHaveLength(2)
    expect(await train(new FakeModel(), [callback], losses(9, 8, 7))).toHaveLength(3)
  })

  test('takes any number for better than NaN', async () => {
    expect(await epochsRun({ patience: 2 }, Number.NaN, 3, Number.NaN, Number.NaN, 2)).toBe(4)
  })

  test('knows from the metric which way is better, whatever its name', async () => {
    const x = randomNormal([32, 2], { seed: 1 })
    const y = x.data.filter((_, i) => i % 2 === 0)
    const net = sequential([dense(1, { kernelInitializer: 'zeros' })], { inputShape: [2] }).compile({
      optimizer: 'sgd',
      learningRate: 0.05,
      loss: 'mse',
      metrics: [metrics.meanSquaredError({ name: 'accuracy_gap' })],
    })
    const stop = earlyStopping({ monitor: 'accuracy_gap', patience: 1 })
    const { history } = await net.fit(x, y, { epochs: 8, verbose: 0, callbacks: [stop] })
    expect(history.accuracy_gap).toHaveLength(8)
    expect(history.accuracy_gap[7]).toBeLessThan(history.accuracy_gap[0])
  })

  test('warns once where there is nothing to monitor, with the nearest name, and trains on', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined)
    expect(await train(new FakeModel(), [earlyStopping({ monitor: 'val_los' })], losses(1, 2, 3))).toHaveLength(3)
    expect(warn.mock.calls).toEqual([
      ["earlyStopping: there is no 'val_los' to monitor. Did you mean 'val_loss'? The logs have loss, val_loss."],
    ])
  })

  test('refuses options that mean nothing', () => {
    expect(() => earlyStopping({ patience: -1 })).toThrow('patience')
    expect(() => earlyStopping({ mode: 'maximum' as 'max' })).toThrow("'auto', 'min', 'max'")
    expect(() => earlyStopping({ restore_best_weights: true } as object)).toThrow("'restoreBestWeights'")
  })
})
