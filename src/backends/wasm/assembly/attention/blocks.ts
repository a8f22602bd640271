// What both directions of attention have in common: the instruction's operands, the blocks of 48 by 48 scores in which they go, masks.
// Scores lie transposed, a row for each key and a column for each query: softmax then runs down columns, four queries at a time, and
// what comes of it is the right side of the next product as it is.
import { address, number, word } from '../arguments';
import { high, highPair, low, lowPair, shareStart, splat } from '../simd';
import { AttentionWords } from '../words';

/** Keys, and queries, of a block: eight tiles of 6 rows, six panels of 8 columns. */
export const BLOCK: i32 = 48;
/** Bytes from one key's row of scores to the next. */
export const ROW: usize = 192;
/** The score of what is masked, and what is above any such. */
export const MASKED: f32 = -3e38;
export const LEAST: f32 = -1e38;
/** In the place of the logarithm of a sum: the query may attend to no key. */
export const BLIND: f32 = 3e38;

/** What a product starts from where it starts from nothing. */
export const ZEROS: usize = memory.data(32, 16);

export let batch: i32 = 0;
export let heads: i32 = 0;
export let queries: i32 = 0;
export let keys: i32 = 0;
export let length: i32 = 0;
export let width: i32 = 0;
export let scale: f32 = 0;
export let causal: bool = false;
/** How many places away a key is out of reach; 0 where none is. */
export let window: i32 = 0;
/** Bytes from one step of a query or key to the next, and of a value. */
export let lengthStep: usize = 0;
export let widthStep: usize = 0;

let mask: usize = 0;
let maskBatch: usize = 0;
let maskHead: usize = 0;
let maskQuery: usize = 0;
let maskKey: usize = 0;
/** The mask of the sample and head at hand. */
let ownMask: usize = 0;

/** Reads what an instruction is about. */
export function readSizes(at: usize): void {
  batch = word(at, AttentionWords.batch);
  heads = word(at, AttentionWords.heads);
  queries = word(at, AttentionWords.queries);
  keys = word(at, AttentionWords.keys);
  length = word(at, AttentionWords.length);
  width = word(at, AttentionWords.width);
  scale = number(at, AttentionWords.scale);
  causal = word(at, AttentionWords.causal) != 0;
  window = word(at, AttentionWords.window);
  mask = address(at, AttentionWords.mask);
  maskBatch = address(at, AttentionWords.maskBatch);
  maskHead = address(at, AttentionWords.maskHead);
  maskQuery = address(at, AttentionWords.maskQuery);
  maskKey = address(at, AttentionWords.maskKey);
  lengthStep = <usize>(heads * length) << 2;
  widthStep = <usize>(heads * width) << 2;
}

/** Where the rows of a sample and head begin in `[batch, time, heads, size]`. */
export function rowsOf(base: usize, steps: i32, size: i32, unit: i32): usize {
  const sample = unit / heads;
  return base + (<usize>((sample * steps * heads + unit % heads) * size) << 2);
}

/** Turns to a sample and head. */
export function turnTo(unit: i32): void {
  ownMask = mask + <usize>(unit / heads) * maskBatch + <usize>(unit % heads) * maskHead;
}

/** Whether any score of a block may be masked. */
export function isMasked(firstQuery: i32, firstKey: i32, rows: i32): bool {
  if (mask != 0 || (causal && firstKey + rows > firstQuery + 1)) return true;
  return window != 0 && (firstQuery + BLOCK > firstKey + window || firstKey + rows > firstQuery + window);
}

/** The first block that holds anything within reach of the steps from `step` on. */
export function firstInReach(step: i32): i32 {
  const first = step - window + 1;
  return window == 0 || first < 0 ? 0 : first / BLOCK * BLOCK;
}

/** Behind the last of `all` steps within reach of the steps up to `last`. */
export function endOfReach(last: i32, all: i32): i32 {
  return window == 0 || last + window > all ? all : last + window;
}

/** Masks the scores of a block. */
export function maskBlock(scores: usize, firstQuery: i32, firstKey: i32, rows: i32, columns: i32): void {
  for (let k = 0; k < rows; k++) {
    const row = scores + <usize>k * ROW;
    const key = firstKey + k;
    if (causal) {
      const behind = key - firstQuery < columns ? key - firstQuery : columns;
      for (let q = 0; q < behind; q++) store<f32>(row + (<usize>q << 2), MASKED);
    }
    if (window != 0) {
      const before = key - window + 1 - firstQuery < columns ? key - window + 1 - firstQuery : columns;
      for (let q = 0; q < before; q++) store<f32>(row + (<usize>q << 2), MASKED);
      const behind = key + window - firstQuery;
      for (let q = behind > 0 ? behind : 0; q < columns; q++) store<f32>(row + (<usize>q << 2), MASKED);
    }
    if (mask == 0) continue;
    const own = ownMask + <usize>key * maskKey;
    if (maskQuery == 0) {
      if (load<i32>(own) != 0) continue;
      for (let q = 0; q < columns; q++) store<f32>(row + (<usize>q << 2), MASKED);
      continue;
    }
    let from = own + <usize>firstQuery * maskQuery;
    for (let q = 0; q < columns; q++) {
      if (load<i32>(from) == 0) store<f32>(row + (<usize>q << 2), MASKED);
      from += maskQuery;
    }
  }
}

/** `values` numbers times a factor. */
export function scaleValues(at: usize, values: i32, factor: f32): void {
  const by = splat(factor);
  const end = at + (<usize>values << 2);
  for (; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), by));
}

/** Writes rows that lie as columns: value [row][column] of the target is [column][row] of `from`. */
export function storeColumns(from: usize, columns: i32, rows: i32, to: usize, toStep: usize): void {
  let r = 0;
  for (; r + 4 <= rows; r += 4) {
    let target = to + <usize>r * toStep;
    let source = from + (<usize>r << 2);
    let c = 0;
    for (; c + 4 <= columns; c += 4) {
      const a = v128.load(source), b = v128.load(source + ROW), d = v128.load(source + 2 * ROW), e = v128.load(source + 3 * ROW);
      const p0 = low(a, b), p1 = high(a, b), p2 = low(d, e), p3 = high(d, e);
      v128.store(target, lowPair(p0, p2));
      v128.store(target + toStep, highPair(p0, p2));
      v128.store(target + 2 * toStep, lowPair(p1, p3));
      v128.store(target + 3 * toStep, highPair(p1, p3));
      target += 16;
      source += 4 * ROW;
    }
    for (; c < columns; c++) {
      store<f32>(target, load<f32>(source));
      store<f32>(target + toStep, load<f32>(source, 4));
      store<f32>(target + 2 * toStep, load<f32>(source, 8));
      store<f32>(target + 3 * toStep, load<f32>(source, 12));
      target += 4;
      source += ROW;
    }
  }
  for (; r < rows; r++) {
    const target = to + <usize>r * toStep;
    const source = from + (<usize>r << 2);
    for (let c = 0; c < columns; c++) store<f32>(target + (<usize>c << 2), load<f32>(source + <usize>c * ROW));
  }
}

/** How many blocks so many steps are. */
// @ts-ignore: decorator
@inline
export function blocksOf(steps: i32): i32 {
  return (steps + BLOCK - 1) / BLOCK;
}

/** Bytes of a block with so many numbers for each of its steps. */
// @ts-ignore: decorator
@inline
export function blockBytes(size: i32): usize {
  return <usize>(BLOCK * size) << 2;
}

/** Whole panels of 8. */
// @ts-ignore: decorator
@inline
export function panels(size: i32): i32 {
  return (size + 7) & ~7;
}

/** The share of samples and heads that falls to a thread. */
export function firstUnit(thread: i32, threads: i32): i32 {
  return shareStart(batch * heads, 1, thread, threads);
}
