// Softmax, its logarithm, and the cross-entropy with class indices, along rows that lie next to each other. Each row is read
// twice or three times while it is in the cache.
import { address, word } from '../arguments';
import { constant, exp, LARGEST_EXPONENT, LEAST_EXPONENT } from '../math/exp';
import { log } from '../math/log';
import { expOf } from '../math/rows';
import { loadPart, shareStart, splat, storePart, sumLanes } from '../simd';
import { CrossEntropyGradientWords, CrossEntropyWords, SoftmaxWords } from '../words';

/**
 * The largest element of a row. NaN may be passed over: it comes back with its own power. `pmax` is one operation of the processor, where `max`,
 * which must not pass over NaN, is seven, each of which waits for the last.
 */
function largest(from: usize, count: i32): f32 {
  let s0 = splat(-Infinity), s1 = s0;
  const end = from + (<usize>count << 2);
  for (; from + 32 <= end; from += 32) {
    s0 = f32x4.pmax(s0, v128.load(from)); s1 = f32x4.pmax(s1, v128.load(from, 16));
  }
  s0 = f32x4.pmax(s0, s1);
  for (; from + 16 <= end; from += 16) s0 = f32x4.pmax(s0, v128.load(from));
  s0 = f32x4.pmax(s0, i8x16.shuffle(s0, s0, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  s0 = f32x4.pmax(s0, i8x16.shuffle(s0, s0, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  for (; from < end; from += 4) s0 = f32x4.pmax(s0, v128.load_splat<f32>(from));
  return f32x4.extract_lane(s0, 0);
}

/**
 * The sum of e^(x - shift) over a row; the powers themselves go to `to`, unless it is 0. The sums of two vectors meet in scratch, since the
 * engine joins what ends in a store.
 */
function powers(from: usize, count: i32, shift: f32, to: usize, scratch: usize): f32 {
  const by = splat(shift), least = splat(LEAST_EXPONENT), most = splat(LARGEST_EXPONENT);
  const perLn2 = constant(0), magic = constant(1), ln2 = constant(2), ln2Rest = constant(3);
  const p0 = constant(4), p1 = constant(5), p2 = constant(6), p3 = constant(7), p4 = constant(8), one = constant(9);
  const bytes = <usize>(count & ~7) << 2;
  let s0 = splat(0), s1 = s0;
  if (to != 0) {
    for (let at: usize = 0; at < bytes; at += 32) {
      const here = from + at, there = to + at;
      const first = expOf(f32x4.sub(v128.load(here), by), least, most, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one);
      const second = expOf(f32x4.sub(v128.load(here, 16), by), least, most, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one);
      v128.store(there, first); v128.store(there, second, 16);
      s0 = f32x4.add(s0, first); s1 = f32x4.add(s1, second);
    }
  } else {
    for (let at: usize = 0; at < bytes; at += 32) {
      const here = from + at;
      s0 = f32x4.add(s0, expOf(f32x4.sub(v128.load(here), by), least, most, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one));
      s1 = f32x4.add(s1, expOf(f32x4.sub(v128.load(here, 16), by), least, most, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one));
    }
  }
  v128.store(scratch, s0); v128.store(scratch, s1, 16);
  let sum = f32x4.add(v128.load(scratch), v128.load(scratch, 16));
  let i = count & ~7;
  if (i + 4 <= count) {
    const at = <usize>i << 2;
    const power = exp(f32x4.sub(v128.load(from + at), by));
    if (to != 0) v128.store(to + at, power);
    sum = f32x4.add(sum, power);
    i += 4;
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
  const whole = <usize>(count & ~7) << 2;
  let at: usize = 0;
  for (; at < whole; at += 32) {
    const here = row + at;
    const first = f32x4.mul(v128.load(here), by), second = f32x4.mul(v128.load(here, 16), by);
    v128.store(here, first); v128.store(here, second, 16);
  }
  for (let left = count & 7; left > 0; left -= 4) {
    storePart(row + at, f32x4.mul(loadPart(row + at, left), by), left);
    at += 16;
  }
}

/** to = (from - first) - second. */
function shiftRow(from: usize, to: usize, count: i32, first: f32, second: f32): void {
  const a = splat(first), b = splat(second);
  const whole = <usize>(count & ~7) << 2;
  let at: usize = 0;
  for (; at < whole; at += 32) {
    const here = from + at, there = to + at;
    const low = f32x4.sub(f32x4.sub(v128.load(here), a), b), high = f32x4.sub(f32x4.sub(v128.load(here, 16), a), b);
    v128.store(there, low); v128.store(there, high, 16);
  }
  for (let left = count & 7; left > 0; left -= 4) {
    storePart(to + at, f32x4.sub(f32x4.sub(loadPart(from + at, left), a), b), left);
    at += 16;
  }
}

/** Words: logarithm?, rows, length, from, to. */
export function softmax(instruction: usize, thread: i32, threads: i32, scratch: usize): void {
  const logarithm = word(instruction, SoftmaxWords.logarithm) != 0;
  const length = word(instruction, SoftmaxWords.length);
  const step = <usize>length << 2;
  const last = shareStart(word(instruction, SoftmaxWords.rows), 1, thread + 1, threads);
  for (let row = shareStart(word(instruction, SoftmaxWords.rows), 1, thread, threads); row < last; row++) {
    const from = address(instruction, SoftmaxWords.from) + <usize>row * step, to = address(instruction, SoftmaxWords.to) + <usize>row * step;
    const top = largest(from, length);
    if (logarithm) {
      const sum = powers(from, length, top, 0, scratch);
      shiftRow(from, to, length, top, logValue(sum));
    } else {
      scaleRow(to, length, 1 / powers(from, length, top, to, scratch));
    }
  }
}

/**
 * log(sum(e^x)) - x[label] for each row; a label outside the row counts as 0. Words: rows, length, logits, labels, to.
 */
export function crossEntropy(instruction: usize, thread: i32, threads: i32, scratch: usize): void {
  const length = word(instruction, CrossEntropyWords.length);
  const last = shareStart(word(instruction, CrossEntropyWords.rows), 1, thread + 1, threads);
  for (let row = shareStart(word(instruction, CrossEntropyWords.rows), 1, thread, threads); row < last; row++) {
    const from = address(instruction, CrossEntropyWords.logits) + (<usize>(row * length) << 2);
    const label = load<i32>(address(instruction, CrossEntropyWords.labels) + (<usize>row << 2));
    const top = largest(from, length);
    // As a shift, an infinite element would leave NaN where the result is infinite.
    const shift: f32 = top - top == 0 ? top : 0;
    const all = logValue(powers(from, length, shift, 0, scratch)) + shift;
    const chosen: f32 = <u32>label < <u32>length ? load<f32>(from + (<usize>label << 2)) : 0;
    store<f32>(address(instruction, CrossEntropyWords.to) + (<usize>row << 2), all - chosen);
  }
}

/** (softmax(logits) - one at the label) * upstream for each row. Words: rows, length, logits, labels, upstream, to. */
export function crossEntropyGradient(instruction: usize, thread: i32, threads: i32, scratch: usize): void {
  const length = word(instruction, CrossEntropyGradientWords.length);
  const last = shareStart(word(instruction, CrossEntropyGradientWords.rows), 1, thread + 1, threads);
  for (let row = shareStart(word(instruction, CrossEntropyGradientWords.rows), 1, thread, threads); row < last; row++) {
    const at = <usize>(row * length) << 2;
    const from = address(instruction, CrossEntropyGradientWords.logits) + at, to = address(instruction, CrossEntropyGradientWords.to) + at;
    const label = load<i32>(address(instruction, CrossEntropyGradientWords.labels) + (<usize>row << 2));
    const upstream = load<f32>(address(instruction, CrossEntropyGradientWords.upstream) + (<usize>row << 2));
    const top = largest(from, length);
    scaleRow(to, length, upstream / powers(from, length, top, to, scratch));
    if (<u32>label < <u32>length) {
      const chosen = to + (<usize>label << 2);
      store<f32>(chosen, load<f32>(chosen) - upstream);
    }
  }
}
