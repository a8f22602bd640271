// Numbers of 16 bits, which hornbeam computes with as float32.

/** IEEE half floats, widened: exact. */
export function float16ToFloat32(halves: Uint16Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(halves, (half) => {
    const sign = half & 0x8000 ? -1 : 1
    const exponent = (half >> 10) & 31
    const fraction = half & 1023
    if (exponent === 0) return sign * fraction * 2 ** -24
    if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
  })
}

/** The upper halves of float32 numbers, widened: exact. */
export function bfloat16ToFloat32(halves: Uint16Array): Float32Array<ArrayBuffer> {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer)
}

const single = /* @__PURE__ */ new Float32Array(1)
const bits = /* @__PURE__ */ new Uint32Array(single.buffer)

/** The nearest half floats, ties to even; what is too large becomes infinite. */
export function float32ToFloat16(numbers: Float32Array | Float64Array): Uint16Array<ArrayBuffer> {
  return Uint16Array.from(numbers, (number) => {
    single[0] = number
    const word = bits[0]
    const sign = (word >>> 16) & 0x8000
    const magnitude = word & 0x7fffffff
    if (magnitude > 0x7f800000) return sign | 0x7e00
    // From 65520 on the nearest half is infinite.
    if (magnitude >= 0x477ff000) return sign | 0x7c00
    if (magnitude < 0x38800000) {
      // Below 2^-14 halves are multiples of 2^-24.
      return sign | roundToEven(Math.abs(single[0]) * 2 ** 24)
    }
    const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1)
    return sign | ((rounded - 0x38000000) >>> 13)
  })
}

function roundToEven(number: number): number {
  const whole = Math.floor(number)
  const rest = number - whole
  return rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? whole + 1 : whole
}
