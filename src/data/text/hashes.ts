// Hashes of texts with 64 bits, by which a text falls into one of a number of bins wherever it is met: FarmHash (Pike and Alakuijala, 2014, in
// the form that its authors keep as a fingerprint) and SipHash-2-4 (Aumasson and Bernstein, 2012), as TensorFlow takes them.

const mask = 0xffffffffffffffffn
const k0 = 0xc3a5c85c97cb3127n
const k1 = 0xb492b66fbe98f273n
const k2 = 0x9ae16a3b2f90404fn

const wrap = (x: bigint): bigint => x & mask
/** x rotated to the right. */
const rotate = (x: bigint, by: bigint): bigint => wrap((x >> by) | (x << (64n - by)))
const shiftMix = (x: bigint): bigint => x ^ (x >> 47n)

/** Bytes as numbers, the lowest first. */
class Bytes {
  readonly length: number
  private readonly view: DataView

  constructor(bytes: Uint8Array) {
    this.length = bytes.length
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  at = (place: number): bigint => BigInt(this.view.getUint8(place))
  four = (place: number): bigint => BigInt(this.view.getUint32(place, true))
  eight = (place: number): bigint => this.view.getBigUint64(place, true)
}

function joined(u: bigint, v: bigint, by: bigint): bigint {
  const a = shiftMix(wrap((u ^ v) * by))
  return wrap(shiftMix(wrap((v ^ a) * by)) * by)
}

function upTo16({ length, at, four, eight }: Bytes): bigint {
  const by = wrap(k2 + BigInt(length) * 2n)
  if (length >= 8) {
    const [a, b] = [wrap(eight(0) + k2), eight(length - 8)]
    const c = wrap(rotate(b, 37n) * by + a)
    return joined(c, wrap((rotate(a, 25n) + b) * by), by)
  }
  if (length >= 4) return joined(wrap(BigInt(length) + (four(0) << 3n)), four(length - 4), by)
  if (length === 0) return k2
  const y = at(0) + (at(length >> 1) << 8n)
  const z = BigInt(length) + (at(length - 1) << 2n)
  return wrap(shiftMix(wrap(y * k2) ^ wrap(z * k0)) * k2)
}

function upTo32({ length, eight }: Bytes): bigint {
  const by = wrap(k2 + BigInt(length) * 2n)
  const [a, b] = [wrap(eight(0) * k1), eight(8)]
  const [c, d] = [wrap(eight(length - 8) * by), wrap(eight(length - 16) * k2)]
  return joined(wrap(rotate(wrap(a + b), 43n) + rotate(c, 30n) + d), wrap(a + rotate(wrap(b + k2), 18n) + c), by)
}

function upTo64({ length, eight }: Bytes): bigint {
  const by = wrap(k2 + BigInt(length) * 2n)
  const [a, b] = [wrap(eight(0) * k2), eight(8)]
  const [c, d] = [wrap(eight(length - 8) * by), wrap(eight(length - 16) * k2)]
  const y = wrap(rotate(wrap(a + b), 43n) + rotate(c, 30n) + d)
  const z = joined(y, wrap(a + rotate(wrap(b + k2), 18n) + c), by)
  const [e, f] = [wrap(eight(16) * by), eight(24)]
  const [g, h] = [wrap((y + eight(length - 32)) * by), wrap((z + eight(length - 24)) * by)]
  return joined(wrap(rotate(wrap(e + f), 43n) + rotate(g, 30n) + h), wrap(e + rotate(wrap(f + a), 18n) + g), by)
}

type Pair = readonly [first: bigint, second: bigint]

function weak({ eight }: Bytes, from: number, a: bigint, b: bigint): Pair {
  const first = wrap(a + eight(from))
  const sum = wrap(first + eight(from + 8) + eight(from + 16))
  const second = rotate(wrap(b + first + eight(from + 24)), 21n)
  return [wrap(sum + eight(from + 24)), wrap(second + rotate(sum, 44n) + first)]
}

function longer(bytes: Bytes): bigint {
  const { length, eight } = bytes
  let [x, y] = [wrap(81n * k2 + eight(0)), wrap(81n * k1 + 113n)]
  let z = wrap(shiftMix(wrap(y * k2 + 113n)) * k2)
  let [v, w]: [Pair, Pair] = [
    [0n, 0n],
    [0n, 0n],
  ]
  /** Mixes 64 bytes in; the last ones, which may overlap those before, count otherwise. */
  const mix = (from: number, by: bigint, [ofW, ofV]: readonly [bigint, bigint]): void => {
    x = wrap(rotate(wrap(x + y + v[0] + eight(from + 8)), 37n) * by)
    y = wrap(rotate(wrap(y + v[1] + eight(from + 48)), 42n) * by)
    x ^= wrap(w[1] * ofW)
    y = wrap(y + v[0] * ofV + eight(from + 40))
    z = wrap(rotate(wrap(z + w[0]), 33n) * by)
    v = weak(bytes, from, wrap(v[1] * by), wrap(x + w[0]))
    w = weak(bytes, from + 32, wrap(z + w[1]), wrap(y + eight(from + 16)))
    ;[z, x] = [x, z]
  }
  const end = Math.floor((length - 1) / 64) * 64
  for (let from = 0; from < end; from += 64) mix(from, k1, [1n, 1n])
  const by = wrap(k1 + ((z & 0xffn) << 1n))
  const rest = BigInt((length - 1) & 63)
  w = [wrap(w[0] + rest), w[1]]
  v = [wrap(v[0] + w[0]), v[1]]
  w = [wrap(w[0] + v[0]), w[1]]
  mix(length - 64, by, [9n, 9n])
  return joined(wrap(joined(v[0], w[0], by) + wrap(shiftMix(y) * k0) + z), wrap(joined(v[1], w[1], by) + x), by)
}

/** FarmHash's fingerprint. */
export function fingerprint64(bytes: Uint8Array): bigint {
  const read = new Bytes(bytes)
  if (read.length <= 16) return upTo16(read)
  if (read.length <= 32) return upTo32(read)
  return read.length <= 64 ? upTo64(read) : longer(read)
}

/** Two fingerprints as one, in their order. */
export function fingerprintOfBoth(one: bigint, other: bigint): bigint {
  const by = 0xc6a4a7935bd1e995n
  const mixed = wrap((one ^ by ^ wrap(shiftMix(wrap(other * by)) * by)) * by)
  return shiftMix(wrap(shiftMix(mixed) * by))
}

/** SipHash-2-4 with a key of two numbers. */
export function sipHash([low, high]: Pair, bytes: Uint8Array): bigint {
  let [a, b] = [low ^ 0x736f6d6570736575n, high ^ 0x646f72616e646f6dn]
  let [c, d] = [low ^ 0x6c7967656e657261n, high ^ 0x7465646279746573n]
  const left = (x: bigint, by: bigint): bigint => rotate(x, 64n - by)
  const round = (): void => {
    a = wrap(a + b)
    c = wrap(c + d)
    b = left(b, 13n) ^ a
    d = left(d, 16n) ^ c
    a = wrap(left(a, 32n) + d)
    c = wrap(c + b)
    d = left(d, 21n) ^ a
    b = left(b, 17n) ^ c
    c = left(c, 32n)
  }
  const whole = bytes.length - (bytes.length % 8)
  const read = new Bytes(bytes)
  const take = (word: bigint): void => {
    d ^= word
    round()
    round()
    a ^= word
  }
  for (let from = 0; from < whole; from += 8) take(read.eight(from))
  let last = BigInt(bytes.length & 0xff) << 56n
  for (let i = whole; i < bytes.length; i++) last |= read.at(i) << BigInt(8 * (i - whole))
  take(last)
  c ^= 0xffn
  for (let i = 0; i < 4; i++) round()
  return a ^ b ^ c ^ d
}

/** The bytes of a text. */
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The bin of a text among so many: by its fingerprint, or by SipHash where there is a salt. */
export function binOf(text: string, bins: number, salt?: readonly [number, number]): number {
  if (bins === 1) return 0
  const bytes = bytesOf(text)
  const hash = salt === undefined ? fingerprint64(bytes) : sipHash([BigInt(salt[0]), BigInt(salt[1])], bytes)
  return Number(hash % BigInt(bins))
}

/** The bin that texts and whole numbers fall into together. */
export function crossedBinOf(parts: readonly (string | number)[], bins: number): number {
  const hashes = parts.map((part) =>
    typeof part === 'string' ? fingerprint64(bytesOf(part)) : BigInt.asUintN(64, BigInt(Math.trunc(part))),
  )
  // TensorFlow's own first number.
  return Number(hashes.reduce(fingerprintOfBoth, 0xdecafcaffen) % BigInt(bins))
}
