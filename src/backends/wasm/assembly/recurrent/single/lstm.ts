// LSTM over a whole sequence, forward, for a batch of one. The formulas and the words stand in ../lstm-forward.ts.
import { address, word } from '../../arguments';
import { sigmoidRows, tanhRows } from '../../math/rows';
import { fma, loadPart, storePart } from '../../simd';
import { copyRows, groupCount } from '../panels';
import { isMasked, moved } from '../states';
import { addGates, aheadBytes, gatesOfInputs, gateStep, startGates } from './gates';
import { LstmForwardWords } from '../../words';

/** 4 units (fewer at the end), gates activated: the new cell state, to its place and to z. */
// @ts-ignore: decorator
@inline
function cell(z: usize, count: i32, masked: bool, c: usize, cNext: usize, kept: usize, zStep: usize, step: usize): void {
  const i = v128.load(z), f = v128.load(z + zStep), g = v128.load(z + 2 * zStep);
  const held = loadPart(c, count);
  const next = fma(f, held, f32x4.mul(i, g));
  if (kept != 0) {
    storePart(kept, i, count);
    storePart(kept + step, f, count);
    storePart(kept + 2 * step, g, count);
    storePart(kept + 3 * step, v128.load(z + 3 * zStep), count);
  }
  v128.store(z, next);
  storePart(cNext, masked ? held : next, count);
}

/** One step, its products in z. */
function advance(units: i32, z: usize, masked: bool, h: usize, c: usize, hNext: usize, cNext: usize, kept: usize): void {
  const zStep = gateStep(units), step = <usize>units << 2, vectors = groupCount(units) << 1;
  const output = z + 3 * zStep;
  sigmoidRows(z, 1, zStep, vectors << 1);
  tanhRows(z + 2 * zStep, 1, zStep, vectors);
  sigmoidRows(output, 1, zStep, vectors);
  const whole = step & ~15;
  for (let at: usize = 0; at < whole; at += 16) cell(z + at, 4, masked, c + at, cNext + at, moved(kept, at), zStep, step);
  if (whole < step) cell(z + whole, units & 3, masked, c + whole, cNext + whole, moved(kept, whole), zStep, step);
  if (masked) {
    copyRows(1, units, h, hNext);
    return;
  }
  tanhRows(z, 1, zStep, vectors);
  for (let at: usize = 0; at < whole; at += 16) v128.store(hNext + at, f32x4.mul(v128.load(output + at), v128.load(z + at)));
  if (whole < step) storePart(hNext + whole, f32x4.mul(v128.load(output + whole), v128.load(z + whole)), units & 3);
}

/** Bytes of workspace: z, the states where the caller keeps none, and gates of inputs. */
export function lstmForwardSingleWorkspace(units: i32): usize {
  return 6 * gateStep(units) + aheadBytes(units, 4);
}

/** The sweep. */
export function lstmForwardSingle(instruction: usize, scratch: usize): void {
  const steps = word(instruction, LstmForwardWords.steps), features = word(instruction, LstmForwardWords.features), units = word(instruction, LstmForwardWords.units);
  const ys = address(instruction, LstmForwardWords.ys), hn = address(instruction, LstmForwardWords.hn), cn = address(instruction, LstmForwardWords.cn);
  const gates = address(instruction, LstmForwardWords.gates), history = address(instruction, LstmForwardWords.cells), z = address(instruction, LstmForwardWords.workspace);
  const x = address(instruction, LstmForwardWords.x), kernel = address(instruction, LstmForwardWords.kernel), bias = address(instruction, LstmForwardWords.bias);
  const step = <usize>units << 2, wStep = step << 2;
  const hState = z + 4 * gateStep(units), cState = hState + step, ahead = z + 6 * gateStep(units);
  let h = address(instruction, LstmForwardWords.h0), c = address(instruction, LstmForwardWords.c0);
  for (let t = 0; t < steps; t++) {
    const by = <usize>t * step;
    const hNext = ys == 0 ? hState : ys + by;
    const cNext = history == 0 ? cState : history + by;
    startGates(gatesOfInputs(t, steps, x, features, kernel, bias, units * 4, ahead, scratch), units, 4, z);
    addGates(h, units, address(instruction, LstmForwardWords.recurrentKernel), wStep, units, 4, z);
    advance(units, z, isMasked(address(instruction, LstmForwardWords.mask), t), h, c, hNext, cNext, moved(gates, by << 2));
    h = hNext;
    c = cNext;
  }
  if (hn != 0) copyRows(1, units, h, hn);
  if (cn != 0) copyRows(1, units, c, cn);
}
