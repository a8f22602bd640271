// A row of numbers times a matrix as it lies in memory, added to a row of sums: what a step of a recurrent layer is for a single sample.
import { fma, loadPart, storePart } from '../simd';

/** Four rows of the matrix, 32 columns of them: each row is read from end to end, and the sums stay in registers in between. */
// @ts-ignore: decorator
@inline
function addFour(x0: v128, x1: v128, x2: v128, x3: v128, m0: usize, step: usize, y: usize): void {
  const m1 = m0 + step, m2 = m1 + step, m3 = m2 + step;
  let s0 = v128.load(y), s1 = v128.load(y, 16), s2 = v128.load(y, 32), s3 = v128.load(y, 48);
  let s4 = v128.load(y, 64), s5 = v128.load(y, 80), s6 = v128.load(y, 96), s7 = v128.load(y, 112);
  s0 = fma(x0, v128.load(m0), s0); s1 = fma(x0, v128.load(m0, 16), s1);
  s2 = fma(x0, v128.load(m0, 32), s2); s3 = fma(x0, v128.load(m0, 48), s3);
  s4 = fma(x0, v128.load(m0, 64), s4); s5 = fma(x0, v128.load(m0, 80), s5);
  s6 = fma(x0, v128.load(m0, 96), s6); s7 = fma(x0, v128.load(m0, 112), s7);
  s0 = fma(x1, v128.load(m1), s0); s1 = fma(x1, v128.load(m1, 16), s1);
  s2 = fma(x1, v128.load(m1, 32), s2); s3 = fma(x1, v128.load(m1, 48), s3);
  s4 = fma(x1, v128.load(m1, 64), s4); s5 = fma(x1, v128.load(m1, 80), s5);
  s6 = fma(x1, v128.load(m1, 96), s6); s7 = fma(x1, v128.load(m1, 112), s7);
  s0 = fma(x2, v128.load(m2), s0); s1 = fma(x2, v128.load(m2, 16), s1);
  s2 = fma(x2, v128.load(m2, 32), s2); s3 = fma(x2, v128.load(m2, 48), s3);
  s4 = fma(x2, v128.load(m2, 64), s4); s5 = fma(x2, v128.load(m2, 80), s5);
  s6 = fma(x2, v128.load(m2, 96), s6); s7 = fma(x2, v128.load(m2, 112), s7);
  s0 = fma(x3, v128.load(m3), s0); s1 = fma(x3, v128.load(m3, 16), s1);
  s2 = fma(x3, v128.load(m3, 32), s2); s3 = fma(x3, v128.load(m3, 48), s3);
  s4 = fma(x3, v128.load(m3, 64), s4); s5 = fma(x3, v128.load(m3, 80), s5);
  s6 = fma(x3, v128.load(m3, 96), s6); s7 = fma(x3, v128.load(m3, 112), s7);
  v128.store(y, s0); v128.store(y, s1, 16); v128.store(y, s2, 32); v128.store(y, s3, 48);
  v128.store(y, s4, 64); v128.store(y, s5, 80); v128.store(y, s6, 96); v128.store(y, s7, 112);
}

/** The same for up to four columns. */
// @ts-ignore: decorator
@inline
function addFourPart(x0: v128, x1: v128, x2: v128, x3: v128, m0: usize, step: usize, y: usize, count: i32): void {
  const m1 = m0 + step, m2 = m1 + step, m3 = m2 + step;
  let sum = fma(x0, loadPart(m0, count), loadPart(y, count));
  sum = fma(x1, loadPart(m1, count), sum);
  sum = fma(x2, loadPart(m2, count), sum);
  storePart(y, fma(x3, loadPart(m3, count), sum), count);
}

/**
 * y[i] += sum over k of x[k] * matrix[k, i], for `width` values of i and `depth` of k, both next to each other; `step` bytes from row to row
 * of the matrix. Each value of it is used once, so nothing is packed, and every sum has the order it has in `tile`.
 */
export function addRows(x: usize, depth: i32, matrix: usize, step: usize, width: i32, y: usize): void {
  const end = <usize>width << 2;
  let k = 0;
  for (; k + 4 <= depth; k += 4) {
    const x0 = v128.load_splat<f32>(x), x1 = v128.load_splat<f32>(x, 4);
    const x2 = v128.load_splat<f32>(x, 8), x3 = v128.load_splat<f32>(x, 12);
    let at: usize = 0;
    for (; at + 128 <= end; at += 128) addFour(x0, x1, x2, x3, matrix + at, step, y + at);
    for (; at + 16 <= end; at += 16) addFourPart(x0, x1, x2, x3, matrix + at, step, y + at, 4);
    if (at < end) addFourPart(x0, x1, x2, x3, matrix + at, step, y + at, width & 3);
    x += 16;
    matrix += step << 2;
  }
  for (; k < depth; k++) {
    const value = v128.load_splat<f32>(x);
    for (let at: usize = 0; at < end; at += 16) {
      const count = width - <i32>(at >> 2);
      storePart(y + at, fma(value, loadPart(matrix + at, count), loadPart(y + at, count)), count);
    }
    x += 4;
    matrix += step;
  }
}
