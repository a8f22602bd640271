// x to the power y, four values at once, as 2^(y log2 |x|) in double precision, two lanes each; a float cannot carry the logarithm
// far enough. Exceptional cases are those of the C library (pow(1, anything) and pow(anything, 0) are 1).

/** log2 of a positive value: of 2^e m it is e + 2 atanh((m - 1) / (m + 1)) / ln 2. */
// @ts-ignore: decorator
@inline
function log2(x: v128): v128 {
  const exponent = i64x2.shr_s(i64x2.sub(x, i64x2.splat(0x3fe6a09e667f3bcd)), 52);
  const m = i64x2.sub(x, i64x2.shl(exponent, 52));
  const one = f64x2.splat(1);
  const s = f64x2.div(f64x2.sub(m, one), f64x2.add(m, one));
  const z = f64x2.mul(s, s);
  let p = f64x2.splat(2.0 / 15.0 * Math.LOG2E);
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(2.0 / 13.0 * Math.LOG2E));
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(2.0 / 11.0 * Math.LOG2E));
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(2.0 / 9.0 * Math.LOG2E));
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(2.0 / 7.0 * Math.LOG2E));
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(2.0 / 5.0 * Math.LOG2E));
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(2.0 / 3.0 * Math.LOG2E));
  p = f64x2.add(f64x2.mul(p, z), f64x2.splat(2.0 * Math.LOG2E));
  // The exponent as a double: its low word, moved to the low half and converted.
  const words = i8x16.shuffle(exponent, exponent, 0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11);
  return f64x2.add(f64x2.convert_low_i32x4_s(words), f64x2.mul(p, s));
}

/** 2^t, t cut to where a float has long become 0 or infinity. */
// @ts-ignore: decorator
@inline
function exp2(t: v128): v128 {
  const magic = f64x2.splat(6755399441055744.0);
  const x = f64x2.pmin(f64x2.pmax(t, f64x2.splat(-1000)), f64x2.splat(1000));
  const rounded = f64x2.add(x, magic);
  const r = f64x2.mul(f64x2.sub(x, f64x2.sub(rounded, magic)), f64x2.splat(Math.LN2));
  let p = f64x2.splat(1.0 / 40320.0);
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 5040.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 720.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 120.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 24.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1.0 / 6.0));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(0.5));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1));
  p = f64x2.add(f64x2.mul(p, r), f64x2.splat(1));
  return i64x2.add(p, i64x2.shl(rounded, 52));
}

// @ts-ignore: decorator
@inline
function powPair(size: v128, y: v128): v128 {
  return f32x4.demote_f64x2_zero(exp2(f64x2.mul(f64x2.promote_low_f32x4(y), log2(f64x2.promote_low_f32x4(size)))));
}

// @ts-ignore: decorator
@inline
function upper(x: v128): v128 {
  return i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15);
}

export function pow(x: v128, y: v128): v128 {
  const nothing = f32x4.splat(0);
  const one = f32x4.splat(1);
  const infinite = f32x4.splat(Infinity);
  const size = f32x4.abs(x);
  const low = powPair(size, y);
  const high = powPair(upper(size), upper(y));
  let result = i8x16.shuffle(low, high, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
  // 0 and infinity have no mantissa to take a logarithm of; an infinite y meets only the question whether |x| is above 1.
  const rising = f32x4.gt(y, nothing);
  const isZero = f32x4.eq(size, nothing);
  const isInfinite = f32x4.eq(size, infinite);
  result = v128.bitselect(v128.bitselect(nothing, infinite, rising), result, isZero);
  result = v128.bitselect(v128.bitselect(infinite, nothing, rising), result, isInfinite);
  const steep = f32x4.eq(f32x4.abs(y), infinite);
  const grows = i32x4.eq(f32x4.gt(size, one), rising);
  result = v128.bitselect(v128.bitselect(infinite, nothing, grows), result, steep);
  result = v128.bitselect(one, result, v128.and(steep, f32x4.eq(size, one)));
  // A negative base: its sign for odd y, NaN for y that is not whole.
  const negative = i32x4.shr_s(x, 31);
  const whole = f32x4.eq(f32x4.floor(y), y);
  const halfY = f32x4.mul(y, f32x4.splat(0.5));
  const odd = v128.and(v128.and(whole, f32x4.ne(f32x4.floor(halfY), halfY)), f32x4.lt(f32x4.abs(y), f32x4.splat(16777216)));
  result = v128.xor(result, v128.and(v128.and(negative, odd), i32x4.splat(0x80000000)));
  const impossible = v128.andnot(
    v128.andnot(v128.andnot(v128.and(negative, f32x4.lt(x, nothing)), whole), steep), isInfinite);
  const strange = v128.or(v128.or(f32x4.ne(x, x), f32x4.ne(y, y)), impossible);
  result = v128.bitselect(f32x4.splat(NaN), result, strange);
  return v128.bitselect(one, result, v128.or(f32x4.eq(y, nothing), f32x4.eq(x, one)));
}
