// Floats of two bytes and of one: float16 (IEEE 754 binary16), bfloat16, and the two float8 of OCP (2023). Each is read exactly; float16 and
// bfloat16 are written rounded to the nearest, ties to even.

const shared = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(4))

function fromBits(bits: number): number {
  shared.setUint32(0, bits)
  return shared.getFloat32(0)
}

function toBits(value: number): number {
  shared.setFloat32(0, value)
  return shared.getUint32(0)
}

/** sign * 2 ** (exponent - bias) * 1.mantissa; an exponent of 0 has no leading 1. */
function small(bits: number, mantissaBits: number, bias: number): number {
  const sign = bits >> 7 === 1 ? -1 : 1
  const exponent = (bits & 0x7f) >> mantissaBits
  const mantissa = (bits & ((1 << mantissaBits) - 1)) / (1 << mantissaBits)
  return sign * (exponent === 0 ? mantissa * 2 ** (1 - bias) : (1 + mantissa) * 2 ** (exponent - bias))
}

/** The number that the 16 bits of a float16 stand for. */
export function halfToFloat(bits: number): number {
  const sign = (bits & 0x8000) << 16
  const exponent = (bits >> 10) & 0x1f
  const mantissa = bits & 0x3ff
  if (exponent === 0) return (sign === 0 ? 1 : -1) * mantissa * 2 ** -24
  const wide = exponent === 0x1f ? 0xff : exponent + 112
  return fromBits((sign | (wide << 23) | (mantissa << 13)) >>> 0)
}

/** The bits of the float16 nearest to a number; infinity beyond 65,520. */
export function floatToHalf(value: number): number {
  const bits = toBits(value)
  const sign = (bits >>> 16) & 0x8000
  const magnitude = bits & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | 0x7e00
  // From half a step above the largest one on.
  if (magnitude >= 0x477ff000) return sign | 0x7c00
  if (magnitude < 0x38800000) {
    // Below 2 ** -14 steps are 2 ** -24 apart: adding 0.5 leaves that many bits of the mantissa, rounded.
    return sign | (toBits(fromBits(magnitude) + 0.5) - 0x3f000000)
  }
  const odd = (magnitude >>> 13) & 1
  return sign | ((magnitude + 0xc8000fff + odd) >>> 13)
}

/** The number that the 16 bits of a bfloat16 stand for: the upper half of a float32. */
export function bfloat16ToFloat(bits: number): number {
  return fromBits((bits << 16) >>> 0)
}

/** The bits of the bfloat16 nearest to a number. */
export function floatToBfloat16(value: number): number {
  const bits = toBits(value)
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16
}

/** A float8 with four bits of exponent: no infinity, NaN where all others are set. */
export function float8E4M3ToFloat(bits: number): number {
  return (bits & 0x7f) === 0x7f ? Number.NaN : small(bits, 3, 7)
}

/** A float8 with five bits of exponent: the upper half of a float16. */
export function float8E5M2ToFloat(bits: number): number {
  return halfToFloat(bits << 8)
}
