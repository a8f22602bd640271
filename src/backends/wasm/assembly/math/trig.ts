// Sine and cosine, four values at once. x = n pi/2 + r, |r| <= pi/4, the reduction in double precision so that it holds up to
// 2^28; a vector with a larger value goes lane by lane through the reduction of the standard library.
import { fma } from '../simd';

// @ts-ignore: decorator
@inline
const TABLE: usize = memory.data<f32>([
  -0.16666666641426486, 0.008333329362277712, -0.00019839327135845672, 2.7182372703927234e-6, // 0 to 3: sine
  0.041666646747734265, -0.001388736144843321, 2.443772992049668e-5, // 4 to 6: cosine
]);

// @ts-ignore: decorator
@inline
function constant(index: usize): v128 {
  return v128.load_splat<f32>(TABLE + 4 * index);
}

// @ts-ignore: decorator
@inline
const MAGIC: f64 = 6755399441055744.0; // 1.5 * 2^52

/** sin(x + quarter * pi / 2) for values up to 2^28. */
function sinReduced(x: v128, quarter: i32): v128 {
  const low = f64x2.promote_low_f32x4(x);
  const high = f64x2.promote_low_f32x4(i8x16.shuffle(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15));
  const magic = f64x2.splat(MAGIC);
  const toQuarters = f64x2.splat(0.6366197723675814);
  const tLow = f64x2.add(f64x2.mul(low, toQuarters), magic);
  const tHigh = f64x2.add(f64x2.mul(high, toQuarters), magic);
  const nLow = f64x2.sub(tLow, magic);
  const nHigh = f64x2.sub(tHigh, magic);
  // pi/2 in two parts, the first with so few bits that its product with n is exact.
  const first = f64x2.splat(1.5707963109016418);
  const second = f64x2.splat(1.5893254773528196e-8);
  const rLow = f64x2.sub(f64x2.sub(low, f64x2.mul(nLow, first)), f64x2.mul(nLow, second));
  const rHigh = f64x2.sub(f64x2.sub(high, f64x2.mul(nHigh, first)), f64x2.mul(nHigh, second));
  const demotedLow = f32x4.demote_f64x2_zero(rLow);
  const demotedHigh = f32x4.demote_f64x2_zero(rHigh);
  const r = i8x16.shuffle(demotedLow, demotedHigh, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23);
  const n = i8x16.shuffle(tLow, tHigh, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
  return sinOfQuarters(r, i32x4.add(n, i32x4.splat(quarter)));
}

/** sin(r + turn * pi / 2) for |r| <= pi / 4. */
// @ts-ignore: decorator
@inline
function sinOfQuarters(r: v128, turn: v128): v128 {
  const z = f32x4.mul(r, r);
  let sine = fma(constant(3), z, constant(2));
  sine = fma(sine, z, constant(1));
  sine = fma(sine, z, constant(0));
  sine = fma(sine, f32x4.mul(z, r), r);
  let cosine = fma(constant(6), z, constant(5));
  cosine = fma(cosine, z, constant(4));
  cosine = fma(cosine, f32x4.mul(z, z), fma(z, f32x4.splat(-0.5), f32x4.splat(1)));
  const odd = i32x4.eq(v128.and(turn, i32x4.splat(1)), i32x4.splat(1));
  const sign = i32x4.shl(v128.and(turn, i32x4.splat(2)), 30);
  return v128.xor(v128.bitselect(cosine, sine, odd), sign);
}

/** cos(2 pi u) for u in [0, 1]. */
export function cosOfTurns(u: v128): v128 {
  const quarters = f32x4.mul(u, f32x4.splat(4));
  const n = f32x4.nearest(quarters);
  const r = f32x4.mul(f32x4.sub(quarters, n), f32x4.splat(1.5707963267948966));
  return sinOfQuarters(r, i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(1)));
}

function sinLanes(x: v128): v128 {
  let result = f32x4.splat(<f32>NativeMath.sin(<f64>f32x4.extract_lane(x, 0)));
  result = f32x4.replace_lane(result, 1, <f32>NativeMath.sin(<f64>f32x4.extract_lane(x, 1)));
  result = f32x4.replace_lane(result, 2, <f32>NativeMath.sin(<f64>f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(result, 3, <f32>NativeMath.sin(<f64>f32x4.extract_lane(x, 3)));
}

function cosLanes(x: v128): v128 {
  let result = f32x4.splat(<f32>NativeMath.cos(<f64>f32x4.extract_lane(x, 0)));
  result = f32x4.replace_lane(result, 1, <f32>NativeMath.cos(<f64>f32x4.extract_lane(x, 1)));
  result = f32x4.replace_lane(result, 2, <f32>NativeMath.cos(<f64>f32x4.extract_lane(x, 2)));
  return f32x4.replace_lane(result, 3, <f32>NativeMath.cos(<f64>f32x4.extract_lane(x, 3)));
}

// @ts-ignore: decorator
@inline
function anyLarge(x: v128): bool {
  return v128.any_true(f32x4.gt(f32x4.abs(x), f32x4.splat(2.6e8)));
}

export function sin(x: v128): v128 {
  return anyLarge(x) ? sinLanes(x) : sinReduced(x, 0);
}

export function cos(x: v128): v128 {
  return anyLarge(x) ? cosLanes(x) : sinReduced(x, 1);
}
