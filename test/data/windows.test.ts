// Windows over series: against a plain loop, across gaps and borders, and split in time.

import {
  DataError,
  data,
  dense,
  loadModel,
  lstm,
  normalization,
  OptionError,
  sequential,
  Tensor,
  tensor,
} from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { fc } from '../support/random'

const rows = (n: number, width: number): number[][] =>
  Array.from({ length: n }, (_, i) => Array.from({ length: width }, (_, k) => 10 * i + k))

interface Shape {
  readonly length: number
  readonly horizon: number
  readonly offset: number
  readonly stride: number
  readonly step: number
}

/** The definition, as a loop: the rows of x and of y of every window. */
function rowsOfWindows(count: number, { length, horizon, offset, stride, step }: Shape) {
  const found: { x: number[]; y: number[] }[] = []
  for (let start = 0; ; start += stride) {
    const x = Array.from({ length }, (_, i) => start + i * step)
    const y = Array.from({ length: horizon }, (_, i) => start + (length - 1 + offset + i) * step)
    if (y[horizon - 1] >= count) return found
    found.push({ x, y })
  }
}

const small = (max: number) => fc.integer({ min: 1, max })
const shapes = fc.record({ length: small(5), horizon: small(3), offset: small(3), stride: small(4), step: small(3) })

describe('windows', () => {
  test('are those of a plain loop, whatever their shape, and leave out those that touch a gap', () => {
    fc.assert(
      fc.property(shapes, small(60), fc.uniqueArray(fc.nat(59), { maxLength: 4 }), (shape, count, missing) => {
        const table = rows(count, 3)
        // Column 2 is no feature and no target: what is missing there leaves everything as it is.
        for (const row of missing) if (row < count) table[row][row % 3] = Number.NaN
        const usable = (row: number, columns: readonly number[]) =>
          columns.every((column) => !Number.isNaN(table[row][column]))
        const expected = rowsOfWindows(count, shape).filter(
          ({ x, y }) => x.every((row) => usable(row, [0, 1])) && y.every((row) => usable(row, [1])),
        )
        const options = { ...shape, features: [0, 1], targets: 1 }
        if (expected.length === 0) {
          expect(() => data.windows(table, options)).toThrow(DataError)
          return
        }
        const { x, y } = data.windows(table, options).toTensors()
        expect(x.toArray()).toEqual(expected.map((window) => window.x.map((row) => [table[row][0], table[row][1]])))
        expect(y.shape).toEqual([expected.length, shape.horizon])
        expect([...y.data]).toEqual(expected.flatMap((window) => window.y.map((row) => table[row][1])))
      }),
    )
  })

  test('are drawn in any order, from a table that is not copied', () => {
    const table = tensor(rows(10, 2))
    const samples = data.windows(table, { length: 3, targets: [0, 1] })
    const all = samples.toTensors()
    const drawn = samples.draw([4, 0, 4])
    expect(drawn.x.shape).toEqual([3, 3, 2])
    expect(drawn.x.toArray()).toEqual([4, 0, 4].map((i) => (all.x.toArray() as number[][][])[i]))
    table.data[0] = 99
    expect(samples.draw([0]).x.data[0]).toBe(99)
    expect(() => samples.draw([7])).toThrow(DataError)
  })

  test('take numbers, tensors, columns, and rows as records', () => {
    const options = { length: 2, targets: 'b' }
    const columns = { a: [1, 2, 3, 4], b: Float32Array.of(5, 6, 7, 8) }
    const records = [0, 1, 2, 3].map((i) => ({ a: columns.a[i], b: columns.b[i] }))
    for (const table of [columns, records, { a: tensor(columns.a), b: tensor(columns.b) }]) {
      const { x, y } = data.windows(table, options).toTensors()
      expect(x.toArray()).toEqual([
        [
          [1, 5],
          [2, 6],
        ],
        [
          [2, 6],
          [3, 7],
        ],
      ])
      expect(y.toArray()).toEqual([[7], [8]])
    }
    for (const numbers of [
      [1, 2, 3, 4],
      Float32Array.of(1, 2, 3, 4),
      tensor([1, 2, 3, 4]),
      tensor([[1], [2], [3], [4]]),
    ]) {
      expect(data.windows(numbers, { length: 3 }).toTensors().x.toArray()).toEqual([[[1], [2], [3]]])
    }
  })

  test('have targets by horizon and number of columns', () => {
    const shapeOf = (options: { horizon?: number; targets?: number[] }) =>
      data.windows(rows(6, 2), { length: 2, ...options }).toTensors().y.shape
    expect(shapeOf({})).toEqual([4, 2])
    expect(shapeOf({ targets: [1] })).toEqual([4, 1])
    expect(shapeOf({ horizon: 2, targets: [1] })).toEqual([3, 2])
    expect(shapeOf({ horizon: 2 })).toEqual([3, 2, 2])
  })

  test('never cross from one series into the next', () => {
    const [first, second] = [rows(5, 1), rows(4, 1).map(([x]) => [x + 1000])]
    for (const list of [
      [first, second],
      [tensor(first), tensor(second)],
      [{ c: first.flat() }, { c: second.flat() }],
    ]) {
      const { x, y } = data.windows(list, { length: 3 }).toTensors()
      expect([...y.data]).toEqual([30, 40, 1030])
      expect([...x.data].map((value) => value >= 1000)).toEqual([
        false,
        false,
        false,
        false,
        false,
        false,
        true,
        true,
        true,
      ])
    }
    expect(data.windows(new Tensor(new Float32Array(24), [3, 8, 1]), { length: 7 }).size).toBe(3)
  })

  test('know the columns of several series by name, in whatever order they come', () => {
    const list = [
      { a: [1, 2], b: [10, 20] },
      { b: [30, 40], a: [3, 4] },
    ]
    expect(data.windows(list, { length: 1 }).toTensors().x.toArray()).toEqual([[[1, 10]], [[3, 30]]])
    expect(() => data.windows([list[0], { a: [1, 2] }], { length: 1 })).toThrow('series 1')
  })

  test('keep the digits of columns in float64, wherever they stand', () => {
    for (const fine of [new Float64Array([1 / 3, 2 / 3]), tensor([1 / 3, 2 / 3], undefined, 'float64')]) {
      const { y } = data.windows({ coarse: [1, 2], fine }, { length: 1, targets: 'fine' }).toTensors()
      expect(y.item()).toBe(2 / 3)
    }
  })

  test('end where time makes a jump', () => {
    const hours = [0, 1, 2, 3, 7, 8, 9, 10].map((hour) => new Date(Date.UTC(2024, 0, 1, hour)))
    const value = [0, 1, 2, 3, 7, 8, 9, 10]
    for (const time of [hours, hours.map((date) => date.toISOString()), value]) {
      const { y } = data.windows({ time, value }, { length: 2, time: 'time' }).toTensors()
      expect([...y.data]).toEqual([2, 3, 9, 10])
    }
    expect(data.windows({ time: value, value }, { length: 2, time: 'time', interval: 4 }).size).toBe(6)
    expect(() => data.windows({ time: [0, 2, 1], value: [1, 2, 3] }, { length: 1, time: 'time' })).toThrow(
      'order of time',
    )
  })

  test('say what is wrong with series and options', () => {
    const table = { rain: [1, 2, 3], wind: [1, 2, 3] }
    expect(() => data.windows(table, { length: 2, targets: 'rian' })).toThrow("Did you mean 'rain'?")
    expect(() => data.windows(table, { length: 3 })).toThrow('at least 4 rows')
    expect(() => data.windows(table, { length: 2, horison: 1 } as never)).toThrow("Did you mean 'horizon'?")
    expect(() => data.windows(table, {} as never)).toThrow(OptionError)
    expect(() => data.windows(table, undefined as never)).toThrow(OptionError)
    expect(() => data.windows(undefined as never, { length: 1 })).toThrow(DataError)
    expect(() => data.windows([1, 2, Infinity], { length: 1 })).toThrow('row 2')
    expect(() => data.windows([[1, 2], [3]], { length: 1 })).toThrow('row 1')
    expect(() => data.windows({ a: ['x', 'y'] }, { length: 1 })).toThrow("'x'")
    expect(() => data.windows({ day: [new Date()], a: [1] }, { length: 1 })).toThrow('the option time')
    expect(() => data.windows({ a: [1, 2], b: [1] }, { length: 1 })).toThrow("column 'b'")
    expect(() => data.windows([tensor(rows(4, 2)), tensor(rows(4, 1))], { length: 1 })).toThrow('series 1')
  })
})

describe('missing numbers in windows', () => {
  const gappy = { a: [1, null, null, 4, 5, null, 7, 8], b: [1, 2, 3, 4, 5, 6, 7, 8] }
  const ofA = (missing: data.MissingKind, more: Partial<data.WindowsOptions> = {}) => {
    const { x } = data.windows(gappy, { length: 3, features: 'a', targets: 'b', missing, ...more }).toTensors()
    return (x.toArray() as number[][][]).map((steps) => (steps[0].length === 1 ? steps.flat() : steps))
  }

  test('are left out, joined by lines, carried on, or masked', () => {
    expect(() => ofA('drop', { length: 4 })).toThrow(DataError)
    expect(data.windows(gappy, { length: 1, features: 'a', targets: 'b' }).size).toBe(4)
    expect(ofA('carryForward')).toEqual([
      [1, 1, 1],
      [1, 1, 4],
      [1, 4, 5],
      [4, 5, 5],
      [5, 5, 7],
    ])
    // Where the number after it is not in x, it is not known yet.
    expect(ofA('interpolate')).toEqual([
      [1, 1, 1],
      [2, 3, 4],
      [3, 4, 5],
      [4, 5, 5],
      [5, 6, 7],
    ])
    expect(ofA('mask')[1]).toEqual([
      [0, 0],
      [0, 0],
      [4, 1],
    ])
    const masked = data.windows(gappy, { length: 3, missing: 'mask', targets: 'b' })
    expect(masked.features).toEqual(['a', 'b', 'a is known', 'b is known'])
    expect(masked.toTensors().x.shape).toEqual([5, 3, 4])
  })

  test('are joined in time rather than by rows, and not across a gap in time', () => {
    const time = [0, 1, 4, 5, 100, 101]
    const v = [0, Number.NaN, 4, 5, Number.NaN, 7]
    const options = { length: 3, targets: 'v', time: 'time', interval: 3, missing: 'interpolate' } as const
    const { x } = data.windows({ time, v }, options).toTensors()
    expect(x.toArray()).toEqual([[[0], [1], [4]]])
    const short = data.windows({ time, v }, { ...options, length: 1, missing: 'carryForward' })
    expect(short.rows().x.toArray()).toEqual([[1], [2]])
  })

  test('never stand in y, and are never filled with what comes after x or lies before a split', () => {
    const sparse = fc.array(fc.option(fc.integer({ min: 1, max: 9 }), { nil: null }), { minLength: 12, maxLength: 30 })
    fc.assert(
      fc.property(sparse, fc.constantFrom('interpolate', 'carryForward', 'mask'), shapes, (series, missing, shape) => {
        const options = { ...shape, missing } as const
        let windows: data.Windows
        try {
          windows = data.windows({ v: series }, options)
        } catch (error) {
          expect(error).toBeInstanceOf(DataError)
          return
        }
        for (const part of [windows, windows.between(0.5, 1)]) {
          if (part.size === 0) continue
          const { x, y } = part.toTensors()
          expect([...x.data, ...y.data].every(Number.isFinite)).toBe(true)
          // Other numbers after the last step of x, and before the part, change nothing in it.
          const rows = part.rows().x.toArray() as number[][]
          const [{ from }] = part.ranges
          for (const [i, steps] of rows.entries()) {
            const other = series.map((value, row) => (row < from || row > steps[steps.length - 1] ? 1000 : value))
            const rest = data.windows({ v: other.slice(from) }, { ...options, horizon: 1, offset: 1, stride: 1 })
            const at = (rest.rows().x.toArray() as number[][]).findIndex(([first]) => first === steps[0] - from)
            if (at >= 0) expect([...rest.draw([at]).x.data]).toEqual([...part.draw([i]).x.data])
          }
        }
      }),
    )
  })
})

describe('what windows know of their series', () => {
  test('when and where their steps are', () => {
    const day = ['2024-05-01', '2024-05-02', '2024-05-03', '2024-05-04', '2024-05-05']
    const windows = data.windows({ day, v: [1, 2, 3, 4, 5] }, { length: 2, horizon: 2, time: 'day' })
    const { x, y } = windows.times()
    expect(x.toArray()).toEqual([0, 1].map((i) => [Date.parse(day[i]), Date.parse(day[i + 1])]))
    expect(y.toArray()).toEqual([0, 1].map((i) => [Date.parse(day[i + 2]), Date.parse(day[i + 3])]))
    expect(windows.rows([1]).y.toArray()).toEqual([[3, 4]])
    expect(() => data.windows([1, 2, 3], { length: 1 }).times()).toThrow('the option time')
  })

  test('what their columns are called and hold', () => {
    const { train } = data.splitInTime(
      data.windows({ b: [1, 2, 3, 4], a: [5, 6, 7, 8] }, { length: 1, targets: 'a' }),
      {
        test: 0.5,
      },
    )
    expect([train.features, train.targets, train.ranges]).toEqual([['b', 'a'], ['a'], [{ from: 0, to: 2 }]])
    expect([...train.columns()].map(([name, numbers]) => [name, ...numbers])).toEqual([
      ['b', 1, 2],
      ['a', 5, 6],
    ])
  })

  test('and layers made for columns by name take no others, also from a file', async () => {
    const table = { a: [1, 2, 3, 4, 5, 6], b: [60, 50, 40, 30, 20, 10] }
    const swapped = { b: table.b, a: table.a }
    const options = { length: 2, targets: 'a' }
    const windows = data.windows(table, options)
    const scaler = data.scaler().fit(swapped)
    const model = sequential([
      normalization(scaler),
      lstm(2),
      dense(1),
      normalization(scaler, { features: 'a', inverse: true }),
    ]).compile({ optimizer: 'sgd', loss: 'mse' })
    const fit = { verbose: 0, epochs: 1 } as const
    await expect(model.fit(windows, fit)).rejects.toThrow('expected the features b, a in this order')
    const right = data.windows(table, { ...options, features: ['b', 'a'] })
    await expect(model.fit(right, { ...fit, validationData: windows })).rejects.toThrow('validationData')
    await model.fit(right, { ...fit, validationData: data.windows(swapped, options) })
    await expect(model.predict(windows)).rejects.toThrow(DataError)
    await expect(model.evaluate(windows)).rejects.toThrow(DataError)
    const other = data.windows(table, { length: 2, features: ['b', 'a'], targets: 'b' })
    await expect(model.fit(other, fit)).rejects.toThrow('expected the targets a in this order')
    const loaded = await loadModel(await model.toBytes())
    await expect(loaded.predict(windows)).rejects.toThrow('b, a')
    expect((await loaded.predict(right)).shape).toEqual([4, 1])
    const adapted = normalization()
    await adapted.adapt(right)
    const second = sequential([adapted, lstm(2), dense(1)]).compile({ optimizer: 'sgd', loss: 'mse' })
    await expect(second.fit(windows, fit)).rejects.toThrow(DataError)
  })
})

describe('splitInTime', () => {
  test('splits windows so that none reaches over a border, and keeps their order', () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 40, max: 80 }), (shape, count) => {
        const series = Array.from({ length: count }, (_, i) => i)
        const {
          train,
          validation,
          test: last,
        } = data.splitInTime(data.windows(series, shape), { validation: 0.25, test: 0.25 })
        const [first, second] = [Math.round(0.5 * count), Math.round(0.75 * count)]
        const all = rowsOfWindows(count, shape)
        const within = (from: number, to: number) =>
          all.filter(({ x, y }) => x[0] >= from && y[y.length - 1] < to).flatMap(({ x }) => x)
        const rowsIn = (part: data.Windows) => [...part.toTensors().x.data]
        expect(rowsIn(train)).toEqual(within(0, first))
        expect(rowsIn(validation)).toEqual(within(first, second))
        expect(rowsIn(last)).toEqual(within(second, count))
      }),
    )
  })

  test('splits series by rows, whatever they are made of', () => {
    const split = data.splitInTime([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], { validation: 0.2, test: 0.1 })
    const { rows: ranges, ...parts } = split
    expect(parts).toEqual({ train: [1, 2, 3, 4, 5, 6, 7], validation: [8, 9], test: [10] })
    expect(ranges).toEqual({
      train: [{ from: 0, to: 7 }],
      validation: [{ from: 7, to: 9 }],
      test: [{ from: 9, to: 10 }],
    })
    const table = { a: tensor([1, 2, 3, 4]) }
    expect(data.splitInTime(table, { test: 0.25 }).rows.test).toEqual([{ from: 3, to: 4 }])
    const windows = data.windows([table, table], { length: 1 })
    expect(data.splitInTime(windows, { test: 0.5 }).rows.test).toEqual([
      { from: 2, to: 4 },
      { from: 2, to: 4 },
    ])
    const { train, test: last } = data.splitInTime({ a: [1, 2, 3, 4], b: tensor([5, 6, 7, 8]) }, { test: 0.25 })
    expect(train.a).toEqual([1, 2, 3])
    expect(train.b.toArray()).toEqual([5, 6, 7])
    expect(last.b.toArray()).toEqual([8])
    const several = data.splitInTime([tensor(rows(4, 1)), tensor(rows(8, 1))], { validation: 0.5 })
    expect(several.train.map(({ shape }) => shape)).toEqual([
      [2, 1],
      [4, 1],
    ])
  })

  test('cuts all columns of a table at one time, so they have one length', () => {
    expect(() => data.splitInTime({ a: [1, 2, 3, 4], b: [1, 2] }, { test: 0.5 })).toThrow("column 'b'")
  })

  test('wants something left to train on', () => {
    expect(() => data.splitInTime([1, 2, 3], {})).toThrow(OptionError)
    expect(() => data.splitInTime([1, 2, 3], { validation: 0.6, test: 0.4 })).toThrow(OptionError)
  })
})
