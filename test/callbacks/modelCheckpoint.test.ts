// Saving the model while it trains, as Keras 3 does.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { modelCheckpoint } from '../../src/callbacks'
import { fillTemplate } from '../../src/callbacks/template'
import { FakeModel, losses, train } from './host'

afterEach(() => {
  vi.restoreAllMocks()
})

async function saved(place: string, options: Parameters<typeof modelCheckpoint>[1], ...values: number[]) {
  const model = new FakeModel()
  await train(model, [modelCheckpoint(place, options)], losses(...values), 4)
  return model.saved
}

describe('modelCheckpoint', () => {
  test('saves after each epoch, counted from 1 in the name', async () => {
    expect(await saved('run/{epoch:02d}-{val_loss:.2f}.safetensors', {}, 3, 2.126)).toEqual([
      'run/01-3.00.safetensors',
      'run/02-2.13.safetensors',
    ])
  })

  test('saves only what is better than before, if asked', async () => {
    expect(await saved('{epoch}', { saveBestOnly: true }, 3, 4, 2, 2, 1)).toEqual(['1', '3', '5'])
    expect(await saved('{epoch}', { saveBestOnly: true, mode: 'max' }, 3, 4, 2, 5)).toEqual(['1', '2', '4'])
    expect(await saved('{epoch}', { saveBestOnly: true, initialValueThreshold: 2.5 }, 3, 2, 2)).toEqual(['2'])
  })

  test('remembers the best value from one training to the next', async () => {
    const model = new FakeModel()
    const callback = modelCheckpoint('{epoch}', { saveBestOnly: true })
    await train(model, [callback], losses(2))
    await train(model, [callback], losses(3, 1))
    expect(model.saved).toEqual(['1', '2'])
  })

  test('saves after so many batches, counted through the epochs', async () => {
    expect(await saved('{epoch}-{batch}', { saveFreq: 3 }, 1, 1, 1)).toEqual(['1-3', '2-2', '3-1', '3-4'])
  })

  test('saves all the same, with a warning, where there is nothing to monitor', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined)
    expect(await saved('{epoch}', { saveBestOnly: true, monitor: 'val_mae' }, 1, 2)).toEqual(['1', '2'])
    expect(warn).toHaveBeenCalledTimes(1)
  })

  test('refuses a template it cannot fill, if possible at once', async () => {
    expect(() => modelCheckpoint('{epoch:2x}')).toThrow("expected a format such as 02d, .2f or .3e, got '2x'")
    expect(() => modelCheckpoint('')).toThrow('expected the place to save to')
    expect(() => modelCheckpoint('a', { saveFreq: 0 })).toThrow('saveFreq')
    await expect(saved('{epoch}-{val_lss}', {}, 1)).rejects.toThrow(
      "there is no 'val_lss'. Did you mean 'val_loss'? There is loss, val_loss, epoch.",
    )
  })
})

describe('fillTemplate', () => {
  test.each([
    ['{a}', 3, '3'],
    ['{a:d}', 3, '3'],
    ['{a:03d}', -3, '-03'],
    ['{a:4d}', 3, '   3'],
    ['{a:.3f}', Math.PI, '3.142'],
    ['{a:f}', 0.5, '0.500000'],
    ['{a:08.3f}', -Math.PI, '-003.142'],
    ['{a:.2e}', 0.000123, '1.23e-04'],
    ['{a:.3g}', 1234.5678, '1230'],
    ['x{a}y{a}', 1, 'x1y1'],
  ])('writes %s of %d as %s', (template, a, text) => {
    expect(fillTemplate('test', template, { a })).toBe(text)
  })
})
