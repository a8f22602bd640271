// Products with a vector, which one-row and one-column products are; results lie next to each other. Nothing is packed: each value of the
// matrix is used once.
import { fma, fmaScalar, shareStart, sumLanes, zero } from '../simd';
import { addRows } from './addRows';
import { START_BIAS, START_C } from './gemm';

/** The start of result i: the result itself, a bias (`biasStep` 0: one for all), or 0. */
// @ts-ignore: decorator
@inline
function startOf(start: i32, y: usize, bias: usize, biasStep: usize, i: i32): f32 {
  if (start == START_C) return load<f32>(y + (<usize>i << 2));
  if (start == START_BIAS) return load<f32>(bias + <usize>i * biasStep);
  return 0;
}

/** y[i] = start + sum over k of matrix[i, k] * x[k], the values of k next to each other: four rows at a time. */
function dots(
  first: i32, last: i32, depth: i32, matrix: usize, step: usize, x: usize, y: usize, start: i32, bias: usize, biasStep: usize,
): void {
  const whole = depth & ~3;
  let i = first;
  for (; i + 4 <= last; i += 4) {
    const m0 = matrix + <usize>i * step, m1 = m0 + step, m2 = m1 + step, m3 = m2 + step;
    let s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
    for (let k = 0; k < whole; k += 4) {
      const at = <usize>k << 2;
      const v = v128.load(x + at);
      s0 = fma(v128.load(m0 + at), v, s0);
      s1 = fma(v128.load(m1 + at), v, s1);
      s2 = fma(v128.load(m2 + at), v, s2);
      s3 = fma(v128.load(m3 + at), v, s3);
    }
    let t0 = sumLanes(s0), t1 = sumLanes(s1), t2 = sumLanes(s2), t3 = sumLanes(s3);
    for (let k = whole; k < depth; k++) {
      const at = <usize>k << 2;
      const v = load<f32>(x + at);
      t0 = fmaScalar(load<f32>(m0 + at), v, t0);
      t1 = fmaScalar(load<f32>(m1 + at), v, t1);
      t2 = fmaScalar(load<f32>(m2 + at), v, t2);
      t3 = fmaScalar(load<f32>(m3 + at), v, t3);
    }
    const to = y + (<usize>i << 2);
    store<f32>(to, startOf(start, y, bias, biasStep, i) + t0);
    store<f32>(to + 4, startOf(start, y, bias, biasStep, i + 1) + t1);
    store<f32>(to + 8, startOf(start, y, bias, biasStep, i + 2) + t2);
    store<f32>(to + 12, startOf(start, y, bias, biasStep, i + 3) + t3);
  }
  for (; i < last; i++) {
    const m0 = matrix + <usize>i * step;
    let s0 = zero();
    for (let k = 0; k < whole; k += 4) s0 = fma(v128.load(m0 + (<usize>k << 2)), v128.load(x + (<usize>k << 2)), s0);
    let t0 = sumLanes(s0);
    for (let k = whole; k < depth; k++) {
      t0 = fmaScalar(load<f32>(m0 + (<usize>k << 2)), load<f32>(x + (<usize>k << 2)), t0);
    }
    store<f32>(y + (<usize>i << 2), startOf(start, y, bias, biasStep, i) + t0);
  }
}

/** y[i] = start + sum over k of matrix[k, i] * x[k], the values of i next to each other. */
function sumsOfRows(
  first: i32, last: i32, depth: i32, matrix: usize, step: usize, x: usize, y: usize, start: i32, bias: usize, biasStep: usize,
): void {
  if (start != START_C) {
    for (let i = first; i < last; i++) store<f32>(y + (<usize>i << 2), startOf(start, y, bias, biasStep, i));
  }
  addRows(x, depth, matrix + (<usize>first << 2), step, last - first, y + (<usize>first << 2));
}

/** y = start + matrix x, where `transposed` says that row k of memory holds the values of all results for that k. */
export function vectorProduct(
  count: i32, depth: i32, matrix: usize, step: usize, transposed: bool, x: usize, xStep: usize, y: usize,
  start: i32, bias: usize, biasStep: usize, thread: i32, threads: i32, scratch: usize, scratchBytes: usize,
): void {
  const first = shareStart(count, 4, thread, threads);
  const last = shareStart(count, 4, thread + 1, threads);
  if (first >= last) return;
  const piece = <i32>(scratchBytes >> 2);
  for (let k = 0; k < depth; k += piece) {
    const length = depth - k < piece ? depth - k : piece;
    let from = x + <usize>k * xStep;
    if (xStep != 4) {
      for (let i = 0; i < length; i++) store<f32>(scratch + (<usize>i << 2), load<f32>(from + <usize>i * xStep));
      from = scratch;
    }
    const begin = k == 0 ? start : START_C;
    if (transposed) sumsOfRows(first, last, length, matrix + <usize>k * step, step, from, y, begin, bias, biasStep);
    else dots(first, last, length, matrix + (<usize>k << 2), step, from, y, begin, bias, biasStep);
  }
}
