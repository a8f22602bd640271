// Losses by name, their configs, and what they refuse.
import { describe, expect, test } from 'vitest'
import { DataError, OptionError, ShapeError } from '../../src/errors'
import { type Loss, lossRegistry, resolveLoss } from '../../src/losses'
import * as losses from '../../src/losses/factories'
import { tensor } from '../../src/tensor'

describe('resolveLoss', () => {
  test.each([
    ['mse', 'meanSquaredError'],
    ['mae', 'meanAbsoluteError'],
    ['mape', 'meanAbsolutePercentageError'],
    ['msle', 'meanSquaredLogarithmicError'],
    ['bce', 'binaryCrossentropy'],
    ['kld', 'klDivergence'],
    ['categoricalCrossentropy', 'categoricalCrossentropy'],
  ])('%s is %s', (given, name) => {
    expect(resolveLoss(given).name).toBe(name)
  })

  test('offers the right name for one in another style', () => {
    expect(() => resolveLoss('mean_squared_error')).toThrow(OptionError)
    expect(() => resolveLoss('mean_squared_error')).toThrow("Did you mean 'meanSquaredError'?")
  })

  test('takes the name of a function', () => {
    expect(
      resolveLoss(function squared(_, p) {
        return p
      }).name,
    ).toBe('squared')
  })

  test('says that a function cannot be saved', () => {
    const loss = resolveLoss((_, p) => p)
    expect(() => lossRegistry.toConfig(loss)).toThrow(
      /a function of your own cannot be saved; name it with registerLoss/,
    )
  })
})

describe('every loss', () => {
  test.each(lossRegistry.names())('%s comes back from its config', (name) => {
    const made = lossRegistry.resolve({ name, options: { name: 'mine', reduction: 'sum' } })
    const config = JSON.parse(JSON.stringify(lossRegistry.toConfig(made)))
    const again = lossRegistry.fromConfig(config)
    expect(lossRegistry.toConfig(again)).toEqual(config)
    expect([again.name, again.reduction]).toEqual(['mine', 'sum'])
  })

  test.each(lossRegistry.names())('%s refuses targets of another length', (name) => {
    expect(() => resolveLoss(name).checkTargets?.([4, 3, 5], [4, 3])).toThrow(ShapeError)
  })
})

describe('options that cannot be are refused', () => {
  test.each<[string, () => Loss]>([
    ['delta', () => losses.huber({ delta: 0 })],
    ['labelSmoothing', () => losses.binaryCrossentropy({ labelSmoothing: 1.5 })],
    ['fromLogits', () => losses.binaryCrossentropy({ fromLogits: 'yes' as never })],
    ['reduction', () => losses.meanSquaredError({ reduction: 'avg' as never })],
    ['ignoreClass', () => losses.sparseCategoricalCrossentropy({ ignoreClass: 0.5 })],
  ])('%s', (option, make) => {
    expect(make).toThrow(OptionError)
    expect(make).toThrow(option)
  })
})

describe('targets that do not fit', () => {
  const { meanSquaredError, categoricalCrossentropy, sparseCategoricalCrossentropy } = losses

  test('a shape that fits but for an axis of length 1 passes', () => {
    meanSquaredError().checkTargets?.([4], [4, 1])
    meanSquaredError().checkTargets?.([4, 3, 1], [4, 3])
    sparseCategoricalCrossentropy().checkTargets?.([4, 1], [4, 5])
  })

  test('one-hot losses point class indices to the sparse loss', () => {
    expect(() => categoricalCrossentropy().checkTargets?.([4], [4, 5])).toThrow(
      new ShapeError(
        "categoricalCrossentropy: expected targets of the predictions' shape [4, 5], got [4]. " +
          'For class indices use sparseCategoricalCrossentropy.',
      ),
    )
  })

  test('the sparse loss points one-hot targets to the other', () => {
    expect(() => sparseCategoricalCrossentropy().checkTargets?.([4, 5], [4, 5])).toThrow(
      /one class index for each prediction, targets of shape \[4\], got \[4, 5\].*categoricalCrossentropy/,
    )
  })

  test('class indices must be whole and within the classes', () => {
    const loss = sparseCategoricalCrossentropy()
    loss.checkLabels?.(tensor([0, 4]), [2, 5])
    expect(() => loss.checkLabels?.(tensor([0, 5]), [2, 5])).toThrow(
      new DataError(
        'sparseCategoricalCrossentropy: expected class indices from 0 to 4 for 5 classes, got 5 (label number 1)',
      ),
    )
    expect(() => loss.checkLabels?.(tensor([0.5]), [1, 5])).toThrow(DataError)
    expect(() => loss.checkLabels?.(tensor([-1]), [1, 5])).toThrow(DataError)
    expect(() => loss.checkLabels?.(tensor([Number.NaN]), [1, 5])).toThrow(DataError)
  })

  test('the ignored class may lie outside the classes', () => {
    sparseCategoricalCrossentropy({ ignoreClass: -1 }).checkLabels?.(tensor([-1, 0]), [2, 5])
  })
})
