// Numbers for the examples' data: a small generator from a seed, so that each run is the same.

/** A generator of numbers in [0, 1) (mulberry32, by Tommy Ettinger, public domain algorithm). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Whether a module is the program that runs, not one that a test imports. */
export function isMain(url: string): boolean {
  return process.argv[1] !== undefined && url === new URL(process.argv[1], 'file:').href
}
