// The rules of the house: who may import whom, how full a folder may be, how files are called.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { importsOf, notAllowed, pastAnIndex, readTable, roomOf, sourcesIn } from './imports'

const files = sourcesIn('src')
const edges = files.flatMap(importsOf)
const table = readTable(readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8'))
const rooms = [...new Set(files.map(roomOf).filter((room) => room !== undefined))]
const arrows = (found: readonly { from: string; to: string }[]) => found.map(({ from, to }) => `${from} -> ${to}`)

describe("the table of docs/architecture.md says what each folder's files may import", () => {
  test('every folder has one row', () => {
    expect(table.flatMap(({ folders }) => folders).sort()).toEqual([...rooms].sort())
  })

  test('nothing else is imported', () => {
    expect(arrows(notAllowed(edges, table))).toEqual([])
  })

  test('what a row allows is used by one of its folders', () => {
    const unused = table.flatMap(({ folders, imports }) =>
      imports
        .filter((other) => !edges.some(({ from, to }) => folders.includes(roomOf(from) ?? '') && roomOf(to) === other))
        .map((other) => `${folders.join()}: ${other}`),
    )
    expect(unused).toEqual([])
  })

  test('imports run downwards: a row names folders of rows above it', () => {
    const upwards = table.flatMap(({ folders, imports }, i) => {
      const above = table.slice(0, i).flatMap((row) => row.folders)
      return imports.filter((other) => !above.includes(other)).map((other) => `${folders.join()}: ${other}`)
    })
    expect(upwards).toEqual([])
  })

  test('an upward import would be seen', () => {
    const planted = { from: 'src/graph/value.ts', to: 'src/layers/dense.ts' }
    expect(notAllowed([planted], table)).toEqual([planted])
    expect(notAllowed([{ from: 'src/layers/dense.ts', to: 'src/graph/value.ts' }], table)).toEqual([])
  })
})

test('what the host can do is asked in src/host: nothing else looks for Node, an engine or a version', () => {
  const flags = /userAgent|versions\??\.node|\b(Deno|Bun)\./
  const asking = files.filter((file) => roomOf(file) !== 'host' && flags.test(readFileSync(file, 'utf8')))
  // Its vectors are an experiment, of some versions.
  expect(asking).toEqual(['src/backends/wasm/wide.ts'])
})

test('another folder is imported by its index, where it has one', () => {
  expect(arrows(pastAnIndex(edges, new Set(files)))).toEqual([])
})

test('no folder holds more than 15 files by itself', () => {
  const counts = new Map<string, number>()
  for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1)
  expect([...counts].filter(([, count]) => count > 15)).toEqual([])
})

test('files are called in camelCase', () => {
  const tracked = execFileSync('git', ['ls-files', 'src', 'test', 'tools'], { encoding: 'utf8' }).split('\n')
  const names = tracked.filter((file) => file.endsWith('.ts')).map((file) => basename(file))
  expect([...new Set(names)].filter((name) => !/^[a-z][A-Za-z0-9]*(\.test|\.config|\.d)?\.ts$/.test(name))).toEqual([])
})
