// LSTM over a whole sequence, forward. With [x | h] a step's input beside the last hidden state:
//   i, f, o = sigmoid, g = tanh of [x | h] [W; U] + b      c = f c' + i g      h = o tanh c
// Rows of a batch do not depend on each other: each thread sweeps its own rows through all steps without meeting the others.
import { address, aligned, word } from '../arguments';
import { PANEL } from '../gemm/tile';
import { sigmoidRows, tanhRows } from '../math/rows';
import { fma, loadPart, shareStart, storePart } from '../simd';
import { barrier } from '../sync';
import {
  copyRows, groupCount, groupsTogether, multiplyGates, packGateBiases, packGates, packRows, readsInPlace, sweepRows, Z_BYTES,
} from './panels';
import { lstmForwardSingle, lstmForwardSingleWorkspace } from './single/lstm';
import { isMasked, moved } from './states';
import { LstmForwardWords } from '../words';

/** Bytes of workspace: packed weights, packed bias, and the states where the caller keeps none. */
export function lstmForwardWorkspace(batch: i32, features: i32, units: i32): usize {
  if (batch == 1) return lstmForwardSingleWorkspace(units);
  const groups = <usize>groupCount(units);
  return aligned(groups * 4 * (<usize>(features + units) + 1) * 32) + 2 * aligned(<usize>(batch * units) << 2);
}

/** 4 units of a row (fewer at the end), gates activated: the new cell state, to its place and to z. */
// @ts-ignore: decorator
@inline
function cellState(z: usize, count: i32, masked: bool, cBefore: usize, c: usize, kept: usize, unitStep: usize): void {
  const i = v128.load(z), f = v128.load(z, 32), g = v128.load(z, 64);
  const held = loadPart(cBefore, count);
  const next = fma(f, held, f32x4.mul(i, g));
  v128.store(z, next);
  storePart(c, masked ? held : next, count);
  if (kept != 0) {
    storePart(kept, i, count);
    storePart(kept + unitStep, f, count);
    storePart(kept + 2 * unitStep, g, count);
    storePart(kept + 3 * unitStep, v128.load(z, 96), count);
  }
}

/** The cell states of `units` units for some rows, from rows of z. The activated gates go to `kept`, if that is not 0. */
function cellStates(
  rows: i32, units: i32, z: usize, zStep: usize, cBefore: usize, c: usize, step: usize, kept: usize, mask: usize,
): void {
  const whole = <usize>(units & ~(PANEL - 1)) << 2;
  for (let row = 0; row < rows; row++) {
    const masked = isMasked(mask, row);
    let from = z, by: usize = 0;
    if (!masked) {
      if (kept == 0) {
        for (; by < whole; by += 32) {
          const held = cBefore + by, to = c + by;
          const next = fma(v128.load(from, 32), v128.load(held), f32x4.mul(v128.load(from), v128.load(from, 64)));
          const last = fma(v128.load(from, 48), v128.load(held, 16), f32x4.mul(v128.load(from, 16), v128.load(from, 80)));
          v128.store(from, next); v128.store(from, last, 16);
          v128.store(to, next); v128.store(to, last, 16);
          from += 128;
        }
      }
      for (; by < whole; by += 32) {
        cellState(from, 4, false, cBefore + by, c + by, moved(kept, by), step);
        cellState(from + 16, 4, false, cBefore + by + 16, c + by + 16, moved(kept, by + 16), step);
        from += 128;
      }
    }
    for (let left = units - <i32>(by >> 2); left > 0; left -= 4) {
      cellState(from, left, masked, cBefore + by, c + by, moved(kept, by), step);
      by += 16;
      from += by & 16 ? 16 : 112;
    }
    z += zStep;
    cBefore += step;
    c += step;
    kept = moved(kept, step << 2);
  }
}

/** The hidden states, from the output gates in z and tanh of the cell states there. Rows that are masked keep theirs. */
function hiddenStates(
  rows: i32, units: i32, z: usize, zStep: usize, hBefore: usize, h: usize, step: usize, mask: usize,
): void {
  const whole = <usize>(units & ~(PANEL - 1)) << 2;
  for (let row = 0; row < rows; row++) {
    if (isMasked(mask, row)) {
      memory.copy(h, hBefore, <usize>units << 2);
    } else {
      let from = z, by: usize = 0;
      for (; by < whole; by += 32) {
        const first = f32x4.mul(v128.load(from, 96), v128.load(from));
        const second = f32x4.mul(v128.load(from, 112), v128.load(from, 16));
        v128.store(h + by, first); v128.store(h + by, second, 16);
        from += 128;
      }
      for (let left = units - <i32>(by >> 2); left > 0; left -= 4) {
        storePart(h + by, f32x4.mul(v128.load(from, 96), v128.load(from)), left);
        by += 16;
        from += 16;
      }
    }
    z += zStep;
    hBefore += step;
    h += step;
  }
}

/** As `cellStates` for whole groups whose gates lie activated where they are kept. The new states go to h as well. */
function cellStatesInPlace(
  rows: i32, bytes: usize, gates: usize, cBefore: usize, c: usize, h: usize, step: usize, mask: usize,
): void {
  for (let row = 0; row < rows; row++) {
    if (isMasked(mask, row)) {
      memory.copy(c, cBefore, bytes);
    } else {
      for (let by: usize = 0; by < bytes; by += 32) {
        const i = gates + by, f = i + step, g = f + step, held = cBefore + by, to = c + by, also = h + by;
        const next = fma(v128.load(f), v128.load(held), f32x4.mul(v128.load(i), v128.load(g)));
        const last = fma(v128.load(f, 16), v128.load(held, 16), f32x4.mul(v128.load(i, 16), v128.load(g, 16)));
        v128.store(to, next); v128.store(to, last, 16);
        v128.store(also, next); v128.store(also, last, 16);
      }
    }
    gates += step << 2;
    cBefore += step;
    c += step;
    h += step;
  }
}

/** As `hiddenStates`, with tanh of the cell states at h. */
function hiddenStatesInPlace(
  rows: i32, bytes: usize, output: usize, hBefore: usize, h: usize, step: usize, mask: usize,
): void {
  for (let row = 0; row < rows; row++) {
    if (isMasked(mask, row)) {
      memory.copy(h, hBefore, bytes);
    } else {
      for (let by: usize = 0; by < bytes; by += 32) {
        const gate = output + by, to = h + by;
        const first = f32x4.mul(v128.load(gate), v128.load(to)), second = f32x4.mul(v128.load(gate, 16), v128.load(to, 16));
        v128.store(to, first); v128.store(to, second, 16);
      }
    }
    output += step << 2;
    hBefore += step;
    h += step;
  }
}

/**
 * Words: steps, batch, features, units, x, h0, c0, W, U, b | 0, mask | 0, ys | 0, hn | 0, cn | 0, gates | 0, cells | 0, workspace.
 * Time comes first in all sequences; a step whose mask is 0 keeps the states of the step before.
 */
export function lstmForward(instruction: usize, thread: i32, threads: i32, scratch: usize): void {
  const steps = word(instruction, LstmForwardWords.steps), batch = word(instruction, LstmForwardWords.batch);
  if (batch == 1) {
    if (thread == 0) lstmForwardSingle(instruction, scratch);
    return;
  }
  const features = word(instruction, LstmForwardWords.features), units = word(instruction, LstmForwardWords.units);
  const groups = groupCount(units);
  const depth = features + units;
  const panelStep = <usize>depth << 5;
  const panels = address(instruction, LstmForwardWords.workspace);
  const biases = panels + <usize>(groups * 4) * panelStep;
  const stateBytes = <usize>(batch * units) << 2;
  const hState = panels + aligned(<usize>(groups * 4) * (panelStep + 32));
  const cState = hState + aligned(stateBytes);
  const kernel = address(instruction, LstmForwardWords.kernel), recurrent = address(instruction, LstmForwardWords.recurrentKernel);
  const direct = readsInPlace(steps, batch, units);
  if (!direct) packGates(kernel, recurrent, features, units, 4, panels, thread, threads);
  if (thread == 0) packGateBiases(address(instruction, LstmForwardWords.bias), units, 4, biases);
  barrier(threads);

  const ys = address(instruction, LstmForwardWords.ys), hn = address(instruction, LstmForwardWords.hn), cn = address(instruction, LstmForwardWords.cn);
  const gates = address(instruction, LstmForwardWords.gates), history = address(instruction, LstmForwardWords.cells);
  const z = scratch, packed = scratch + Z_BYTES;
  const step = <usize>units << 2;
  const xStep = <usize>features << 2;
  const block = sweepRows(depth, 0);
  const bottom = shareStart(batch, 1, thread + 1, threads);
  for (let top = shareStart(batch, 1, thread, threads); top < bottom; top += block) {
    const rows = bottom - top < block ? bottom - top : block;
    const offset = <usize>top * step;
    const together = groupsTogether(rows);
    // Where gates are kept, and are whole groups, they are computed where they stay.
    const inPlace = gates != 0 && rows > 2 && units % PANEL == 0;
    let h = address(instruction, LstmForwardWords.h0) + offset, c = address(instruction, LstmForwardWords.c0) + offset;
    for (let t = 0; t < steps; t++) {
      const at = t * batch + top;
      const hNext = ys == 0 ? hState + offset : ys + <usize>at * step;
      const cNext = history == 0 ? cState + offset : history + <usize>at * step;
      const kept = moved(gates, <usize>at * (step << 2));
      const mask = moved(address(instruction, LstmForwardWords.mask), <usize>at << 2);
      packRows(rows, address(instruction, LstmForwardWords.x) + <usize>at * xStep, xStep, features, h, step, units, packed);
      for (let first = 0; first < groups; first += together) {
        const count = groups - first < together ? groups - first : together;
        const by = <usize>first << 5;
        const place = inPlace ? kept + by : z;
        const zStep = inPlace ? step << 2 : <usize>count << 7;
        const gateStep: usize = inPlace ? step : 32;
        for (let group = 0; group < count; group++) {
          const to = place + (<usize>group << (inPlace ? 5 : 7));
          const bias = biases + (<usize>(first + group) << 7);
          if (direct) {
            const column = by + (<usize>group << 5);
            multiplyGates(rows, 4, depth, 0, features, packed, kernel + column, step, step << 2, bias, 0, 32, to, gateStep, zStep);
            multiplyGates(rows, 4, depth, features, units, packed, recurrent + column, step, step << 2, to, zStep, gateStep, to, gateStep, zStep);
          } else {
            multiplyGates(rows, 4, depth, 0, depth, packed, panels + <usize>((first + group) * 4) * panelStep, panelStep, 32,
              bias, 0, 32, to, gateStep, zStep);
          }
        }
        const width = units - first * PANEL < count * PANEL ? units - first * PANEL : count * PANEL;
        if (inPlace) {
          const bytes = <usize>width << 2;
          sigmoidRows(place, rows, zStep, count << 1);
          sigmoidRows(place + step, rows, zStep, count << 1);
          tanhRows(place + 2 * step, rows, zStep, count << 1);
          sigmoidRows(place + 3 * step, rows, zStep, count << 1);
          cellStatesInPlace(rows, bytes, place, c + by, cNext + by, hNext + by, step, mask);
          tanhRows(hNext + by, rows, step, count << 1);
          hiddenStatesInPlace(rows, bytes, place + 3 * step, h + by, hNext + by, step, mask);
        } else {
          sigmoidRows(z, rows * count, 128, 4);
          sigmoidRows(z + 96, rows * count, 128, 2);
          tanhRows(z + 64, rows * count, 128, 2);
          cellStates(rows, width, z, zStep, c + by, cNext + by, step, moved(kept, by), mask);
          tanhRows(z, rows * count, 128, 2);
          hiddenStates(rows, width, z, zStep, h + by, hNext + by, step, mask);
        }
      }
      h = hNext;
      c = cNext;
    }
    if (hn != 0) copyRows(rows, units, h, hn + offset);
    if (cn != 0) copyRows(rows, units, c, cn + offset);
  }
}
