// What forward sweeps of a batch of one share: a sample at a time is what apps and streams have. Nothing is packed, for each weight is
// used once a step. A step's gates lie in `z`, each from a multiple of 8 units on, in the order of the weights' columns.
import { addRows } from '../../gemm/addRows';
import { PANEL } from '../../gemm/tile';
import { groupCount } from '../panels';

/** Bytes from one gate in z to the next. */
// @ts-ignore: decorator
@inline
export function gateStep(units: i32): usize {
  return <usize>groupCount(units) << 5;
}

/** z = the bias, or zeros. */
export function startGates(bias: usize, units: i32, gates: i32, z: usize): void {
  const step = <usize>units << 2;
  for (let gate = 0; gate < gates; gate++) {
    if (bias == 0) {
      memory.fill(z, 0, step);
    } else {
      memory.copy(z, bias, step);
      bias += step;
    }
    z += gateStep(units);
  }
}

/** z += v times the columns of `gates` gates, in a matrix with `matrixStep` bytes a row. The sums have the order of `tile`. */
export function addGates(
  v: usize, depth: i32, matrix: usize, matrixStep: usize, units: i32, gates: i32, z: usize,
): void {
  if (units % PANEL == 0) {
    addRows(v, depth, matrix, matrixStep, units * gates, z);
    return;
  }
  for (let gate = 0; gate < gates; gate++) {
    addRows(v, depth, matrix, matrixStep, units, z);
    matrix += <usize>units << 2;
    z += gateStep(units);
  }
}
