// The matrix product C = A B (+ bias | + C), for any transposition, cut into blocks that stay in the caches.
// Threads share out rows and columns of C, never the sum over k; how k is cut depends on its length alone.
import { loadPart, shareStart, storePart, WIDE, zero } from '../simd';
import { vectorProduct } from './gemv';
import { packLeft, packRight } from './pack';
import { multiplyPair, multiplyTile, PANEL, tileCount, tileHeight } from './tile';

/** Values in a thread's scratch for packed panels of the right side and packed tiles of the left side. */
const RIGHT_VALUES: i32 = 256 * 1024;
const LEFT_VALUES: i32 = 64 * 1024;
/** The longest stretch of k done at once: a tile of 6 rows and a panel of 8 columns then share the first-level cache. */
const MAX_DEPTH: i32 = 512;
/** Up to this many rows the right side is read in place: packing it would cost more than it saves. */
const UNPACKED_ROWS: i32 = 12;

/** Bytes of scratch a thread needs for `multiply`. */
export const GEMM_SCRATCH: usize = (<usize>(RIGHT_VALUES + LEFT_VALUES) << 2) + 512;

// What C starts from.
export const START_ZERO: i32 = 0;
export const START_C: i32 = 1;
export const START_BIAS: i32 = 2;

/** A row of zeros as the start of a tile that starts from nothing. */
// @ts-ignore: decorator
@inline
const ZERO_ROW: usize = memory.data(32, 16);

/** A panel of fewer than 8 columns: the tile is computed beside C, and only its real columns go there. */
function multiplyEdgeTile(
  rows: i32, columns: i32, a: usize, b: usize, bStep: usize, count: i32,
  from: usize, fromStep: usize, c: usize, cStep: usize, scratch: usize,
): void {
  for (let i = 0; i < rows; i++) {
    const at = scratch + (<usize>i << 5);
    v128.store(at, loadPart(from, columns));
    v128.store(at, columns > 4 ? loadPart(from + 16, columns - 4) : zero(), 16);
    from += fromStep;
  }
  multiplyTile(rows, a, b, bStep, count, scratch, 32, scratch, 32);
  for (let i = 0; i < rows; i++) {
    const at = scratch + (<usize>i << 5);
    storePart(c, v128.load(at), columns);
    if (columns > 4) storePart(c + 16, v128.load(at, 16), columns - 4);
    c += cStep;
  }
}

/** All tiles of a block: packed rows `a` against panels `b`. */
export function multiplyBlock(
  rows: i32, columns: i32, count: i32, a: usize, b: usize, bStep: usize, panelStep: usize,
  from: usize, fromStep: usize, fromColumnStep: usize, c: usize, cStep: usize, scratch: usize,
): void {
  let j = 0;
  if (WIDE) {
    for (; j + 2 * PANEL <= columns; j += 2 * PANEL) {
      let tileA = a, tileFrom = from, tileC = c;
      let left = rows;
      for (let tiles = tileCount(rows); tiles > 0; tiles--) {
        const height = tileHeight(left, tiles);
        multiplyPair(height, tileA, b, panelStep, bStep, count, tileFrom, fromStep, fromColumnStep, tileC, cStep, 32);
        tileA += <usize>(height * count) << 2;
        tileFrom += <usize>height * fromStep;
        tileC += <usize>height * cStep;
        left -= height;
      }
      b += 2 * panelStep;
      from += 2 * fromColumnStep;
      c += 64;
    }
  }
  for (; j < columns; j += PANEL) {
    let tileA = a, tileFrom = from, tileC = c;
    let left = rows;
    const width = columns - j;
    for (let tiles = tileCount(rows); tiles > 0; tiles--) {
      const height = tileHeight(left, tiles);
      if (width >= PANEL) multiplyTile(height, tileA, b, bStep, count, tileFrom, fromStep, tileC, cStep);
      else multiplyEdgeTile(height, width, tileA, b, bStep, count, tileFrom, fromStep, tileC, cStep, scratch);
      tileA += <usize>(height * count) << 2;
      tileFrom += <usize>height * fromStep;
      tileC += <usize>height * cStep;
      left -= height;
    }
    b += panelStep;
    from += fromColumnStep;
    c += 32;
  }
}

/** The product of one thread's rows and columns. Steps are in bytes, from one row of memory to the next. */
function multiplyPart(
  rows: i32, columns: i32, depth: i32, a: usize, aStep: usize, aTransposed: bool, b: usize, bStep: usize, bTransposed: bool,
  c: usize, cStep: usize, start: i32, bias: usize, inPlace: bool, scratch: usize,
): void {
  const edge = scratch;
  const left = scratch + 512;
  const right = left + (<usize>LEFT_VALUES << 2);
  const chunks = depth > MAX_DEPTH ? (depth + MAX_DEPTH - 1) / MAX_DEPTH : 1;
  const chunk = (depth + chunks - 1) / chunks;
  const columnBlock = (RIGHT_VALUES / (chunk > 0 ? chunk : 1)) & ~(PANEL - 1);
  let rowBlock = LEFT_VALUES / (chunk > 0 ? chunk : 1);
  rowBlock -= rowBlock % 6;
  for (let j = 0; j < columns; j += columnBlock) {
    const width = columns - j < columnBlock ? columns - j : columnBlock;
    const whole = inPlace ? width & ~(PANEL - 1) : 0;
    let k = 0;
    do {
      const count = depth - k < chunk ? depth - k : chunk;
      const panelStep = <usize>count << 5;
      const bBlock = bTransposed
        ? b + <usize>j * bStep + (<usize>k << 2)
        : b + <usize>k * bStep + (<usize>j << 2);
      if (whole < width) packRight(bBlock + (<usize>whole << 2), bStep, bTransposed, count, width - whole, right, panelStep);
      for (let i = 0; i < rows; i += rowBlock) {
        const height = rows - i < rowBlock ? rows - i : rowBlock;
        const aBlock = aTransposed
          ? a + <usize>k * aStep + (<usize>i << 2)
          : a + <usize>i * aStep + (<usize>k << 2);
        packLeft(aBlock, aStep, aTransposed, height, count, left);
        const cBlock = c + <usize>i * cStep + (<usize>j << 2);
        let from = cBlock, fromStep = cStep, fromColumnStep: usize = 32;
        if (k == 0 && start != START_C) {
          from = start == START_BIAS ? bias + (<usize>j << 2) : ZERO_ROW;
          fromStep = 0;
          if (start == START_ZERO) fromColumnStep = 0;
        }
        if (whole > 0) {
          multiplyBlock(height, whole, count, left, bBlock, bStep, 32, from, fromStep, fromColumnStep, cBlock, cStep, edge);
        }
        if (whole < width) {
          multiplyBlock(
            height, width - whole, count, left, right, 32, panelStep,
            from + <usize>(whole / PANEL) * fromColumnStep, fromStep, fromColumnStep,
            cBlock + (<usize>whole << 2), cStep, edge,
          );
        }
      }
      k += count;
    } while (k < depth);
  }
}

/** In how many row groups `threads` threads are best arranged: the least work for one of them, packing included. */
function rowGroups(rows: i32, columns: i32, threads: i32): i32 {
  let best = 1;
  let bestCost: f64 = Infinity;
  for (let groups = 1; groups <= threads; groups++) {
    if (threads % groups != 0) continue;
    const columnGroups = threads / groups;
    const height = (rows + groups - 1) / groups;
    const width = (((columns + PANEL - 1) / PANEL + columnGroups - 1) / columnGroups) * PANEL;
    const cost = <f64>height * <f64>width + 8.0 * <f64>(height + width);
    if (cost < bestCost) {
      bestCost = cost;
      best = groups;
    }
  }
  return best;
}

/** One product, of which this thread does its share. */
export function multiply(
  rows: i32, columns: i32, depth: i32, a: usize, aStep: usize, aTransposed: bool, b: usize, bStep: usize, bTransposed: bool,
  c: usize, cStep: usize, start: i32, bias: usize, thread: i32, threads: i32, scratch: usize,
): void {
  if (depth > 0 && columns == 1 && cStep == 4) {
    vectorProduct(
      rows, depth, a, aStep, aTransposed, b, bTransposed ? 4 : bStep, c,
      start, bias, 0, thread, threads, scratch, GEMM_SCRATCH,
    );
    return;
  }
  if (depth > 0 && rows == 1) {
    vectorProduct(
      columns, depth, b, bStep, !bTransposed, a, aTransposed ? aStep : 4, c,
      start, bias, 4, thread, threads, scratch, GEMM_SCRATCH,
    );
    return;
  }
  const groups = threads > 1 ? rowGroups(rows, columns, threads) : 1;
  const columnGroups = threads / groups;
  const rowGroup = thread / columnGroups;
  const columnGroup = thread % columnGroups;
  const top = shareStart(rows, 1, rowGroup, groups);
  const bottom = shareStart(rows, 1, rowGroup + 1, groups);
  const first = shareStart(columns, PANEL, columnGroup, columnGroups);
  const last = shareStart(columns, PANEL, columnGroup + 1, columnGroups);
  if (top >= bottom || first >= last) return;
  multiplyPart(
    bottom - top, last - first, depth,
    aTransposed ? a + (<usize>top << 2) : a + <usize>top * aStep, aStep, aTransposed,
    bTransposed ? b + <usize>first * bStep : b + (<usize>first << 2), bStep, bTransposed,
    c + <usize>top * cStep + (<usize>first << 2), cStep, start, bias + (<usize>first << 2),
    !bTransposed && rows <= UNPACKED_ROWS, scratch,
  );
}

/** A batch of products: whole products are shared out where there are enough of them, else each is done by all threads. */
export function multiplyBatch(
  batch: i32, aBatch: usize, bBatch: usize, cBatch: usize,
  rows: i32, columns: i32, depth: i32, a: usize, aStep: usize, aTransposed: bool, b: usize, bStep: usize, bTransposed: bool,
  c: usize, cStep: usize, start: i32, bias: usize, thread: i32, threads: i32, scratch: usize,
): void {
  let first = 0;
  let last = batch;
  if (batch >= threads) {
    first = shareStart(batch, 1, thread, threads);
    last = shareStart(batch, 1, thread + 1, threads);
    thread = 0;
    threads = 1;
  }
  for (let i = first; i < last; i++) {
    multiply(
      rows, columns, depth, a + <usize>i * aBatch, aStep, aTransposed, b + <usize>i * bBatch, bStep, bTransposed,
      c + <usize>i * cBatch, cStep, start, bias, thread, threads, scratch,
    );
  }
}
