// GRU over a whole sequence, forward, for a batch of one. The formulas and the words stand in ../gru-forward.ts. In z lie the update gate,
// the reset gate, the candidate, and (reset after) the candidate's recurrent part.
import { address, word } from '../../arguments';
import { sigmoidRows, tanhRows } from '../../math/rows';
import { fma, loadPart, storePart } from '../../simd';
import { copyRows, groupCount } from '../panels';
import { isMasked, moved } from '../states';
import { addGates, aheadBytes, gatesOfInputs, gateStep, startGates } from './gates';
import { GruForwardWords } from '../../words';

/** 4 units (fewer at the end): to the candidate, before tanh, what the reset gate lets through of its recurrent part. */
// @ts-ignore: decorator
@inline
function candidate(z: usize, count: i32, zStep: usize, inner: usize): void {
  const recurrent = v128.load(z + 3 * zStep), part = z + 2 * zStep;
  v128.store(part, fma(v128.load(z + zStep), recurrent, v128.load(part)));
  if (inner != 0) storePart(inner, recurrent, count);
}

/** 4 units (fewer at the end), all activated: the new state, z h' + (1 - z) n = n + z (h' - n). */
// @ts-ignore: decorator
@inline
function state(z: usize, count: i32, masked: bool, h: usize, hNext: usize, kept: usize, zStep: usize, step: usize): void {
  const update = v128.load(z), n = v128.load(z + 2 * zStep);
  const held = loadPart(h, count);
  storePart(hNext, masked ? held : fma(update, f32x4.sub(held, n), n), count);
  if (kept == 0) return;
  storePart(kept, update, count);
  storePart(kept + step, v128.load(z + zStep), count);
  storePart(kept + 2 * step, n, count);
}

/** The state times the reset gate, for "reset before". */
function resetState(units: i32, z: usize, zStep: usize, h: usize, product: usize, inner: usize): void {
  for (let unit = 0; unit < units; unit += 4) {
    const at = <usize>unit << 2;
    const held = f32x4.mul(v128.load(z + zStep + at), loadPart(h + at, units - unit));
    storePart(product + at, held, units - unit);
    if (inner != 0) storePart(inner + at, held, units - unit);
  }
}

/** Bytes of workspace: z, the biases that it starts from, r h' for "reset before", the state where the caller keeps none, gates of inputs. */
export function gruForwardSingleWorkspace(units: i32): usize {
  return 9 * gateStep(units) + aheadBytes(units, 3);
}

/** The bias of all three gates, without gaps; of "reset after" both parts of those of the update and the reset gate added. 0: there is none. */
function biasOfInputs(bias: usize, after: bool, units: i32, to: usize): usize {
  if (bias == 0 || !after) return bias;
  const step = <usize>units << 2, second = bias + 3 * step;
  memory.copy(to, bias, 3 * step);
  for (let at: usize = 0; at < 2 * step; at += 4) store<f32>(to + at, load<f32>(to + at) + load<f32>(second + at));
  return to;
}

/** The sweep. */
export function gruForwardSingle(instruction: usize, scratch: usize): void {
  const steps = word(instruction, GruForwardWords.steps), features = word(instruction, GruForwardWords.features), units = word(instruction, GruForwardWords.units);
  const kernel = address(instruction, GruForwardWords.kernel), recurrent = address(instruction, GruForwardWords.recurrentKernel);
  const ys = address(instruction, GruForwardWords.ys), hn = address(instruction, GruForwardWords.hn);
  const gates = address(instruction, GruForwardWords.gates), inners = address(instruction, GruForwardWords.inner), z = address(instruction, GruForwardWords.workspace);
  const after = word(instruction, GruForwardWords.resetAfter) != 0;
  const zStep = gateStep(units), step = <usize>units << 2, wStep = step * 3, vectors = groupCount(units) << 1;
  const product = z + 7 * zStep, hState = product + zStep, ahead = hState + zStep;
  const candidateWeights = recurrent + 2 * step;
  const given = address(instruction, GruForwardWords.bias), bias = biasOfInputs(given, after, units, z + 4 * zStep);
  const x = address(instruction, GruForwardWords.x);
  let h = address(instruction, GruForwardWords.h0);
  for (let t = 0; t < steps; t++) {
    const by = <usize>t * step;
    const hNext = ys == 0 ? hState : ys + by;
    const kept = moved(gates, by * 3), inner = moved(inners, by);
    const masked = isMasked(address(instruction, GruForwardWords.mask), t);
    startGates(gatesOfInputs(t, steps, x, features, kernel, bias, units * 3, ahead, scratch), units, 3, z);
    addGates(h, units, recurrent, wStep, units, 2, z);
    sigmoidRows(z, 1, zStep, vectors << 1);
    if (after) {
      startGates(moved(given, 5 * step), units, 1, z + 3 * zStep);
      addGates(h, units, candidateWeights, wStep, units, 1, z + 3 * zStep);
      for (let at: usize = 0; at < step; at += 16) candidate(z + at, units - <i32>(at >> 2), zStep, moved(inner, at));
    } else {
      resetState(units, z, zStep, h, product, inner);
      addGates(product, units, candidateWeights, wStep, units, 1, z + 2 * zStep);
    }
    tanhRows(z + 2 * zStep, 1, zStep, vectors);
    for (let at: usize = 0; at < step; at += 16) {
      state(z + at, units - <i32>(at >> 2), masked, h + at, hNext + at, moved(kept, at), zStep, step);
    }
    h = hNext;
  }
  if (hn != 0) copyRows(1, units, h, hn);
}
