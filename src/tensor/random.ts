// Random numbers by counter: Threefry-2x32 with 20 rounds (Salmon et al., 2011, "Parallel random numbers: as easy as
// 1, 2, 3"). A number depends on (seed, stream, step, index) alone, so it is the same on every backend, however the
// work is split. Element i of a stream is the block with key (seed, stream) and counter (i, step).

import { OptionError, textOf } from '../errors'

const parity = 0x1bd11bda

/**
 * One block: two 32-bit words, written to `out[0]` and `out[1]`. All arguments are taken modulo 2^32. Its rounds are written out: as a
 * loop over their rotations and keys they took ten times as long, which showed in the making of a large layer.
 */
export function threefry(key0: number, key1: number, counter0: number, counter1: number, out: Uint32Array): void {
  const key2 = key0 ^ key1 ^ parity
  let x0 = (counter0 + key0) | 0
  let x1 = (counter1 + key1) | 0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0
  x0 = (x0 + key1) | 0
  x1 = (x1 + key2 + 1) | 0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0
  x0 = (x0 + key2) | 0
  x1 = (x1 + key0 + 2) | 0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0
  x0 = (x0 + key0) | 0
  x1 = (x1 + key1 + 3) | 0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 17) | (x1 >>> 15)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 29) | (x1 >>> 3)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 16) | (x1 >>> 16)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 24) | (x1 >>> 8)) ^ x0
  x0 = (x0 + key1) | 0
  x1 = (x1 + key2 + 4) | 0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 13) | (x1 >>> 19)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 15) | (x1 >>> 17)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 26) | (x1 >>> 6)) ^ x0
  x0 = (x0 + x1) | 0
  x1 = ((x1 << 6) | (x1 >>> 26)) ^ x0
  x0 = (x0 + key2) | 0
  x1 = (x1 + key0 + 5) | 0
  out[0] = x0
  out[1] = x1
}

/** A 32-bit word as a number in [0, 1) with 24 bits, exact in float32. */
export function toUnit(word: number): number {
  return (word >>> 8) * 2 ** -24
}

/** Uniform numbers in [0, 1): `out[i]` from the first word of block i. */
export function fillUniform(out: Float32Array | Float64Array, seed: number, stream = 0, step = 0): void {
  const words = new Uint32Array(2)
  for (let i = 0; i < out.length; i++) {
    threefry(seed, stream, i, step, words)
    out[i] = toUnit(words[0])
  }
}

/** Standard normal numbers by Box and Muller's transform of the two words of block i. */
export function fillNormal(out: Float32Array | Float64Array, seed: number, stream = 0, step = 0): void {
  const words = new Uint32Array(2)
  for (let i = 0; i < out.length; i++) {
    threefry(seed, stream, i, step, words)
    out[i] = Math.sqrt(-2 * Math.log(1 - toUnit(words[0]))) * Math.cos(2 * Math.PI * toUnit(words[1]))
  }
}

/** A stream number for a name, so that each weight and each random layer draws from a stream of its own (FNV-1a). */
export function streamOf(name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return (hash >>> 0) & 0xffffff
}

/** Seeds are whole numbers below 2^24, which float32 holds exactly on every backend. */
export function normalizeSeed(seed: number): number {
  return ((Math.floor(seed) % 0x1000000) + 0x1000000) % 0x1000000
}

let currentSeed = /* @__PURE__ */ firstSeed()
let streams = 0

/** A stream that nothing else draws from, counted since the last `setSeed`. */
export function nextStream(): number {
  streams++
  return streams
}

/**
 * Fixes what is drawn from here on: initial weights, shuffling, dropout. The same seed gives the same run on every
 * backend.
 *
 * @param seed - a whole number; it counts modulo 2^24.
 *
 * @example
 * ```ts
 * setSeed(42)
 * ```
 */
export function setSeed(seed: number): void {
  if (!Number.isFinite(seed)) throw new OptionError(`setSeed: expected a whole number, got ${textOf(seed)}`)
  currentSeed = normalizeSeed(seed)
  streams = 0
}

/** Remembers the seed and the streams in use; what is returned goes back to them, as if nothing had been drawn since. */
export function rememberRandom(): () => void {
  const [seed, count] = [currentSeed, streams]
  return () => {
    currentSeed = seed
    streams = count
  }
}

/** The seed in force. */
export function getSeed(): number {
  return currentSeed
}

/** The order in which `n` things are visited in a shuffled epoch (Fisher and Yates, from the counter-based stream). */
export function permutation(n: number, seed: number, stream = 0, step = 0): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i)
  const words = new Uint32Array(2)
  for (let i = n - 1; i > 0; i--) {
    threefry(seed, stream, i, step, words)
    const j = Math.floor((words[0] / 2 ** 32) * (i + 1))
    const held = order[i]
    order[i] = order[j]
    order[j] = held
  }
  return order
}

function firstSeed(): number {
  return Math.floor(Math.random() * 0x1000000)
}
