// SHA-256 (FIPS 180-4), here because pages that are not served over HTTPS have no `crypto.subtle`.

/** The first 32 bits of the fraction of a root of each of the first primes. */
const fractions = (count: number, root: (prime: number) => number): Uint32Array => {
  const primes: number[] = []
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n)
  return Uint32Array.from(primes, (prime) => (root(prime) % 1) * 2 ** 32)
}

/**
 * The SHA-256 of bytes that come in pieces, in hexadecimal digits.
 *
 * @example
 * ```ts
 * sha256([new TextEncoder().encode('abc')]) // 'ba7816bf...'
 * ```
 */
export function sha256(pieces: Iterable<Uint8Array>): string {
  const state = fractions(8, Math.sqrt)
  const constants = fractions(64, Math.cbrt)
  const words = new Int32Array(64)
  const block = new Uint8Array(64)
  const view = new DataView(block.buffer)
  let filled = 0
  let length = 0

  const take = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + 64 - filled)
      block.set(part, filled)
      filled += part.length
      at += part.length
      if (filled < 64) return
      for (let i = 0; i < 16; i++) words[i] = view.getInt32(4 * i)
      mix(state, words, constants)
      filled = 0
    }
  }

  for (const piece of pieces) {
    take(piece)
    length += piece.length
  }
  // A one, zeros up to the last eight bytes of a block, and there the length in bits.
  take(Uint8Array.of(0x80))
  take(new Uint8Array((120 - filled) % 64))
  const bits = new DataView(new ArrayBuffer(8))
  bits.setBigUint64(0, 8n * BigInt(length))
  take(new Uint8Array(bits.buffer))
  return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('')
}

/** Mixes a block into the state, with the names of section 6.2.2. */
function mix(state: Uint32Array, w: Int32Array, k: Uint32Array): void {
  for (let t = 16; t < 64; t++) {
    const [x, y] = [w[t - 15], w[t - 2]]
    const sigma0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3)
    const sigma1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10)
    w[t] = (sigma1 + w[t - 7] + sigma0 + w[t - 16]) | 0
  }
  let [a, b, c, d, e, f, g, h] = state
  for (let t = 0; t < 64; t++) {
    const sum1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const chosen = (e & f) ^ (~e & g)
    const t1 = (h + sum1 + chosen + k[t] + w[t]) | 0
    const sum0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    c = b
    b = a
    a = (t1 + sum0 + majority) | 0
  }
  for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) state[i] += word
}

function rotate(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by))
}
