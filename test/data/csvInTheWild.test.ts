// Tables in CSV as they are met: spreadsheets' leftovers, decimal commas, other encodings, preambles, white space; and hostile ones.

import { DataError, data, HornbeamError, OptionError } from 'hornbeam'
import { describe, expect, test } from 'vitest'
import { fc } from '../support/random'

const read = (text: string, options?: data.CSVOptions) => data.csv({ text }, options).toArray()
/** Every value a cell can be read as, in no order of its own. */
const nan = Number.NaN

describe('what spreadsheets leave behind', () => {
  test('columns without a name at the end, and rows without a value at the end, are left out', async () => {
    const text =
      'Date;Time;PT08.S1(CO);T;;\r\n10/03/2004;18.00.00;1360;13,6;;\r\n10/03/2004;19.00.00;1292;13,3;;\r\n;;;;;\r\n;;;;;\r\n'
    expect(await read(text, { columns: ['PT08.S1(CO)', 'T'], decimal: ',' })).toEqual([
      { 'PT08.S1(CO)': 1360, T: 13.6 },
      { 'PT08.S1(CO)': 1292, T: 13.3 },
    ])
    expect(await read(text)).toHaveLength(2)
    await expect(read('a;b;;\n1;2;3;\n')).rejects.toThrow('row 2: expected 2 cells, got 3')
  })

  test('a row without a value stays where it is between others', async () => {
    expect(await read('a,b\n1,2\n,\n3,4\n')).toEqual([
      { a: 1, b: 2 },
      { a: nan, b: nan },
      { a: 3, b: 4 },
    ])
  })

  test('equal names are no matter where nobody asks for them', async () => {
    expect(await read('t,x,x\n1,2,3\n', { columns: ['t'] })).toEqual([{ t: 1 }])
    await expect(read('t,x,x\n1,2,3\n', { columns: ['x'] })).rejects.toThrow('found it twice')
    await expect(read('t,x,x\n1,2,3\n')).rejects.toThrow("'x' twice")
  })

  test('sep= in the first line says what is between cells', async () => {
    expect(await read('sep=;\r\na;b,c\r\n1;2\r\n')).toEqual([{ a: 1, 'b,c': 2 }])
    await expect(read('sep=;\na;b\n1\n')).rejects.toThrow('row 3')
  })

  test('lines before the table are passed over, and count in messages', async () => {
    expect(await read('Station 12\n"no; table\n\na;b\n1;2\n', { skipLines: 3 })).toEqual([{ a: 1, b: 2 }])
    await expect(read('Station\na;b\n1\n', { skipLines: 1 })).rejects.toThrow('row 3')
    expect(await read('a\n', { skipLines: 5 })).toEqual([])
    expect(() => data.csv({ text: '' }, { skipLines: -1 })).toThrow(OptionError)
  })
})

describe('what is between cells is found out', () => {
  test('from all of the first rows, since names have commas too', async () => {
    expect(await read('Temp, °C;Wind, m/s\n5.5;3\n6;4\n')).toEqual([
      { 'Temp, °C': 5.5, 'Wind, m/s': 3 },
      { 'Temp, °C': 6, 'Wind, m/s': 4 },
    ])
    expect(await read('a;b\n1,5;2,5\n3,5;4,5\n', { decimal: ',' })).toEqual([
      { a: 1.5, b: 2.5 },
      { a: 3.5, b: 4.5 },
    ])
    expect(await read('"a;b",c\n1,2\n')).toEqual([{ 'a;b': 1, c: 2 }])
    expect(await read('screen 5", cheap;b\n1;2\n')).toEqual([{ 'screen 5", cheap': 1, b: 2 }])
  })

  test('white space in any number, as numbers in columns have it or where it is asked for', async () => {
    expect(await read('  1.5   2\n 3     4.5\n', { header: false })).toEqual([
      { 0: 1.5, 1: 2 },
      { 0: 3, 1: 4.5 },
    ])
    expect(await read('name \t v\n"two words"  1\n one 2\n# no\n', { delimiter: 'whitespace', comment: '#' })).toEqual([
      { name: 'two words', v: 1 },
      { name: 'one', v: 2 },
    ])
    expect(await read('remark\ntwo words\n')).toEqual([{ remark: 'two words' }])
  })
})

describe('numbers as people write them', () => {
  test('with decimal commas and thousands set apart', async () => {
    const columns = { n: 'number' } as const
    const numbers = async (cells: string[], options: data.CSVOptions) =>
      (await read(`n\n${cells.map((cell) => `"${cell}"`).join('\n')}`, { columns, ...options })).map(({ n }) => n)
    expect(await numbers(['1,5', '-0,25', '7'], { decimal: ',' })).toEqual([1.5, -0.25, 7])
    expect(await numbers(['1.234,5', '12', '1.000.000'], { decimal: ',', thousands: '.' })).toEqual([1234.5, 12, 1e6])
    expect(await numbers(['1,234.5', '12e3'], { thousands: ',' })).toEqual([1234.5, 12000])
    expect(await numbers(['1 234', '1\u00a0234', '1\u202f234'], { thousands: ' ' })).toEqual([1234, 1234, 1234])
    expect(await numbers(["1'234", '−5'], { thousands: "'" })).toEqual([1234, -5])
    for (const cell of ['1,23', '12,34,567', '1,2345']) {
      await expect(numbers([cell], { thousands: ',' }), cell).rejects.toThrow(DataError)
    }
    await expect(numbers(['1.5'], { decimal: ',' })).rejects.toThrow(DataError)
    await expect(numbers(['1,5'], {})).rejects.toThrow("decimal: ','")
    expect(() => data.csv({ text: '' }, { decimal: ',', thousands: ',' })).toThrow(OptionError)
    expect(() => data.csv({ text: '' }, { decimal: ';' as never })).toThrow(OptionError)
  })

  test('codes that a number would not keep stay texts', async () => {
    expect(await read('id\n9007199254740993\n0x1F\n12\n')).toEqual([
      { id: '9007199254740993' },
      { id: '0x1F' },
      { id: 12 },
    ])
  })

  test('column by column, where they differ', async () => {
    const columns = { a: { type: 'number', decimal: ',' }, b: 'number' } as const
    expect(await data.csv({ text: 'a;b\n1,5;2.5\n' }, { columns }).toArray()).toEqual([{ a: 1.5, b: 2.5 }])
    expect(() => data.csv({ text: '' }, { columns: { a: { type: 'number', decimals: ',' } as never } })).toThrow(
      "Did you mean 'decimal'?",
    )
  })
})

test('the words for a missing value are those of other programs, or a list that is given', async () => {
  const words = ['NULL', 'None', '#N/A', 'NA', 'n/a', '<NA>', 'nan', 'null', '?', '']
  const rows = await read(`v,w\n${words.map((word) => `${word},1`).join('\n')}\n`, { columns: { v: 'number' } })
  expect(rows).toEqual(words.map(() => ({ v: nan })))
  await expect(read('v\nNULL\n', { columns: { v: 'number' }, missingValues: ['-'] })).rejects.toThrow(DataError)
  await expect(read('v,w\n,1\n', { columns: { v: 'number' }, missingValues: ['-'] })).rejects.toThrow(DataError)
  expect(await read('v\n-\n', { missingValues: ['-'] })).toEqual([{ v: nan }])
})

describe('bytes', () => {
  const text = 'label,v\nBär,1\nBör,2\n'
  const labels = async (bytes: Uint8Array, encoding?: string) =>
    (await data.csv(bytes, encoding === undefined ? {} : { encoding }).toArray()).map(({ label }) => label)
  const swapped = (bytes: Buffer) => Buffer.from(bytes).swap16()

  test('are read in the encoding that is given, or that a byte order mark says', async () => {
    expect(await labels(Buffer.from(text))).toEqual(['Bär', 'Bör'])
    for (const encoding of ['latin1', 'windows-1252', 'iso-8859-1']) {
      expect(await labels(Buffer.from(text, 'latin1'), encoding)).toEqual(['Bär', 'Bör'])
    }
    expect(await labels(Buffer.from('label\n\x80\n', 'latin1'), 'windows-1252')).toEqual(['€'])
    const wide = Buffer.from(text, 'utf16le')
    const marked = Buffer.from(`\uFEFF${text}`, 'utf16le')
    expect(await labels(wide, 'utf-16le')).toEqual(['Bär', 'Bör'])
    for (const bytes of [wide, swapped(wide), marked, swapped(marked)])
      expect(await labels(bytes)).toEqual(['Bär', 'Bör'])
    expect(await labels(swapped(marked), 'utf-16')).toEqual(['Bär', 'Bör'])
  })

  test('of another encoding are an error, not one and the same letter', async () => {
    await expect(labels(Buffer.from(text, 'latin1'))).rejects.toThrow("give the encoding, such as 'windows-1252'")
    await expect(labels(Buffer.from(text, 'latin1'), 'utf-8')).rejects.toThrow(DataError)
    await expect(labels(Buffer.from(text), 'utf-99')).rejects.toThrow(OptionError)
  })

  test('come in chunks of any size, from bytes, buffers and answers of servers', async () => {
    const bytes = new Uint8Array(Buffer.from(`\uFEFF${text}`))
    expect(await labels(bytes)).toEqual(['Bär', 'Bör'])
    expect(await data.csv(bytes.buffer).toArray()).toHaveLength(2)
    const answer = data.csv(new Response(bytes))
    expect([await answer.toArray(), await answer.toArray()].map(({ length }) => length)).toEqual([2, 2])
    const single = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
        controller.close()
      },
    })
    expect((await data.csv(new Response(single)).toArray()).map(({ label }) => label)).toEqual(['Bär', 'Bör'])
  })
})

describe('hostile tables', () => {
  test('a column may be named as a member of every object', async () => {
    const [row] = await read('__proto__,constructor,v\n1,2,3\n')
    expect(Object.entries(row)).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
      ['v', 3],
    ])
    const [dated] = await read('__proto__\n2024-05-01\n', {
      columns: Object.fromEntries([['__proto__', 'date']]) as never,
    })
    expect(Object.entries(dated)).toEqual([['__proto__', new Date('2024-05-01')]])
    expect(() => data.windows([{ a: 1 }, { a: 2 }], { length: 1, features: 'constructor' })).toThrow(OptionError)
  })

  test('many columns, and a quote that never closes, cost no more than their length', async () => {
    const names = Array.from({ length: 100_000 }, (_, i) => `c${i}`).join(',')
    const [row] = await read(`${names}\n${'1,'.repeat(99_999)}1\n`)
    expect(Object.keys(row)).toHaveLength(100_000)
    await expect(read(`${names},c5\n`)).rejects.toThrow("'c5' twice")
    // Parsed anew with each of its pieces, this would be some 50 GB of text to go through.
    const line = `${'1,2\n'.repeat(2_000)}`
    const pieces = ['a,b\n1,"2\n', ...Array.from({ length: 2_000 }, () => line)]
    await expect(data.csv(() => pieces).toArray()).rejects.toThrow('row 2')
  })

  test('whatever the text, there are rows of one width or an error that is typed; however it is cut', async () => {
    const bit = fc.constantFrom(
      ...[
        'a',
        'b',
        '1',
        '2.5',
        '1,5',
        ',',
        ';',
        '\t',
        '|',
        ' ',
        '"',
        '""',
        '\n',
        '\r',
        '\r\n',
        '#',
        'sep=;',
        'NA',
        'ä',
        '\0',
      ],
    )
    const texts = fc.array(bit, { maxLength: 40 }).map((bits) => bits.join(''))
    const options = fc.record(
      {
        header: fc.boolean(),
        skipLines: fc.nat(2),
        delimiter: fc.constantFrom(',', ';', 'whitespace'),
        decimal: fc.constantFrom('.' as const, ',' as const),
        comment: fc.constant('#'),
        missing: fc.constantFrom('keep' as const, 'drop' as const, 'error' as const),
      },
      { requiredKeys: [] },
    )
    const outcome = async (pieces: string[], given: data.CSVOptions) => {
      try {
        return await data.csv(() => pieces, given).toArray()
      } catch (error) {
        if (!(error instanceof HornbeamError)) throw error
        return error.message
      }
    }
    await fc.assert(
      fc.asyncProperty(texts, options, fc.nat(40), async (text, given, cut) => {
        const whole = await outcome([text], given)
        if (Array.isArray(whole)) expect(new Set(whole.map((row) => Object.keys(row).join())).size).toBeLessThan(2)
        expect(await outcome([text.slice(0, cut), text.slice(cut)], given)).toEqual(whole)
      }),
      { numRuns: 500 },
    )
  })
})

test('what is written as a table comes back as it was', async () => {
  const value = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'binary' }),
  )
  const tables = fc
    .integer({ min: 1, max: 5 })
    .chain((width) =>
      fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 15 }),
    )
  const styles = fc.record({ delimiter: fc.constantFrom(',', ';', '\t', '|'), newline: fc.constantFrom('\n', '\r\n') })
  await fc.assert(
    fc.asyncProperty(tables, styles, async (table, { delimiter, newline }) => {
      const cell = (item: number | string): string =>
        typeof item === 'number' ? String(item) : `"${item.replaceAll('"', '""')}"`
      const names = table[0].map((_, i) => `c${i}`)
      const text = [names.join(delimiter), ...table.map((row) => row.map(cell).join(delimiter)), ''].join(newline)
      const columns = Object.fromEntries(names.map((name) => [name, 'string' as const]))
      const rows = await read(text, { columns, delimiter, missingValues: [] })
      const isGone = (row: (number | string)[]) => row.every((item) => String(item).trim() === '')
      const kept = [...table]
      while (kept.length > 0 && isGone(kept[kept.length - 1])) kept.pop()
      if (table[0].length === 1) expect(rows.length).toBeLessThanOrEqual(table.length)
      else expect(rows.map((row) => Object.values(row))).toEqual(kept.map((row) => row.map(String)))
    }),
    { numRuns: 200 },
  )
})
