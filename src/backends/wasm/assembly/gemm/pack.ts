// Packing: both sides of a product are copied into the order in which the tiles read them. The left side becomes tiles of 1 to 6
// rows with `rows` values for each k; the right side panels of 8 columns, the last one filled up with zeros.
import { high, highPair, loadPart, low, lowPair, zero } from '../simd';
import { PANEL, tileCount, tileHeight } from './tile';

/** One tile of `rows` rows whose values of k lie next to each other. */
export function packTileFromRows(a: usize, aStep: usize, rows: i32, count: i32, to: usize): void {
  const step = <usize>rows << 2;
  let k = 0;
  if (rows >= 4) {
    const a1 = a + aStep, a2 = a1 + aStep, a3 = a2 + aStep, a4 = a3 + aStep, a5 = a4 + aStep;
    for (; k + 4 <= count; k += 4) {
      const at = <usize>k << 2;
      const r0 = v128.load(a + at), r1 = v128.load(a1 + at), r2 = v128.load(a2 + at), r3 = v128.load(a3 + at);
      const p0 = low(r0, r1), p1 = high(r0, r1), p2 = low(r2, r3), p3 = high(r2, r3);
      v128.store(to, lowPair(p0, p2));
      v128.store(to + step, highPair(p0, p2));
      v128.store(to + 2 * step, lowPair(p1, p3));
      v128.store(to + 3 * step, highPair(p1, p3));
      if (rows == 6) {
        const r4 = v128.load(a4 + at), r5 = v128.load(a5 + at);
        const q0 = low(r4, r5), q1 = high(r4, r5);
        v128.store_lane<f64>(to, q0, 0, 16);
        v128.store_lane<f64>(to + step, q0, 1, 16);
        v128.store_lane<f64>(to + 2 * step, q1, 0, 16);
        v128.store_lane<f64>(to + 3 * step, q1, 1, 16);
      } else if (rows == 5) {
        const r4 = v128.load(a4 + at);
        v128.store_lane<f32>(to, r4, 0, 16);
        v128.store_lane<f32>(to + step, r4, 1, 16);
        v128.store_lane<f32>(to + 2 * step, r4, 2, 16);
        v128.store_lane<f32>(to + 3 * step, r4, 3, 16);
      }
      to += 4 * step;
    }
  } else if (rows == 1) {
    memory.copy(to, a, <usize>count << 2);
    return;
  }
  for (; k < count; k++) {
    let from = a + (<usize>k << 2);
    for (let i = 0; i < rows; i++) {
      store<f32>(to, load<f32>(from));
      from += aStep;
      to += 4;
    }
  }
}

/** One tile of `rows` rows which lie next to each other for each k. */
function packTileFromColumns(a: usize, aStep: usize, rows: i32, count: i32, to: usize): void {
  const step = <usize>rows << 2;
  for (let k = 0; k < count; k++) {
    if (rows == 6) {
      v128.store(to, v128.load(a));
      store<u64>(to, load<u64>(a, 16), 16);
    } else if (rows == 5) {
      v128.store(to, v128.load(a));
      store<u32>(to, load<u32>(a, 16), 16);
    } else if (rows == 4) {
      v128.store(to, v128.load(a));
    } else {
      for (let i = 0; i < rows; i++) store<u32>(to + (<usize>i << 2), load<u32>(a + (<usize>i << 2)));
    }
    a += aStep;
    to += step;
  }
}

/** Packs `rows` by `count` values of the left side. `transposed`: row k of memory holds the values of all rows for that k. */
export function packLeft(a: usize, aStep: usize, transposed: bool, rows: i32, count: i32, to: usize): void {
  let left = rows;
  for (let tiles = tileCount(rows); tiles > 0; tiles--) {
    const height = tileHeight(left, tiles);
    if (transposed) {
      packTileFromColumns(a, aStep, height, count, to);
      a += <usize>height << 2;
    } else {
      packTileFromRows(a, aStep, height, count, to);
      a += <usize>height * aStep;
    }
    to += <usize>(height * count) << 2;
    left -= height;
  }
}

/**
 * Packs `count` by `columns` values of the right side, whose rows of k follow each other every `bStep` bytes, into panels that
 * lie `panelStep` bytes apart. Eight rows at a time: reads run along memory, and each panel is written in whole cache lines.
 */
function packRightFromRows(b: usize, bStep: usize, count: i32, columns: i32, to: usize, panelStep: usize): void {
  for (let k = 0; k < count; k += 8) {
    const last = k + 8 < count ? k + 8 : count;
    let panel = to + (<usize>k << 5);
    let j = 0;
    for (; j + PANEL <= columns; j += PANEL) {
      let from = b + <usize>k * bStep + (<usize>j << 2);
      let at = panel;
      for (let row = k; row < last; row++) {
        const first = v128.load(from), second = v128.load(from, 16);
        v128.store(at, first); v128.store(at, second, 16);
        from += bStep;
        at += 32;
      }
      panel += panelStep;
    }
    const rest = columns - j;
    if (rest > 0) {
      let from = b + <usize>k * bStep + (<usize>j << 2);
      for (let row = k; row < last; row++) {
        v128.store(panel, loadPart(from, rest));
        v128.store(panel, rest > 4 ? loadPart(from + 16, rest - 4) : zero(), 16);
        from += bStep;
        panel += 32;
      }
    }
  }
}

/** Four columns of a panel from rows of memory that hold one column each; rows beyond `columns` count as zeros. */
function packHalfPanel(b: usize, bStep: usize, count: i32, columns: i32, to: usize): void {
  const b1 = b + bStep, b2 = b1 + bStep, b3 = b2 + bStep;
  let k = 0;
  if (columns >= 4) {
    for (; k + 4 <= count; k += 4) {
      const at = <usize>k << 2;
      const r0 = v128.load(b + at), r1 = v128.load(b1 + at), r2 = v128.load(b2 + at), r3 = v128.load(b3 + at);
      const p0 = low(r0, r1), p1 = high(r0, r1), p2 = low(r2, r3), p3 = high(r2, r3);
      v128.store(to, lowPair(p0, p2));
      v128.store(to, highPair(p0, p2), 32);
      v128.store(to, lowPair(p1, p3), 64);
      v128.store(to, highPair(p1, p3), 96);
      to += 128;
    }
  }
  for (; k < count; k++) {
    const at = <usize>k << 2;
    store<f32>(to, columns > 0 ? load<f32>(b + at) : 0);
    store<f32>(to, columns > 1 ? load<f32>(b1 + at) : 0, 4);
    store<f32>(to, columns > 2 ? load<f32>(b2 + at) : 0, 8);
    store<f32>(to, columns > 3 ? load<f32>(b3 + at) : 0, 12);
    to += 32;
  }
}

/** Packs `count` by `columns` values of the right side. `transposed`: memory holds one column after another. */
export function packRight(
  b: usize, bStep: usize, transposed: bool, count: i32, columns: i32, to: usize, panelStep: usize,
): void {
  if (!transposed) {
    packRightFromRows(b, bStep, count, columns, to, panelStep);
    return;
  }
  for (let j = 0; j < columns; j += PANEL) {
    packHalfPanel(b, bStep, count, columns - j, to);
    packHalfPanel(b + 4 * bStep, bStep, count, columns - j - 4, to + 16);
    b += <usize>PANEL * bStep;
    to += panelStep;
  }
}
