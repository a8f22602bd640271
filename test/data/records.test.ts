// Records in JSON lines and Parquet files.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { data, FormatError, HornbeamError, OptionError } from 'hornbeam'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, describe, expect, test } from 'vitest'
import { fc } from '../support/random'

const folder = mkdtempSync(join(tmpdir(), 'hornbeam-records-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('JSON lines', () => {
  const text = '\uFEFF{"text":"sunny","label":1}\r\n\n{"text":"wet","label":0,"__proto__":3}'

  test('are records, all members or those asked for', async () => {
    expect(await data.jsonLines({ text }, { columns: ['label', 'rain'] }).toArray()).toEqual([
      { label: 1, rain: null },
      { label: 0, rain: null },
    ])
    const [first, second] = await data.jsonLines({ text }).toArray()
    expect(first).toEqual({ text: 'sunny', label: 1 })
    expect(Object.entries(second)).toEqual([
      ['text', 'wet'],
      ['label', 0],
      ['__proto__', 3],
    ])
    const path = join(folder, 'lines.jsonl')
    writeFileSync(path, text)
    for (const source of [path, pathToFileURL(path), new Blob([text]), Buffer.from(text, 'utf16le')]) {
      expect(await data.jsonLines(source).toArray()).toHaveLength(2)
    }
  })

  test('are the same however they are cut', async () => {
    const records = Array.from({ length: 20 }, (_, i) => ({ i, text: `line ${i} ü` }))
    const whole = records.map((record) => JSON.stringify(record)).join('\n')
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(whole.length), { maxLength: 6 }), async (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), whole.length]
        const pieces = places.slice(1).map((to, i) => whole.slice(places[i], to))
        expect(await data.jsonLines(() => pieces).toArray()).toEqual(records)
      }),
      { numRuns: 50 },
    )
  })

  test('that are none are told with their line', async () => {
    await expect(data.jsonLines({ text: '{}\n\n{"a":' }).toArray()).rejects.toThrow('line 3: expected JSON')
    await expect(data.jsonLines({ text: '[1]' }).toArray()).rejects.toThrow('expected a record')
    await expect(data.jsonLines(Buffer.from('{"a":"ä"}', 'latin1')).toArray()).rejects.toThrow(
      'jsonLines: expected bytes',
    )
    await expect(data.jsonLines(join(folder, 'nothing')).toArray()).rejects.toThrow('jsonLines: cannot read')
    expect(() => data.jsonLines({ text: '' }, { colums: [] } as never)).toThrow(OptionError)
  })
})

describe('Parquet', () => {
  const days = ['2024-05-01', '2024-05-02', '2024-05-03'].map((day) => new Date(day))
  const bytes = (codec: 'SNAPPY' | 'UNCOMPRESSED' = 'SNAPPY') =>
    new Uint8Array(
      parquetWriteBuffer({
        codec,
        rowGroupSize: 2,
        columnData: [
          { name: 'day', data: days, type: 'TIMESTAMP' },
          { name: 'celsius', data: [9.5, null, 11], type: 'DOUBLE', nullable: true },
          { name: 'id', data: [1n, 2n, 9007199254740993n], type: 'INT64' },
          { name: 'name', data: ['a', 'b', 'ü'], type: 'STRING' },
        ],
      }),
    )

  test('files are rows, all columns or those asked for', async () => {
    const path = join(folder, 'weather.parquet')
    writeFileSync(path, bytes())
    for (const source of [path, pathToFileURL(path), bytes('UNCOMPRESSED'), new Blob([bytes()])]) {
      const rows = data.parquet(source)
      for (const all of [await rows.toArray(), await rows.toArray()]) {
        expect(all).toEqual([
          { day: days[0], celsius: 9.5, id: 1, name: 'a' },
          { day: days[1], celsius: null, id: 2, name: 'b' },
          { day: days[2], celsius: 11, id: '9007199254740993', name: 'ü' },
        ])
      }
    }
    const rows = await data.parquet(path, { columns: ['celsius', 'day'] }).toArray()
    expect(rows[2]).toEqual({ celsius: 11, day: days[2] })
    expect(data.windows(rows, { length: 1, time: 'day', missing: 'carryForward' }).size).toBe(1)
    expect(await data.parquet(path).take(1).toArray()).toHaveLength(1)
  })

  test('files that are none, or broken, are typed errors', async () => {
    const whole = bytes()
    await expect(data.parquet(whole, { columns: ['celcius'] }).toArray()).rejects.toThrow("Did you mean 'celsius'?")
    await expect(data.parquet(new Uint8Array(3)).toArray()).rejects.toThrow(FormatError)
    await expect(data.parquet(whole.subarray(0, 100)).toArray()).rejects.toThrow(FormatError)
    await expect(data.parquet(join(folder, 'nothing')).toArray()).rejects.toThrow(OptionError)
    expect(() => data.parquet(undefined as never)).toThrow(OptionError)
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
        const broken = whole.slice()
        broken[at] = byte
        await data
          .parquet(broken)
          .toArray()
          .catch((error: unknown) => expect(error).toBeInstanceOf(HornbeamError))
      }),
      { numRuns: 100 },
    )
  })
})
