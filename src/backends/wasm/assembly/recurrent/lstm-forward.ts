// LSTM over a whole sequence, forward. With [x | h] a step's input beside the last hidden state:
//   i, f, o = sigmoid, g = tanh of [x | h] [W; U] + b      c = f c' + i g      h = o tanh c
// Rows of a batch do not depend on each other: each thread sweeps its own rows through all steps without meeting the others.
import { address, aligned, word } from '../arguments';
import { sigmoid, tanh } from '../math/exp';
import { fma, loadPart, shareStart, storePart } from '../simd';
import { barrier } from '../sync';
import { copyRows, groupCount, groupWidth, multiplyGates, packGateBiases, packGates, packRows, sweepRows } from './panels';
import { isMasked, moved } from './states';

/** Bytes of workspace: packed weights, packed bias, and the states where the caller keeps none. */
export function lstmForwardWorkspace(batch: i32, features: i32, units: i32): usize {
  const groups = <usize>groupCount(units);
  return aligned(groups * 4 * (<usize>(features + units) + 1) * 32) + 2 * aligned(<usize>(batch * units) << 2);
}

/** 4 units of a row (fewer at the end), from the pre-activations at z. The activated gates go to `kept`, if that is not 0. */
// @ts-ignore: decorator
@inline
function cell(
  z: usize, count: i32, masked: bool, cBefore: usize, c: usize, hBefore: usize, h: usize, kept: usize, unitStep: usize,
): void {
  const i = sigmoid(v128.load(z));
  const f = sigmoid(v128.load(z, 32));
  const g = tanh(v128.load(z, 64));
  const o = sigmoid(v128.load(z, 96));
  const held = loadPart(cBefore, count);
  const next = fma(f, held, f32x4.mul(i, g));
  storePart(c, masked ? held : next, count);
  storePart(h, masked ? loadPart(hBefore, count) : f32x4.mul(o, tanh(next)), count);
  if (kept != 0) {
    storePart(kept, i, count);
    storePart(kept + unitStep, f, count);
    storePart(kept + 2 * unitStep, g, count);
    storePart(kept + 3 * unitStep, o, count);
  }
}

/** `cell` for what is not whole: apart, because calls in between cost the whole one its registers. */
function partialCell(
  z: usize, count: i32, masked: bool, cBefore: usize, c: usize, hBefore: usize, h: usize, kept: usize, step: usize,
): void {
  cell(z, count, masked, cBefore, c, hBefore, h, kept, step);
}

/** A group of up to 8 units for some rows. Rows that are masked keep their states. */
function cells(
  rows: i32, width: i32, z: usize, cBefore: usize, c: usize, hBefore: usize, h: usize, step: usize,
  kept: usize, mask: usize,
): void {
  for (let row = 0; row < rows; row++) {
    const masked = isMasked(mask, row);
    if (width == 8 && !masked) {
      cell(z, 4, false, cBefore, c, hBefore, h, kept, step);
      cell(z + 16, 4, false, cBefore + 16, c + 16, hBefore + 16, h + 16, moved(kept, 16), step);
    } else {
      partialCell(z, width, masked, cBefore, c, hBefore, h, kept, step);
      if (width > 4) {
        partialCell(z + 16, width - 4, masked, cBefore + 16, c + 16, hBefore + 16, h + 16, moved(kept, 16), step);
      }
    }
    z += 128;
    cBefore += step;
    c += step;
    hBefore += step;
    h += step;
    kept = moved(kept, step << 2);
  }
}

/**
 * Words: steps, batch, features, units, x, h0, c0, W, U, b | 0, mask | 0, ys | 0, hn | 0, cn | 0, gates | 0, cells | 0, workspace.
 * Time comes first in all sequences; a step whose mask is 0 keeps the states of the step before.
 */
export function lstmForward(instruction: usize, thread: i32, threads: i32, scratch: usize): void {
  const steps = word(instruction, 0), batch = word(instruction, 1);
  const features = word(instruction, 2), units = word(instruction, 3);
  const groups = groupCount(units);
  const depth = features + units;
  const panelStep = <usize>depth << 5;
  const panels = address(instruction, 16);
  const biases = panels + <usize>(groups * 4) * panelStep;
  const stateBytes = <usize>(batch * units) << 2;
  const hState = panels + aligned(<usize>(groups * 4) * (panelStep + 32));
  const cState = hState + aligned(stateBytes);
  packGates(address(instruction, 7), address(instruction, 8), features, units, 4, panels, thread, threads);
  if (thread == 0) packGateBiases(address(instruction, 9), units, 4, biases);
  barrier(threads);

  const ys = address(instruction, 11), hn = address(instruction, 12), cn = address(instruction, 13);
  const gates = address(instruction, 14), history = address(instruction, 15);
  const z = scratch, packed = scratch + 96 * 128;
  const step = <usize>units << 2;
  const xStep = <usize>features << 2;
  const block = sweepRows(depth);
  const bottom = shareStart(batch, 1, thread + 1, threads);
  for (let top = shareStart(batch, 1, thread, threads); top < bottom; top += block) {
    const rows = bottom - top < block ? bottom - top : block;
    const offset = <usize>top * step;
    let h = address(instruction, 5) + offset, c = address(instruction, 6) + offset;
    for (let t = 0; t < steps; t++) {
      const at = t * batch + top;
      const hNext = ys == 0 ? hState + offset : ys + <usize>at * step;
      const cNext = history == 0 ? cState + offset : history + <usize>at * step;
      const kept = moved(gates, <usize>at * (step << 2));
      const mask = moved(address(instruction, 10), <usize>at << 2);
      packRows(rows, address(instruction, 4) + <usize>at * xStep, xStep, features, h, step, units, packed);
      for (let group = 0; group < groups; group++) {
        const unit = <usize>group << 5;
        multiplyGates(rows, 4, depth, 0, depth, packed, panels + <usize>(group * 4) * panelStep, panelStep,
          biases + (<usize>group << 7), z, 128);
        cells(rows, groupWidth(units, group), z, c + unit, cNext + unit, h + unit, hNext + unit, step,
          moved(kept, unit), mask);
      }
      h = hNext;
      c = cNext;
    }
    if (hn != 0) copyRows(rows, units, h, hn + offset);
    if (cn != 0) copyRows(rows, units, c, cn + offset);
  }
}
