// Elements gathered from a strided place into a contiguous one, and whole boxes copied between strided places.
import { address, behind, word } from '../arguments';
import { high, highPair, low, lowPair, shareStart } from '../simd';
import { CopyBoxWords, FillWords } from '../words';

/** A run of `count` elements, `step` elements apart, to a contiguous place. */
// @ts-ignore: decorator
@inline
function copyRun(to: usize, from: usize, step: i32, count: i32): void {
  if (step == 1) {
    const bytes = <usize>count << 2;
    let i: usize = 0;
    for (; i + 16 <= bytes; i += 16) v128.store(to + i, v128.load(from + i));
    for (; i < bytes; i += 4) store<u32>(to + i, load<u32>(from + i));
  } else if (step == 0) {
    const value = v128.load_splat<u32>(from);
    const bytes = <usize>count << 2;
    let i: usize = 0;
    for (; i + 16 <= bytes; i += 16) v128.store(to + i, value);
    for (; i < bytes; i += 4) v128.store_lane<u32>(to + i, value, 0);
  } else {
    const by = <usize>step << 2;
    const end = to + (<usize>count << 2);
    for (; to < end; to += 4) {
      store<u32>(to, load<u32>(from));
      from += by;
    }
  }
}

/**
 * Fills `to` with elements `start` to `start + count` of a box of `rank` (at least 1) axes whose dimensions and strides (in
 * elements) lie at `dims` and `strides`; elements are counted with the last axis running fastest.
 */
export function copyStrided(
  to: usize, from: usize, rank: i32, dims: usize, strides: usize, start: i32, count: i32,
): void {
  const last = <usize>(rank - 1);
  const width = word(dims, last);
  const step = word(strides, last);
  let row = start / width;
  let column = start % width;
  while (count > 0) {
    // The place of the row: its index along every axis but the last.
    let offset = column * step;
    let left = row;
    for (let axis = rank - 2; axis >= 0; axis--) {
      const dim = word(dims, axis);
      offset += (left % dim) * word(strides, axis);
      left /= dim;
    }
    // Rows along the last but one axis follow without a new division.
    const stride = rank > 1 ? word(strides, last - 1) : 0;
    const dim = rank > 1 ? word(dims, last - 1) : 1;
    let rows = rank > 1 ? dim - row % dim : 1;
    let source = from + (<usize>offset << 2);
    while (rows > 0 && count > 0) {
      const run = width - column < count ? width - column : count;
      copyRun(to, source, step, run);
      to += <usize>run << 2;
      count -= run;
      source += (<usize>stride << 2) - (<usize>(column * step) << 2);
      column = 0;
      rows--;
      row++;
    }
  }
}

/**
 * A box copied from one strided place to another. Words: rank (at least 1), source, target, then dimensions, source strides and
 * target strides, in elements, of every axis. Strides may be negative or, in the source, 0.
 */
export function copyBox(instruction: usize, thread: i32, threads: i32): void {
  const rank = word(instruction, CopyBoxWords.rank);
  const source = address(instruction, CopyBoxWords.source), target = address(instruction, CopyBoxWords.target);
  const dims = behind(instruction, CopyBoxWords.target);
  const from = dims + (<usize>rank << 2), to = from + (<usize>rank << 2);
  const last = <usize>(rank - 1);
  const width = word(dims, last);
  const fromStep = word(from, last), toStep = word(to, last);
  let rows = 1;
  for (let axis = 0; axis < rank - 1; axis++) rows *= word(dims, axis);
  if (rank >= 2 && word(to, last) == 1 && word(from, last - 1) == 1 && width >= 4 && word(dims, last - 1) >= 4) {
    transposeBox(rank, source, target, dims, from, to, thread, threads);
    return;
  }
  // One long row is cut instead of shared out.
  const first = rows == 1 ? shareStart(width, 16, thread, threads) : 0;
  const count = rows == 1 ? shareStart(width, 16, thread + 1, threads) - first : width;
  const end = rows == 1 ? 1 : shareStart(rows, 1, thread + 1, threads);
  for (let row = rows == 1 ? 0 : shareStart(rows, 1, thread, threads); row < end; row++) {
    let p = source + (<usize>(first * fromStep) << 2), q = target + (<usize>(first * toStep) << 2);
    let left = row;
    for (let axis = rank - 2; axis >= 0; axis--) {
      const dim = word(dims, axis);
      const index = left % dim;
      left /= dim;
      p += <usize>(index * word(from, axis)) << 2;
      q += <usize>(index * word(to, axis)) << 2;
    }
    if (toStep == 1) {
      copyRun(q, p, fromStep, count);
    } else {
      for (let i = 0; i < count; i++) {
        store<u32>(q, load<u32>(p));
        p += <usize>fromStep << 2;
        q += <usize>toStep << 2;
      }
    }
  }
}

/** `copyBox` where the last two axes change places: by squares of 4 by 4, which are transposed in registers. */
function transposeBox(
  rank: i32, source: usize, target: usize, dims: usize, from: usize, to: usize, thread: i32, threads: i32,
): void {
  const last = <usize>(rank - 1);
  const rows = word(dims, last - 1), columns = word(dims, last);
  const fromStep = <usize>word(from, last) << 2, toStep = <usize>word(to, last - 1) << 2;
  let boxes = 1;
  for (let axis = 0; axis < rank - 2; axis++) boxes *= word(dims, axis);
  // Bands of 4 rows of the target are shared out.
  const bands = (rows + 3) >> 2;
  const end = shareStart(boxes * bands, 1, thread + 1, threads);
  for (let band = shareStart(boxes * bands, 1, thread, threads); band < end; band++) {
    let p = source, q = target;
    let left = band / bands;
    for (let axis = rank - 3; axis >= 0; axis--) {
      const dim = word(dims, axis);
      const index = left % dim;
      left /= dim;
      p += <usize>(index * word(from, axis)) << 2;
      q += <usize>(index * word(to, axis)) << 2;
    }
    const first = (band % bands) << 2;
    const height = rows - first < 4 ? rows - first : 4;
    p += <usize>first << 2;
    q += <usize>first * toStep;
    let j = 0;
    if (height == 4) {
      for (; j + 4 <= columns; j += 4) {
        const r0 = v128.load(p), r1 = v128.load(p + fromStep);
        const r2 = v128.load(p + 2 * fromStep), r3 = v128.load(p + 3 * fromStep);
        const a = low(r0, r1), b = high(r0, r1), c = low(r2, r3), d = high(r2, r3);
        v128.store(q, lowPair(a, c));
        v128.store(q + toStep, highPair(a, c));
        v128.store(q + 2 * toStep, lowPair(b, d));
        v128.store(q + 3 * toStep, highPair(b, d));
        p += 4 * fromStep;
        q += 16;
      }
    }
    for (; j < columns; j++) {
      for (let i = 0; i < height; i++) store<u32>(q + <usize>i * toStep, load<u32>(p + (<usize>i << 2)));
      p += fromStep;
      q += 4;
    }
  }
}

/** Words: elements, value, to. */
export function fill(instruction: usize, thread: i32, threads: i32): void {
  const first = shareStart(word(instruction, FillWords.count), 64, thread, threads);
  const count = shareStart(word(instruction, FillWords.count), 64, thread + 1, threads) - first;
  copyRun(address(instruction, FillWords.target) + (<usize>first << 2), behind(instruction, FillWords.count), 0, count);
}
