// The logs of every epoch as a row of a CSV file.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { csvLogger } from '../../src/callbacks'
import { FakeModel, losses, train } from './host'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hornbeam-csv-'))
})
afterEach(async () => {
  vi.unstubAllGlobals()
  await rm(folder, { recursive: true })
})

describe('csvLogger', () => {
  test('writes a header and a row for each epoch', async () => {
    const path = join(folder, 'log.csv')
    await train(new FakeModel(), [csvLogger(path)], losses(0.5, 0.25))
    expect(await readFile(path, 'utf8')).toBe('epoch,loss,val_loss\n0,0.5,0.5\n1,0.25,0.25\n')
  })

  test('begins anew, or goes on under the same header', async () => {
    const path = join(folder, 'log.csv')
    await train(new FakeModel(), [csvLogger(path)], losses(9))
    await train(new FakeModel(), [csvLogger(path)], losses(1))
    await train(new FakeModel(), [csvLogger(path, { append: true })], losses(2))
    expect(await readFile(path, 'utf8')).toBe('epoch,loss,val_loss\n0,1,1\n0,2,2\n')
  })

  test('has every row in the file while training goes on', async () => {
    const path = join(folder, 'new', 'log.csv')
    const lines: number[] = []
    const watch = { onEpochEnd: async () => void lines.push((await readFile(path, 'utf8')).split('\n').length - 1) }
    await train(new FakeModel(), [csvLogger(path, { append: true }), watch], losses(1, 2))
    expect(lines).toEqual([2, 3])
  })

  test('takes another separator, quotes names that hold it, and writes NA for what is missing', async () => {
    const path = join(folder, 'log.csv')
    await train(new FakeModel(), [csvLogger(path, { separator: ';' })], [{ loss: 1, 'a;"b"': 2 }, { loss: 3 }])
    expect(await readFile(path, 'utf8')).toBe('epoch;"a;""b""";loss\n0;2;1\n1;NA;3\n')
  })

  test('says in a page that a page cannot write files', () => {
    vi.stubGlobal('process', undefined)
    expect(() => csvLogger('log.csv')).toThrow("csvLogger: a page cannot write the file 'log.csv'")
  })

  test('refuses a path that is none', () => {
    expect(() => csvLogger('')).toThrow('expected the path of a file')
  })
})
