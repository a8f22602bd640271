// Checksums of bytes, so that a changed bit is noticed.

/** CRC-32 (IEEE 802.3, polynomial 0xEDB88320 in reversed order), going on from the checksum of what came before. */
export const crc32 = /* @__PURE__ */ checksum(0xedb88320)

/** CRC-32C (Castagnoli, polynomial 0x82F63B78 in reversed order), likewise. */
export const crc32c = /* @__PURE__ */ checksum(0x82f63b78)

function checksum(polynomial: number): (bytes: Uint8Array, before?: number) => number {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte
    for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ polynomial : remainder >>> 1
    return remainder
  })
  return (bytes, before = 0) => {
    let remainder = ~before
    for (let i = 0; i < bytes.length; i++) remainder = table[(remainder ^ bytes[i]) & 0xff] ^ (remainder >>> 8)
    return ~remainder >>> 0
  }
}
