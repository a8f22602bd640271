// Gradients of the weights of a recurrent layer, after its backward sweep has left the gradients of all pre-activations (dz):
// dW = x^T dz, dU = h'^T dz (h' the hidden state a step began with), db = sum of dz, all over every step and row at once.
import { multiplyBlock } from '../gemm/gemm';
import { packLeft, packRight } from '../gemm/pack';
import { PANEL } from '../gemm/tile';
import { loadPart, shareStart, storePart, zero } from '../simd';
import { moved } from './states';

/** Rows of dz taken at once, and columns: a packed block fills half of a second-level cache. */
const DEPTH: i32 = 256;
const COLUMNS: i32 = 1024;
const LEFT: i32 = 256;

// @ts-ignore: decorator
@inline
const ZERO_ROW: usize = memory.data(32, 16);

/** d[rows of left, columns] (+)= left^T dz for one packed block of dz. */
function addProduct(
  left: usize, leftStep: usize, leftRows: i32, count: i32, right: usize, columns: i32, d: usize, dStep: usize, first: bool, scratch: usize,
): void {
  const packed = scratch + 512;
  for (let i = 0; i < leftRows; i += LEFT) {
    const rows = leftRows - i < LEFT ? leftRows - i : LEFT;
    const to = d + <usize>i * dStep;
    packLeft(left + (<usize>i << 2), leftStep, true, rows, count, packed);
    multiplyBlock(rows, columns, count, packed, right, 32, <usize>count << 5,
      first ? ZERO_ROW : to, first ? 0 : dStep, first ? 0 : 32, to, dStep, scratch);
  }
}

/** db[columns] (+)= the sums of the columns of one packed block of dz. */
function addColumns(right: usize, columns: i32, count: i32, db: usize, first: bool): void {
  for (let j = 0; j < columns; j += PANEL) {
    let s0 = zero(), s1 = zero();
    for (let k = 0; k < count; k++) {
      s0 = f32x4.add(s0, v128.load(right));
      s1 = f32x4.add(s1, v128.load(right, 16));
      right += 32;
    }
    const width = columns - j;
    const to = db + (<usize>j << 2);
    storePart(to, first ? s0 : f32x4.add(loadPart(to, width), s0), width);
    if (width > 4) storePart(to + 16, first ? s1 : f32x4.add(loadPart(to + 16, width - 4), s1), width - 4);
  }
}

/** Without a single step all gradients are zero. */
function clear(width: i32, features: i32, units: i32, dW: usize, dU: usize, db: usize, step: usize): void {
  const bytes = <usize>width << 2;
  if (dW != 0) for (let i = 0; i < features; i++) memory.fill(dW + <usize>i * step, 0, bytes);
  if (dU != 0) for (let i = 0; i < units; i++) memory.fill(dU + <usize>i * step, 0, bytes);
  if (db != 0) memory.fill(db, 0, bytes);
}

/**
 * The share of one thread for `columns` columns of dz (rows `dzStep` bytes apart). dW, dU, db point at the gradients of these
 * columns, each row `step` bytes apart; 0 where one is not wanted. What U is multiplied by lies at `first` for the rows of the
 * first step and from `rest` on for those of the others, `hiddenStep` bytes apart.
 */
export function weightGradients(
  steps: i32, batch: i32, columns: i32, dz: usize, dzStep: usize, x: usize, features: i32,
  first: usize, rest: usize, hiddenStep: usize, units: i32,
  dW: usize, dU: usize, db: usize, step: usize,
  thread: i32, threads: i32, scratch: usize,
): void {
  const last = shareStart(columns, PANEL, thread + 1, threads);
  const right = scratch + 512 + (<usize>(LEFT * DEPTH) << 2);
  for (let j = shareStart(columns, PANEL, thread, threads); j < last; j += COLUMNS) {
    const width = last - j < COLUMNS ? last - j : COLUMNS;
    const by = <usize>j << 2;
    let row = 0;
    const end = steps * batch;
    if (end == 0) clear(width, features, units, moved(dW, by), moved(dU, by), moved(db, by), step);
    while (row < end) {
      // The first step begins with h0, so its rows make blocks of their own.
      const until = row < batch ? batch : end;
      const count = until - row < DEPTH ? until - row : DEPTH;
      const begins = row == 0;
      packRight(dz + <usize>row * dzStep + by, dzStep, false, count, width, right, <usize>count << 5);
      if (dW != 0) {
        addProduct(x + (<usize>(row * features) << 2), <usize>features << 2, features, count, right, width, dW + by, step, begins, scratch);
      }
      if (dU != 0) {
        const before = row < batch ? first + <usize>row * hiddenStep : rest + <usize>(row - batch) * hiddenStep;
        addProduct(before, hiddenStep, units, count, right, width, dU + by, step, begins, scratch);
      }
      if (db != 0) addColumns(right, width, count, db + by, begins);
      row += count;
    }
  }
}
