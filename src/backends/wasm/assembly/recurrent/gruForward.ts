// GRU over a whole sequence, forward. With x W + b the input's part and h U + b' the recurrent part of a step:
//   z, r = sigmoid(x W + b + h U + b')    n = tanh(x W + b + r (h U + b'))    h = z h' + (1 - z) n      (reset after)
//   n = tanh(x W + b + (r h') U)                                                                        (reset before)
// What a backward sweep needs is kept: the gates z, r, n side by side, and `inner`, in the two forms h U + b' or r h'.
import { address, aligned, word } from '../arguments';
import { PANEL } from '../gemm/tile';
import { sigmoidRows, tanhRows } from '../math/rows';
import { fma, loadPart, shareStart, storePart } from '../simd';
import { barrier } from '../sync';
import {
  copyRows, groupCount, groupsTogether, groupWidth, multiplyGates, packBias, packGates, packRows, readsInPlace, sweepRows, Z_BYTES,
} from './panels';
import { gruForwardSingle, gruForwardSingleWorkspace } from './single/gru';
import { isMasked, moved } from './states';
import { GruForwardWords } from '../words';

/** Bytes of workspace: packed weights and biases, the states where the caller keeps none, and r h' for "reset before". */
export function gruForwardWorkspace(batch: i32, features: i32, units: i32): usize {
  if (batch == 1) return gruForwardSingleWorkspace(units);
  const groups = <usize>groupCount(units);
  return aligned(groups * 3 * (<usize>(features + units) << 5)) + groups * 128 + 64 + 2 * aligned(<usize>(batch * units) << 2);
}

/** The biases of each group as the products start from them: z, r (both parts added), then n's own and its recurrent part. */
function packBiases(bias: usize, after: bool, units: i32, to: usize): void {
  const second = bias == 0 || !after ? 0 : bias + (<usize>units * 12);
  for (let group = 0; group < groupCount(units); group++) {
    const width = groupWidth(units, group);
    for (let gate = 0; gate < 4; gate++) {
      const at = <usize>((gate == 3 ? 2 : gate) * units + group * 8) << 2;
      const here = to + (<usize>(group * 4 + gate) << 5);
      packBias(bias == 0 || gate == 3 ? 0 : bias + at, width, here);
      if (second == 0 || gate == 2) continue;
      for (let i = 0; i < width; i++) {
        const lane = <usize>i << 2;
        store<f32>(here + lane, load<f32>(here + lane) + load<f32>(second + at + lane));
      }
    }
  }
}

/** Keeps a vector of units where it is wanted. */
// @ts-ignore: decorator
@inline
function keep(to: usize, value: v128, count: i32): void {
  if (to != 0) storePart(to, value, count);
}

/** What the candidates are tanh of, for 8 units a row: to the input's part comes what the reset gate lets through of the recurrent part. */
function candidates(rows: i32, z: usize): void {
  for (const end = z + (<usize>rows << 7); z != end; z += 128) {
    const first = fma(v128.load(z, 32), v128.load(z, 96), v128.load(z, 64));
    const second = fma(v128.load(z, 48), v128.load(z, 112), v128.load(z, 80));
    v128.store(z, first, 64); v128.store(z, second, 80);
  }
}

/** z h' + (1 - z) n = n + z (h' - n) */
// @ts-ignore: decorator
@inline
function mixed(update: v128, held: v128, candidate: v128): v128 {
  return fma(update, f32x4.sub(held, candidate), candidate);
}

/** 8 units of a row to their new state. */
// @ts-ignore: decorator
@inline
function wholeState(z: usize, before: usize, h: usize): void {
  const first = mixed(v128.load(z), v128.load(before), v128.load(z, 64));
  const second = mixed(v128.load(z, 16), v128.load(before, 16), v128.load(z, 80));
  v128.store(h, first); v128.store(h, second, 16);
}

/** Copies 32 bytes. */
// @ts-ignore: decorator
@inline
function copyWhole(from: usize, offset: usize, to: usize): void {
  const first = v128.load(from + offset), second = v128.load(from + offset, 16);
  v128.store(to, first); v128.store(to, second, 16);
}

/** 4 units of a row (fewer at the end). Gates go to `kept`, `step` bytes apart, and h U + b' to `inner`. */
function partialState(
  z: usize, count: i32, masked: bool, before: usize, h: usize, kept: usize, inner: usize, step: usize,
): void {
  const update = v128.load(z), candidate = v128.load(z, 64);
  const held = loadPart(before, count);
  storePart(h, masked ? held : mixed(update, held, candidate), count);
  keep(inner, v128.load(z, 96), count);
  if (kept == 0) return;
  storePart(kept, update, count);
  storePart(kept + step, v128.load(z, 32), count);
  storePart(kept + 2 * step, candidate, count);
}

/** The new states of `units` units for some rows, everything in z activated. Rows that are masked keep their state. */
function states(
  rows: i32, units: i32, z: usize, zStep: usize, before: usize, h: usize, step: usize, kept: usize, inner: usize, mask: usize,
): void {
  const whole = <usize>(units & ~(PANEL - 1)) << 2;
  for (let row = 0; row < rows; row++) {
    const masked = isMasked(mask, row);
    let from = z, by: usize = 0;
    if (!masked && kept == 0 && inner == 0) {
      for (; by < whole; by += 32) {
        wholeState(from, before + by, h + by);
        from += 128;
      }
    } else if (!masked && kept != 0 && inner != 0) {
      for (; by < whole; by += 32) {
        wholeState(from, before + by, h + by);
        copyWhole(from, 0, kept + by);
        copyWhole(from, 32, kept + by + step);
        copyWhole(from, 64, kept + by + 2 * step);
        copyWhole(from, 96, inner + by);
        from += 128;
      }
    }
    for (let left = units - <i32>(by >> 2); left > 0; left -= 4) {
      partialState(from, left, masked, before + by, h + by, moved(kept, by), moved(inner, by), step);
      by += 16;
      from += by & 16 ? 16 : 112;
    }
    z += zStep;
    before += step;
    h += step;
    kept = moved(kept, 3 * step);
    inner = moved(inner, step);
  }
}

/** Reset before: update gate to `zed`, r h' to `product`. */
function resetStates(
  rows: i32, units: i32, z: usize, zStep: usize, before: usize, zed: usize, product: usize, step: usize, kept: usize, inner: usize,
): void {
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < units; at += 4) {
      const by = <usize>at << 2;
      const from = z + (<usize>(at >> 3) << 7) + (by & 16);
      const count = units - at;
      const update = v128.load(from), reset = v128.load(from, 32);
      const held = f32x4.mul(reset, loadPart(before + by, count));
      storePart(zed + by, update, count);
      storePart(product + by, held, count);
      keep(moved(inner, by), held, count);
      keep(moved(kept, by), update, count);
      keep(moved(kept, by + step), reset, count);
    }
    z += zStep;
    before += step;
    zed += step;
    product += step;
    kept = moved(kept, 3 * step);
    inner = moved(inner, step);
  }
}

/** Reset before: the new state, the candidates in z. */
function mixedStates(
  rows: i32, units: i32, z: usize, zStep: usize, before: usize, zed: usize, h: usize, step: usize, kept: usize, mask: usize,
): void {
  for (let row = 0; row < rows; row++) {
    const masked = isMasked(mask, row);
    for (let at = 0; at < units; at += 4) {
      const by = <usize>at << 2;
      const count = units - at;
      const candidate = v128.load(z + by);
      const held = loadPart(before + by, count);
      storePart(h + by, masked ? held : mixed(loadPart(zed + by, count), held, candidate), count);
      keep(moved(kept, by + 2 * step), candidate, count);
    }
    z += zStep;
    before += step;
    zed += step;
    h += step;
    kept = moved(kept, 3 * step);
  }
}

/**
 * Words: steps, batch, features, units, x, h0, W, U, b | 0, mask | 0, ys | 0, hn | 0, gates | 0, inner | 0, reset after?,
 * workspace.
 * The bias is [2, 3 units] for "reset after", else [3 units].
 */
export function gruForward(instruction: usize, thread: i32, threads: i32, scratch: usize): void {
  const steps = word(instruction, GruForwardWords.steps), batch = word(instruction, GruForwardWords.batch);
  if (batch == 1) {
    if (thread == 0) gruForwardSingle(instruction, scratch);
    return;
  }
  const features = word(instruction, GruForwardWords.features), units = word(instruction, GruForwardWords.units);
  const after = word(instruction, GruForwardWords.resetAfter) != 0;
  const groups = groupCount(units);
  const depth = features + units;
  const panelStep = <usize>depth << 5;
  const panels = address(instruction, GruForwardWords.workspace);
  const biases = panels + aligned(<usize>(groups * 3) * panelStep);
  const state = aligned(biases + (<usize>groups << 7));
  const products = state + aligned(<usize>(batch * units) << 2);
  const kernel = address(instruction, GruForwardWords.kernel), recurrent = address(instruction, GruForwardWords.recurrentKernel);
  const direct = readsInPlace(steps, batch, units);
  if (!direct) packGates(kernel, recurrent, features, units, 3, panels, thread, threads);
  if (thread == 0) packBiases(address(instruction, GruForwardWords.bias), after, units, biases);
  barrier(threads);

  const ys = address(instruction, GruForwardWords.ys), hn = address(instruction, GruForwardWords.hn);
  const gates = address(instruction, GruForwardWords.gates), inners = address(instruction, GruForwardWords.inner);
  const z = scratch;
  const zed = scratch + Z_BYTES;
  const step = <usize>units << 2;
  const xStep = <usize>features << 2, wStep = step * 3;
  const block = sweepRows(depth, units);
  const packed = zed + (<usize>(block * units) << 2);
  const bottom = shareStart(batch, 1, thread + 1, threads);
  for (let top = shareStart(batch, 1, thread, threads); top < bottom; top += block) {
    const rows = bottom - top < block ? bottom - top : block;
    const offset = <usize>top * step;
    const together = groupsTogether(rows);
    let h = address(instruction, GruForwardWords.h0) + offset;
    for (let t = 0; t < steps; t++) {
      const at = t * batch + top;
      const next = ys == 0 ? state + offset : ys + <usize>at * step;
      const kept = moved(gates, <usize>at * step * 3);
      const inner = moved(inners, <usize>at * step);
      const mask = moved(address(instruction, GruForwardWords.mask), <usize>at << 2);
      const x = address(instruction, GruForwardWords.x) + <usize>at * xStep;
      packRows(rows, x, xStep, features, h, step, units, packed);
      for (let first = 0; first < groups; first += together) {
        const by = <usize>first << 5;
        const count = groups - first < together ? groups - first : together;
        const width = units - first * PANEL < count * PANEL ? units - first * PANEL : count * PANEL;
        const zStep = <usize>count << 7;
        for (let group = 0; group < count; group++) {
          const bias = biases + (<usize>(first + group) << 7), to = z + (<usize>group << 7);
          if (direct) {
            const column = by + (<usize>group << 5);
            multiplyGates(rows, 2, depth, 0, features, packed, kernel + column, step, wStep, bias, 0, 32, to, 32, zStep);
            multiplyGates(rows, 2, depth, features, units, packed, recurrent + column, step, wStep, to, zStep, 32, to, 32, zStep);
          } else {
            multiplyGates(rows, 2, depth, 0, depth, packed, panels + <usize>((first + group) * 3) * panelStep, panelStep, 32,
              bias, 0, 32, to, 32, zStep);
          }
        }
        sigmoidRows(z, rows * count, 128, 4);
        if (after) {
          const last = panels + <usize>(first * 3 + 2) * panelStep, bias = biases + (<usize>first << 7), column = 2 * step + by;
          const nextPanel: usize = direct ? 32 : 3 * panelStep, bStep: usize = direct ? wStep : 32;
          multiplyGates(rows, count, depth, 0, features, packed, direct ? kernel + column : last, nextPanel, bStep,
            bias + 64, 0, 128, z + 64, 128, zStep);
          multiplyGates(rows, count, depth, features, units, packed, direct ? recurrent + column : last + (<usize>features << 5), nextPanel, bStep,
            bias + 96, 0, 128, z + 96, 128, zStep);
          candidates(rows * count, z);
          tanhRows(z + 64, rows * count, 128, 2);
          states(rows, width, z, zStep, h + by, next + by, step, moved(kept, by), moved(inner, by), mask);
        } else {
          resetStates(rows, width, z, zStep, h + by, zed + by, products + offset + by, step, moved(kept, by), moved(inner, by));
        }
      }
      if (!after) {
        packRows(rows, x, xStep, features, products + offset, step, units, packed);
        for (let first = 0; first < groups; first += together) {
          const by = <usize>first << 5;
          const count = groups - first < together ? groups - first : together;
          const width = units - first * PANEL < count * PANEL ? units - first * PANEL : count * PANEL;
          const zStep = <usize>count << 5;
          const bias = biases + (<usize>first << 7) + 64, column = 2 * step + by;
          if (direct) {
            multiplyGates(rows, count, depth, 0, features, packed, kernel + column, 32, wStep, bias, 0, 128, z, 32, zStep);
            multiplyGates(rows, count, depth, features, units, packed, recurrent + column, 32, wStep, z, zStep, 32, z, 32, zStep);
          } else {
            multiplyGates(rows, count, depth, 0, depth, packed, panels + <usize>(first * 3 + 2) * panelStep, 3 * panelStep, 32,
              bias, 0, 128, z, 32, zStep);
          }
          tanhRows(z, rows, zStep, count << 1);
          mixedStates(rows, width, z, zStep, h + by, zed + by, next + by, step, moved(kept, by), mask);
        }
      }
      h = next;
    }
    if (hn != 0) copyRows(rows, units, h, hn + offset);
  }
}
