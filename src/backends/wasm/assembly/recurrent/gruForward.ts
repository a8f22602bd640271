// GRU over a whole sequence, forward. With x W + b the input's part and h U + b' the recurrent part of a step:
//   z, r = sigmoid(x W + b + h U + b')    n = tanh(x W + b + r (h U + b'))    h = z h' + (1 - z) n      (reset after)
//   n = tanh(x W + b + (r h') U)                                                                        (reset before)
// What a backward sweep needs is kept: the gates z, r, n side by side, and `inner`, in the two forms h U + b' or r h'.
import { address, aligned, word } from '../arguments';
import { sigmoid, tanh } from '../math/exp';
import { fma, loadPart, shareStart, splat, storePart } from '../simd';
import { barrier } from '../sync';
import { copyRows, groupCount, groupWidth, multiplyGates, packBias, packGates, packRows, sweepRows } from './panels';
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

/** 4 units of a row (fewer at the end), all products done. Gates go to `kept`, `step` bytes apart, and h U + b' to `inner`. */
// @ts-ignore: decorator
@inline
function cell(z: usize, count: i32, masked: bool, before: usize, h: usize, kept: usize, inner: usize, step: usize): void {
  const update = sigmoid(v128.load(z));
  const reset = sigmoid(v128.load(z, 32));
  const recurrent = v128.load(z, 96);
  const candidate = tanh(fma(reset, recurrent, v128.load(z, 64)));
  const held = loadPart(before, count);
  // z h' + (1 - z) n = n + z (h' - n)
  storePart(h, masked ? held : fma(update, f32x4.sub(held, candidate), candidate), count);
  keep(inner, recurrent, count);
  if (kept == 0) return;
  storePart(kept, update, count);
  storePart(kept + step, reset, count);
  storePart(kept + 2 * step, candidate, count);
}

/** `cell` for what is not whole: apart, because calls in between cost the whole one its registers. */
function partialCell(
  z: usize, count: i32, masked: bool, before: usize, h: usize, kept: usize, inner: usize, step: usize,
): void {
  cell(z, count, masked, before, h, kept, inner, step);
}

/** A group of up to 8 units for some rows. Rows that are masked keep their state. */
function cells(
  rows: i32, width: i32, z: usize, before: usize, h: usize, step: usize, kept: usize, inner: usize, mask: usize,
): void {
  for (let row = 0; row < rows; row++) {
    const masked = isMasked(mask, row);
    if (width == 8 && !masked) {
      cell(z, 4, false, before, h, kept, inner, step);
      cell(z + 16, 4, false, before + 16, h + 16, moved(kept, 16), moved(inner, 16), step);
    } else {
      partialCell(z, width, masked, before, h, kept, inner, step);
      if (width > 4) {
        partialCell(z + 16, width - 4, masked, before + 16, h + 16, moved(kept, 16), moved(inner, 16), step);
      }
    }
    z += 128;
    before += step;
    h += step;
    kept = moved(kept, 3 * step);
    inner = moved(inner, step);
  }
}

/** Reset before: update gate to `zed`, r h' to `product`. */
function gateCells(
  rows: i32, width: i32, z: usize, before: usize, zed: usize, product: usize, step: usize, kept: usize, inner: usize,
): void {
  for (let row = 0; row < rows; row++) {
    for (let at = 0; at < width; at += 4) {
      const by = <usize>at << 2;
      const count = width - at;
      const update = sigmoid(v128.load(z + by));
      const reset = sigmoid(v128.load(z + by, 32));
      const held = f32x4.mul(reset, loadPart(before + by, count));
      storePart(zed + by, update, count);
      storePart(product + by, held, count);
      keep(moved(inner, by), held, count);
      keep(moved(kept, by), update, count);
      keep(moved(kept, by + step), reset, count);
    }
    z += 128;
    before += step;
    zed += step;
    product += step;
    kept = moved(kept, 3 * step);
    inner = moved(inner, step);
  }
}

/** Reset before: the candidate and the new state. */
function candidateCells(
  rows: i32, width: i32, z: usize, before: usize, zed: usize, h: usize, step: usize, kept: usize, mask: usize,
): void {
  for (let row = 0; row < rows; row++) {
    const masked = isMasked(mask, row);
    for (let at = 0; at < width; at += 4) {
      const by = <usize>at << 2;
      const count = width - at;
      const candidate = tanh(v128.load(z + by));
      const held = loadPart(before + by, count);
      storePart(h + by, masked ? held : fma(loadPart(zed + by, count), f32x4.sub(held, candidate), candidate), count);
      keep(moved(kept, by + 2 * step), candidate, count);
    }
    z += 128;
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
    if (thread == 0) gruForwardSingle(instruction);
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
  packGates(address(instruction, GruForwardWords.kernel), address(instruction, GruForwardWords.recurrentKernel), features, units, 3, panels, thread, threads);
  if (thread == 0) packBiases(address(instruction, GruForwardWords.bias), after, units, biases);
  barrier(threads);

  const ys = address(instruction, GruForwardWords.ys), hn = address(instruction, GruForwardWords.hn);
  const gates = address(instruction, GruForwardWords.gates), inners = address(instruction, GruForwardWords.inner);
  const z = scratch;
  const zed = scratch + 96 * 128;
  const step = <usize>units << 2;
  const xStep = <usize>features << 2;
  const block = sweepRows(depth, units);
  const packed = zed + (<usize>(block * units) << 2);
  const bottom = shareStart(batch, 1, thread + 1, threads);
  for (let top = shareStart(batch, 1, thread, threads); top < bottom; top += block) {
    const rows = bottom - top < block ? bottom - top : block;
    const offset = <usize>top * step;
    let h = address(instruction, GruForwardWords.h0) + offset;
    for (let t = 0; t < steps; t++) {
      const at = t * batch + top;
      const next = ys == 0 ? state + offset : ys + <usize>at * step;
      const kept = moved(gates, <usize>at * step * 3);
      const inner = moved(inners, <usize>at * step);
      const mask = moved(address(instruction, GruForwardWords.mask), <usize>at << 2);
      const x = address(instruction, GruForwardWords.x) + <usize>at * xStep;
      packRows(rows, x, xStep, features, h, step, units, packed);
      for (let group = 0; group < groups; group++) {
        const unit = <usize>group << 5;
        const width = groupWidth(units, group);
        const here = panels + <usize>(group * 3) * panelStep;
        const bias = biases + (<usize>group << 7);
        const keptHere = moved(kept, unit);
        multiplyGates(rows, 2, depth, 0, depth, packed, here, panelStep, bias, z, 32, 128);
        if (after) {
          const last = here + 2 * panelStep;
          multiplyGates(rows, 1, depth, 0, features, packed, last, 0, bias + 64, z + 64, 32, 128);
          multiplyGates(rows, 1, depth, features, units, packed, last + (<usize>features << 5), 0, bias + 96, z + 96, 32, 128);
          cells(rows, width, z, h + unit, next + unit, step, keptHere, moved(inner, unit), mask);
        } else {
          gateCells(rows, width, z, h + unit, zed + unit, products + offset + unit, step, keptHere,
            moved(inner, unit));
        }
      }
      if (!after) {
        packRows(rows, x, xStep, features, products + offset, step, units, packed);
        for (let group = 0; group < groups; group++) {
          const unit = <usize>group << 5;
          multiplyGates(rows, 1, depth, 0, depth, packed, panels + <usize>(group * 3 + 2) * panelStep, 0,
            biases + (<usize>group << 7) + 64, z, 32, 128);
          candidateCells(rows, groupWidth(units, group), z, h + unit, zed + unit, next + unit, step,
            moved(kept, unit), mask);
        }
      }
      h = next;
    }
    if (hn != 0) copyRows(rows, units, h, hn + offset);
  }
}
