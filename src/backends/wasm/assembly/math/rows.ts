// sigmoid and tanh of many rows, in place: as in exp.ts, but as loops so small that their constants stay in registers and several
// vectors are under way at once. Each is called for what a recurrent step has of its kind.
import { fma, fnma } from '../simd';
import { constant, LARGEST_TANH, LARGEST_SIGMOID } from './exp';

/** sigmoid of `vectors` vectors of each row; below -87, where it is hardly a float any more, that of -87. */
export function sigmoidRows(at: usize, rows: i32, step: usize, vectors: i32): void {
  const most = f32x4.splat(LARGEST_SIGMOID), least = f32x4.neg(most);
  const perLn2 = constant(0), magic = constant(1), ln2 = constant(2), ln2Rest = constant(3);
  const p0 = constant(4), p1 = f32x4.neg(constant(5)), p2 = constant(6), p3 = f32x4.neg(constant(7)), p4 = constant(8);
  const one = constant(9);
  const end = at + <usize>rows * step;
  const bytes = <usize>vectors << 4;
  while (at != end) {
    for (let by: usize = 0; by < bytes; by += 16) {
      const x = f32x4.pmin(f32x4.pmax(v128.load(at + by), least), most);
      const t = fnma(x, perLn2, magic);
      const n = f32x4.sub(t, magic);
      // s = x + n ln 2, and 1 - e^-s = s - s^2 P(-s).
      const s = fma(n, ln2Rest, fma(n, ln2, x));
      let p = fma(p4, s, p3);
      p = fma(p, s, p2);
      p = fma(p, s, p1);
      p = fma(p, s, p0);
      const q = fnma(p, f32x4.mul(s, s), s);
      const power = i32x4.add(i32x4.shl(t, 23), one);
      v128.store(at + by, f32x4.div(one, fnma(q, power, f32x4.add(power, one))));
    }
    at += step;
  }
}

/** tanh of `vectors` vectors of each row. */
export function tanhRows(at: usize, rows: i32, step: usize, vectors: i32): void {
  const signBit = i32x4.splat(0x80000000), most = f32x4.splat(LARGEST_TANH);
  const perLn2 = constant(10), magic = constant(1), ln2 = constant(2), ln2Rest = constant(3);
  const p0 = constant(4), p1 = constant(5), p2 = constant(6), p3 = constant(7), p4 = constant(8);
  const one = constant(9), two = constant(13);
  const end = at + <usize>rows * step;
  const bytes = <usize>vectors << 4;
  while (at != end) {
    for (let by: usize = 0; by < bytes; by += 16) {
      const value = v128.load(at + by);
      const sign = v128.and(value, signBit);
      const x = f32x4.pmin(v128.xor(value, sign), most);
      const t = fma(x, perLn2, magic);
      const n = f32x4.sub(t, magic);
      const r = fnma(n, ln2Rest, fnma(n, ln2, f32x4.add(x, x)));
      let p = fma(p4, r, p3);
      p = fma(p, r, p2);
      p = fma(p, r, p1);
      p = fma(p, r, p0);
      const q = fma(p, f32x4.mul(r, r), r);
      const power = i32x4.add(i32x4.shl(t, 23), one);
      const numerator = fma(q, power, f32x4.sub(power, one));
      v128.store(at + by, v128.or(f32x4.div(numerator, f32x4.add(numerator, two)), sign));
    }
    at += step;
  }
}
