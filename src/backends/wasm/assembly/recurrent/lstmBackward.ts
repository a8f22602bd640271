// LSTM over a whole sequence, backward. From the last step to the first, with dh and dc the gradients of a step's states:
//   dc += dh o (1 - tanh^2 c)     dzo = dh tanh c o (1 - o)    dzi = dc g i (1 - i)    dzf = dc c' f (1 - f)
//   dzg = dc i (1 - g^2)          dc' = dc f                   dh' = dz U^T            dx = dz W^T
// Then the weights' gradients as products over all steps.
import { address, aligned, word } from '../arguments';
import { multiplyBlock } from '../gemm/gemm';
import { packLeft } from '../gemm/pack';
import { fma, flushed, fnma, loadPart, shareStart, splat, storePart, zero } from '../simd';
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
      if (dy == 0) {
        for (let at: usize = 0; at < whole; at += 16) cell(4, gates + at, step, h + at, before + at, dh + at, 0, dc + at, dz + at);
      } else {
        for (let at: usize = 0; at < whole; at += 16) {
          cell(4, gates + at, step, h + at, before + at, dh + at, dy + at, dc + at, dz + at);
        }
      }
      if (whole < step) {
        const at = whole;
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
