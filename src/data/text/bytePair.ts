// Byte-pair encoding: the most frequent pair of neighbours is joined to a new token, again and again (Gage, 1994; Sennrich,
// Haddow and Birch, 2016). It begins with bytes, so there is no text it cannot write.

/** A pair of tokens that are joined; the first pair makes token 256, the next 257, and so on. */
export type Merge = readonly [left: number, right: number]

/** A stretch of text as tokens, and how often it occurs. */
interface Stretch {
  readonly tokens: number[]
  readonly count: number
}

const pairKey = (left: number, right: number): number => left * 0x1000000 + right

/**
 * Learns which pairs to join.
 *
 * @param counts - stretches of text and how often each occurs; pairs do not reach over their borders.
 * @param limit - the most merges; fewer are made where no pair occurs twice.
 */
export function learnMerges(counts: ReadonlyMap<string, number>, limit: number): Merge[] {
  const encoder = new TextEncoder()
  const stretches = [...counts].map(([text, count]): Stretch => ({ tokens: [...encoder.encode(text)], count }))
  const pairs = new PairCounts()
  stretches.forEach((stretch, i) => {
    pairs.add(stretch, i, 1)
  })
  const merges: Merge[] = []
  while (merges.length < limit) {
    const best = pairs.best()
    if (best === undefined) break
    const token = 256 + merges.length
    merges.push(best)
    for (const i of pairs.where(best)) {
      const stretch = stretches[i]
      pairs.add(stretch, i, -1)
      join(stretch.tokens, best, token)
      pairs.add(stretch, i, 1)
    }
  }
  return merges
}

/** How often each pair occurs and in which stretches, with the most frequent at hand. */
class PairCounts {
  private readonly counts = new Map<number, number>()
  private readonly places = new Map<number, Set<number>>()
  /** A binary heap of counts as they were when a pair was last raised; stale entries are dropped when they come up. */
  private readonly heap: { readonly key: number; readonly count: number }[] = []

  add({ tokens, count }: Stretch, index: number, sign: 1 | -1): void {
    for (let i = 0; i + 1 < tokens.length; i++) {
      const key = pairKey(tokens[i], tokens[i + 1])
      const now = (this.counts.get(key) ?? 0) + sign * count
      this.counts.set(key, now)
      if (sign < 0) continue
      const places = this.places.get(key)
      if (places === undefined) this.places.set(key, new Set([index]))
      else places.add(index)
      this.raise({ key, count: now })
    }
  }

  /** The stretches that may hold a pair. */
  where([left, right]: Merge): readonly number[] {
    return [...(this.places.get(pairKey(left, right)) ?? [])]
  }

  /** The pair that occurs most often, at least twice; of equals the one of the lowest tokens. */
  best(): Merge | undefined {
    for (let top = this.lower(); top !== undefined; top = this.lower()) {
      const count = this.counts.get(top.key) ?? 0
      if (count === top.count) {
        if (count < 2) return undefined
        return [Math.floor(top.key / 0x1000000), top.key % 0x1000000]
      }
      // What has fallen since goes back with the count it has now.
      if (count > 0 && count < top.count) this.raise({ key: top.key, count })
    }
    return undefined
  }

  private raise(entry: { readonly key: number; readonly count: number }): void {
    const { heap } = this
    let at = heap.push(entry) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(heap[at], heap[parent])) return
      ;[heap[at], heap[parent]] = [heap[parent], heap[at]]
      at = parent
    }
  }

  private lower(): { readonly key: number; readonly count: number } | undefined {
    const { heap } = this
    const top = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return top
    heap[0] = last
    for (let at = 0; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2]
      let first = at
      if (left < heap.length && isBefore(heap[left], heap[first])) first = left
      if (right < heap.length && isBefore(heap[right], heap[first])) first = right
      if (first === at) return top
      ;[heap[at], heap[first]] = [heap[first], heap[at]]
      at = first
    }
  }
}

function isBefore(a: { key: number; count: number }, b: { key: number; count: number }): boolean {
  return a.count !== b.count ? a.count > b.count : a.key < b.key
}

/** Replaces a pair by a token wherever it stands, from the left. */
function join(tokens: number[], [left, right]: Merge, token: number): void {
  let to = 0
  for (let from = 0; from < tokens.length; from++, to++) {
    const isPair = tokens[from] === left && from + 1 < tokens.length && tokens[from + 1] === right
    tokens[to] = isPair ? token : tokens[from]
    if (isPair) from++
  }
  tokens.length = to
}

/** Byte pairs that were learnt, at work. */
export class BytePairs {
  readonly merges: readonly Merge[]
  private readonly ranks: ReadonlyMap<number, number>
  private readonly bytes: readonly Uint8Array[]
  private readonly known = new Map<string, readonly number[]>()
  private readonly encoder = new TextEncoder()

  constructor(merges: readonly Merge[]) {
    this.merges = merges
    this.ranks = new Map(merges.map(([left, right], i) => [pairKey(left, right), i]))
    const bytes = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))
    for (const [left, right] of merges) bytes.push(Uint8Array.of(...bytes[left], ...bytes[right]))
    this.bytes = bytes
  }

  /** The number of tokens: the 256 bytes, and one for each merge. */
  get size(): number {
    return this.bytes.length
  }

  /** The tokens of a stretch: of all pairs in it the one learnt first is joined, until none is left. */
  encode(stretch: string): readonly number[] {
    const known = this.known.get(stretch)
    if (known !== undefined) return known
    const tokens = [...this.encoder.encode(stretch)]
    for (let rank = this.lowestRank(tokens); rank !== undefined; rank = this.lowestRank(tokens)) {
      join(tokens, this.merges[rank], 256 + rank)
    }
    // Words come again and again; a text full of different ones must not fill the memory.
    if (this.known.size >= 50_000) this.known.clear()
    this.known.set(stretch, tokens)
    return tokens
  }

  private lowestRank(tokens: readonly number[]): number | undefined {
    let lowest: number | undefined
    for (let i = 0; i + 1 < tokens.length; i++) {
      const rank = this.ranks.get(pairKey(tokens[i], tokens[i + 1]))
      if (rank !== undefined && (lowest === undefined || rank < lowest)) lowest = rank
    }
    return lowest
  }

  /** The bytes a token stands for. */
  bytesOf(token: number): Uint8Array {
    return this.bytes[token]
  }
}
