// What forward sweeps of a batch of one share: a sample at a time is what apps and streams have. Nothing is packed, for each recurrent
// weight is used once a step. A step's gates lie in `z`, each from a multiple of 8 units on, in the order of the weights' columns.
import { aligned } from '../../arguments';
import { addRows } from '../../gemm/addRows';
import { multiply, START_BIAS, START_ZERO } from '../../gemm/gemm';
import { PANEL } from '../../gemm/tile';
import { groupCount } from '../panels';

/** For how many steps the inputs are multiplied ahead, all by each weight as it comes along: as many rows as `multiply` takes without packing. */
const AHEAD: i32 = 12;

/** Bytes from one gate in z to the next. */
// @ts-ignore: decorator
@inline
export function gateStep(units: i32): usize {
  return <usize>groupCount(units) << 5;
}

/** Bytes that `gatesOfInputs` needs. */
export function aheadBytes(units: i32, gates: i32): usize {
  return aligned(<usize>(AHEAD * units * gates) << 2);
}

/**
 * Where the bias plus x W of step `t` lies, a row without gaps; every 12th step computes those of the next 12, to `ahead`. The sums have the
 * order of `tile`.
 */
export function gatesOfInputs(
  t: i32, steps: i32, x: usize, features: i32, kernel: usize, bias: usize, columns: i32, ahead: usize, scratch: usize,
): usize {
  const step = <usize>columns << 2, place = t % AHEAD;
  if (place == 0) {
    const rows = steps - t < AHEAD ? steps - t : AHEAD;
    const from = x + (<usize>(t * features) << 2);
    // `multiply` sums a single column up in another order.
    if (columns == 1) {
      for (let i = 0; i < rows; i++) {
        const to = ahead + (<usize>i << 2);
        store<f32>(to, bias == 0 ? 0 : load<f32>(bias));
        addRows(from + (<usize>(i * features) << 2), features, kernel, 4, 1, to);
      }
    } else {
      multiply(
        rows, columns, features, from, <usize>features << 2, false, kernel, step, false,
        ahead, step, bias == 0 ? START_ZERO : START_BIAS, bias, 0, 1, scratch,
      );
    }
  }
  return ahead + <usize>place * step;
}

/** z = a row of all gates without gaps, or zeros. */
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
