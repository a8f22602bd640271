// Random numbers for tests that a name decides: the same in every run, others with HORNBEAM_SEED.

/** Numbers from 0 to 1 (mulberry32). */
export function seeded(name: string): () => number {
  let state = Number(process.env.HORNBEAM_SEED ?? 1)
  for (const letter of name) state = (Math.imul(state, 31) + letter.charCodeAt(0)) | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
