// GRU over a whole sequence, backward, for both forms (see gru-forward.ts). With dh the gradient of a step's state:
//   dz = dh (h' - n) z (1 - z)      dn = dh (1 - z) (1 - n^2)      dh' = dh z + ...
//   reset after:   q = h U + b'  dr = dn q r (1 - r)         dq = dn r         dh' += [dz dr dq] U^T
//   reset before:  p = dn Un^T   dr = p h' r (1 - r)         dh' += p r        dh' += [dz dr] Uzr^T
import { address, aligned, word } from '../arguments';
import { multiplyBlock } from '../gemm/gemm';
import { packLeft } from '../gemm/pack';
import { PANEL } from '../gemm/tile';
import { flushed, fnma, loadPart, shareStart, splat, storePart, WIDE } from '../simd';
import { barrier } from '../sync';
import { copyRows, groupCount, packRows, packTransposed, sweepRows } from './panels';
import { isMasked, moved, passMasked, startState } from './states';
import { weightGradients } from './weightGradients';
import { GruBackwardWords } from '../words';

// @ts-ignore: decorator
@inline
const ZERO_ROW: usize = memory.data(32, 16);

/** Bytes of workspace: U^T and W^T packed, the gradient of the state, p, and four gradients a unit for all steps. */
export function gruBackwardWorkspace(steps: i32, batch: i32, features: i32, units: i32): usize {
  const panels = <usize>(groupCount(units) + groupCount(features)) * <usize>units * 96;
  return aligned(panels) + 2 * aligned(<usize>(batch * units) << 2) + <usize>steps * <usize>batch * <usize>units * 16;
}

/** 4 units of a row. Reset before leaves r and what needs p to `resetCell`. */
// @ts-ignore: decorator
@inline
function cell(
  after: bool, count: i32, kept: usize, inner: usize, step: usize, before: usize, dh: usize, dy: usize, dz: usize,
): void {
  const one = splat(1);
  const z = loadPart(kept, count), r = loadPart(kept + step, count), n = loadPart(kept + 2 * step, count);
  let dHidden = loadPart(dh, count);
  if (dy != 0) dHidden = f32x4.add(dHidden, loadPart(dy, count));
  dHidden = flushed(dHidden);
  const through = f32x4.mul(dHidden, z);
  const dn = f32x4.mul(f32x4.sub(dHidden, through), fnma(n, n, one));
  storePart(dh, through, count);
  storePart(dz, f32x4.mul(f32x4.mul(through, f32x4.sub(loadPart(before, count), n)), f32x4.sub(one, z)), count);
  storePart(dz + 2 * step, dn, count);
  if (!after) return;
  const dq = f32x4.mul(dn, r);
  storePart(dz + 3 * step, dq, count);
  storePart(dz + step, f32x4.mul(f32x4.mul(dq, loadPart(inner, count)), f32x4.sub(one, r)), count);
}

/** 8 units of a row, reset after: all is read before anything is written, so that the engine can join the two halves. */
// @ts-ignore: decorator
@inline
function wholeCell(z: usize, inner: usize, step: usize, before: usize, dh: usize, dy: usize, dz: usize): void {
  const one = splat(1);
  const r = z + step, n = r + step;
  const z0 = v128.load(z), z1 = v128.load(z, 16), r0 = v128.load(r), r1 = v128.load(r, 16);
  const n0 = v128.load(n), n1 = v128.load(n, 16);
  let dh0 = v128.load(dh), dh1 = v128.load(dh, 16);
  if (dy != 0) { dh0 = f32x4.add(dh0, v128.load(dy)); dh1 = f32x4.add(dh1, v128.load(dy, 16)); }
  dh0 = flushed(dh0); dh1 = flushed(dh1);
  const through0 = f32x4.mul(dh0, z0), through1 = f32x4.mul(dh1, z1);
  const dn0 = f32x4.mul(f32x4.sub(dh0, through0), fnma(n0, n0, one));
  const dn1 = f32x4.mul(f32x4.sub(dh1, through1), fnma(n1, n1, one));
  const du0 = f32x4.mul(f32x4.mul(through0, f32x4.sub(v128.load(before), n0)), f32x4.sub(one, z0));
  const du1 = f32x4.mul(f32x4.mul(through1, f32x4.sub(v128.load(before, 16), n1)), f32x4.sub(one, z1));
  const dq0 = f32x4.mul(dn0, r0), dq1 = f32x4.mul(dn1, r1);
  const dr0 = f32x4.mul(f32x4.mul(dq0, v128.load(inner)), f32x4.sub(one, r0));
  const dr1 = f32x4.mul(f32x4.mul(dq1, v128.load(inner, 16)), f32x4.sub(one, r1));
  const zr = dz + step, zn = zr + step, zq = zn + step;
  v128.store(dh, through0); v128.store(dh, through1, 16);
  v128.store(dz, du0); v128.store(dz, du1, 16);
  v128.store(zr, dr0); v128.store(zr, dr1, 16);
  v128.store(zn, dn0); v128.store(zn, dn1, 16);
  v128.store(zq, dq0); v128.store(zq, dq1, 16);
}

/** `cell` for what is not whole: apart, because calls in between cost the whole one its registers. */
function partialCell(
  after: bool, count: i32, kept: usize, inner: usize, step: usize, before: usize, dh: usize, dy: usize, dz: usize,
): void {
  cell(after, count, kept, inner, step, before, dh, dy, dz);
}

/** All units of some rows. */
function cells(
  after: bool, rows: i32, units: i32, kept: usize, inner: usize, before: usize, dh: usize, dy: usize, dz: usize,
  mask: usize,
): void {
  const step = <usize>units << 2;
  for (let row = 0; row < rows; row++) {
    if (isMasked(mask, row)) {
      passMasked(units, 4, dh, dy, dz);
    } else {
      let at: usize = 0;
      if (WIDE && after) {
        if (dy == 0) {
          for (; at + 32 <= step; at += 32) wholeCell(kept + at, inner + at, step, before + at, dh + at, 0, dz + at);
        } else {
          for (; at + 32 <= step; at += 32) wholeCell(kept + at, inner + at, step, before + at, dh + at, dy + at, dz + at);
        }
      }
      if (after) {
        for (; at + 16 <= step; at += 16) {
          cell(true, 4, kept + at, inner + at, step, before + at, dh + at, moved(dy, at), dz + at);
        }
      }
      for (; at < step; at += 16) {
        partialCell(
          after, <i32>((step - at) >> 2), kept + at, inner + at, step, before + at, dh + at, moved(dy, at), dz + at);
      }
    }
    kept += step * 3;
    inner += step;
    before += step;
    dh += step;
    if (dy != 0) dy += step;
    dz += step << 2;
  }
}

/** Reset before: with p known, the reset gate's gradient and what reaches the state through r h'. */
function resetCells(
  rows: i32, units: i32, kept: usize, before: usize, p: usize, dh: usize, dz: usize, mask: usize,
): void {
  const step = <usize>units << 2;
  for (let row = 0; row < rows; row++) {
    if (!isMasked(mask, row)) {
      for (let unit = 0; unit < units; unit += 4) {
        const at = <usize>unit << 2;
        const count = units - unit;
        const r = loadPart(kept + at + step, count), dHeld = loadPart(p + at, count);
        const through = f32x4.mul(dHeld, r);
        storePart(dh + at, f32x4.add(loadPart(dh + at, count), through), count);
        storePart(dz + at + step, f32x4.mul(f32x4.mul(through, loadPart(before + at, count)), f32x4.sub(splat(1), r)), count);
      }
    }
    kept += step * 3;
    before += step;
    p += step;
    dh += step;
    dz += step << 2;
  }
}

/**
 * Words: steps, batch, features, units, x, h0, W, U, mask | 0, ys, gates, inner, dys | 0, dhn | 0, dx | 0, dh0 | 0, dW | 0,
 * dU | 0, db | 0, reset after?, workspace.
 */
export function gruBackward(instruction: usize, thread: i32, threads: i32, scratch: usize): void {
  const steps = word(instruction, GruBackwardWords.steps), batch = word(instruction, GruBackwardWords.batch);
  const features = word(instruction, GruBackwardWords.features), units = word(instruction, GruBackwardWords.units);
  const kernel = address(instruction, GruBackwardWords.kernel), recurrent = address(instruction, GruBackwardWords.recurrentKernel);
  const dx = address(instruction, GruBackwardWords.dx), after = word(instruction, GruBackwardWords.resetAfter) != 0;
  const step = <usize>units << 2;
  const wStep = step * 3, zStep = step << 2, xStep = <usize>features << 2;
  const panelsU = address(instruction, GruBackwardWords.workspace);
  const panelsW = panelsU + <usize>groupCount(units) * (wStep << 3);
  const dh = panelsU + aligned(<usize>(groupCount(units) + groupCount(features)) * (wStep << 3));
  const products = dh + aligned(<usize>batch * step);
  const dz = products + aligned(<usize>batch * step);
  const panelsN = panelsU + <usize>groupCount(units) * (step << 4);
  if (after) {
    packTransposed(recurrent, wStep, units, 3 * units, panelsU, thread, threads);
  } else {
    packTransposed(recurrent, wStep, units, 2 * units, panelsU, thread, threads);
    packTransposed(recurrent + 2 * step, wStep, units, units, panelsN, thread, threads);
  }
  if (dx != 0) packTransposed(kernel, wStep, features, 3 * units, panelsW, thread, threads);
  barrier(threads);

  const packed = scratch + 512;
  const block = sweepRows(3 * units, 0);
  const bottom = shareStart(batch, 1, thread + 1, threads);
  for (let top = shareStart(batch, 1, thread, threads); top < bottom; top += block) {
    const rows = bottom - top < block ? bottom - top : block;
    const offset = <usize>top * step;
    const here = dh + offset;
    startState(moved(address(instruction, GruBackwardWords.dhn), offset), here, <usize>rows * step);
    for (let t = steps - 1; t >= 0; t--) {
      const at = t * batch + top;
      const before = t == 0 ? address(instruction, GruBackwardWords.h0) + offset : address(instruction, GruBackwardWords.ys) + <usize>(at - batch) * step;
      const kept = address(instruction, GruBackwardWords.gates) + <usize>at * wStep;
      const inner = address(instruction, GruBackwardWords.inner) + <usize>at * step;
      const dzNow = dz + <usize>at * zStep;
      const mask = moved(address(instruction, GruBackwardWords.mask), <usize>at << 2);
      cells(after, rows, units, kept, inner, before, here, moved(address(instruction, GruBackwardWords.dys), <usize>at * step), dzNow, mask);
      if (after) {
        packRows(rows, dzNow, zStep, 2 * units, dzNow + 3 * step, zStep, units, packed);
        multiplyBlock(rows, units, 3 * units, packed, panelsU, 32, wStep << 3, here, step, 32, here, step, scratch);
      } else {
        packLeft(dzNow + 2 * step, zStep, false, rows, units, packed);
        multiplyBlock(rows, units, units, packed, panelsN, 32, step << 3, ZERO_ROW, 0, 0,
          products + offset, step, scratch);
        resetCells(rows, units, kept, before, products + offset, here, dzNow, mask);
        packLeft(dzNow, zStep, false, rows, 2 * units, packed);
        multiplyBlock(rows, units, 2 * units, packed, panelsU, 32, step << 4, here, step, 32, here, step, scratch);
      }
      if (dx != 0) {
        packLeft(dzNow, zStep, false, rows, 3 * units, packed);
        multiplyBlock(rows, features, 3 * units, packed, panelsW, 32, wStep << 3, ZERO_ROW, 0, 0,
          dx + <usize>at * xStep, xStep, scratch);
      }
    }
    if (address(instruction, GruBackwardWords.dh0) != 0) copyRows(rows, units, here, address(instruction, GruBackwardWords.dh0) + offset);
  }

  const dW = address(instruction, GruBackwardWords.dkernel), dU = address(instruction, GruBackwardWords.drecurrent), db = address(instruction, GruBackwardWords.dbias);
  if (dW == 0 && dU == 0 && db == 0) return;
  barrier(threads);
  const x = address(instruction, GruBackwardWords.x), h0 = address(instruction, GruBackwardWords.h0), ys = address(instruction, GruBackwardWords.ys);
  const aside = 2 * step;
  weightGradients(steps, batch, 2 * units, dz, zStep, x, features, h0, ys, step, units, dW, dU, db, wStep,
    thread, threads, scratch);
  if (after) {
    weightGradients(steps, batch, units, dz + aside, zStep, x, features, 0, 0, step, units,
      moved(dW, aside), 0, moved(db, aside), wStep, thread, threads, scratch);
    weightGradients(steps, batch, units, dz + 3 * step, zStep, x, features, h0, ys, step, units,
      0, moved(dU, aside), moved(db, wStep + aside), wStep, thread, threads, scratch);
    // The second row of the bias gets the same gradient for z and r as the first.
    const first = shareStart(2 * units, PANEL, thread, threads), last = shareStart(2 * units, PANEL, thread + 1, threads);
    if (db != 0) copyRows(1, last - first, db + (<usize>first << 2), db + wStep + (<usize>first << 2));
  } else {
    const held = address(instruction, GruBackwardWords.inner);
    weightGradients(steps, batch, units, dz + aside, zStep, x, features, held, held + <usize>batch * step, step, units,
      moved(dW, aside), moved(dU, aside), moved(db, aside), wStep, thread, threads, scratch);
  }
}
