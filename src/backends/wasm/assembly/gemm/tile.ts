// The innermost product: a tile of 1 to 6 rows by 8 columns, all of it in registers. K is not unrolled: that spills registers
// in V8 and costs a third. Every height adds up in the same order, so a result does not depend on how rows were cut into tiles.
import { fma } from '../simd';

/**
 * c[rows, 8] = start + a * b over `count` values of k. `a` holds `rows` values for each k (stride `rows`), b a row of 8 every
 * `bStep` bytes. `from` is where the start is read: c itself to add to it, a row of bias with `fromStep` 0, or zeros.
 */
// @ts-ignore: decorator
@inline
function tile(
  rows: i32, a: usize, b: usize, bStep: usize, count: i32, from: usize, fromStep: usize, c: usize, cStep: usize,
): void {
  let c00 = v128.load(from);
  let c01 = v128.load(from, 16);
  let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01, c40 = c00, c41 = c01, c50 = c00, c51 = c01;
  if (rows > 1) { from += fromStep; c10 = v128.load(from); c11 = v128.load(from, 16); }
  if (rows > 2) { from += fromStep; c20 = v128.load(from); c21 = v128.load(from, 16); }
  if (rows > 3) { from += fromStep; c30 = v128.load(from); c31 = v128.load(from, 16); }
  if (rows > 4) { from += fromStep; c40 = v128.load(from); c41 = v128.load(from, 16); }
  if (rows > 5) { from += fromStep; c50 = v128.load(from); c51 = v128.load(from, 16); }
  const end = b + <usize>count * bStep;
  while (b != end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load_splat<f32>(a);
    c00 = fma(x, b0, c00); c01 = fma(x, b1, c01);
    if (rows > 1) { x = v128.load_splat<f32>(a, 4); c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); }
    if (rows > 2) { x = v128.load_splat<f32>(a, 8); c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); }
    if (rows > 3) { x = v128.load_splat<f32>(a, 12); c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); }
    if (rows > 4) { x = v128.load_splat<f32>(a, 16); c40 = fma(x, b0, c40); c41 = fma(x, b1, c41); }
    if (rows > 5) { x = v128.load_splat<f32>(a, 20); c50 = fma(x, b0, c50); c51 = fma(x, b1, c51); }
    a += rows << 2;
    b += bStep;
  }
  v128.store(c, c00); v128.store(c, c01, 16);
  if (rows > 1) { c += cStep; v128.store(c, c10); v128.store(c, c11, 16); }
  if (rows > 2) { c += cStep; v128.store(c, c20); v128.store(c, c21, 16); }
  if (rows > 3) { c += cStep; v128.store(c, c30); v128.store(c, c31, 16); }
  if (rows > 4) { c += cStep; v128.store(c, c40); v128.store(c, c41, 16); }
  if (rows > 5) { c += cStep; v128.store(c, c50); v128.store(c, c51, 16); }
}

function tile1(a: usize, b: usize, bStep: usize, count: i32, from: usize, fromStep: usize, c: usize, cStep: usize): void {
  tile(1, a, b, bStep, count, from, fromStep, c, cStep);
}
function tile2(a: usize, b: usize, bStep: usize, count: i32, from: usize, fromStep: usize, c: usize, cStep: usize): void {
  tile(2, a, b, bStep, count, from, fromStep, c, cStep);
}
function tile3(a: usize, b: usize, bStep: usize, count: i32, from: usize, fromStep: usize, c: usize, cStep: usize): void {
  tile(3, a, b, bStep, count, from, fromStep, c, cStep);
}
function tile4(a: usize, b: usize, bStep: usize, count: i32, from: usize, fromStep: usize, c: usize, cStep: usize): void {
  tile(4, a, b, bStep, count, from, fromStep, c, cStep);
}
function tile5(a: usize, b: usize, bStep: usize, count: i32, from: usize, fromStep: usize, c: usize, cStep: usize): void {
  tile(5, a, b, bStep, count, from, fromStep, c, cStep);
}
function tile6(a: usize, b: usize, bStep: usize, count: i32, from: usize, fromStep: usize, c: usize, cStep: usize): void {
  tile(6, a, b, bStep, count, from, fromStep, c, cStep);
}

/** `tile` for a height known only at run time. */
// @ts-ignore: decorator
@inline
export function multiplyTile(
  rows: i32, a: usize, b: usize, bStep: usize, count: i32, from: usize, fromStep: usize, c: usize, cStep: usize,
): void {
  if (rows == 6) tile6(a, b, bStep, count, from, fromStep, c, cStep);
  else if (rows == 5) tile5(a, b, bStep, count, from, fromStep, c, cStep);
  else if (rows == 4) tile4(a, b, bStep, count, from, fromStep, c, cStep);
  else if (rows == 3) tile3(a, b, bStep, count, from, fromStep, c, cStep);
  else if (rows == 2) tile2(a, b, bStep, count, from, fromStep, c, cStep);
  else tile1(a, b, bStep, count, from, fromStep, c, cStep);
}

/**
 * A tile of 16 columns, over two panels `panelStep` bytes apart: for 256-bit registers, of which it takes 15. In registers of 128 bits it would
 * not fit. Same order of sums as `tile`.
 */
// @ts-ignore: decorator
@inline
function pair(
  rows: i32, a: usize, b: usize, panelStep: usize, bStep: usize, count: i32,
  from: usize, fromStep: usize, fromColumnStep: usize, c: usize, cStep: usize, cColumnStep: usize,
): void {
  let beside = from + fromColumnStep;
  let c00 = v128.load(from), c01 = v128.load(from, 16), c02 = v128.load(beside), c03 = v128.load(beside, 16);
  let c10 = c00, c11 = c01, c12 = c02, c13 = c03, c20 = c00, c21 = c01, c22 = c02, c23 = c03;
  let c30 = c00, c31 = c01, c32 = c02, c33 = c03, c40 = c00, c41 = c01, c42 = c02, c43 = c03;
  let c50 = c00, c51 = c01, c52 = c02, c53 = c03;
  if (rows > 1) {
    from += fromStep; beside += fromStep;
    c10 = v128.load(from); c11 = v128.load(from, 16); c12 = v128.load(beside); c13 = v128.load(beside, 16);
  }
  if (rows > 2) {
    from += fromStep; beside += fromStep;
    c20 = v128.load(from); c21 = v128.load(from, 16); c22 = v128.load(beside); c23 = v128.load(beside, 16);
  }
  if (rows > 3) {
    from += fromStep; beside += fromStep;
    c30 = v128.load(from); c31 = v128.load(from, 16); c32 = v128.load(beside); c33 = v128.load(beside, 16);
  }
  if (rows > 4) {
    from += fromStep; beside += fromStep;
    c40 = v128.load(from); c41 = v128.load(from, 16); c42 = v128.load(beside); c43 = v128.load(beside, 16);
  }
  if (rows > 5) {
    from += fromStep; beside += fromStep;
    c50 = v128.load(from); c51 = v128.load(from, 16); c52 = v128.load(beside); c53 = v128.load(beside, 16);
  }
  const end = b + <usize>count * bStep;
  let other = b + panelStep;
  while (b != end) {
    const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(other), b3 = v128.load(other, 16);
    let x = v128.load_splat<f32>(a);
    c00 = fma(x, b0, c00); c01 = fma(x, b1, c01); c02 = fma(x, b2, c02); c03 = fma(x, b3, c03);
    if (rows > 1) {
      x = v128.load_splat<f32>(a, 4);
      c10 = fma(x, b0, c10); c11 = fma(x, b1, c11); c12 = fma(x, b2, c12); c13 = fma(x, b3, c13);
    }
    if (rows > 2) {
      x = v128.load_splat<f32>(a, 8);
      c20 = fma(x, b0, c20); c21 = fma(x, b1, c21); c22 = fma(x, b2, c22); c23 = fma(x, b3, c23);
    }
    if (rows > 3) {
      x = v128.load_splat<f32>(a, 12);
      c30 = fma(x, b0, c30); c31 = fma(x, b1, c31); c32 = fma(x, b2, c32); c33 = fma(x, b3, c33);
    }
    if (rows > 4) {
      x = v128.load_splat<f32>(a, 16);
      c40 = fma(x, b0, c40); c41 = fma(x, b1, c41); c42 = fma(x, b2, c42); c43 = fma(x, b3, c43);
    }
    if (rows > 5) {
      x = v128.load_splat<f32>(a, 20);
      c50 = fma(x, b0, c50); c51 = fma(x, b1, c51); c52 = fma(x, b2, c52); c53 = fma(x, b3, c53);
    }
    a += rows << 2;
    b += bStep;
    other += bStep;
  }
  let last = c + cColumnStep;
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(last, c02); v128.store(last, c03, 16);
  if (rows > 1) {
    c += cStep; last += cStep;
    v128.store(c, c10); v128.store(c, c11, 16); v128.store(last, c12); v128.store(last, c13, 16);
  }
  if (rows > 2) {
    c += cStep; last += cStep;
    v128.store(c, c20); v128.store(c, c21, 16); v128.store(last, c22); v128.store(last, c23, 16);
  }
  if (rows > 3) {
    c += cStep; last += cStep;
    v128.store(c, c30); v128.store(c, c31, 16); v128.store(last, c32); v128.store(last, c33, 16);
  }
  if (rows > 4) {
    c += cStep; last += cStep;
    v128.store(c, c40); v128.store(c, c41, 16); v128.store(last, c42); v128.store(last, c43, 16);
  }
  if (rows > 5) {
    c += cStep; last += cStep;
    v128.store(c, c50); v128.store(c, c51, 16); v128.store(last, c52); v128.store(last, c53, 16);
  }
}

function pair1(
  a: usize, b: usize, panelStep: usize, bStep: usize, count: i32, from: usize, fromStep: usize, fromColumnStep: usize,
  c: usize, cStep: usize, cColumnStep: usize,
): void {
  pair(1, a, b, panelStep, bStep, count, from, fromStep, fromColumnStep, c, cStep, cColumnStep);
}
function pair2(
  a: usize, b: usize, panelStep: usize, bStep: usize, count: i32, from: usize, fromStep: usize, fromColumnStep: usize,
  c: usize, cStep: usize, cColumnStep: usize,
): void {
  pair(2, a, b, panelStep, bStep, count, from, fromStep, fromColumnStep, c, cStep, cColumnStep);
}
function pair3(
  a: usize, b: usize, panelStep: usize, bStep: usize, count: i32, from: usize, fromStep: usize, fromColumnStep: usize,
  c: usize, cStep: usize, cColumnStep: usize,
): void {
  pair(3, a, b, panelStep, bStep, count, from, fromStep, fromColumnStep, c, cStep, cColumnStep);
}
function pair4(
  a: usize, b: usize, panelStep: usize, bStep: usize, count: i32, from: usize, fromStep: usize, fromColumnStep: usize,
  c: usize, cStep: usize, cColumnStep: usize,
): void {
  pair(4, a, b, panelStep, bStep, count, from, fromStep, fromColumnStep, c, cStep, cColumnStep);
}
function pair5(
  a: usize, b: usize, panelStep: usize, bStep: usize, count: i32, from: usize, fromStep: usize, fromColumnStep: usize,
  c: usize, cStep: usize, cColumnStep: usize,
): void {
  pair(5, a, b, panelStep, bStep, count, from, fromStep, fromColumnStep, c, cStep, cColumnStep);
}
function pair6(
  a: usize, b: usize, panelStep: usize, bStep: usize, count: i32, from: usize, fromStep: usize, fromColumnStep: usize,
  c: usize, cStep: usize, cColumnStep: usize,
): void {
  pair(6, a, b, panelStep, bStep, count, from, fromStep, fromColumnStep, c, cStep, cColumnStep);
}

/** `pair` for a height known only at run time. */
// @ts-ignore: decorator
@inline
export function multiplyPair(
  rows: i32, a: usize, b: usize, panelStep: usize, bStep: usize, count: i32, from: usize, fromStep: usize, fromColumnStep: usize,
  c: usize, cStep: usize, cColumnStep: usize,
): void {
  if (rows == 6) pair6(a, b, panelStep, bStep, count, from, fromStep, fromColumnStep, c, cStep, cColumnStep);
  else if (rows == 5) pair5(a, b, panelStep, bStep, count, from, fromStep, fromColumnStep, c, cStep, cColumnStep);
  else if (rows == 4) pair4(a, b, panelStep, bStep, count, from, fromStep, fromColumnStep, c, cStep, cColumnStep);
  else if (rows == 3) pair3(a, b, panelStep, bStep, count, from, fromStep, fromColumnStep, c, cStep, cColumnStep);
  else if (rows == 2) pair2(a, b, panelStep, bStep, count, from, fromStep, fromColumnStep, c, cStep, cColumnStep);
  else pair1(a, b, panelStep, bStep, count, from, fromStep, fromColumnStep, c, cStep, cColumnStep);
}

/** One or two rows by four panels: a narrow tile would wait for its own sums. Same order of sums as `tile`. */
// @ts-ignore: decorator
@inline
function wideTile(
  rows: i32, a: usize, b: usize, panelStep: usize, bStep: usize, count: i32, from: usize, fromStep: usize, c: usize, cStep: usize,
): void {
  let c00 = v128.load(from), c01 = v128.load(from, 16), c02 = v128.load(from, 32), c03 = v128.load(from, 48);
  let c04 = v128.load(from, 64), c05 = v128.load(from, 80), c06 = v128.load(from, 96), c07 = v128.load(from, 112);
  let c10 = c00, c11 = c01, c12 = c02, c13 = c03, c14 = c04, c15 = c05, c16 = c06, c17 = c07;
  if (rows > 1) {
    from += fromStep;
    c10 = v128.load(from); c11 = v128.load(from, 16); c12 = v128.load(from, 32); c13 = v128.load(from, 48);
    c14 = v128.load(from, 64); c15 = v128.load(from, 80); c16 = v128.load(from, 96); c17 = v128.load(from, 112);
  }
  let p1 = b + panelStep, p2 = p1 + panelStep, p3 = p2 + panelStep;
  const end = b + <usize>count * bStep;
  while (b != end) {
    const x = v128.load_splat<f32>(a), y = rows > 1 ? v128.load_splat<f32>(a, 4) : x;
    let p = v128.load(b);
    c00 = fma(x, p, c00);
    if (rows > 1) c10 = fma(y, p, c10);
    p = v128.load(b, 16);
    c01 = fma(x, p, c01);
    if (rows > 1) c11 = fma(y, p, c11);
    p = v128.load(p1);
    c02 = fma(x, p, c02);
    if (rows > 1) c12 = fma(y, p, c12);
    p = v128.load(p1, 16);
    c03 = fma(x, p, c03);
    if (rows > 1) c13 = fma(y, p, c13);
    p = v128.load(p2);
    c04 = fma(x, p, c04);
    if (rows > 1) c14 = fma(y, p, c14);
    p = v128.load(p2, 16);
    c05 = fma(x, p, c05);
    if (rows > 1) c15 = fma(y, p, c15);
    p = v128.load(p3);
    c06 = fma(x, p, c06);
    if (rows > 1) c16 = fma(y, p, c16);
    p = v128.load(p3, 16);
    c07 = fma(x, p, c07);
    if (rows > 1) c17 = fma(y, p, c17);
    a += rows << 2;
    b += bStep; p1 += bStep; p2 += bStep; p3 += bStep;
  }
  v128.store(c, c00); v128.store(c, c01, 16); v128.store(c, c02, 32); v128.store(c, c03, 48);
  v128.store(c, c04, 64); v128.store(c, c05, 80); v128.store(c, c06, 96); v128.store(c, c07, 112);
  if (rows > 1) {
    c += cStep;
    v128.store(c, c10); v128.store(c, c11, 16); v128.store(c, c12, 32); v128.store(c, c13, 48);
    v128.store(c, c14, 64); v128.store(c, c15, 80); v128.store(c, c16, 96); v128.store(c, c17, 112);
  }
}

/** c[rows, 32] = from + a times four panels, for one or two rows. */
export function multiplyWideTile(
  rows: i32, a: usize, b: usize, panelStep: usize, bStep: usize, count: i32, from: usize, fromStep: usize, c: usize, cStep: usize,
): void {
  if (rows == 1) wideTile(1, a, b, panelStep, bStep, count, from, fromStep, c, cStep);
  else wideTile(2, a, b, panelStep, bStep, count, from, fromStep, c, cStep);
}

// @ts-ignore: decorator
@inline
export const PANEL: i32 = 8;

/** How many tiles `rows` rows are cut into: heights as even as can be, none above 6. */
// @ts-ignore: decorator
@inline
export function tileCount(rows: i32): i32 {
  return (rows + 5) / 6;
}

/** The height of the next tile when `rows` rows are left for `tiles` tiles. */
// @ts-ignore: decorator
@inline
export function tileHeight(rows: i32, tiles: i32): i32 {
  return (rows + tiles - 1) / tiles;
}
