// Dates and times in tables and series: ISO 8601 or a format that is given, the same on every machine.

import { DataError, data, OptionError } from 'hornbeam'
import { afterEach, describe, expect, test, vi } from 'vitest'

const dateOf = async (cell: string, options: data.TimeFormat = {}) => {
  const [row] = await data.csv({ text: `d,v\n"${cell}",1\n` }, { columns: { d: 'date' }, ...options }).toArray()
  return row.d.toISOString()
}

afterEach(() => vi.unstubAllEnvs())

describe('dates', () => {
  test('are ISO 8601, in UTC where they name no zone', async () => {
    for (const [cell, moment] of [
      ['2024-05-01', '2024-05-01T00:00:00.000Z'],
      ['2024-05', '2024-05-01T00:00:00.000Z'],
      ['19360101', '1936-01-01T00:00:00.000Z'],
      ['2024-05-01 10:30', '2024-05-01T10:30:00.000Z'],
      ['2024-05-01T10:30:00.5+02:00', '2024-05-01T08:30:00.500Z'],
      ['20240501T103000Z', '2024-05-01T10:30:00.000Z'],
      ['2024-05-01T24:00', '2024-05-02T00:00:00.000Z'],
    ]) {
      for (const machine of ['UTC', 'America/New_York', 'Australia/Lord_Howe']) {
        vi.stubEnv('TZ', machine)
        expect(await dateOf(cell), cell).toBe(moment)
      }
    }
  })

  test('that are none, or could be several, are refused with the formats they could be', async () => {
    for (const cell of ['1-01', '3-12', '5', '12.5', 'Station 12', '2024-02-30', '2024-13-01', 'May', '10:30']) {
      await expect(dateOf(cell), cell).rejects.toThrow(DataError)
    }
    await expect(dateOf('01.02.2020')).rejects.toThrow("row 2: column 'd'")
    await expect(dateOf('01.02.2020')).rejects.toThrow("it could be '%d.%m.%Y' or '%m.%d.%Y'")
    await expect(dateOf('13.02.2020')).rejects.toThrow(/could be '%d\.%m\.%Y'$/)
    await expect(dateOf('03/04/2004 18:00')).rejects.toThrow("'%d/%m/%Y %H:%M' or '%m/%d/%Y %H:%M'")
    await expect(dateOf('Jan-49')).rejects.toThrow("'%b-%y'")
    await expect(dateOf('1700000000')).rejects.toThrow("'%s' or '%Q'")
  })

  test('are of a format that is given, to the letter', async () => {
    for (const [format, cell, moment] of [
      ['%d.%m.%Y', '1.2.2020', '2020-02-01T00:00:00.000Z'],
      ['%m/%d/%Y %I:%M %p', '02/01/2020 3:05 PM', '2020-02-01T15:05:00.000Z'],
      ['%Y%m%d', '19360101', '1936-01-01T00:00:00.000Z'],
      ['%b-%y', 'Jan-49', '1949-01-01T00:00:00.000Z'],
      ['%b-%y', 'jan-29', '2029-01-01T00:00:00.000Z'],
      ['%s', '1700000000', '2023-11-14T22:13:20.000Z'],
      ['%Q', '1700000000000', '2023-11-14T22:13:20.000Z'],
      ['%d/%m/%Y %H:%M %Z', '01/05/2024 10:00 +0200', '2024-05-01T08:00:00.000Z'],
      ['%Y-%m-%d %H:%M:%S.%L', '2024-05-01 00:00:00.5', '2024-05-01T00:00:00.500Z'],
      ['%Y-%m-%d %H:%M:%S.%f', '2024-05-01 00:00:00.250999', '2024-05-01T00:00:00.250Z'],
    ]) {
      expect(await dateOf(cell, { format }), cell).toBe(moment)
    }
    for (const [format, cell] of [
      ['%d.%m.%Y', '31.02.2020'],
      ['%d.%m.%Y', '01.13.2020'],
      ['%d.%m.%Y', '1.2.20'],
      ['%Y-%m-%d %H:%M', '2020-01-01 25:00'],
      ['%s', 'x'],
    ]) {
      await expect(dateOf(cell, { format }), cell).rejects.toThrow(`the format '${format}'`)
    }
    expect(await dateOf('Jan-49', { format: '%b-%y', firstYear: 2000 })).toBe('2049-01-01T00:00:00.000Z')
  })

  test('have a format of their own in each column', async () => {
    const columns = { a: { type: 'date', format: '%d.%m.%Y' }, b: 'date' } as const
    const [row] = await data.csv({ text: 'a,b\n01.02.2020,2020-02-01\n' }, { columns }).toArray()
    expect(row.a).toEqual(row.b)
  })

  test('are read in a zone that is given, but not where its clocks were put forward or back', async () => {
    const zone = 'Europe/Berlin'
    expect(await dateOf('2024-07-01 12:00', { zone })).toBe('2024-07-01T10:00:00.000Z')
    expect(await dateOf('2024-01-01 12:00', { zone })).toBe('2024-01-01T11:00:00.000Z')
    expect(await dateOf('2024-07-01 12:00Z', { zone })).toBe('2024-07-01T12:00:00.000Z')
    expect(await dateOf('2024-07-01 12:00', { zone: '+05:30' })).toBe('2024-07-01T06:30:00.000Z')
    await expect(dateOf('2024-03-31 02:30', { zone })).rejects.toThrow('never was in Europe/Berlin')
    await expect(dateOf('2024-10-27 02:30', { zone })).rejects.toThrow('twice in Europe/Berlin')
  })

  test('need a format and a zone that mean something', () => {
    for (const options of [
      { format: 'dd.mm.yyyy' },
      { format: '%H:%M' },
      { format: '%Y-%k' },
      { format: '' },
      { zone: 'Mars' },
      { firstYear: 1.5 },
    ]) {
      expect(() => data.csv({ text: '' }, options), JSON.stringify(options)).toThrow(OptionError)
      const series = { t: ['2024-05-01', '2024-05-02'], v: [1, 2] }
      expect(() => data.windows(series, { length: 1, time: 't', ...options })).toThrow(OptionError)
    }
  })
})

describe('times of windows', () => {
  const values = (time: readonly unknown[]) => ({ time, v: time.map((_, i) => i) })

  test('without a zone are the same on every machine, also where its clocks change', () => {
    const hours = Array.from({ length: 72 }, (_, i) =>
      new Date(Date.UTC(2024, 2, 9) + i * 3_600_000).toISOString().slice(0, 16).replace('T', ' '),
    )
    for (const machine of ['UTC', 'America/New_York', 'Europe/Berlin']) {
      vi.stubEnv('TZ', machine)
      expect(data.windows(values(hours), { length: 3, time: 'time' }).size).toBe(69)
    }
  })

  test('of a format that is given, texts or numbers', () => {
    const options = { length: 1, time: 'time' }
    const days = ['30.01.2020', '31.01.2020', '01.02.2020']
    const windows = data.windows(values(days), { ...options, format: '%d.%m.%Y' })
    expect(windows.times().y.toArray()).toEqual([[Date.UTC(2020, 0, 31)], [Date.UTC(2020, 1, 1)]])
    const numbers = [20200130, 20200131, 20200201]
    expect(data.windows(values(numbers), { ...options, format: '%Y%m%d' }).size).toBe(2)
    expect(() => data.windows(values(numbers), options)).toThrow("format: '%Y%m%d'")
    expect(() => data.windows(values(days), options)).toThrow("'%d.%m.%Y'")
    expect(() => data.windows(values(['1-01', '1-02']), options)).toThrow(DataError)
    expect(() => data.windows({ v: [1, 2] }, { length: 1, format: '%Y' })).toThrow('the option time')
  })

  test('that clocks showed twice are told apart by their order', () => {
    const time = ['2024-10-27 01:00', '2024-10-27 02:00', '2024-10-27 02:00', '2024-10-27 03:00']
    const windows = data.windows(values(time), { length: 3, time: 'time', zone: 'Europe/Berlin' })
    const [steps] = windows.times().x.toArray() as number[][]
    expect(steps.map((step) => (step - steps[0]) / 3_600_000)).toEqual([0, 1, 2])
  })
})
