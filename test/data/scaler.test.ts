// Scalers and one-hot vectors, and the layer that scales within a model.

import {
  DataError,
  data,
  dense,
  FormatError,
  loadModel,
  modelFromJSON,
  normalization,
  OptionError,
  ShapeError,
  sequential,
  tensor,
} from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { expectClose } from '../support'
import { fc } from '../support/random'

const rows = [
  [1, 100, 5],
  [2, 300, 5],
  [6, 200, 5],
]

describe('scaler', () => {
  test('standard brings every feature to mean 0 and variance 1, and leaves a constant one undivided', () => {
    const scaled = data.scaler('standard').fit(rows).transform(rows)
    const deviation = Math.sqrt(14 / 3)
    expectClose(scaled, [
      [-2 / deviation, -Math.sqrt(1.5), 0],
      [-1 / deviation, Math.sqrt(1.5), 0],
      [3 / deviation, 0, 0],
    ])
  })

  test('minMax brings the smallest and largest value to the ends of a range', () => {
    expectClose(data.scaler('minMax').fit(rows).transform(rows), [
      [0, 0, 0],
      [0.2, 1, 0],
      [1, 0.5, 0],
    ])
    const wide = data.scaler('minMax', { range: [-1, 1] }).fit([[0], [4]])
    expectClose(wide.transform([[0], [1], [4], [6]]), [[-1], [-0.5], [1], [2]])
  })

  test('inverse undoes transform, before and after JSON', () => {
    const values = fc.array(
      fc.tuple(fc.float({ min: -1000, max: 1000, noNaN: true }), fc.float({ min: -1, max: 1, noNaN: true })),
      { minLength: 2 },
    )
    fc.assert(
      fc.property(values, fc.constantFrom('standard' as const, 'minMax' as const), (table, kind) => {
        const scaler = data.scaler(kind).fit(table)
        const again = data.scalerFromJSON(JSON.stringify(scaler))
        expectClose(
          again.inverse(scaler.transform(tensor(table, undefined, 'float64'))),
          tensor(table, undefined, 'float64'),
          { absolute: 1e-3 },
        )
      }),
    )
  })

  test('takes series of any rank and tables by name, and predictions of some of the features', () => {
    const table = { wind: [1, 3], rain: [10, 30] }
    const scaler = data.scaler().fit(table)
    expect(scaler.transform(table).rain.toArray()).toEqual([-1, 1])
    expect(scaler.transform([[[1, 30]]]).toArray()).toEqual([[[-1, 1]]])
    expect(
      scaler
        .inverse(
          [
            [0, 1],
            [2, -1],
          ],
          { features: 'rain' },
        )
        .toArray(),
    ).toEqual([
      [20, 30],
      [40, 10],
    ])
    expect(scaler.inverse([[1, 0]], { features: ['rain', 'wind'] }).toArray()).toEqual([[30, 2]])
    expect(scaler.inverse({ wind: [1] }).wind.toArray()).toEqual([3])
  })

  test('ignores what is missing when it learns', () => {
    expect(
      data
        .scaler()
        .fit([[1], [Number.NaN], [3]])
        .transform([[2], [Number.NaN]])
        .toArray(),
    ).toEqual([[0], [Number.NaN]])
  })

  test('says what is wrong', () => {
    expect(() => data.scaler().transform([[1]])).toThrow('call fit')
    expect(() => data.scaler('standart' as never)).toThrow(OptionError)
    expect(() => data.scaler('minMax', { range: [1, 0] })).toThrow(OptionError)
    expect(() => data.scaler().fit([[Infinity]])).toThrow(DataError)
    expect(() => data.scaler().fit([[Number.NaN]])).toThrow(DataError)
    const scaler = data.scaler().fit({ wind: [1, 3], rain: [10, 30] })
    expect(() => scaler.transform([[1, 2, 3]])).toThrow(ShapeError)
    expect(() => scaler.inverse([[1]], { features: 'rian' })).toThrow("Did you mean 'rain'?")
    expect(() => data.scaler().fit(['rain'] as never)).toThrow('columns by name')
    expect(() => data.scaler().fit([1, 2], { features: 'rain' })).toThrow(OptionError)
    expect(() => data.scaler().fit([{ rain: 1 }], { features: 'rian' })).toThrow("Did you mean 'rain'?")
    expect(() => scaler.transform({ snow: [1] })).toThrow("no feature 'snow'")
  })

  test('is read from JSON only where it scales', () => {
    const right = { kind: 'standard', range: [0, 1], shift: [1, 2], scale: [1, 1], names: ['a', 'b'] }
    expect(
      data
        .scalerFromJSON(JSON.stringify(right))
        .transform({ b: [3] })
        .b.toArray(),
    ).toEqual([1])
    const wrong = [
      { kind: 'robust' },
      { range: [] },
      { range: [1, 0] },
      { range: [0, 'x'] },
      { shift: [] },
      { shift: [1, null] },
      { scale: [1] },
      { scale: [1, 0] },
      { scale: [1, -1] },
      { names: ['a'] },
      { names: ['a', 'a'] },
      { names: [1, 2] },
      { unit: [1, 0] },
    ]
    for (const change of wrong) {
      expect(() => data.scalerFromJSON({ ...right, ...change } as never), JSON.stringify(change)).toThrow(FormatError)
    }
    for (const text of ['{', '{}', 'null', '[]', '3']) expect(() => data.scalerFromJSON(text)).toThrow(FormatError)
  })
})

describe('a scaler of a table', () => {
  const days = [
    { day: '2024-05-01', rain: 0, wind: 3 },
    { day: '2024-05-02', rain: null, wind: 5 },
    { day: '2024-05-03', rain: 4, wind: 7 },
  ]

  test('learns from rows and from series as windows take them, and scales rows', () => {
    const scaler = data.scaler('minMax').fit(days, { time: 'day' })
    expect(scaler.names).toEqual(['rain', 'wind'])
    expect(scaler.transform(days)[2]).toEqual({ day: '2024-05-03', rain: 1, wind: 1 })
    expect(scaler.inverse(scaler.transform(days))[2]).toEqual(days[2])
    const several = data.scaler('minMax').fit([{ rain: [0, 2] }, { rain: [8] }])
    expect(several.transform({ rain: [4] }).rain.toArray()).toEqual([0.5])
    expect(data.scaler('minMax').fit(days, { features: 'wind' }).names).toEqual(['wind'])
  })

  test('learns from windows, each of their rows once, those for testing not', () => {
    const table = { rain: [0, 4, 2, 9, 7], wind: [1, 1, 3, 1, 1] }
    const { train } = data.splitInTime(data.windows(table, { length: 2, targets: 'rain' }), { test: 0.4 })
    const scaler = data.scaler('minMax').fit(train)
    expect(scaler.toJSON()).toEqual({
      kind: 'minMax',
      range: [0, 1],
      names: ['rain', 'wind'],
      shift: [0, 1],
      scale: [4, 2],
    })
  })

  test('passes over what is missing, and keeps it missing', () => {
    const scaler = data.scaler().fit({ rain: [1, null, 3, undefined, Number.NaN] })
    expect([...scaler.transform({ rain: [null, 2] }).rain.data]).toEqual([Number.NaN, 0])
    expect(() => scaler.transform({ rain: ['2'] as never })).toThrow(DataError)
  })

  test('keeps every digit of numbers in arrays, such as time stamps', () => {
    const rows = [[1700000000], [1700000060], [1700000120]]
    for (const given of [rows, { at: rows.flat() }, rows.map(([at]) => ({ at }))]) {
      const scaler = data.scaler('minMax').fit(given)
      expect(scaler.transform(rows).toArray()).toEqual([[0], [0.5], [1]])
      expect(scaler.inverse([[0.5]]).item()).toBe(1700000060)
    }
    expect(data.windows(rows, { length: 1 }).toTensors().y.toArray()).toEqual([[1700000060], [1700000120]])
  })

  test('holds numbers near the largest there are', () => {
    const rows = [[-1e308], [0], [1e308]]
    for (const [kind, expected] of [
      ['minMax', [[0], [0.5], [1]]],
      ['standard', [[-Math.sqrt(1.5)], [0], [Math.sqrt(1.5)]]],
    ] as const) {
      const scaler = data.scalerFromJSON(JSON.stringify(data.scaler(kind).fit(rows)))
      expectClose(scaler.transform(rows), expected)
      expectClose(scaler.inverse(scaler.transform(rows)), tensor(rows, undefined, 'float64'))
    }
  })

  test('holds numbers whose squares are too large or too small', () => {
    for (const unit of [1e-200, 1e200]) {
      const scaler = data.scaler().fit(new Float64Array([unit, 3 * unit]))
      expectClose(scaler.transform(new Float64Array([unit, 3 * unit])), [-1, 1])
    }
  })
})

describe('normalization', () => {
  test('learns with adapt, from arrays, datasets and windows alike, whatever the batches', async () => {
    const all = rows.map(([a, b]) => [a, b])
    const sources = [
      all,
      tensor(all),
      data.fromArrays(all).batch(2),
      data.windows(all, { length: 1, features: [0, 1] }),
    ]
    for (const source of sources) {
      const layer = normalization()
      await layer.adapt(source)
      const [mean, variance] = await layer.getWeights()
      const used = source instanceof data.Windows ? all.slice(0, 2) : all
      const expected = [0, 1].map((k) => used.reduce((sum, row) => sum + row[k], 0) / used.length)
      expectClose(mean, expected)
      expectClose(
        variance,
        [0, 1].map((k) => used.reduce((sum, row) => sum + (row[k] - expected[k]) ** 2, 0) / used.length),
      )
    }
  })

  test('scales along an axis, all numbers alike, and back', async () => {
    const x = [
      [
        [1, 2],
        [3, 6],
      ],
    ]
    const along = normalization({ axis: 1 })
    await along.adapt(x)
    expectClose(await along.run(x), [
      [
        [-1, 1],
        [-1, 1],
      ],
    ])
    const alike = normalization({ axis: null, mean: 1, variance: 4 })
    expectClose(await alike.run(x), [
      [
        [0, 0.5],
        [1, 2.5],
      ],
    ])
    const back = normalization({ mean: [1, 2], variance: [4, 9], inverse: true })
    expectClose(await back.run([[1, 1]]), [[3, 5]])
  })

  test('scales as its scaler does, and keeps that in JSON and in files', async () => {
    for (const scaler of [data.scaler('standard').fit(rows), data.scaler('minMax', { range: [-1, 2] }).fit(rows)]) {
      const net = sequential([normalization(scaler), normalization(scaler, { inverse: true, features: [0, 1, 2] })], {
        inputShape: [3],
      })
      expectClose(await normalization(scaler).run(rows), scaler.transform(rows))
      expectClose(await net.predict(rows, { backend: 'cpu' }), rows, { absolute: 1e-4 })
      expectClose(await modelFromJSON(net.toJSON()).predict(rows, { backend: 'cpu' }), rows, { absolute: 1e-4 })
    }
    const layer = normalization()
    await layer.adapt(rows)
    const net = sequential([layer, dense(1)], { inputShape: [3] })
    const loaded = await loadModel(await net.toBytes())
    expectClose(await loaded.predict(rows, { backend: 'cpu' }), await net.predict(rows, { backend: 'cpu' }))
    expect(net.trainableWeights).toHaveLength(2)
  })

  test('scales as its scaler does, however small or large the unit', async () => {
    for (const unit of [1e-15, 1e-9, 1e15]) {
      const x = tensor(rows.map((row) => row.map((value) => value * unit)))
      const scaler = data.scaler().fit(x)
      const scaled = scaler.transform(x)
      expectClose(await normalization(scaler).run(x), scaled)
      const back = await normalization(scaler, { inverse: true }).run(scaled)
      expectClose(data.scaler().fit(x).transform(back), scaled)
    }
    const tooLarge = data.scaler().fit(new Float64Array([1e25, 2e25]))
    await expect(normalization(tooLarge).run([[1e25]])).rejects.toThrow('float32')
  })

  test('adapts to the steps that there are, not to what sequences are filled up with', async () => {
    const sequences = [[[1], [2], [6]], [[3]]]
    const padded = data.fromArrays(sequences).paddedBatch(2)
    for (const source of [sequences, padded]) {
      const layer = normalization()
      await layer.adapt(source)
      const [mean, variance] = await layer.getWeights()
      expectClose(mean, [3])
      expectClose(variance, [3.5])
    }
  })

  test('of a feature that is always the same does not divide by what was rounded away', async () => {
    const layer = normalization()
    await layer.adapt(Array.from({ length: 100 }, () => [0.1]))
    const [, variance] = await layer.getWeights()
    expect(variance.item()).toBe(0)
    expect((await layer.run([[0.1]])).item()).toBe(0)
  })

  test('says what is wrong', async () => {
    await expect(normalization().adapt({ a: [1] } as never)).rejects.toThrow(DataError)
    expect(() => normalization({ variance: -1 })).toThrow(OptionError)
    expect(() => normalization({ invert: true } as never)).toThrow(OptionError)
    await expect(normalization().adapt([])).rejects.toThrow(DataError)
    await expect(normalization().adapt([[Number.NaN]])).rejects.toThrow(DataError)
    await expect(normalization({ mean: [1, 2], variance: [1, 1] }).run([[1, 2, 3]])).rejects.toThrow(ShapeError)
  })
})

describe('oneHot', () => {
  test('sets one number for each label, of numbers and of names', () => {
    expect(data.oneHot([2, 0]).toArray()).toEqual([
      [0, 0, 1],
      [1, 0, 0],
    ])
    expect(data.oneHot([[1], [0]], { classes: 2, dtype: 'bool' }).toArray()).toEqual([[[false, true]], [[true, false]]])
    expect(data.oneHot(['b', 'a'], { classes: ['a', 'b'] }).toArray()).toEqual([
      [0, 1],
      [1, 0],
    ])
  })

  test('has no place for a label that is no class', () => {
    expect(() => data.oneHot([3], { classes: 3 })).toThrow(DataError)
    expect(() => data.oneHot([0.5])).toThrow('whole numbers from 0, got 0.5')
    expect(() => data.oneHot(['rain', 1 as never], { classes: ['rain'] })).toThrow(DataError)
    expect(() => data.oneHot(['rain'], { classes: ['rain', 'rain'] })).toThrow(OptionError)
    expect(() => data.oneHot([-1])).toThrow(DataError)
    expect(() => data.oneHot(['rian'], { classes: ['rain', 'sun'] })).toThrow("Did you mean 'rain'?")
    expect(() => data.oneHot(['rain'])).toThrow(OptionError)
  })
})
