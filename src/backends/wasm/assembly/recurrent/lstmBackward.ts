// LSTM over a whole sequence, backward. From the last step to the first, with dh and dc the gradients of a step's states:
//   dc += dh o (1 - tanh^2 c)     dzo = dh tanh c o (1 - o)    dzi = dc g i (1 - i)    dzf = dc c' f (1 - f)
//   dzg = dc i (1 - g^2)          dc' = dc f                   dh' = dz U^T            dx = dz W^T
// Then the weights' gradients as products over all steps.
import { address, aligned, word } from '../arguments';
import { multiplyBlock } from '../gemm/gemm';
import { packLeft } from '../gemm/pack';
import { fma, flushed, fnma, loadPart, shareStart, splat, storePart, WIDE, zero } from '../simd';
import { barrier } from '../sync';
import { groupCount, packTransposed, sweepRows } from './panels';
import { isMasked, moved, passMasked, startState } from './states';
import { weightGradients } from './weightGradients';
import { LstmBackwardWords } from '../words';

// @ts-ignore: decorator
@inline
const ZERO_ROW: usize = memory.data(32, 16);

/** Bytes of workspace: U^T and W^T packed, the gradients of the states, and those of the pre-activations of all steps. */
export function lstmBackwardWorkspace(steps: i32, batch: i32, features: i32, units: i32): usize {
  const panels = <usize>(groupCount(units) + groupCount(features)) * <usize>units * 128;
  return aligned(panels) + 2 * aligned(<usize>(batch * units) << 2) + <usize>steps * <usize>batch * <usize>units * 16;
}

/** 4 units of a row (fewer at the end). tanh c is h / o: o is never 0, as the forward sweep makes it. */
// @ts-ignore: decorator
@inline
function cell(
  count: i32, gates: usize, step: usize, h: usize, before: usize, dh: usize, dy: usize, dc: usize, dz: usize,
): void {
  const one = splat(1);
  const i = loadPart(gates, count), f = loadPart(gates + step, count);
  const g = loadPart(gates + 2 * step, count), o = loadPart(gates + 3 * step, count);
  let dHidden = loadPart(dh, count);
  if (dy != 0) dHidden = f32x4.add(dHidden, loadPart(dy, count));
  dHidden = flushed(dHidden);
  const t = f32x4.div(loadPart(h, count), o);
  const through = f32x4.mul(dHidden, o);
  const dCell = flushed(fma(through, fnma(t, t, one), loadPart(dc, count)));
  storePart(dc, f32x4.mul(dCell, f), count);
  storePart(dh, zero(), count);
  storePart(dz, f32x4.mul(f32x4.mul(dCell, g), f32x4.mul(i, f32x4.sub(one, i))), count);
  storePart(dz + step, f32x4.mul(f32x4.mul(dCell, loadPart(before, count)), f32x4.mul(f, f32x4.sub(one, f))), count);
  storePart(dz + 2 * step, f32x4.mul(f32x4.mul(dCell, i), fnma(g, g, one)), count);
  storePart(dz + 3 * step, f32x4.mul(f32x4.mul(through, t), f32x4.sub(one, o)), count);
}

/** 8 units of a row: all is read before anything is written, so that the engine can join the two halves. */
// @ts-ignore: decorator
@inline
function wholeCell(
  i: usize, step: usize, h: usize, before: usize, dh: usize, dy: usize, dc: usize, dz: usize,
): void {
  const one = splat(1);
  const f = i + step, g = f + step, o = g + step;
  const i0 = v128.load(i), i1 = v128.load(i, 16), f0 = v128.load(f), f1 = v128.load(f, 16);
  const g0 = v128.load(g), g1 = v128.load(g, 16), o0 = v128.load(o), o1 = v128.load(o, 16);
  let dh0 = v128.load(dh), dh1 = v128.load(dh, 16);
  if (dy != 0) { dh0 = f32x4.add(dh0, v128.load(dy)); dh1 = f32x4.add(dh1, v128.load(dy, 16)); }
  dh0 = flushed(dh0); dh1 = flushed(dh1);
  const t0 = f32x4.div(v128.load(h), o0), t1 = f32x4.div(v128.load(h, 16), o1);
  const through0 = f32x4.mul(dh0, o0), through1 = f32x4.mul(dh1, o1);
  const dc0 = flushed(fma(through0, fnma(t0, t0, one), v128.load(dc)));
  const dc1 = flushed(fma(through1, fnma(t1, t1, one), v128.load(dc, 16)));
  const df0 = f32x4.mul(f32x4.mul(dc0, v128.load(before)), f32x4.mul(f0, f32x4.sub(one, f0)));
  const df1 = f32x4.mul(f32x4.mul(dc1, v128.load(before, 16)), f32x4.mul(f1, f32x4.sub(one, f1)));
  const di0 = f32x4.mul(f32x4.mul(dc0, g0), f32x4.mul(i0, f32x4.sub(one, i0)));
  const di1 = f32x4.mul(f32x4.mul(dc1, g1), f32x4.mul(i1, f32x4.sub(one, i1)));
  const dg0 = f32x4.mul(f32x4.mul(dc0, i0), fnma(g0, g0, one)), dg1 = f32x4.mul(f32x4.mul(dc1, i1), fnma(g1, g1, one));
  const do0 = f32x4.mul(f32x4.mul(through0, t0), f32x4.sub(one, o0));
  const do1 = f32x4.mul(f32x4.mul(through1, t1), f32x4.sub(one, o1));
  const back0 = f32x4.mul(dc0, f0), back1 = f32x4.mul(dc1, f1);
  const zf = dz + step, zg = zf + step, zo = zg + step;
  v128.store(dc, back0); v128.store(dc, back1, 16);
  v128.store(dh, zero()); v128.store(dh, zero(), 16);
  v128.store(dz, di0); v128.store(dz, di1, 16);
  v128.store(zf, df0); v128.store(zf, df1, 16);
  v128.store(zg, dg0); v128.store(zg, dg1, 16);
  v128.store(zo, do0); v128.store(zo, do1, 16);
}

/** `cell` for what is not whole: apart, because calls in between cost the whole one its registers. */
function partialCell(
  count: i32, gates: usize, step: usize, h: usize, before: usize, dh: usize, dy: usize, dc: usize, dz: usize,
): void {
  cell(count, gates, step, h, before, dh, dy, dc, dz);
}

/** All units of some rows. In masked rows the gradients of the states pass through, that of the step's output joins them. */
function cells(
  rows: i32, units: i32, gates: usize, h: usize, before: usize, dh: usize, dy: usize, dc: usize, dz: usize, mask: usize,
): void {
  const step = <usize>units << 2;
  const whole = step & ~15;
  for (let row = 0; row < rows; row++) {
    if (isMasked(mask, row)) {
      passMasked(units, 4, dh, dy, dz);
    } else {
      let at: usize = 0;
      if (WIDE) {
        if (dy == 0) {
          for (; at + 32 <= step; at += 32) wholeCell(gates + at, step, h + at, before + at, dh + at, 0, dc + at, dz + at);
        } else {
          for (; at + 32 <= step; at += 32) wholeCell(gates + at, step, h + at, before + at, dh + at, dy + at, dc + at, dz + at);
        }
      }
      if (dy == 0) {
        for (; at < whole; at += 16) cell(4, gates + at, step, h + at, before + at, dh + at, 0, dc + at, dz + at);
      } else {
        for (; at < whole; at += 16) cell(4, gates + at, step, h + at, before + at, dh + at, dy + at, dc + at, dz + at);
      }
      if (whole < step) {
        partialCell(units & 3, gates + at, step, h + at, before + at, dh + at, moved(dy, at), dc + at, dz + at);
      }
    }
    gates += step << 2;
    h += step;
    before += step;
    dh += step;
    if (dy != 0) dy += step;
    dc += step;
    dz += step << 2;
  }
}

/**
 * Words: steps, batch, features, units, x, h0, c0, W, U, mask | 0, ys, gates, cells, dys | 0, dhn | 0, dcn | 0,
 * dx | 0, dh0 | 0, dc0 | 0, dW | 0, dU | 0, db | 0, workspace.
 */
export function lstmBackward(instruction: usize, thread: i32, threads: i32, scratch: usize): void {
  const steps = word(instruction, LstmBackwardWords.steps), batch = word(instruction, LstmBackwardWords.batch);
  const features = word(instruction, LstmBackwardWords.features), units = word(instruction, LstmBackwardWords.units);
  const dx = address(instruction, LstmBackwardWords.dx);
  const depth = units * 4;
  const step = <usize>units << 2;
  const zStep = step << 2;
  const xStep = <usize>features << 2;
  const panelStep = <usize>depth << 5;
  const panelsU = address(instruction, LstmBackwardWords.workspace);
  const panelsW = panelsU + <usize>groupCount(units) * panelStep;
  const dh = panelsU + aligned(<usize>(groupCount(units) + groupCount(features)) * panelStep);
  const dc = dh + aligned(<usize>batch * step);
  const dz = dc + aligned(<usize>batch * step);
  packTransposed(address(instruction, LstmBackwardWords.recurrentKernel), zStep, units, depth, panelsU, thread, threads);
  if (dx != 0) packTransposed(address(instruction, LstmBackwardWords.kernel), zStep, features, depth, panelsW, thread, threads);
  barrier(threads);

  const packed = scratch + 512;
  const block = sweepRows(depth, 0);
  const bottom = shareStart(batch, 1, thread + 1, threads);
  for (let top = shareStart(batch, 1, thread, threads); top < bottom; top += block) {
    const rows = bottom - top < block ? bottom - top : block;
    const offset = <usize>top * step;
    const bytes = <usize>rows * step;
    startState(moved(address(instruction, LstmBackwardWords.dhn), offset), dh + offset, bytes);
    startState(moved(address(instruction, LstmBackwardWords.dcn), offset), dc + offset, bytes);
    for (let t = steps - 1; t >= 0; t--) {
      const at = t * batch + top;
      const cBefore = t == 0 ? address(instruction, LstmBackwardWords.c0) + offset : address(instruction, LstmBackwardWords.cells) + <usize>(at - batch) * step;
      const dzNow = dz + <usize>at * zStep;
      const h = address(instruction, LstmBackwardWords.ys) + <usize>at * step;
      cells(rows, units, address(instruction, LstmBackwardWords.gates) + <usize>at * zStep, h, cBefore, dh + offset,
        moved(address(instruction, LstmBackwardWords.dys), <usize>at * step), dc + offset, dzNow, moved(address(instruction, LstmBackwardWords.mask), <usize>at << 2));
      if (t == 0 && address(instruction, LstmBackwardWords.dh0) == 0 && dx == 0) continue;
      packLeft(dzNow, zStep, false, rows, depth, packed);
      multiplyBlock(rows, units, depth, packed, panelsU, 32, panelStep, dh + offset, step, 32, dh + offset, step, scratch);
      if (dx != 0) {
        multiplyBlock(rows, features, depth, packed, panelsW, 32, panelStep, ZERO_ROW, 0, 0,
          dx + <usize>at * xStep, xStep, scratch);
      }
    }
    if (address(instruction, LstmBackwardWords.dh0) != 0) memory.copy(address(instruction, LstmBackwardWords.dh0) + offset, dh + offset, bytes);
    if (address(instruction, LstmBackwardWords.dc0) != 0) memory.copy(address(instruction, LstmBackwardWords.dc0) + offset, dc + offset, bytes);
  }

  const dW = address(instruction, LstmBackwardWords.dkernel), dU = address(instruction, LstmBackwardWords.drecurrent), db = address(instruction, LstmBackwardWords.dbias);
  if (dW == 0 && dU == 0 && db == 0) return;
  barrier(threads);
  weightGradients(steps, batch, depth, dz, zStep, address(instruction, LstmBackwardWords.x), features, address(instruction, LstmBackwardWords.h0),
    address(instruction, LstmBackwardWords.ys), step, units, dW, dU, db, zStep, thread, threads, scratch);
}
