// The exponential, four values at once, and what rows.ts makes sigmoid and tanh of.
// e^x = 2^n e^r with n = round(x / ln 2) and |r| <= ln 2 / 2; e^r - 1 = r + r^2 P(r), P a minimax polynomial (own fit, relative
// error below 4e-9). Constants are loaded: V8 builds a constant vector out of three instructions each time it is used.
import { fma, fnma } from '../simd';

// @ts-ignore: decorator
@inline
const TABLE: usize = memory.data<f32>([
  1.4426950408889634, // 0: 1 / ln 2
  12582912.0, // 1: 1.5 * 2^23, which rounds to an integer what is added to it
  0.693359375, // 2: ln 2, its first bits (times n still exact) ...
  -2.12194440054690581e-4, // 3: ... and the rest
  0.49999992629548395, 0.16666508716832437, 0.04166852827898241, 0.008370134824029105, 0.0013811662145854023, // 4 to 8: P
  1.0, // 9
  2.885390081777927, // 10: 2 / ln 2
  2.0, // 11
]);

/** Where tanh is 1 in float32, and where sigmoid is nearly the least float of full precision. */
export const LARGEST_TANH: f32 = 9.1;
export const LARGEST_SIGMOID: f32 = 87;
/** Below, a sigmoid is a denormal. */
export const LEAST_SIGMOID: f32 = -88.3;
/** Below and above, a power of e is 0 and infinite. */
export const LEAST_EXPONENT: f32 = -104;
export const LARGEST_EXPONENT: f32 = 89;
/** The least power of e of full precision, nearly. */
export const LEAST_POWER: f32 = -87;

// @ts-ignore: decorator
@inline
export function constant(index: usize): v128 {
  return v128.load_splat<f32>(TABLE + 4 * index);
}

/** e^r - 1 for |r| <= ln 2 / 2. */
// @ts-ignore: decorator
@inline
function expm1Reduced(r: v128): v128 {
  let p = fma(constant(8), r, constant(7));
  p = fma(p, r, constant(6));
  p = fma(p, r, constant(5));
  p = fma(p, r, constant(4));
  return fma(p, f32x4.mul(r, r), r);
}

/** e^x within 1 ulp or so; down to the smallest denormal; infinity above 88.72. */
// @ts-ignore: decorator
@inline
export function exp(value: v128): v128 {
  const x = f32x4.pmin(f32x4.pmax(value, f32x4.splat(LEAST_EXPONENT)), f32x4.splat(LARGEST_EXPONENT));
  const t = fma(x, constant(0), constant(1));
  const n = f32x4.sub(t, constant(1));
  const r = fnma(n, constant(3), fnma(n, constant(2), x));
  const p = f32x4.add(expm1Reduced(r), constant(9));
  // 2^n in two factors: 2^128 and 2^-150 are no floats.
  const whole = i32x4.sub(t, constant(1));
  const half = i32x4.shr_s(whole, 1);
  const bias = i32x4.splat(127);
  const first = i32x4.shl(i32x4.add(half, bias), 23);
  const second = i32x4.shl(i32x4.add(i32x4.sub(whole, half), bias), 23);
  return f32x4.mul(f32x4.mul(p, first), second);
}

/** e^x - 1 without loss near zero. */
// @ts-ignore: decorator
@inline
export function expm1(value: v128): v128 {
  const x = f32x4.pmin(f32x4.pmax(value, f32x4.splat(-20)), f32x4.splat(89));
  const t = fma(x, constant(0), constant(1));
  const n = f32x4.sub(t, constant(1));
  const r = fnma(n, constant(3), fnma(n, constant(2), x));
  const q = expm1Reduced(r);
  // 2 (q h + (h - 1/2)) with h = 2^(n - 1), since 2^128 is no float.
  const h = i32x4.shl(i32x4.add(i32x4.sub(t, constant(1)), i32x4.splat(126)), 23);
  const result = fma(q, h, f32x4.sub(h, f32x4.splat(0.5)));
  return f32x4.add(result, result);
}
