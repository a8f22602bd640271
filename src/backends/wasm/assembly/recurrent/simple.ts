// The simple recurrent layer over a whole sequence, both ways: h = f(x W + h' U + b), f = tanh or relu.
// Backward: dz = dh f'(h), dh' = dz U^T, dx = dz W^T; then the weights' gradients as products over all steps.
import { address, aligned, word } from '../arguments';
import { multiplyBlock } from '../gemm/gemm';
import { packLeft } from '../gemm/pack';
import { PANEL } from '../gemm/tile';
import { tanhRows } from '../math/rows';
import { flushed, fnma, loadPart, shareStart, splat, storePart, zero } from '../simd';
import { barrier } from '../sync';
import {
  copyRows, groupCount, groupsTogether, multiplyGates, packGateBiases, packGates, packRows, packTransposed, readsInPlace, sweepRows, Z_BYTES,
} from './panels';
import { simpleForwardSingle, simpleForwardSingleWorkspace } from './single/simple';
import { isMasked, moved, passMasked, startState } from './states';
import { weightGradients } from './weightGradients';
import { SimpleBackwardWords, SimpleForwardWords } from '../words';

// @ts-ignore: decorator
@inline
const ZERO_ROW: usize = memory.data(32, 16);

export function simpleForwardWorkspace(batch: i32, features: i32, units: i32): usize {
  if (batch == 1) return simpleForwardSingleWorkspace(units);
  return aligned(<usize>groupCount(units) * <usize>(features + units + 1) * 32) + aligned(<usize>(batch * units) << 2);
}

export function simpleBackwardWorkspace(steps: i32, batch: i32, features: i32, units: i32): usize {
  const panels = <usize>(groupCount(units) + groupCount(features)) * <usize>units * 32;
  return aligned(panels) + aligned(<usize>(batch * units) << 2) + (<usize>steps * <usize>batch * <usize>units << 2);
}

/** relu of `bytes` bytes of each row, in place. */
function reluRows(rows: i32, z: usize, bytes: usize): void {
  for (const end = z + <usize>rows * bytes; z != end; z += 32) {
    const first = v128.load(z), second = v128.load(z, 16);
    const positive = v128.and(first, f32x4.gt(first, zero())), beside = v128.and(second, f32x4.gt(second, zero()));
    v128.store(z, positive); v128.store(z, beside, 16);
  }
}

/** The new states of `bytes` bytes of units for some rows, from what is activated in z. Rows that are masked keep their state. */
function states(rows: i32, bytes: usize, z: usize, zStep: usize, before: usize, h: usize, step: usize, mask: usize): void {
  for (let row = 0; row < rows; row++) {
    memory.copy(h, isMasked(mask, row) ? before : z, bytes);
    z += zStep;
    before += step;
    h += step;
  }
}

/** Words: steps, batch, features, units, x, h0, W, U, b | 0, mask | 0, ys | 0, hn | 0, relu?, workspace. */
export function simpleForward(instruction: usize, thread: i32, threads: i32, scratch: usize): void {
  const steps = word(instruction, SimpleForwardWords.steps), batch = word(instruction, SimpleForwardWords.batch);
  if (batch == 1) {
    if (thread == 0) simpleForwardSingle(instruction, scratch);
    return;
  }
  const features = word(instruction, SimpleForwardWords.features), units = word(instruction, SimpleForwardWords.units);
  const relu = word(instruction, SimpleForwardWords.relu) != 0;
  const groups = groupCount(units);
  const depth = features + units;
  const panelStep = <usize>depth << 5;
  const panels = address(instruction, SimpleForwardWords.workspace);
  const biases = panels + <usize>groups * panelStep;
  const state = panels + aligned(<usize>groups * (panelStep + 32));
  const kernel = address(instruction, SimpleForwardWords.kernel), recurrent = address(instruction, SimpleForwardWords.recurrentKernel);
  const direct = readsInPlace(steps, batch, units);
  if (!direct) packGates(kernel, recurrent, features, units, 1, panels, thread, threads);
  if (thread == 0) packGateBiases(address(instruction, SimpleForwardWords.bias), units, 1, biases);
  barrier(threads);

  const ys = address(instruction, SimpleForwardWords.ys), hn = address(instruction, SimpleForwardWords.hn);
  const z = scratch, packed = scratch + Z_BYTES;
  const step = <usize>units << 2, xStep = <usize>features << 2;
  const block = sweepRows(depth, 0);
  const bottom = shareStart(batch, 1, thread + 1, threads);
  for (let top = shareStart(batch, 1, thread, threads); top < bottom; top += block) {
    const rows = bottom - top < block ? bottom - top : block;
    const offset = <usize>top * step;
    const together = groupsTogether(rows);
    let h = address(instruction, SimpleForwardWords.h0) + offset;
    for (let t = 0; t < steps; t++) {
      const at = t * batch + top;
      const next = ys == 0 ? state + offset : ys + <usize>at * step;
      packRows(rows, address(instruction, SimpleForwardWords.x) + <usize>at * xStep, xStep, features, h, step, units, packed);
      for (let first = 0; first < groups; first += together) {
        const by = <usize>first << 5;
        const count = groups - first < together ? groups - first : together;
        const width = units - first * PANEL < count * PANEL ? units - first * PANEL : count * PANEL;
        const zStep = <usize>count << 5;
        if (direct) {
          multiplyGates(rows, count, depth, 0, features, packed, kernel + by, 32, step, biases + by, 0, 32, z, 32, zStep);
          multiplyGates(rows, count, depth, features, units, packed, recurrent + by, 32, step, z, zStep, 32, z, 32, zStep);
        } else {
          multiplyGates(rows, count, depth, 0, depth, packed, panels + <usize>first * panelStep, panelStep, 32, biases + by, 0, 32, z, 32, zStep);
        }
        if (relu) reluRows(rows, z, zStep);
        else tanhRows(z, rows, zStep, count << 1);
        states(rows, <usize>width << 2, z, zStep, h + by, next + by, step, moved(address(instruction, SimpleForwardWords.mask), <usize>at << 2));
      }
      h = next;
    }
    if (hn != 0) copyRows(rows, units, h, hn + offset);
  }
}

/** dz of all units of some rows. */
function backwardCells(relu: bool, rows: i32, units: i32, h: usize, dh: usize, dy: usize, dz: usize, mask: usize): void {
  const step = <usize>units << 2;
  for (let row = 0; row < rows; row++) {
    if (isMasked(mask, row)) {
      passMasked(units, 1, dh, dy, dz);
    } else {
      for (let unit = 0; unit < units; unit += 4) {
        const at = <usize>unit << 2;
        const count = units - unit;
        const value = loadPart(h + at, count);
        let gradient = loadPart(dh + at, count);
        if (dy != 0) gradient = f32x4.add(gradient, loadPart(dy + at, count));
        gradient = flushed(gradient);
        gradient = relu
          ? v128.and(gradient, f32x4.gt(value, zero()))
          : f32x4.mul(gradient, fnma(value, value, splat(1)));
        storePart(dz + at, gradient, count);
        storePart(dh + at, zero(), count);
      }
    }
    h += step;
    dh += step;
    if (dy != 0) dy += step;
    dz += step;
  }
}

/**
 * Words: steps, batch, features, units, x, h0, W, U, mask | 0, ys, dys | 0, dhn | 0, dx | 0, dh0 | 0, dW | 0, dU | 0, db | 0,
 * relu?, workspace.
 */
export function simpleBackward(instruction: usize, thread: i32, threads: i32, scratch: usize): void {
  const steps = word(instruction, SimpleBackwardWords.steps), batch = word(instruction, SimpleBackwardWords.batch);
  const features = word(instruction, SimpleBackwardWords.features), units = word(instruction, SimpleBackwardWords.units);
  const dx = address(instruction, SimpleBackwardWords.dx), relu = word(instruction, SimpleBackwardWords.relu) != 0;
  const step = <usize>units << 2, xStep = <usize>features << 2;
  const panelStep = step << 3;
  const panelsU = address(instruction, SimpleBackwardWords.workspace);
  const panelsW = panelsU + <usize>groupCount(units) * panelStep;
  const dh = panelsU + aligned(<usize>(groupCount(units) + groupCount(features)) * panelStep);
  const dz = dh + aligned(<usize>batch * step);
  packTransposed(address(instruction, SimpleBackwardWords.recurrentKernel), step, units, units, panelsU, thread, threads);
  if (dx != 0) packTransposed(address(instruction, SimpleBackwardWords.kernel), step, features, units, panelsW, thread, threads);
  barrier(threads);

  const packed = scratch + 512;
  const block = sweepRows(units, 0);
  const bottom = shareStart(batch, 1, thread + 1, threads);
  for (let top = shareStart(batch, 1, thread, threads); top < bottom; top += block) {
    const rows = bottom - top < block ? bottom - top : block;
    const here = dh + <usize>top * step;
    startState(moved(address(instruction, SimpleBackwardWords.dhn), <usize>top * step), here, <usize>rows * step);
    for (let t = steps - 1; t >= 0; t--) {
      const at = t * batch + top;
      const dzNow = dz + <usize>at * step;
      backwardCells(relu, rows, units, address(instruction, SimpleBackwardWords.ys) + <usize>at * step, here,
        moved(address(instruction, SimpleBackwardWords.dys), <usize>at * step), dzNow, moved(address(instruction, SimpleBackwardWords.mask), <usize>at << 2));
      packLeft(dzNow, step, false, rows, units, packed);
      multiplyBlock(rows, units, units, packed, panelsU, 32, panelStep, here, step, 32, here, step, scratch);
      if (dx != 0) {
        multiplyBlock(rows, features, units, packed, panelsW, 32, panelStep, ZERO_ROW, 0, 0,
          dx + <usize>at * xStep, xStep, scratch);
      }
    }
    if (address(instruction, SimpleBackwardWords.dh0) != 0) copyRows(rows, units, here, address(instruction, SimpleBackwardWords.dh0) + <usize>top * step);
  }

  const dW = address(instruction, SimpleBackwardWords.dkernel), dU = address(instruction, SimpleBackwardWords.drecurrent), db = address(instruction, SimpleBackwardWords.dbias);
  if (dW == 0 && dU == 0 && db == 0) return;
  barrier(threads);
  weightGradients(steps, batch, units, dz, step, address(instruction, SimpleBackwardWords.x), features, address(instruction, SimpleBackwardWords.h0),
    address(instruction, SimpleBackwardWords.ys), step, units, dW, dU, db, step, thread, threads, scratch);
}
