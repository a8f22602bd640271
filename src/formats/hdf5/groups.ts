// What is in a group: links of the old form (a B-tree over a heap of names) and of the new (messages).

import { type Bytes, broken, nowhere, utf8 } from './bytes'
import { type Message, messages } from './header'

/** Where a name leads: an address, or why it is not followed. */
export type Link = number | 'soft link' | 'external link'

const deepest = 16
const mostLinks = 1_000_000

/** All links of a group by name; undefined where the object is no group. */
export function readLinks(file: Bytes, header: readonly Message[]): ReadonlyMap<string, Link> | undefined {
  const table = header.find(({ type }) => type === messages.symbolTable)
  if (table !== undefined) return readTable(file, table.data.u64(0), table.data.u64(8))
  const info = header.find(({ type }) => type === messages.linkInfo)
  if (info === undefined) return undefined
  const heapAt = 2 + (info.data.u8(1) & 1 ? 8 : 0)
  if (info.data.u64(heapAt) !== nowhere) {
    throw broken(
      "a group of many links in the newest form (libver='latest') is not supported; write the file with libver='earliest', h5py's default",
    )
  }
  return new Map(header.filter(({ type }) => type === messages.link).map(({ data }) => readLink(data)))
}

function readLink(data: Bytes): [string, Link] {
  const flags = data.u8(1)
  let at = 2
  const kind = flags & 8 ? data.u8(at++) : 0
  if (flags & 4) at += 8
  if (flags & 16) at++
  const width = 1 << (flags & 3)
  const length = data.uint(at, width)
  const name = utf8(data.slice(at + width, length))
  if (kind === 0) return [name, data.u64(at + width + length)]
  return [name, kind === 1 ? 'soft link' : 'external link']
}

function readTable(file: Bytes, tree: number, heap: number): ReadonlyMap<string, Link> {
  file.expect(heap, 'HEAP')
  const names = file.part(file.u64(heap + 24), file.u64(heap + 8))
  const links = new Map<string, Link>()
  const seen = new Set<number>()
  const visit = (at: number, depth: number): void => {
    if (seen.has(at) || depth > deepest) throw broken('a group whose index goes round in circles')
    seen.add(at)
    if (file.u8(at) === 0x53) {
      readNode(at)
      return
    }
    file.expect(at, 'TREE')
    if (file.u8(at + 4) !== 0) throw broken('the index of a group is that of something else')
    const count = file.u16(at + 6)
    for (let i = 0; i < count; i++) visit(file.u64(at + 32 + 16 * i), depth + 1)
  }
  const readNode = (at: number): void => {
    file.expect(at, 'SNOD')
    const count = file.u16(at + 6)
    for (let i = 0; i < count; i++) {
      const entry = at + 8 + 40 * i
      const nameAt = file.u64(entry)
      const name = names.text(nameAt, names.length - nameAt)
      if (links.size >= mostLinks) throw broken('a group of too many links')
      links.set(name, file.u32(entry + 16) === 2 ? 'soft link' : file.u64(entry + 8))
    }
  }
  visit(tree, 0)
  return links
}
