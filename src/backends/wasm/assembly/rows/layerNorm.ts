// Layer normalisation of rows, forward and backward; two passes over a row, which stays in the nearest cache.
import { address, number, word } from '../arguments';
import { fma, fnma, loadPart, shareStart, splat, storePart, sumLanes, zero } from '../simd';
import { LayerNormGradientWords, LayerNormWords } from '../words';

/** The sum of a row. */
function sumRow(from: usize, count: i32): f32 {
  let s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
  let i = 0;
  for (; i + 16 <= count; i += 16) {
    const at = from + (<usize>i << 2);
    s0 = f32x4.add(s0, v128.load(at)); s1 = f32x4.add(s1, v128.load(at, 16));
    s2 = f32x4.add(s2, v128.load(at, 32)); s3 = f32x4.add(s3, v128.load(at, 48));
  }
  s0 = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
  for (; i < count; i += 4) s0 = f32x4.add(s0, loadPart(from + (<usize>i << 2), count - i));
  return sumLanes(s0);
}

/** The sum of the products of two rows. */
function dotRow(a: usize, b: usize, count: i32): f32 {
  let s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
  let i = 0;
  for (; i + 16 <= count; i += 16) {
    const p = a + (<usize>i << 2), q = b + (<usize>i << 2);
    s0 = fma(v128.load(p), v128.load(q), s0); s1 = fma(v128.load(p, 16), v128.load(q, 16), s1);
    s2 = fma(v128.load(p, 32), v128.load(q, 32), s2); s3 = fma(v128.load(p, 48), v128.load(q, 48), s3);
  }
  s0 = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
  for (; i < count; i += 4) s0 = fma(loadPart(a + (<usize>i << 2), count - i), loadPart(b + (<usize>i << 2), count - i), s0);
  return sumLanes(s0);
}

/** The sum of squared distances from `mean`. */
function spreadRow(from: usize, count: i32, mean: f32): f32 {
  const middle = splat(mean);
  let s0 = zero(), s1 = zero(), s2 = zero(), s3 = zero();
  let i = 0;
  for (; i + 16 <= count; i += 16) {
    const at = from + (<usize>i << 2);
    const d0 = f32x4.sub(v128.load(at), middle), d1 = f32x4.sub(v128.load(at, 16), middle);
    const d2 = f32x4.sub(v128.load(at, 32), middle), d3 = f32x4.sub(v128.load(at, 48), middle);
    s0 = fma(d0, d0, s0); s1 = fma(d1, d1, s1); s2 = fma(d2, d2, s2); s3 = fma(d3, d3, s3);
  }
  s0 = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
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
    const middle = splat(mean), factor = splat(inverse);
    let i = 0;
    for (; i + 8 <= length; i += 8) {
      const from = x + (<usize>i << 2), to = y + (<usize>i << 2);
      const first = f32x4.mul(f32x4.sub(v128.load(from), middle), factor);
      const second = f32x4.mul(f32x4.sub(v128.load(from, 16), middle), factor);
      v128.store(to, first); v128.store(to, second, 16);
    }
    for (; i < length; i += 4) {
      const at = <usize>i << 2;
      storePart(y + at, f32x4.mul(f32x4.sub(loadPart(x + at, length - i), middle), factor), length - i);
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
    let i = 0;
    for (; i + 8 <= length; i += 8) {
      const p = g + (<usize>i << 2), q = y + (<usize>i << 2), r = to + (<usize>i << 2);
      const first = f32x4.mul(inverse, fnma(v128.load(q), along, f32x4.sub(v128.load(p), mean)));
      const second = f32x4.mul(inverse, fnma(v128.load(q, 16), along, f32x4.sub(v128.load(p, 16), mean)));
      v128.store(r, first); v128.store(r, second, 16);
    }
    for (; i < length; i += 4) {
      const at = <usize>i << 2;
      const centred = f32x4.sub(loadPart(g + at, length - i), mean);
      storePart(to + at, f32x4.mul(inverse, fnma(loadPart(y + at, length - i), along, centred)), length - i);
    }
  }
}
