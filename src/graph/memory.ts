// The memory plan: offsets in one arena for storages whose lifetimes are known.

/** A stretch of memory that is needed from one instruction to another, both included. */
export interface Lifetime {
  readonly bytes: number
  first: number
  last: number
}

/** Offsets are multiples of this: a cache line. */
const alignment = 64

/** Rounds up to whole cache lines. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment
}

/** Gives every lifetime an offset such that those that overlap in time do not overlap in memory; the largest first. */
export function planMemory(lifetimes: readonly Lifetime[]): { offsets: number[]; bytes: number } {
  const order = lifetimes.map((_, i) => i).sort((a, b) => lifetimes[b].bytes - lifetimes[a].bytes || a - b)
  const offsets = new Array<number>(lifetimes.length).fill(0)
  const placed: number[] = []
  let total = 0
  for (const i of order) {
    const { bytes, first, last } = lifetimes[i]
    let offset = 0
    for (const other of placed) {
      const { bytes: held, first: from, last: to } = lifetimes[other]
      if (to < first || last < from) continue
      if (offset + aligned(bytes) <= offsets[other]) break
      offset = Math.max(offset, offsets[other] + aligned(held))
    }
    offsets[i] = offset
    total = Math.max(total, offset + aligned(bytes))
    let at = placed.length
    while (at > 0 && offsets[placed[at - 1]] > offset) at--
    placed.splice(at, 0, i)
  }
  return { offsets, bytes: total }
}
