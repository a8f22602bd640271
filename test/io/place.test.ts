// Places: files written as a whole or not at all, a page's database and downloads, URLs.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { IDBFactory } from 'fake-indexeddb'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { BackendError, FormatError, OptionError } from '../../src/errors'
import { openPlace, readPlace, writePlace } from '../../src/io'

const folder = mkdtempSync(join(tmpdir(), 'hornbeam-io-'))
afterAll(() => rmSync(folder, { recursive: true }))

const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i * 7)
const old = Uint8Array.of(1, 2, 3)

describe('a file', () => {
  test('is written to a path or a file: URL, into folders that are made, and read again', async () => {
    const path = join(folder, 'a', 'b', 'model.safetensors')
    await writePlace(path, bytes)
    expect(await readPlace(path)).toEqual(bytes)
    const url = pathToFileURL(join(folder, 'with space'))
    await writePlace(url, old)
    expect(await readPlace(String(url))).toEqual(old)
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['model.safetensors'])
  })

  test('is written through links, also through one to a file that is not there yet', async () => {
    const [first, second, target] = ['first', 'second', 'there'].map((name) => join(folder, name))
    symlinkSync('second', first)
    symlinkSync(target, second)
    await writePlace(first, bytes)
    expect(readFileSync(target)).toEqual(Buffer.from(bytes))
    expect([lstatSync(first).isSymbolicLink(), lstatSync(second).isSymbolicLink()]).toEqual([true, true])
    symlinkSync('loop', join(folder, 'loop'))
    await expect(writePlace(join(folder, 'loop'), bytes)).rejects.toThrow(/loop': its links point to one another/)
    expect(lstatSync(join(folder, 'loop')).isSymbolicLink()).toBe(true)
  })

  test.skipIf(process.platform === 'win32')('is not written in place of a pipe', async () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    await expect(writePlace(pipe, bytes)).rejects.toThrow(/a device, a pipe or a socket/)
    expect(statSync(pipe).isFIFO()).toBe(true)
  })

  test('takes away what a killed process left of it, and nothing of one that runs', async () => {
    const place = join(folder, 'littered', 'model')
    await writePlace(place, bytes)
    const dead = spawnSync(process.execPath, ['-e', '']).pid
    vi.spyOn(promises, 'rename').mockRejectedValueOnce(new Error('killed'))
    const left: string[] = []
    vi.spyOn(promises, 'rm').mockImplementationOnce(async (path) => void left.push(String(path)))
    syncBuiltinESMExports()
    await expect(writePlace(place, bytes)).rejects.toThrow(OptionError)
    vi.restoreAllMocks()
    syncBuiltinESMExports()
    const [own] = left
    const old = own.replace(`-${process.pid}-`, `-${dead}-`)
    writeFileSync(old, bytes)
    await writePlace(place, bytes)
    expect([existsSync(old), existsSync(own)]).toEqual([false, true])
  })

  test('is found by a relative file URL; one of another machine is refused', async () => {
    const name = join(relative(process.cwd(), folder), 'by url')
    await writePlace(`file://./${name}`, bytes)
    expect(await readPlace(join(folder, 'by url'))).toEqual(bytes)
    await expect(writePlace('file://elsewhere/model', bytes)).rejects.toThrow(OptionError)
    await expect(writePlace(join(folder, '\0'), bytes)).rejects.toThrow(OptionError)
    await expect(writePlace(join(folder, 'n'.repeat(300)), bytes)).rejects.toThrow(/too long/)
  })

  test('keeps its rights, and a link to it stays a link', async () => {
    const [path, link] = [join(folder, 'kept'), join(folder, 'link')]
    writeFileSync(path, old, { mode: 0o640 })
    symlinkSync(path, link)
    await writePlace(link, bytes)
    expect(new Uint8Array(readFileSync(path))).toEqual(bytes)
    expect(statSync(path).mode & 0o777).toBe(0o640)
  })

  test.each<[string, string, RegExp]>([
    ['that is not there', join(folder, 'none'), /no such file/],
    ['that is a folder', folder, /folder, not a file/],
    ['inside a file', join(folder, 'plain', 'model'), /folder|file/],
  ])('%s is an OptionError that says why', async (_, path, message) => {
    writeFileSync(join(folder, 'plain'), 'text')
    await expect(readPlace(path)).rejects.toThrow(OptionError)
    await expect(readPlace(path)).rejects.toThrow(message)
  })

  test('cannot take the place of a folder', async () => {
    await expect(writePlace(folder, bytes)).rejects.toThrow(/cannot write .*folder/)
  })
})

describe('a crash half-way', () => {
  const { open, rename } = promises
  /** Replaces functions of node:fs/promises, also for whoever imports them by name. */
  const replace = (changes: Partial<typeof promises>): void => {
    Object.assign(promises, changes)
    syncBuiltinESMExports()
  }
  afterEach(() => replace({ open, rename }))

  const path = join(folder, 'precious')
  beforeEach(() => writeFileSync(path, old))

  const expectOld = async (error: RegExp): Promise<void> => {
    const before = readdirSync(folder)
    await expect(writePlace(path, bytes)).rejects.toThrow(error)
    expect(new Uint8Array(readFileSync(path))).toEqual(old)
    // Nothing half-written lies about either.
    expect(readdirSync(folder)).toEqual(before)
  }

  test('in the middle of writing leaves the old file', async () => {
    const half = async (...args: Parameters<typeof open>): ReturnType<typeof open> => {
      const file = await open(...args)
      file.writeFile = async () => {
        await file.write(bytes, 0, 1000)
        throw new Error('the disk is full')
      }
      return file
    }
    replace({ open: half })
    await expectOld(/disk is full/)
  })

  test('before the new file takes the name leaves the old file', async () => {
    replace({ rename: async () => Promise.reject(new Error('the power went')) })
    await expectOld(/power went/)
  })

  test('writes to the name only when all bytes are on the disk', async () => {
    const steps: string[] = []
    const watched = async (...args: Parameters<typeof open>): ReturnType<typeof open> => {
      const file = await open(...args)
      const { sync, writeFile } = file
      file.sync = async () => {
        steps.push('sync')
        await sync.call(file)
      }
      file.writeFile = async (...given) => {
        steps.push('write')
        await writeFile.apply(file, given)
      }
      return file
    }
    replace({
      open: watched,
      rename: async (...args) => {
        steps.push('rename')
        await rename(...args)
      },
    })
    await writePlace(path, bytes)
    expect(steps.slice(0, 3)).toEqual(['write', 'sync', 'rename'])
    expect(await readPlace(path)).toEqual(bytes)
  })
})

describe('a page', () => {
  beforeEach(() => void vi.stubGlobal('indexedDB', new IDBFactory()))
  afterEach(() => void vi.unstubAllGlobals())

  test('keeps files in its database, each under a name', async () => {
    await writePlace('indexeddb://first', bytes)
    await writePlace('indexeddb://second', old)
    await writePlace('indexeddb://first', old)
    await writePlace('indexeddb://folder/third', bytes)
    expect(await readPlace('indexeddb://first')).toEqual(old)
    expect(await readPlace('indexeddb://folder/third')).toEqual(bytes)
  })

  test('says what there is when a name is not', async () => {
    await expect(readPlace('indexeddb://nothing')).rejects.toThrow(/nothing under this name; there is none at all/)
    await writePlace('indexeddb://weather', bytes)
    await expect(readPlace('indexeddb://wether')).rejects.toThrow(/there is weather/)
    await expect(readPlace('indexeddb://')).rejects.toThrow(OptionError)
  })

  test('whose database fails says so', async () => {
    vi.stubGlobal('indexedDB', {
      open() {
        const request = { error: new DOMException('quota'), onerror: () => undefined }
        queueMicrotask(() => request.onerror())
        return request
      },
    })
    await expect(writePlace('indexeddb://first', bytes)).rejects.toThrow(BackendError)
  })

  test('offers downloads by name', async () => {
    const link = { href: '', download: '', click: vi.fn() }
    vi.stubGlobal('document', { createElement: () => link })
    await writePlace('download://weather.safetensors', bytes)
    expect(link.download).toBe('weather.safetensors')
    expect(link.click).toHaveBeenCalledTimes(1)
    expect(await readPlace(link.href)).toEqual(bytes)
    await expect(readPlace('download://weather.safetensors')).rejects.toThrow(/saved to, but not loaded from/)
  })
})

test('a URL can be loaded from, not saved to', async () => {
  expect(await readPlace(`data:application/octet-stream;base64,${Buffer.from(bytes).toString('base64')}`)).toEqual(
    bytes,
  )
  await expect(writePlace('https://example.org/model', bytes)).rejects.toThrow(/https URL can be loaded from/)
  await expect(readPlace('blob:nodedata:gone')).rejects.toThrow(OptionError)
})

test.each<[string, RegExp]>([
  ['', /empty/],
  ['indexdb://name', /unknown scheme 'indexdb'. Did you mean 'indexeddb'/],
  ['indexeddb://name', /IndexedDB in a page only; use a path/],
  ['download://name', /downloads in a page only; use a path/],
])('the place %o is refused here', async (place, message) => {
  await expect(writePlace(place, bytes)).rejects.toThrow(OptionError)
  await expect(writePlace(place, bytes)).rejects.toThrow(message)
  expect(existsSync('indexdb:')).toBe(false)
})

describe('what is loaded', () => {
  test('may be a File, a Blob, a Response or bytes', async () => {
    for (const place of [new Blob([bytes]), new File([bytes], 'model'), new Response(bytes), bytes, bytes.buffer]) {
      expect(await readPlace(place)).toEqual(bytes)
    }
    await expect(readPlace(new Response('gone', { status: 404 }))).rejects.toThrow(/404/)
  })

  test('has a name for messages, and what lies beside it', async () => {
    const path = join(folder, 'beside', 'model.json')
    await writePlace(path, old)
    await writePlace(join(folder, 'beside', 'shard'), bytes)
    for (const place of [path, pathToFileURL(path)]) {
      const source = await openPlace(place)
      expect(source.where).toBe(path)
      expect(await source.beside?.('shard')).toEqual(bytes)
    }
    expect((await openPlace(new File([bytes], 'weather.keras'))).where).toBe('weather.keras')
    expect(await openPlace(join(folder, 'beside'), ['config.json', 'model.json'])).toMatchObject({ where: path })
    await expect(openPlace(join(folder, 'beside'), ['config.json'])).rejects.toThrow(/none of the files config.json/)
  })

  test.each(['../old', '/etc/passwd', 'a/../../b', 'C:\\model', '', 'a//b', 'http://x/y'])(
    'reaches nothing outside its folder: %s',
    async (name) => {
      await writePlace(join(folder, 'beside', 'model.json'), old)
      const source = await openPlace(join(folder, 'beside', 'model.json'))
      await expect(source.beside?.(name)).rejects.toThrow(FormatError)
    },
  )
})
