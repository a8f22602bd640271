// The allocator: blocks never overlap, what is given back is used again, and what cannot grow says so.

import { describe, expect, it } from 'vitest'
import { Heap } from '../../../src/backends/wasm/heap'
import { BackendError } from '../../../src/errors'
import { fc } from '../../support/random'

const page = 65536

describe('the heap', () => {
  it('never hands out memory twice, nor memory outside its own', () => {
    const actions = fc.array(fc.oneof(fc.record({ take: fc.nat(300_000) }), fc.record({ give: fc.nat(50) })), {
      maxLength: 120,
    })
    fc.assert(
      fc.property(actions, (list) => {
        let end = 2 * page
        const heap = new Heap(1000, end, (pages) => {
          end += pages * page
        })
        const blocks: { start: number; end: number }[] = []
        for (const action of list) {
          if ('take' in action) {
            const start = heap.allocate(action.take)
            const block = { start, end: start + Math.max(1, action.take) }
            expect(start % 64).toBe(0)
            expect(start).toBeGreaterThanOrEqual(1000)
            expect(block.end).toBeLessThanOrEqual(end)
            expect(blocks.some((other) => block.start < other.end && other.start < block.end)).toBe(false)
            blocks.push(block)
          } else if (blocks.length > 0) {
            const [block] = blocks.splice(action.give % blocks.length, 1)
            heap.free(block.start)
          }
        }
        for (const { start } of blocks) heap.free(start)
        expect(heap.bytes).toBe(0)
      }),
    )
  })

  it('uses what was given back instead of growing', () => {
    let grown = 0
    const heap = new Heap(0, page, (pages) => {
      grown += pages
    })
    for (let i = 0; i < 1000; i++) {
      const blocks = [1000, 50_000, 10_000].map((bytes) => heap.allocate(bytes))
      for (const block of blocks) heap.free(block)
    }
    expect(grown).toBe(0)
  })

  it('gives nothing back twice', () => {
    const heap = new Heap(0, page, () => undefined)
    const [first, second] = [heap.allocate(64), heap.allocate(64)]
    heap.free(first)
    heap.free(first)
    expect(heap.bytes).toBe(64)
    expect(heap.allocate(64)).not.toBe(second)
  })

  it('takes note of memory that turned out not to grow', () => {
    let grown = 0
    const heap = new Heap(0, page, (pages) => {
      grown += pages
    })
    const small = heap.allocate(1000)
    const large = heap.allocate(10 * page)
    heap.limit(page)
    heap.free(large)
    heap.free(small)
    expect(heap.bytes).toBe(0)
    expect(heap.end).toBe(page)
    expect(heap.allocate(page)).toBe(0)
    const before = grown
    heap.allocate(64)
    expect(grown).toBeGreaterThan(before)
  })

  it('grows by as little as is missing where a quarter more is refused', () => {
    let pages = 40
    const heap = new Heap(0, 40 * page, (more) => {
      if (pages + more > 42) throw new RangeError('no')
      pages += more
    })
    heap.allocate(41 * page)
    expect(heap.end).toBe(41 * page)
    expect(() => heap.allocate(2 * page)).toThrow(BackendError)
  })

  it('says how much was asked for when memory does not grow', () => {
    const heap = new Heap(0, page, () => {
      throw new RangeError('no')
    })
    expect(() => heap.allocate(3 * 2 ** 20)).toThrow(BackendError)
    expect(() => heap.allocate(3 * 2 ** 20)).toThrow(/room for 3 MB more/)
    expect(heap.allocate(100)).toBe(0)
  })
})
