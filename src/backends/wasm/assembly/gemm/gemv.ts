// Products with a vector, which one-row and one-column products are. Nothing is packed: each value of the matrix is used once.
import { fma, fmaScalar, loadPart, shareStart, storePart, sumLanes, zero } from '../simd';
import { START_BIAS, START_C } from './gemm';

/** Where the start of result i is read, or 0 for none: from the result itself or from a bias (`biasStep` 0: one for all). */
// @ts-ignore: decorator
@inline
function startOf(start: i32, y: usize, yStep: usize, bias: usize, biasStep: usize, i: i32): f32 {
  if (start == START_C) return load<f32>(y + <usize>i * yStep);
  if (start == START_BIAS) return load<f32>(bias + <usize>i * biasStep);
  return 0;
}

/** y[i] = start + sum over k of matrix[i, k] * x[k], the values of k next to each other: four rows at a time. */
function dots(
  first: i32, last: i32, depth: i32, matrix: usize, step: usize, x: usize, y: usize, yStep: usize,
  start: i32, bias: usize, biasStep: usize,
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
    const to = y + <usize>i * yStep;
    store<f32>(to, startOf(start, y, yStep, bias, biasStep, i) + t0);
    store<f32>(to + yStep, startOf(start, y, yStep, bias, biasStep, i + 1) + t1);
    store<f32>(to + 2 * yStep, startOf(start, y, yStep, bias, biasStep, i + 2) + t2);
    store<f32>(to + 3 * yStep, startOf(start, y, yStep, bias, biasStep, i + 3) + t3);
  }
  for (; i < last; i++) {
    const m0 = matrix + <usize>i * step;
    let s0 = zero();
    for (let k = 0; k < whole; k += 4) s0 = fma(v128.load(m0 + (<usize>k << 2)), v128.load(x + (<usize>k << 2)), s0);
    let t0 = sumLanes(s0);
    for (let k = whole; k < depth; k++) {
      t0 = fmaScalar(load<f32>(m0 + (<usize>k << 2)), load<f32>(x + (<usize>k << 2)), t0);
    }
    store<f32>(y + <usize>i * yStep, startOf(start, y, yStep, bias, biasStep, i) + t0);
  }
}

/** The start of results i to i + 3 (fewer at the end) as a vector. */
function startVector(start: i32, y: usize, yStep: usize, bias: usize, biasStep: usize, i: i32, count: i32): v128 {
  const from = start == START_C ? y : bias;
  const step = start == START_C ? yStep : biasStep;
  if (start != START_C && start != START_BIAS) return zero();
  if (step == 0) return v128.load_splat<f32>(from);
  if (step == 4) return loadPart(from + (<usize>i << 2), count);
  let value = f32x4.splat(load<f32>(from + <usize>i * step));
  if (count > 1) value = f32x4.replace_lane(value, 1, load<f32>(from + <usize>(i + 1) * step));
  if (count > 2) value = f32x4.replace_lane(value, 2, load<f32>(from + <usize>(i + 2) * step));
  if (count > 3) value = f32x4.replace_lane(value, 3, load<f32>(from + <usize>(i + 3) * step));
  return value;
}

function storeVector(y: usize, yStep: usize, i: i32, value: v128, count: i32): void {
  const to = y + <usize>i * yStep;
  if (yStep == 4) {
    storePart(to, value, count);
    return;
  }
  v128.store_lane<f32>(to, value, 0);
  if (count > 1) v128.store_lane<f32>(to + yStep, value, 1);
  if (count > 2) v128.store_lane<f32>(to + 2 * yStep, value, 2);
  if (count > 3) v128.store_lane<f32>(to + 3 * yStep, value, 3);
}

/** y[i] = start + sum over k of matrix[k, i] * x[k], the values of i next to each other: up to 32 of them in registers. */
function sumsOfRows(
  first: i32, last: i32, depth: i32, matrix: usize, step: usize, x: usize, y: usize, yStep: usize,
  start: i32, bias: usize, biasStep: usize,
): void {
  const end = x + (<usize>depth << 2);
  let i = first;
  for (; i + 32 <= last; i += 32) {
    let s0 = startVector(start, y, yStep, bias, biasStep, i, 4);
    let s1 = startVector(start, y, yStep, bias, biasStep, i + 4, 4);
    let s2 = startVector(start, y, yStep, bias, biasStep, i + 8, 4);
    let s3 = startVector(start, y, yStep, bias, biasStep, i + 12, 4);
    let s4 = startVector(start, y, yStep, bias, biasStep, i + 16, 4);
    let s5 = startVector(start, y, yStep, bias, biasStep, i + 20, 4);
    let s6 = startVector(start, y, yStep, bias, biasStep, i + 24, 4);
    let s7 = startVector(start, y, yStep, bias, biasStep, i + 28, 4);
    let row = matrix + (<usize>i << 2);
    for (let at = x; at < end; at += 4) {
      const v = v128.load_splat<f32>(at);
      s0 = fma(v, v128.load(row), s0);
      s1 = fma(v, v128.load(row, 16), s1);
      s2 = fma(v, v128.load(row, 32), s2);
      s3 = fma(v, v128.load(row, 48), s3);
      s4 = fma(v, v128.load(row, 64), s4);
      s5 = fma(v, v128.load(row, 80), s5);
      s6 = fma(v, v128.load(row, 96), s6);
      s7 = fma(v, v128.load(row, 112), s7);
      row += step;
    }
    storeVector(y, yStep, i, s0, 4);
    storeVector(y, yStep, i + 4, s1, 4);
    storeVector(y, yStep, i + 8, s2, 4);
    storeVector(y, yStep, i + 12, s3, 4);
    storeVector(y, yStep, i + 16, s4, 4);
    storeVector(y, yStep, i + 20, s5, 4);
    storeVector(y, yStep, i + 24, s6, 4);
    storeVector(y, yStep, i + 28, s7, 4);
  }
  for (; i < last; i += 4) {
    const count = last - i < 4 ? last - i : 4;
    let s0 = startVector(start, y, yStep, bias, biasStep, i, count);
    let row = matrix + (<usize>i << 2);
    for (let at = x; at < end; at += 4) {
      s0 = fma(v128.load_splat<f32>(at), loadPart(row, count), s0);
      row += step;
    }
    storeVector(y, yStep, i, s0, count);
  }
}

/** y = start + matrix x, where `transposed` says that row k of memory holds the values of all results for that k. */
export function vectorProduct(
  count: i32, depth: i32, matrix: usize, step: usize, transposed: bool, x: usize, xStep: usize, y: usize, yStep: usize,
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
    if (transposed) sumsOfRows(first, last, length, matrix + <usize>k * step, step, from, y, yStep, begin, bias, biasStep);
    else dots(first, last, length, matrix + (<usize>k << 2), step, from, y, yStep, begin, bias, biasStep);
  }
}
