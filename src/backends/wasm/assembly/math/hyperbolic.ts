// Hyperbolic sine and cosine, and the sign, four values at once.
import { exp, expm1 } from './exp';

/** (e^x - e^-x) / 2, from expm1 so that small values keep their precision; halved arguments hold off the overflow. */
export function sinh(x: v128): v128 {
  const signBit = v128.and(x, i32x4.splat(0x80000000));
  const size = v128.xor(x, signBit);
  const t = expm1(size);
  // (t + t / (t + 1)) / 2; beyond 88 e^(x/2) e^(x/2) / 2.
  const small = f32x4.mul(f32x4.add(t, f32x4.div(t, f32x4.add(t, f32x4.splat(1)))), f32x4.splat(0.5));
  const root = exp(f32x4.mul(size, f32x4.splat(0.5)));
  const large = f32x4.mul(f32x4.mul(root, f32x4.splat(0.5)), root);
  return v128.or(v128.bitselect(large, small, f32x4.gt(size, f32x4.splat(40))), signBit);
}

/** (e^x + e^-x) / 2. */
export function cosh(x: v128): v128 {
  const root = exp(f32x4.mul(f32x4.abs(x), f32x4.splat(0.5)));
  const half = f32x4.mul(root, f32x4.splat(0.5));
  return f32x4.add(f32x4.mul(half, root), f32x4.div(f32x4.splat(0.5), f32x4.mul(root, root)));
}

/** -1, 0 or 1; zeros keep their sign, NaN stays. */
// @ts-ignore: decorator
@inline
export function sign(x: v128): v128 {
  const nothing = f32x4.splat(0);
  const unit = v128.or(v128.and(x, i32x4.splat(0x80000000)), f32x4.splat(1));
  const isNumber = v128.or(f32x4.lt(x, nothing), f32x4.gt(x, nothing));
  return v128.bitselect(unit, x, isNumber);
}
