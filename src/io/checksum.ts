// A checksum of tensors and texts, so that a file with a changed bit is noticed.

/** The 256 remainders of CRC-32 (IEEE 802.3, polynomial 0xEDB88320 in reversed order). */
const table = /* @__PURE__ */ Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1
  return remainder
})

/** CRC-32 of the bytes, going on from the checksum of what came before. */
export function crc32(bytes: Uint8Array, before = 0): number {
  let remainder = ~before
  for (let i = 0; i < bytes.length; i++) remainder = table[(remainder ^ bytes[i]) & 0xff] ^ (remainder >>> 8)
  return ~remainder >>> 0
}
