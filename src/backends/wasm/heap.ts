// The one linear memory of a backend and what of it is in use: blocks are taken from the lowest gap that holds them, and
// joined with their neighbours when they are given back.
import { BackendError } from '../../errors'

/** Blocks start at multiples of a cache line. */
const alignment = 64
export const pageBytes = 65536
/** The most pages a memory of 32-bit addresses has. */
export const mostPages = 65536

/** A gap: the bytes [start, end) are free. */
interface Gap {
  start: number
  end: number
}

/** An allocator over linear memory. Addresses and sizes are in bytes. */
export class Heap {
  private readonly growBy: (pages: number) => void
  private last: number
  private readonly gaps: Gap[]
  private readonly sizes = new Map<number, number>()
  private taken = 0

  /**
   * @param start - where the memory that the module itself uses ends.
   * @param end - where the memory ends.
   * @param growBy - makes the memory larger, or throws.
   */
  constructor(start: number, end: number, growBy: (pages: number) => void) {
    this.growBy = growBy
    this.last = end
    this.gaps = [{ start: roundUp(start), end }]
  }

  /** Bytes in use. */
  get bytes(): number {
    return this.taken
  }

  /** Where the memory ends. */
  get end(): number {
    return this.last
  }

  /** Takes a block; its content is undefined. @throws BackendError when the memory cannot grow any more. */
  allocate(bytes: number): number {
    const size = Math.max(alignment, roundUp(bytes))
    const index = this.gaps.findIndex(({ start, end }) => end - start >= size)
    const gap = index < 0 ? this.grow(size) : this.gaps[index]
    const at = gap.start
    gap.start += size
    if (gap.start === gap.end) this.gaps.splice(this.gaps.indexOf(gap), 1)
    this.sizes.set(at, size)
    this.taken += size
    return at
  }

  /** Gives a block back. */
  free(at: number): void {
    const taken = this.sizes.get(at)
    if (taken === undefined) return
    this.sizes.delete(at)
    this.taken -= taken
    const size = Math.min(at + taken, this.last) - at
    if (size <= 0) return
    let next = this.gaps.findIndex(({ start }) => start > at)
    if (next < 0) next = this.gaps.length
    const [before, after] = [this.gaps[next - 1], this.gaps[next]]
    const joinsBefore = before !== undefined && before.end === at
    const joinsAfter = after !== undefined && after.start === at + size
    if (joinsBefore && joinsAfter) {
      before.end = after.end
      this.gaps.splice(next, 1)
    } else if (joinsBefore) {
      before.end += size
    } else if (joinsAfter) {
      after.start = at
    } else {
      this.gaps.splice(next, 0, { start: at, end: at + size })
    }
  }

  /** Takes note that the memory ends here after all: it could not grow to where the heap believed it to end. */
  limit(end: number): void {
    this.last = end
    for (const gap of this.gaps) gap.end = Math.min(gap.end, end)
    while ((this.gaps.at(-1)?.start ?? 0) >= end) this.gaps.pop()
  }

  /** Grows the memory such that a gap of this size is at its end. */
  private grow(size: number): Gap {
    const { end } = this
    const last = this.gaps.at(-1)
    const open = last !== undefined && last.end === end ? last : undefined
    const missing = Math.ceil((size - (open === undefined ? 0 : open.end - open.start)) / pageBytes)
    const grown = end + this.growByAtLeast(missing, size) * pageBytes
    this.last = grown
    if (open !== undefined) {
      open.end = grown
      return open
    }
    const gap = { start: end, end: grown }
    this.gaps.push(gap)
    return gap
  }

  /** Grows the memory by a quarter, so that growing stays rare, or by as little as is missing; gives the pages. */
  private growByAtLeast(missing: number, size: number): number {
    const present = this.end / pageBytes
    const generous = Math.min(Math.max(missing, Math.ceil(present / 4)), mostPages - present)
    let refusal: unknown = new RangeError('no more addresses')
    for (const pages of generous > missing ? [generous, missing] : [missing]) {
      if (present + pages > mostPages) continue
      try {
        this.growBy(pages)
        return pages
      } catch (cause) {
        refusal = cause
      }
    }
    throw doesNotGrow(size, this.end, this.taken, refusal)
  }
}

/** The error of a memory that is `end` bytes large, has `taken` in use, and does not give `size` more. */
export function doesNotGrow(size: number, end: number, taken: number, cause: unknown): BackendError {
  const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MB`
  return new BackendError(
    `wasm: expected room for ${megabytes(size)} more, but the memory (${megabytes(end)}, ${megabytes(taken)} in use) does not grow any further; dispose of models that are done with, or take a smaller batch`,
    { cause },
  )
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment
}
