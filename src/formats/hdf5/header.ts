// Object headers: the messages that say what a group or dataset is, in the old form and the new.

import { type Bytes, broken, nowhere } from './bytes'

/** One message. */
export interface Message {
  readonly type: number
  readonly flags: number
  readonly data: Bytes
}

/** The messages hornbeam asks for. */
export const messages = {
  dataspace: 1,
  linkInfo: 2,
  datatype: 3,
  fillOld: 4,
  fill: 5,
  link: 6,
  externalFiles: 7,
  layout: 8,
  filters: 11,
  attribute: 12,
  continuation: 16,
  symbolTable: 17,
  attributeInfo: 21,
} as const

interface Block {
  readonly at: number
  readonly end: number
}

const mostBlocks = 1000
const mostMessages = 100_000

/** All messages of the object at an address. */
export function readHeader(file: Bytes, at: number): readonly Message[] {
  if (at === nowhere) throw broken('an object that is nowhere')
  const isNew = file.u8(at) === 0x4f
  return isNew ? readNew(file, at) : readOld(file, at)
}

/** Reads blocks of messages until none goes on elsewhere; no more of them than a file can have. */
function readBlocks(
  first: Block,
  readBlock: (block: Block, add: (message: Message) => void) => void,
  whole: (at: number, length: number) => Block,
): readonly Message[] {
  const found: Message[] = []
  const blocks = [first]
  const seen = new Set<number>()
  for (let i = 0; i < blocks.length; i++) {
    if (blocks.length > mostBlocks || seen.has(blocks[i].at))
      throw broken('an object header that goes round in circles')
    seen.add(blocks[i].at)
    readBlock(blocks[i], (message) => {
      if (found.length >= mostMessages) throw broken('an object header of too many messages')
      if (message.type !== messages.continuation) found.push(message)
      else blocks.push(whole(message.data.u64(0), message.data.u64(8)))
    })
  }
  return found
}

function readOld(file: Bytes, at: number): readonly Message[] {
  if (file.u8(at) !== 1) throw broken(`expected an object header at byte ${at}`)
  let left = file.u16(at + 2)
  const size = file.u32(at + 8)
  const block = (start: number, length: number): Block => {
    file.slice(start, length)
    return { at: start, end: start + length }
  }
  return readBlocks(
    block(at + 16, size),
    ({ at: start, end }, add) => {
      for (let next = start; next + 8 <= end && left > 0; left--) {
        const length = file.u16(next + 2)
        if (next + 8 + length > end) throw broken('a message that ends outside its header')
        add({ type: file.u16(next), flags: file.u8(next + 4), data: file.part(next + 8, length) })
        next += 8 + length
      }
    },
    block,
  )
}

function readNew(file: Bytes, at: number): readonly Message[] {
  file.expect(at, 'OHDR')
  if (file.u8(at + 4) !== 2) throw broken(`an object header of version ${file.u8(at + 4)} is not supported`)
  const flags = file.u8(at + 5)
  const widthAt = at + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0)
  const width = 1 << (flags & 3)
  const prefix = flags & 4 ? 6 : 4
  const first = widthAt + width
  const size = file.uint(widthAt, width)
  file.slice(first, size)
  return readBlocks(
    { at: first, end: first + size },
    ({ at: start, end }, add) => {
      for (let next = start; next + prefix <= end; ) {
        const length = file.u16(next + 1)
        if (next + prefix + length > end) throw broken('a message that ends outside its header')
        add({ type: file.u8(next), flags: file.u8(next + 3), data: file.part(next + prefix, length) })
        next += prefix + length
      }
    },
    (start, length) => {
      file.expect(start, 'OCHK')
      file.slice(start, length)
      return { at: start + 4, end: start + length - 4 }
    },
  )
}
