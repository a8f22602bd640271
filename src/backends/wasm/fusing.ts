// Whether this engine fuses the multiplication and addition of relaxed SIMD: it may have the instruction and round twice all the same
// (as JavaScriptCore does), or have no processor for it. Found out by computing what differs.

/**
 * A module whose `f()` is `a a + c` by the relaxed instruction, for a = 1 + 2⁻¹³ and c = -(1 + 2⁻¹²): 2⁻²⁶ where it is rounded
 * once, 0 where the product is rounded first.
 */
const probe = /* @__PURE__ */ Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  // One type, () -> f32; one function of it; its export.
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7d],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x07, 0x05, 0x01, 0x01, 0x66, 0x00, 0x00],
  // f32.const a, f32x4.splat; once more; f32.const c, f32x4.splat; f32x4.relaxed_madd; f32x4.extract_lane 0.
  ...[0x0a, 0x1f, 0x01, 0x1d, 0x00],
  ...[0x43, 0x00, 0x04, 0x80, 0x3f, 0xfd, 0x13],
  ...[0x43, 0x00, 0x04, 0x80, 0x3f, 0xfd, 0x13],
  ...[0x43, 0x00, 0x08, 0x80, 0xbf, 0xfd, 0x13],
  ...[0xfd, 0x85, 0x02, 0xfd, 0x1f, 0x00, 0x0b],
)

/** Whether there is a relaxed multiply-add here that rounds once. Also false where nothing can be compiled. */
export async function fuses(): Promise<boolean> {
  try {
    const { instance } = await WebAssembly.instantiate(probe)
    return (instance.exports as { f(): number }).f() !== 0 // the module is the one above
  } catch {
    return false
  }
}
