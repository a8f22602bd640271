// Tables in CSV: columns, types, missing values, odd files; read piece by piece.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DataError, data, OptionError } from 'hornbeam'
import { afterAll, describe, expect, test } from 'vitest'
import { fc } from '../support/random'

const folder = mkdtempSync(join(tmpdir(), 'hornbeam-csv-'))
afterAll(() => rmSync(folder, { recursive: true }))

const weather = 'day,temperature,rain\nMon,9.5,0\nTue,11,2.5\n'
const read = (text: string, options?: data.CSVOptions) => data.csv({ text }, options).toArray()

test('rows are records of numbers and texts', async () => {
  expect(await read(weather)).toEqual([
    { day: 'Mon', temperature: 9.5, rain: 0 },
    { day: 'Tue', temperature: 11, rain: 2.5 },
  ])
})

test('columns are chosen, and typed', async () => {
  expect(await read(weather, { columns: ['rain'] })).toEqual([{ rain: 0 }, { rain: 2.5 }])
  const text = 'a;b;c;d\n007;yes;2024-05-01;1\n'
  const [row] = await data.csv({ text }, { columns: { a: 'string', b: 'boolean', c: 'date' } }).toArray()
  expect(row).toEqual({ a: '007', b: true, c: new Date('2024-05-01') })
})

test('a file without a header has columns by number, or by names that are given', async () => {
  expect(await read('1,2\n3,4', { header: false })).toEqual([
    { 0: 1, 1: 2 },
    { 0: 3, 1: 4 },
  ])
  expect(await read('1,2\n3,4', { header: ['a', 'b'] })).toEqual([
    { a: 1, b: 2 },
    { a: 3, b: 4 },
  ])
})

test('missing values are kept, left out or an error', async () => {
  const text = 'a,b\n1,NA\n,2\n3,4\n'
  const columns = { a: 'number', b: 'number' } as const
  expect(await read(text, { columns })).toEqual([
    { a: 1, b: Number.NaN },
    { a: Number.NaN, b: 2 },
    { a: 3, b: 4 },
  ])
  expect(await read(text, { columns, missing: 'drop' })).toEqual([{ a: 3, b: 4 }])
  await expect(read(text, { columns, missing: 'error' })).rejects.toThrow("row 2: column 'b'")
  expect(await read('a\n-9\n1\n', { missingValues: ['-9'] })).toEqual([{ a: Number.NaN }, { a: 1 }])
})

test('however a file is cut in pieces, its rows are the same', async () => {
  const texts = ['\u{FEFF}a,"b ""x"""\r\n"1,\r\n2","ü"\r\n3,4\r\n', 'a\tb\n1\t2\n\n3\t"4\n5"', 'a|b\r1|2\r3|4']
  const whole = await Promise.all(texts.map((text) => read(text)))
  expect(whole[0]).toEqual([
    { a: '1,\r\n2', 'b "x"': 'ü' },
    { a: 3, 'b "x"': 4 },
  ])
  expect(whole[1]).toEqual([
    { a: 1, b: 2 },
    { a: 3, b: '4\n5' },
  ])
  expect(whole[2]).toEqual([
    { a: 1, b: 2 },
    { a: 3, b: 4 },
  ])
  await fc.assert(
    fc.asyncProperty(fc.nat(2), fc.array(fc.nat(40), { maxLength: 6 }), async (which, cuts) => {
      const text = texts[which]
      const places = [0, ...cuts.map((cut) => Math.min(cut, text.length)), text.length].sort((a, b) => a - b)
      const pieces = places.slice(1).map((to, i) => text.slice(places[i], to))
      expect(await data.csv(() => pieces).toArray()).toEqual(whole[which])
    }),
    { numRuns: 60 },
  )
})

test('is read no further than its rows are asked for, in many pieces and in several epochs', async () => {
  const seen = { pieces: 0, closed: 0 }
  const table = data.csv(async function* () {
    try {
      yield 'n,square\n'
      for (let i = 0; i < 100_000; i += 100) {
        seen.pieces++
        yield Array.from({ length: 100 }, (_, k) => `${i + k},${(i + k) ** 2}\n`).join('')
      }
    } finally {
      seen.closed++
    }
  })
  let [rows, sum, mostAhead] = [0, 0, 0]
  for await (const { n } of table) {
    rows++
    sum += Number(n)
    mostAhead = Math.max(mostAhead, seen.pieces * 100 - rows)
  }
  expect([rows, sum]).toEqual([100_000, (99_999 * 100_000) / 2])
  expect(mostAhead).toBeLessThanOrEqual(200)
  seen.pieces = 0
  expect(await table.take(250).toArray()).toHaveLength(250)
  expect(seen).toEqual({ pieces: 3, closed: 2 })
})

test('comes from a path, a file URL, a blob, and a data URL', async () => {
  const path = join(folder, 'weather.csv')
  writeFileSync(path, weather)
  const expected = await read(weather)
  const url = `data:text/csv,${encodeURIComponent(weather)}`
  for (const source of [path, pathToFileURL(path), new Blob([weather]), url]) {
    expect(await data.csv(source).toArray()).toEqual(expected)
  }
  writeFileSync(path, Buffer.from('a\n\xe9\n', 'latin1'))
  expect(await data.csv(path, { encoding: 'latin1' }).toArray()).toEqual([{ a: 'é' }])
})

describe('what is wrong is told', () => {
  test('with the row', async () => {
    await expect(read('a,b\n1\n')).rejects.toThrow('row 2: expected 2 cells, got 1')
    await expect(read('a,b\n1,2\n"3,4\n')).rejects.toThrow(DataError)
    await expect(read('a\n1\nx\n', { columns: { a: 'number' } })).rejects.toThrow(
      "row 3: column 'a': expected a number, got 'x'",
    )
    await expect(read('a,a\n1,2\n')).rejects.toThrow("'a' twice")
    await expect(read(weather, { columns: ['rian'] })).rejects.toThrow("Did you mean 'rain'?")
  })

  test('at once where it is an option, and when it is read where it is the place', async () => {
    expect(() => data.csv({ text: '' }, { delimeter: ';' } as never)).toThrow("Did you mean 'delimiter'?")
    expect(() => data.csv({ text: '' }, { columns: { a: 'float' } as never })).toThrow(OptionError)
    expect(() => data.csv({ text: '' }, { quote: '' })).toThrow(OptionError)
    expect(() => data.csv(5 as never)).toThrow(OptionError)
    await expect(data.csv(join(folder, 'nothing.csv')).toArray()).rejects.toThrow('no such file')
    expect(await read('')).toEqual([])
  })
})

test('goes through map and batch into a model as numbers', async () => {
  const [batch] = await data
    .csv({ text: weather })
    .map(({ temperature, rain }) => ({ x: [Number(temperature)], y: Number(rain) }))
    .batch(2)
    .toArray()
  expect(batch.x.toArray()).toEqual([[9.5], [11]])
  expect(batch.y.toArray()).toEqual([0, 2.5])
})
