// The vocabulary of all kernels: the fused multiply-add that tells the plain build from the others, and loads and stores of 1 to 4 lanes.
// Sizes and strides of pointers are in bytes (usize); counts are i32.

/**
 * Whether the engine joins vectors into 256 bits: in the build that tools/buildWasm.ts names so. It joins two chains of the same operations
 * that end in stores to 16 bytes and the next 16, so loops there take 32 bytes at a time.
 */
// @ts-ignore: decorator
@inline
export const WIDE: bool = isDefined(HORNBEAM_WIDE);

/** a * b + c: fused in the relaxed builds, two roundings in the plain one. */
// @ts-ignore: decorator
@inline
export function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** c - a * b, with the same rounding as `fma`. */
// @ts-ignore: decorator
@inline
export function fnma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

/** The scalar twin of `fma`, through one lane, so that a tail rounds as the body does. */
// @ts-ignore: decorator
@inline
export function fmaScalar(a: f32, b: f32, c: f32): f32 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    return f32x4.extract_lane(f32x4.relaxed_madd(f32x4.splat(a), f32x4.splat(b), f32x4.splat(c)), 0);
  }
  return a * b + c;
}

// @ts-ignore: decorator
@inline
export function splat(value: f32): v128 {
  return f32x4.splat(value);
}

// @ts-ignore: decorator
@inline
export function zero(): v128 {
  return i32x4.splat(0);
}

/** Loads the first lanes of a vector: 4, or `count` where that is less. The others are zero; nothing is read past them. */
// @ts-ignore: decorator
@inline
export function loadPart(from: usize, count: i32): v128 {
  return count >= 4 ? v128.load(from) : loadFew(from, count);
}

function loadFew(from: usize, count: i32): v128 {
  if (count == 1) return v128.load32_zero(from);
  const two = v128.load64_zero(from);
  if (count == 2) return two;
  return v128.load_lane<f32>(from, two, 2, 8);
}

/** Stores the first lanes of a vector: 4, or `count` where that is less. */
// @ts-ignore: decorator
@inline
export function storePart(to: usize, value: v128, count: i32): void {
  if (count >= 4) v128.store(to, value);
  else storeFew(to, value, count);
}

function storeFew(to: usize, value: v128, count: i32): void {
  if (count == 1) {
    v128.store_lane<f32>(to, value, 0);
    return;
  }
  v128.store_lane<f64>(to, value, 0);
  if (count == 3) v128.store_lane<f32>(to, value, 2, 8);
}

/**
 * Zero for what is next to nothing, NaN as it is. A gradient that vanishes over hundreds of steps would end in subnormal
 * numbers, with which a processor is fifty times as slow, and WebAssembly cannot tell it to leave them out.
 */
// @ts-ignore: decorator
@inline
export function flushed(value: v128): v128 {
  return v128.andnot(value, f32x4.lt(f32x4.abs(value), splat(1e-28)));
}

/** The sum of the four lanes, pairwise: (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline
export function sumLanes(value: v128): f32 {
  const pairs = f32x4.add(value, i8x16.shuffle(value, value, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}

/**
 * Four vectors transposed, so that lane i of vector j becomes lane j of vector i: `lowPair`, then `highPair` of the two `low`, then of
 * the two `high` of vectors 0 and 1, and of 2 and 3.
 */
// @ts-ignore: decorator
@inline
export function low(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
}
// @ts-ignore: decorator
@inline
export function high(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
}
// @ts-ignore: decorator
@inline
export function lowPair(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
}
// @ts-ignore: decorator
@inline
export function highPair(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31);
}

/** The share [from, to) of `count` items that falls to a thread, in multiples of `grain`: `shareStart(t)` to `shareStart(t + 1)`. */
// @ts-ignore: decorator
@inline
export function shareStart(count: i32, grain: i32, thread: i32, threads: i32): i32 {
  const grains = (count + grain - 1) / grain;
  const start = <i32>((<i64>grains * <i64>thread) / <i64>threads) * grain;
  return start < count ? start : count;
}
