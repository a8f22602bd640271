// The simple recurrent layer over a whole sequence, forward, for a batch of one. The formula and the words stand in ../simple.ts.
import { address, word } from '../../arguments';
import { tanhRows } from '../../math/rows';
import { loadPart, storePart, zero } from '../../simd';
import { copyRows, groupCount } from '../panels';
import { isMasked } from '../states';
import { addGates, gateStep, startGates } from './gates';

function reluRow(units: i32, z: usize): void {
  for (let unit = 0; unit < units; unit += 4) {
    const at = z + (<usize>unit << 2);
    const value = loadPart(at, units - unit);
    storePart(at, v128.and(value, f32x4.gt(value, zero())), units - unit);
  }
}

/** Bytes of workspace: z, and the state where the caller keeps none. */
export function simpleForwardSingleWorkspace(units: i32): usize {
  return 2 * gateStep(units);
}

/** The sweep. */
export function simpleForwardSingle(instruction: usize): void {
  const steps = word(instruction, 0), features = word(instruction, 2), units = word(instruction, 3);
  const ys = address(instruction, 10), hn = address(instruction, 11), z = address(instruction, 13);
  const step = <usize>units << 2;
  const hState = z + gateStep(units);
  let x = address(instruction, 4), h = address(instruction, 5);
  for (let t = 0; t < steps; t++) {
    const hNext = ys == 0 ? hState : ys + <usize>t * step;
    if (isMasked(address(instruction, 9), t)) {
      copyRows(1, units, h, hNext);
    } else {
      startGates(address(instruction, 8), units, 1, z);
      addGates(x, features, address(instruction, 6), step, units, 1, z);
      addGates(h, units, address(instruction, 7), step, units, 1, z);
      if (word(instruction, 12) != 0) reluRow(units, z);
      else tanhRows(z, 1, 16, groupCount(units) << 1);
      copyRows(1, units, z, hNext);
    }
    h = hNext;
    x += <usize>features << 2;
  }
  if (hn != 0) copyRows(1, units, h, hn);
}
