// Softmax, its logarithm, and the cross-entropy with class indices, along rows that lie next to each other. Each row is read
// twice or three times while it is in the cache.
import { address, word } from '../arguments';
import { exp } from '../math/exp';
import { log } from '../math/log';
import { loadPart, shareStart, splat, storePart, sumLanes } from '../simd';
import { CrossEntropyGradientWords, CrossEntropyWords, SoftmaxWords } from '../words';

/** The largest element of a row; NaN if there is one. */
function largest(from: usize, count: i32): f32 {
  let best = splat(-Infinity);
  const end = from + (<usize>count << 2);
  for (; from + 16 <= end; from += 16) best = f32x4.max(best, v128.load(from));
  best = f32x4.max(best, i8x16.shuffle(best, best, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  let result = max(f32x4.extract_lane(best, 0), f32x4.extract_lane(best, 1));
  for (; from < end; from += 4) result = max(result, load<f32>(from));
  return result;
}

/** The sum of e^(x - shift) over a row; the powers themselves go to `to`, unless it is 0. */
function powers(from: usize, count: i32, shift: f32, to: usize): f32 {
  const by = splat(shift);
  let sum = splat(0);
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const at = <usize>i << 2;
    const power = exp(f32x4.sub(v128.load(from + at), by));
    if (to != 0) v128.store(to + at, power);
    sum = f32x4.add(sum, power);
  }
  let total = sumLanes(sum);
  if (i < count) {
    const at = <usize>i << 2;
    const power = exp(f32x4.sub(loadPart(from + at, count - i), by));
    if (to != 0) storePart(to + at, power, count - i);
    total += f32x4.extract_lane(power, 0);
    if (count - i > 1) total += f32x4.extract_lane(power, 1);
    if (count - i > 2) total += f32x4.extract_lane(power, 2);
  }
  return total;
}

// @ts-ignore: decorator
@inline
function logValue(x: f32): f32 {
  return f32x4.extract_lane(log(splat(x)), 0);
}

/** row *= scale. */
function scaleRow(row: usize, count: i32, scale: f32): void {
  const by = splat(scale);
  for (let i = 0; i < count; i += 4) {
    const at = row + (<usize>i << 2);
    storePart(at, f32x4.mul(loadPart(at, count - i), by), count - i);
  }
}

/** to = (from - first) - second. */
function shiftRow(from: usize, to: usize, count: i32, first: f32, second: f32): void {
  const a = splat(first), b = splat(second);
  for (let i = 0; i < count; i += 4) {
    const at = <usize>i << 2;
    storePart(to + at, f32x4.sub(f32x4.sub(loadPart(from + at, count - i), a), b), count - i);
  }
}

/** Words: logarithm?, rows, length, from, to. */
export function softmax(instruction: usize, thread: i32, threads: i32): void {
  const logarithm = word(instruction, SoftmaxWords.logarithm) != 0;
  const length = word(instruction, SoftmaxWords.length);
  const step = <usize>length << 2;
  const last = shareStart(word(instruction, SoftmaxWords.rows), 1, thread + 1, threads);
  for (let row = shareStart(word(instruction, SoftmaxWords.rows), 1, thread, threads); row < last; row++) {
    const from = address(instruction, SoftmaxWords.from) + <usize>row * step, to = address(instruction, SoftmaxWords.to) + <usize>row * step;
    const top = largest(from, length);
    if (logarithm) {
      const sum = powers(from, length, top, 0);
      shiftRow(from, to, length, top, logValue(sum));
    } else {
      scaleRow(to, length, 1 / powers(from, length, top, to));
    }
  }
}

/**
 * log(sum(e^x)) - x[label] for each row; a label outside the row counts as 0. Words: rows, length, logits, labels, to.
 */
export function crossEntropy(instruction: usize, thread: i32, threads: i32): void {
  const length = word(instruction, CrossEntropyWords.length);
  const last = shareStart(word(instruction, CrossEntropyWords.rows), 1, thread + 1, threads);
  for (let row = shareStart(word(instruction, CrossEntropyWords.rows), 1, thread, threads); row < last; row++) {
    const from = address(instruction, CrossEntropyWords.logits) + (<usize>(row * length) << 2);
    const label = load<i32>(address(instruction, CrossEntropyWords.labels) + (<usize>row << 2));
    const top = largest(from, length);
    // As a shift, an infinite element would leave NaN where the result is infinite.
    const shift: f32 = top - top == 0 ? top : 0;
    const all = logValue(powers(from, length, shift, 0)) + shift;
    const chosen: f32 = <u32>label < <u32>length ? load<f32>(from + (<usize>label << 2)) : 0;
    store<f32>(address(instruction, CrossEntropyWords.to) + (<usize>row << 2), all - chosen);
  }
}

/** (softmax(logits) - one at the label) * upstream for each row. Words: rows, length, logits, labels, upstream, to. */
export function crossEntropyGradient(instruction: usize, thread: i32, threads: i32): void {
  const length = word(instruction, CrossEntropyGradientWords.length);
  const last = shareStart(word(instruction, CrossEntropyGradientWords.rows), 1, thread + 1, threads);
  for (let row = shareStart(word(instruction, CrossEntropyGradientWords.rows), 1, thread, threads); row < last; row++) {
    const at = <usize>(row * length) << 2;
    const from = address(instruction, CrossEntropyGradientWords.logits) + at, to = address(instruction, CrossEntropyGradientWords.to) + at;
    const label = load<i32>(address(instruction, CrossEntropyGradientWords.labels) + (<usize>row << 2));
    const upstream = load<f32>(address(instruction, CrossEntropyGradientWords.upstream) + (<usize>row << 2));
    const top = largest(from, length);
    scaleRow(to, length, upstream / powers(from, length, top, to));
    if (<u32>label < <u32>length) {
      const chosen = to + (<usize>label << 2);
      store<f32>(chosen, load<f32>(chosen) - upstream);
    }
  }
}
