// The error function, four values at once: x P(x^2) up to 0.92, beyond it 1 - e^(-|x| Q(|x|)) (own minimax fits, below 1e-8).
import { fma } from '../simd';
import { exp } from './exp';

// @ts-ignore: decorator
@inline
const TABLE: usize = memory.data<f32>([
  0.128379166408493, -0.37612631613476527, 0.11283663998450949, -0.026857705107602072, 0.005196952099110062,
  -0.0008097703484218872, 8.185093538588933e-5, // 0 to 6: P - 1
  1.1286370730941133, 0.6351980432108502, 0.106159033432917, -0.02369455158644714, 0.003610334739275559,
  -0.00031485623641532294, 1.0432916838984217e-5, // 7 to 13: Q
]);

// @ts-ignore: decorator
@inline
function constant(index: usize): v128 {
  return v128.load_splat<f32>(TABLE + 4 * index);
}

export function erf(x: v128): v128 {
  const size = f32x4.pmin(f32x4.abs(x), f32x4.splat(4));
  const z = f32x4.mul(size, size);
  let near = fma(constant(6), z, constant(5));
  near = fma(near, z, constant(4));
  near = fma(near, z, constant(3));
  near = fma(near, z, constant(2));
  near = fma(near, z, constant(1));
  near = fma(near, z, constant(0));
  near = fma(near, size, size);
  let far = fma(constant(13), size, constant(12));
  far = fma(far, size, constant(11));
  far = fma(far, size, constant(10));
  far = fma(far, size, constant(9));
  far = fma(far, size, constant(8));
  far = fma(far, size, constant(7));
  far = f32x4.sub(f32x4.splat(1), exp(f32x4.neg(f32x4.mul(far, size))));
  const result = v128.bitselect(near, far, f32x4.lt(size, f32x4.splat(0.92)));
  // NaN is less than nothing, so it came through `far`; the sign is that of x.
  return v128.or(result, v128.and(x, i32x4.splat(0x80000000)));
}
