// Normal numbers by counter, the same on every engine, whose own logarithms and cosines may differ in their last bits.
import { threefry } from '../../tensor'

const words = /* @__PURE__ */ new Uint32Array(2)

/**
 * Box and Muller's transform of the words of a block, with logarithm and cosine as fdlibm has them: what `fillNormal` draws, to within its
 * last bits.
 */
export function normal(seed: number, stream: number, block: number): number {
  threefry(seed, stream, block, 0, words)
  return Math.sqrt(-2 * logOfUnit(0x1000000 - (words[0] >>> 8))) * cosineOfTurn(words[1] >>> 8)
}

/** log(m / 2^24) for a whole m from 1 to 2^24: m = 2^k (1 + f), s = f / (2 + f). */
function logOfUnit(m: number): number {
  let k = 31 - Math.clz32(m)
  if (m / 2 ** k >= 1.4142131805419922) k++
  const f = m / 2 ** k - 1
  k -= 24
  const s = f / (2 + f)
  const z = s * s
  let p = 0.14798198605116586
  p = p * z + 0.15313837699209373
  p = p * z + 0.1818357216161805
  p = p * z + 0.22222198432149784
  p = p * z + 0.2857142874366239
  p = p * z + 0.3999999999940942
  p = p * z + 0.6666666666666735
  const square = 0.5 * f * f
  const low = s * (square + p * z) + k * 1.9082149292705877e-10
  return k * 0.6931471803691238 - (square - low - f)
}

/** cos(2 pi u / 2^24) for a whole u below 2^24: quarters of a turn, and an angle of an eighth of one at most. */
function cosineOfTurn(u: number): number {
  const quarters = (u + (1 << 21)) >> 22
  const a = (u - (quarters << 22)) * 3.7450702829239286e-7
  const y = a * a
  const value = quarters % 2 === 1 ? sine(a, y) : cosine(y)
  return quarters === 1 || quarters === 2 ? -value : value
}

function sine(a: number, y: number): number {
  let p = 1.58969099521155e-10
  p = p * y - 2.5050760253406863e-8
  p = p * y + 2.7557313707070068e-6
  p = p * y - 0.0001984126982985795
  p = p * y + 0.00833333333332249
  p = p * y - 0.16666666666666632
  return p * y * a + a
}

function cosine(y: number): number {
  let p = -1.1359647557788195e-11
  p = p * y + 2.087572321298175e-9
  p = p * y - 2.7557314351390663e-7
  p = p * y + 2.480158728947673e-5
  p = p * y - 0.001388888888887411
  p = p * y + 0.0416666666666666
  return 1 - 0.5 * y + p * y * y
}
