// Logarithms, four values at once. x = 2^e m with m in [sqrt(1/2), sqrt 2), f = m - 1:
// log x = e ln 2 + f - f^2 / 2 + f^3 P(f), P a minimax polynomial (own fit, relative error below 1e-9).
import { fma } from '../simd';

// @ts-ignore: decorator
@inline
const TABLE: usize = memory.data<f32>([
  0.3333331044034874, -0.2499998659333759, 0.20002226584156452, -0.16669251153237832, 0.14218658883895907,
  -0.12384343077883325, 0.11872965493605087, -0.11789835180390401, 0.06915424460412047, // 0 to 8: P
  0.693359375, -2.12194440054690581e-4, // 9, 10: ln 2 in two parts
]);

// @ts-ignore: decorator
@inline
function constant(index: usize): v128 {
  return v128.load_splat<f32>(TABLE + 4 * index);
}

/** log x + low for a positive, finite, normal x. */
// @ts-ignore: decorator
@inline
function logNormal(x: v128, shift: v128, low: v128): v128 {
  const exponent = i32x4.shr_s(i32x4.sub(x, i32x4.splat(0x3f3504f3)), 23);
  const f = f32x4.sub(i32x4.sub(x, i32x4.shl(exponent, 23)), f32x4.splat(1));
  const e = f32x4.sub(f32x4.convert_i32x4_s(exponent), shift);
  let p = fma(constant(8), f, constant(7));
  p = fma(p, f, constant(6));
  p = fma(p, f, constant(5));
  p = fma(p, f, constant(4));
  p = fma(p, f, constant(3));
  p = fma(p, f, constant(2));
  p = fma(p, f, constant(1));
  p = fma(p, f, constant(0));
  const square = f32x4.mul(f, f);
  let rest = f32x4.mul(f32x4.mul(p, f), square);
  rest = fma(e, constant(10), rest);
  rest = fma(square, f32x4.splat(-0.5), rest);
  return fma(e, constant(9), f32x4.add(f, f32x4.add(rest, low)));
}

/** Puts right what is no positive finite number: log 0 = -infinity, log of less NaN, log infinity = infinity. */
// @ts-ignore: decorator
@inline
function logSpecial(x: v128, result: v128): v128 {
  const infinite = f32x4.splat(Infinity);
  result = v128.bitselect(f32x4.neg(infinite), result, f32x4.eq(x, f32x4.splat(0)));
  result = v128.bitselect(infinite, result, f32x4.eq(x, infinite));
  return v128.bitselect(result, f32x4.splat(NaN), f32x4.ge(x, f32x4.splat(0)));
}

// @ts-ignore: decorator
@inline
export function log(x: v128): v128 {
  const small = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, small);
  return logSpecial(x, logNormal(scaled, v128.and(small, f32x4.splat(23)), f32x4.splat(0)));
}

/** log(1 + x): the logarithm of u = fl(1 + x), plus what the rounding of u lost, over u. */
// @ts-ignore: decorator
@inline
export function log1p(x: v128): v128 {
  const one = f32x4.splat(1);
  const u = f32x4.add(x, one);
  // Where x is the larger one, u - x says what was lost of the 1, else u - 1 what was lost of x.
  const large = f32x4.gt(x, one);
  const lost = v128.bitselect(f32x4.sub(one, f32x4.sub(u, x)), f32x4.sub(x, f32x4.sub(u, one)), large);
  const result = logSpecial(u, logNormal(u, f32x4.splat(0), f32x4.div(lost, u)));
  return v128.bitselect(x, result, f32x4.eq(u, one));
}
