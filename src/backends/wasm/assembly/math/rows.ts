// sigmoid and tanh of many rows in place, and powers of differences: as in exp.ts, but as loops so small that their constants stay in registers and several
// vectors are under way at once. Each is called for what a recurrent step has of its kind.
import { fma, fnma, WIDE } from '../simd';
import { constant, LARGEST_TANH, LARGEST_SIGMOID, LEAST_EXPONENT, LARGEST_EXPONENT, LEAST_SIGMOID } from './exp';

/** sigmoid of a value between `least` and `most`, from what `sigmoidRows` holds: -P's coefficients have the signs of P(-s). */
// @ts-ignore: decorator
@inline
function sigmoidOf(
  value: v128, least: v128, most: v128, perLn2: v128, magic: v128, ln2: v128, ln2Rest: v128,
  p0: v128, p1: v128, p2: v128, p3: v128, p4: v128, one: v128,
): v128 {
  const x = f32x4.pmin(f32x4.pmax(value, least), most);
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
  return f32x4.div(one, fnma(q, power, f32x4.add(power, one)));
}

/** sigmoid of `vectors` vectors of each row; below -87, where it is hardly a float any more, that of -87. */
export function sigmoidRows(at: usize, rows: i32, step: usize, vectors: i32): void {
  const most = f32x4.splat(LARGEST_SIGMOID), least = f32x4.neg(most);
  const perLn2 = constant(0), magic = constant(1), ln2 = constant(2), ln2Rest = constant(3);
  const p0 = constant(4), p1 = f32x4.neg(constant(5)), p2 = constant(6), p3 = f32x4.neg(constant(7)), p4 = constant(8);
  const one = constant(9);
  const end = at + <usize>rows * step;
  const bytes = <usize>vectors << 4;
  while (at != end) {
    let by: usize = 0;
    if (WIDE) {
      for (; by + 32 <= bytes; by += 32) {
        const here = at + by;
        const first = sigmoidOf(v128.load(here), least, most, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one);
        const second = sigmoidOf(v128.load(here, 16), least, most, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one);
        v128.store(here, first);
        v128.store(here, second, 16);
      }
    }
    for (; by < bytes; by += 16) {
      v128.store(at + by, sigmoidOf(v128.load(at + by), least, most, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one));
    }
    at += step;
  }
}

/** sigmoid of `bytes` bytes; zero below -88.3, where the truth is a denormal. */
export function sigmoidRow(to: usize, from: usize, bytes: usize): void {
  const most = f32x4.splat(LARGEST_SIGMOID), least = f32x4.splat(LEAST_SIGMOID);
  const perLn2 = constant(0), magic = constant(1), ln2 = constant(2), ln2Rest = constant(3);
  const p0 = constant(4), p1 = f32x4.neg(constant(5)), p2 = constant(6), p3 = f32x4.neg(constant(7)), p4 = constant(8);
  const one = constant(9);
  let by: usize = 0;
  if (WIDE) {
    for (; by + 32 <= bytes; by += 32) {
      const here = from + by, there = to + by;
      const x = v128.load(here), y = v128.load(here, 16);
      const first = sigmoidOf(x, least, most, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one);
      const second = sigmoidOf(y, least, most, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one);
      const low = v128.andnot(first, f32x4.lt(x, least)), high = v128.andnot(second, f32x4.lt(y, least));
      v128.store(there, low);
      v128.store(there, high, 16);
    }
  }
  for (; by < bytes; by += 16) {
    const x = v128.load(from + by);
    const value = sigmoidOf(x, least, most, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one);
    v128.store(to + by, v128.andnot(value, f32x4.lt(x, least)));
  }
}

/** tanh, from what `tanhRows` holds. */
// @ts-ignore: decorator
@inline
function tanhOf(
  value: v128, signBit: v128, most: v128, perLn2: v128, magic: v128, ln2: v128, ln2Rest: v128,
  p0: v128, p1: v128, p2: v128, p3: v128, p4: v128, one: v128, two: v128,
): v128 {
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
  return v128.or(f32x4.div(numerator, f32x4.add(numerator, two)), sign);
}

/** tanh of `vectors` vectors of each row. */
export function tanhRows(at: usize, rows: i32, step: usize, vectors: i32): void {
  const signBit = i32x4.splat(0x80000000), most = f32x4.splat(LARGEST_TANH);
  const perLn2 = constant(10), magic = constant(1), ln2 = constant(2), ln2Rest = constant(3);
  const p0 = constant(4), p1 = constant(5), p2 = constant(6), p3 = constant(7), p4 = constant(8);
  const one = constant(9), two = constant(11);
  const end = at + <usize>rows * step;
  const bytes = <usize>vectors << 4;
  while (at != end) {
    let by: usize = 0;
    if (WIDE) {
      for (; by + 32 <= bytes; by += 32) {
        const here = at + by;
        const first = tanhOf(v128.load(here), signBit, most, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one, two);
        const second = tanhOf(v128.load(here, 16), signBit, most, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one, two);
        v128.store(here, first);
        v128.store(here, second, 16);
      }
    }
    for (; by < bytes; by += 16) {
      v128.store(at + by, tanhOf(v128.load(at + by), signBit, most, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one, two));
    }
    at += step;
  }
}

/** tanh of `bytes` bytes. */
export function tanhRow(to: usize, from: usize, bytes: usize): void {
  const signBit = i32x4.splat(0x80000000), most = f32x4.splat(LARGEST_TANH);
  const perLn2 = constant(10), magic = constant(1), ln2 = constant(2), ln2Rest = constant(3);
  const p0 = constant(4), p1 = constant(5), p2 = constant(6), p3 = constant(7), p4 = constant(8);
  const one = constant(9), two = constant(11);
  let by: usize = 0;
  if (WIDE) {
    for (; by + 32 <= bytes; by += 32) {
      const here = from + by, there = to + by;
      const first = tanhOf(v128.load(here), signBit, most, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one, two);
      const second = tanhOf(v128.load(here, 16), signBit, most, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one, two);
      v128.store(there, first);
      v128.store(there, second, 16);
    }
  }
  for (; by < bytes; by += 16) {
    v128.store(to + by, tanhOf(v128.load(from + by), signBit, most, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one, two));
  }
}

/**
 * e^x for x up to 0 or a little above, 0 below -87: what softmax is made of. One factor of 2^n is enough, and one comparison. As `exp` for the
 * constants, which are loaded anew by each loop that uses this.
 */
// @ts-ignore: decorator
@inline
export function powerOf(
  value: v128, least: v128, perLn2: v128, magic: v128, ln2: v128, ln2Rest: v128,
  p0: v128, p1: v128, p2: v128, p3: v128, p4: v128, one: v128,
): v128 {
  const x = f32x4.pmax(value, least);
  const t = fma(x, perLn2, magic);
  const n = f32x4.sub(t, magic);
  const r = fnma(n, ln2Rest, fnma(n, ln2, x));
  let p = fma(p4, r, p3);
  p = fma(p, r, p2);
  p = fma(p, r, p1);
  p = fma(p, r, p0);
  const q = fma(p, f32x4.mul(r, r), r);
  const power = i32x4.add(i32x4.shl(t, 23), one);
  return v128.andnot(fma(q, power, power), f32x4.lt(value, least));
}

/** `exp`, from what `expRow` holds. */
// @ts-ignore: decorator
@inline
export function expOf(
  value: v128, least: v128, most: v128, perLn2: v128, magic: v128, ln2: v128, ln2Rest: v128,
  p0: v128, p1: v128, p2: v128, p3: v128, p4: v128, one: v128,
): v128 {
  const x = f32x4.pmin(f32x4.pmax(value, least), most);
  const t = fma(x, perLn2, magic);
  const n = f32x4.sub(t, magic);
  const r = fnma(n, ln2Rest, fnma(n, ln2, x));
  let p = fma(p4, r, p3);
  p = fma(p, r, p2);
  p = fma(p, r, p1);
  p = fma(p, r, p0);
  const q = f32x4.add(fma(p, f32x4.mul(r, r), r), one);
  // 2^n in two factors: 2^128 and 2^-150 are no floats.
  const whole = i32x4.sub(t, magic);
  const half = i32x4.shr_s(whole, 1);
  const first = i32x4.add(i32x4.shl(half, 23), one);
  const second = i32x4.add(i32x4.shl(i32x4.sub(whole, half), 23), one);
  return f32x4.mul(f32x4.mul(q, first), second);
}

/** e^x of `bytes` bytes. */
export function expRow(to: usize, from: usize, bytes: usize): void {
  const least = f32x4.splat(LEAST_EXPONENT), most = f32x4.splat(LARGEST_EXPONENT);
  const perLn2 = constant(0), magic = constant(1), ln2 = constant(2), ln2Rest = constant(3);
  const p0 = constant(4), p1 = constant(5), p2 = constant(6), p3 = constant(7), p4 = constant(8), one = constant(9);
  let by: usize = 0;
  if (WIDE) {
    for (; by + 32 <= bytes; by += 32) {
      const here = from + by, there = to + by;
      const first = expOf(v128.load(here), least, most, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one);
      const second = expOf(v128.load(here, 16), least, most, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one);
      v128.store(there, first);
      v128.store(there, second, 16);
    }
  }
  for (; by < bytes; by += 16) {
    v128.store(to + by, expOf(v128.load(from + by), least, most, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one));
  }
}
