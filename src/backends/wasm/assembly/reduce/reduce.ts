// Reductions of one axis: of [outer, length, inner], where inner is 1 (along rows) or not (down columns). Long axes are cut into
// pieces of a fixed length whose results are combined in order, so that neither the number of threads nor the way they share
// the work shows in a result.
import { address, word } from '../arguments';
import { loadPart, shareStart, storePart } from '../simd';
import { barrier } from '../sync';
import { Reduction } from './operations';
import { ReduceWords } from '../words';

/** Elements of a piece along rows, and rows of a piece down columns. */
const ROW_PIECE: i32 = 4096;
const COLUMN_PIECE: i32 = 256;

/** Bytes of workspace for the results of pieces. */
export function reduceWorkspace(outer: i32, length: i32, inner: i32): usize {
  const piece = inner == 1 ? ROW_PIECE : COLUMN_PIECE;
  const pieces = (length + piece - 1) / piece;
  return pieces > 1 ? <usize>(outer * pieces * inner) << 2 : 0;
}

// @ts-ignore: decorator
@inline
function start(kind: i32): v128 {
  switch (kind) {
    case Reduction.product: return f32x4.splat(1);
    case Reduction.maximum: return f32x4.splat(-Infinity);
    case Reduction.minimum: return f32x4.splat(Infinity);
    case Reduction.productInt: return i32x4.splat(1);
    case Reduction.maximumInt: return i32x4.splat(i32.MIN_VALUE);
    case Reduction.minimumInt: return i32x4.splat(i32.MAX_VALUE);
    default: return i32x4.splat(0);
  }
}

/** Takes `value`, an element or another result, into `sum`. `kind` is known where this is inlined. */
// @ts-ignore: decorator
@inline
function take(kind: i32, sum: v128, value: v128): v128 {
  if (kind == Reduction.sum) return f32x4.add(sum, value);
  if (kind == Reduction.product) return f32x4.mul(sum, value);
  if (kind == Reduction.maximum) return f32x4.max(sum, value);
  if (kind == Reduction.minimum) return f32x4.min(sum, value);
  if (kind == Reduction.sumInt) return i32x4.add(sum, value);
  if (kind == Reduction.productInt) return i32x4.mul(sum, value);
  if (kind == Reduction.maximumInt) return i32x4.max_s(sum, value);
  return i32x4.min_s(sum, value);
}

/** Reduces `count` elements that lie next to each other. */
// @ts-ignore: decorator
@inline
function row(kind: i32, from: usize, count: i32): v128 {
  const none = start(kind);
  let s0 = none, s1 = none, s2 = none, s3 = none;
  const end = from + (<usize>count << 2);
  for (; from + 64 <= end; from += 64) {
    s0 = take(kind, s0, v128.load(from));
    s1 = take(kind, s1, v128.load(from, 16));
    s2 = take(kind, s2, v128.load(from, 32));
    s3 = take(kind, s3, v128.load(from, 48));
  }
  s0 = take(kind, take(kind, s0, s1), take(kind, s2, s3));
  for (; from + 16 <= end; from += 16) s0 = take(kind, s0, v128.load(from));
  s0 = take(kind, s0, i8x16.shuffle(s0, s0, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  s0 = take(kind, s0, i8x16.shuffle(s0, s0, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  for (; from < end; from += 4) s0 = take(kind, s0, v128.load32_zero(from));
  return s0;
}

/** Reduces `count` rows, `step` bytes apart, of `width` elements each, element by element. */
// @ts-ignore: decorator
@inline
function columns(kind: i32, from: usize, step: usize, count: i32, width: i32, to: usize): void {
  let j = 0;
  for (; j + 16 <= width; j += 16) {
    const none = start(kind);
    let s0 = none, s1 = none, s2 = none, s3 = none;
    let at = from;
    for (let i = 0; i < count; i++) {
      s0 = take(kind, s0, v128.load(at));
      s1 = take(kind, s1, v128.load(at, 16));
      s2 = take(kind, s2, v128.load(at, 32));
      s3 = take(kind, s3, v128.load(at, 48));
      at += step;
    }
    v128.store(to, s0);
    v128.store(to, s1, 16);
    v128.store(to, s2, 32);
    v128.store(to, s3, 48);
    from += 64;
    to += 64;
  }
  for (; j < width; j += 4) {
    let s0 = start(kind);
    let at = from;
    for (let i = 0; i < count; i++) {
      s0 = take(kind, s0, loadPart(at, width - j));
      at += step;
    }
    storePart(to, s0, width - j);
    from += 16;
    to += 16;
  }
}

/** All pieces [first, last) of rows or columns. */
// @ts-ignore: decorator
@inline
function pieces(
  kind: i32, first: i32, last: i32, perRow: i32, piece: i32, length: i32, inner: i32, from: usize, to: usize,
  left: i32, width: i32,
): void {
  for (let item = first; item < last; item++) {
    const outer = item / perRow;
    const begin = (item % perRow) * piece;
    const count = length - begin < piece ? length - begin : piece;
    if (inner == 1) {
      v128.store_lane<f32>(to + (<usize>item << 2), row(kind, from + (<usize>(outer * length + begin) << 2), count), 0);
    } else {
      const at = from + (<usize>((outer * length + begin) * inner + left) << 2);
      columns(kind, at, <usize>inner << 2, count, width, to + (<usize>(item * inner + left) << 2));
    }
  }
}

function somePieces(
  kind: i32, first: i32, last: i32, perRow: i32, piece: i32, length: i32, inner: i32, from: usize, to: usize,
  left: i32, width: i32,
): void {
  switch (kind) {
    case Reduction.sum: { pieces(Reduction.sum, first, last, perRow, piece, length, inner, from, to, left, width); break; }
    case Reduction.product: { pieces(Reduction.product, first, last, perRow, piece, length, inner, from, to, left, width); break; }
    case Reduction.maximum: { pieces(Reduction.maximum, first, last, perRow, piece, length, inner, from, to, left, width); break; }
    case Reduction.minimum: { pieces(Reduction.minimum, first, last, perRow, piece, length, inner, from, to, left, width); break; }
    case Reduction.sumInt: { pieces(Reduction.sumInt, first, last, perRow, piece, length, inner, from, to, left, width); break; }
    case Reduction.productInt: { pieces(Reduction.productInt, first, last, perRow, piece, length, inner, from, to, left, width); break; }
    case Reduction.maximumInt: { pieces(Reduction.maximumInt, first, last, perRow, piece, length, inner, from, to, left, width); break; }
    case Reduction.minimumInt: { pieces(Reduction.minimumInt, first, last, perRow, piece, length, inner, from, to, left, width); break; }
  }
}

/** One pass: pieces are shared out where there are enough of them, else columns. */
function pass(
  kind: i32, outer: i32, length: i32, inner: i32, piece: i32, from: usize, to: usize, thread: i32, threads: i32,
): void {
  const perRow = length > piece ? (length + piece - 1) / piece : 1;
  const items = outer * perRow;
  if (items >= threads || inner < 32) {
    const first = shareStart(items, 1, thread, threads), last = shareStart(items, 1, thread + 1, threads);
    somePieces(kind, first, last, perRow, piece, length, inner, from, to, 0, inner);
  } else {
    const left = shareStart(inner, 16, thread, threads);
    const width = shareStart(inner, 16, thread + 1, threads) - left;
    if (width > 0) somePieces(kind, 0, items, perRow, piece, length, inner, from, to, left, width);
  }
}

/** Words: kind, outer, length, inner, from, to, workspace. */
export function reduce(instruction: usize, thread: i32, threads: i32): void {
  const kind = word(instruction, ReduceWords.kind);
  const outer = word(instruction, ReduceWords.outer), length = word(instruction, ReduceWords.length), inner = word(instruction, ReduceWords.inner);
  const from = address(instruction, ReduceWords.from), to = address(instruction, ReduceWords.to);
  const piece = inner == 1 ? ROW_PIECE : COLUMN_PIECE;
  if (length <= piece) {
    pass(kind, outer, length, inner, piece, from, to, thread, threads);
    return;
  }
  const partial = address(instruction, ReduceWords.workspace);
  const perRow = (length + piece - 1) / piece;
  pass(kind, outer, length, inner, piece, from, partial, thread, threads);
  barrier(threads);
  pass(kind, outer, perRow, inner, perRow, partial, to, thread, threads);
}
