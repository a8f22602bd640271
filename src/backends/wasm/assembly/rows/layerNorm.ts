// Layer normalisation of rows, forward and backward; two passes over a row, which stays in the nearest cache.
import { address, number, word } from '../arguments';
import { fma, fnma, loadPart, shareStart, splat, storePart, sumLanes, zero } from '../simd';
import { LayerNormGradientWords, LayerNormWords } from '../words';

/** The sum of a row. */
function sumRow(from: usize, count: i32): f32 {
  let s0 = zero(), s1 = zero();
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    const at = from + (<usize>i << 2);
    s0 = f32x4.add(s0, v128.load(at));
    s1 = f32x4.add(s1, v128.load(at, 16));
  }
  s0 = f32x4.add(s0, s1);
  for (; i < count; i += 4) s0 = f32x4.add(s0, loadPart(from + (<usize>i << 2), count - i));
  return sumLanes(s0);
}

/** The sum of the products of two rows. */
function dotRow(a: usize, b: usize, count: i32): f32 {
  let s0 = zero();
  for (let i = 0; i < count; i += 4) {
    const at = <usize>i << 2;
    s0 = fma(loadPart(a + at, count - i), loadPart(b + at, count - i), s0);
  }
  return sumLanes(s0);
}

/** The sum of squared distances from `mean`. */
function spreadRow(from: usize, count: i32, mean: f32): f32 {
  const middle = splat(mean);
  let s0 = zero();
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const d = f32x4.sub(v128.load(from + (<usize>i << 2)), middle);
    s0 = fma(d, d, s0);
  }
  let total = sumLanes(s0);
  for (; i < count; i++) {
    const d = load<f32>(from + (<usize>i << 2)) - mean;
    total += d * d;
  }
  return total;
}

/** y = (x - mean) r, r = 1 / sqrt(variance + epsilon). Words: rows, length, epsilon (float), x, y | 0, r | 0. */
export function layerNorm(instruction: usize, thread: i32, threads: i32): void {
  const length = word(instruction, LayerNormWords.length);
  const epsilon = number(instruction, LayerNormWords.epsilon);
  const last = shareStart(word(instruction, LayerNormWords.rows), 1, thread + 1, threads);
  for (let row = shareStart(word(instruction, LayerNormWords.rows), 1, thread, threads); row < last; row++) {
    const by = <usize>(row * length) << 2;
    const x = address(instruction, LayerNormWords.x) + by;
    const mean = sumRow(x, length) / <f32>length;
    const inverse: f32 = 1 / sqrt<f32>(spreadRow(x, length, mean) / <f32>length + epsilon);
    if (address(instruction, LayerNormWords.inverse) != 0) store<f32>(address(instruction, LayerNormWords.inverse) + (<usize>row << 2), inverse);
    if (address(instruction, LayerNormWords.y) == 0) continue;
    const y = address(instruction, LayerNormWords.y) + by;
    for (let i = 0; i < length; i += 4) {
      const at = <usize>i << 2;
      const value = f32x4.mul(f32x4.sub(loadPart(x + at, length - i), splat(mean)), splat(inverse));
      storePart(y + at, value, length - i);
    }
  }
}

/** r (g - mean(g) - y mean(g y)). Words: rows, length, y, r, g, to. */
export function layerNormGradient(instruction: usize, thread: i32, threads: i32): void {
  const length = word(instruction, LayerNormGradientWords.length);
  const last = shareStart(word(instruction, LayerNormGradientWords.rows), 1, thread + 1, threads);
  for (let row = shareStart(word(instruction, LayerNormGradientWords.rows), 1, thread, threads); row < last; row++) {
    const by = <usize>(row * length) << 2;
    const y = address(instruction, LayerNormGradientWords.y) + by, g = address(instruction, LayerNormGradientWords.upstream) + by, to = address(instruction, LayerNormGradientWords.to) + by;
    const inverse = splat(load<f32>(address(instruction, LayerNormGradientWords.inverse) + (<usize>row << 2)));
    const mean = splat(sumRow(g, length) / <f32>length);
    const along = splat(dotRow(g, y, length) / <f32>length);
    for (let i = 0; i < length; i += 4) {
      const at = <usize>i << 2;
      const centred = f32x4.sub(loadPart(g + at, length - i), mean);
      storePart(to + at, f32x4.mul(inverse, fnma(loadPart(y + at, length - i), along, centred)), length - i);
    }
  }
}
