// The simple recurrent layer over a whole sequence, forward, for a batch of one. The formula and the words stand in ../simple.ts.
import { address, word } from '../../arguments';
import { tanhRows } from '../../math/rows';
import { loadPart, storePart, zero } from '../../simd';
import { copyRows, groupCount } from '../panels';
import { isMasked } from '../states';
import { addGates, aheadBytes, gatesOfInputs, gateStep, startGates } from './gates';
import { SimpleForwardWords } from '../../words';

function reluRow(units: i32, z: usize): void {
  for (let unit = 0; unit < units; unit += 4) {
    const at = z + (<usize>unit << 2);
    const value = loadPart(at, units - unit);
    storePart(at, v128.and(value, f32x4.gt(value, zero())), units - unit);
  }
}

/** Bytes of workspace: z, the state where the caller keeps none, and gates of inputs. */
export function simpleForwardSingleWorkspace(units: i32): usize {
  return 2 * gateStep(units) + aheadBytes(units, 1);
}

/** The sweep. */
export function simpleForwardSingle(instruction: usize, scratch: usize): void {
  const steps = word(instruction, SimpleForwardWords.steps), features = word(instruction, SimpleForwardWords.features), units = word(instruction, SimpleForwardWords.units);
  const ys = address(instruction, SimpleForwardWords.ys), hn = address(instruction, SimpleForwardWords.hn), z = address(instruction, SimpleForwardWords.workspace);
  const step = <usize>units << 2;
  const hState = z + gateStep(units), ahead = hState + gateStep(units);
  const x = address(instruction, SimpleForwardWords.x), kernel = address(instruction, SimpleForwardWords.kernel), bias = address(instruction, SimpleForwardWords.bias);
  let h = address(instruction, SimpleForwardWords.h0);
  for (let t = 0; t < steps; t++) {
    const hNext = ys == 0 ? hState : ys + <usize>t * step;
    const start = gatesOfInputs(t, steps, x, features, kernel, bias, units, ahead, scratch);
    if (isMasked(address(instruction, SimpleForwardWords.mask), t)) {
      copyRows(1, units, h, hNext);
    } else {
      startGates(start, units, 1, z);
      addGates(h, units, address(instruction, SimpleForwardWords.recurrentKernel), step, units, 1, z);
      if (word(instruction, SimpleForwardWords.relu) != 0) reluRow(units, z);
      else tanhRows(z, 1, 16, groupCount(units) << 1);
      copyRows(1, units, z, hNext);
    }
    h = hNext;
  }
  if (hn != 0) copyRows(1, units, h, hn);
}
