// What the recurrent sweeps share: weights packed once a sweep, rows packed once a step, and how a batch is cut.
import { GEMM_SCRATCH } from '../gemm/gemm';
import { packRight, packTileFromRows } from '../gemm/pack';
import { multiplyPair, multiplyTile, multiplyWideTile, PANEL, tileCount, tileHeight } from '../gemm/tile';
import { loadPart, shareStart, WIDE, zero } from '../simd';

/** Panels of 8 units. */
// @ts-ignore: decorator
@inline
export function groupCount(units: i32): i32 {
  return (units + PANEL - 1) / PANEL;
}

/** How many units the group has: 8, fewer in the last one. */
// @ts-ignore: decorator
@inline
export function groupWidth(units: i32, group: i32): i32 {
  const left = units - group * PANEL;
  return left < PANEL ? left : PANEL;
}

/** Bytes of scratch for pre-activations: up to 192 rows of the gates of 8 units. */
// @ts-ignore: decorator
@inline
export const Z_BYTES: usize = 192 * 128;

/** How many groups of 8 units are activated together: an even number where possible, so that cache lines are written whole. */
export function groupsTogether(rows: i32): i32 {
  const most = 192 / rows;
  return most > 1 ? most & ~1 : 1;
}

/** Values of scratch beside the pre-activations: the rows that are swept together lie there packed. */
// @ts-ignore: decorator
@inline
const SWEEP_VALUES: i32 = <i32>((GEMM_SCRATCH - Z_BYTES) >> 2);

/**
 * The most rows of `depth` values swept together: packed and with their pre-activations they stay in the caches. Very long rows are
 * as many as scratch holds, with `beside` further values each; one fits always (kernels/recurrent.ts sees to that).
 */
export function sweepRows(depth: i32, beside: i32): i32 {
  const rows = depth > 0 ? 65536 / depth : 96;
  if (rows >= 6) return rows > 96 ? 96 : rows - (rows % 6);
  const most = SWEEP_VALUES / (depth + beside);
  return most < 6 ? most : 6;
}

/** The longest row that can be swept: features and units together, the units of a GRU twice. */
export function longestRow(): i32 {
  return SWEEP_VALUES;
}

/**
 * Packs this thread's share of [kernel; recurrent] (their rows after each other, `gates` times `units` columns) for a forward
 * sweep: for each group of 8 units one panel a gate, each of features + units rows.
 */
export function packGates(
  kernel: usize, recurrent: usize, features: i32, units: i32, gates: i32, panels: usize, thread: i32, threads: i32,
): void {
  const step = <usize>(gates * units) << 2;
  const panelStep = <usize>(features + units) << 5;
  const groups = groupCount(units);
  const last = shareStart(groups, 1, thread + 1, threads);
  for (let group = shareStart(groups, 1, thread, threads); group < last; group++) {
    const width = groupWidth(units, group);
    for (let gate = 0; gate < gates; gate++) {
      const column = <usize>(gate * units + group * PANEL) << 2;
      const panel = panels + <usize>(group * gates + gate) * panelStep;
      packRight(kernel + column, step, false, features, width, panel, 0);
      packRight(recurrent + column, step, false, units, width, panel + (<usize>features << 5), 0);
    }
  }
}

/**
 * Whether a forward sweep reads the weights where they lie, because packing them would cost more than it saves: for up to 4 steps of one tile
 * of rows, or one step of two tiles. Only whole groups can be read so: beside a last one that is not whole lie other weights, or nothing.
 */
export function readsInPlace(steps: i32, batch: i32, units: i32): bool {
  const tiles = tileCount(batch);
  return units % PANEL == 0 && tiles <= 2 && steps <= 4 && steps * tiles * tiles <= 4;
}

/** The bias in the order of `packGates`' panels, or zeros. */
export function packGateBiases(bias: usize, units: i32, gates: i32, to: usize): void {
  for (let group = 0; group < groupCount(units); group++) {
    for (let gate = 0; gate < gates; gate++) {
      packBias(bias == 0 ? 0 : bias + (<usize>(gate * units + group * PANEL) << 2), groupWidth(units, group), to);
      to += 32;
    }
  }
}

/** Eight values of a bias, zeros where there are none. */
export function packBias(bias: usize, width: i32, to: usize): void {
  v128.store(to, bias == 0 ? zero() : loadPart(bias, width));
  v128.store(to, bias == 0 || width <= 4 ? zero() : loadPart(bias + 16, width - 4), 16);
}

/** Packs this thread's share of a transposed weight matrix [rows, depth] as panels of 8 of its rows. */
export function packTransposed(
  matrix: usize, step: usize, rows: i32, depth: i32, panels: usize, thread: i32, threads: i32,
): void {
  const first = shareStart(rows, PANEL, thread, threads);
  const last = shareStart(rows, PANEL, thread + 1, threads);
  const panelStep = <usize>depth << 5;
  packRight(
    matrix + <usize>first * step, step, true, depth, last - first, panels + <usize>(first / PANEL) * panelStep, panelStep,
  );
}

/** Packs rows of two matrices side by side: [x | h] as tiles of features + units values of k. */
export function packRows(
  rows: i32, x: usize, xStep: usize, features: i32, h: usize, hStep: usize, units: i32, to: usize,
): void {
  let left = rows;
  for (let tiles = tileCount(rows); tiles > 0; tiles--) {
    const height = tileHeight(left, tiles);
    packTileFromRows(x, xStep, height, features, to);
    to += <usize>(height * features) << 2;
    packTileFromRows(h, hStep, height, units, to);
    to += <usize>(height * units) << 2;
    x += <usize>height * xStep;
    h += <usize>height * hStep;
    left -= height;
  }
}

/**
 * Packed rows times panels of 8 columns, `panelStep` bytes apart: those of the gates of one group, or of one gate of several groups. A panel's
 * rows lie `bStep` bytes apart: 32 where weights are packed. Each row of z, `zStep` bytes from the next, gets the columns of each panel,
 * `gateStep` bytes apart, and starts from the same columns of `from`: of a bias with `fromStep` 0, or of z. `depth` is the length of a packed
 * row, of which `count` values from the `skip`th on take part.
 */
export function multiplyGates(
  rows: i32, gates: i32, depth: i32, skip: i32, count: i32, packed: usize, panels: usize, panelStep: usize, bStep: usize,
  from: usize, fromStep: usize, fromGateStep: usize, z: usize, gateStep: usize, zStep: usize,
): void {
  let gate = 0;
  if (rows <= 2 && gateStep == 32 && fromGateStep == 32) {
    for (; gate + 4 <= gates; gate += 4) {
      multiplyWideTile(rows, packed + (<usize>(skip * rows) << 2), panels, panelStep, bStep, count, from, fromStep, z, zStep);
      panels += 4 * panelStep;
      from += 128;
      z += 128;
    }
  }
  if (WIDE) {
    for (; gate + 2 <= gates; gate += 2) {
      let left = rows;
      let a = packed, tileFrom = from, to = z;
      for (let tiles = tileCount(rows); tiles > 0; tiles--) {
        const height = tileHeight(left, tiles);
        multiplyPair(
          height, a + (<usize>(skip * height) << 2), panels, panelStep, bStep, count, tileFrom, fromStep, fromGateStep, to, zStep, gateStep,
        );
        a += <usize>(height * depth) << 2;
        tileFrom += <usize>height * fromStep;
        to += <usize>height * zStep;
        left -= height;
      }
      panels += 2 * panelStep;
      from += 2 * fromGateStep;
      z += 2 * gateStep;
    }
  }
  for (; gate < gates; gate++) {
    let left = rows;
    let a = packed, tileFrom = from, to = z;
    for (let tiles = tileCount(rows); tiles > 0; tiles--) {
      const height = tileHeight(left, tiles);
      multiplyTile(height, a + (<usize>(skip * height) << 2), panels, bStep, count, tileFrom, fromStep, to, zStep);
      a += <usize>(height * depth) << 2;
      tileFrom += <usize>height * fromStep;
      to += <usize>height * zStep;
      left -= height;
    }
    panels += panelStep;
    from += fromGateStep;
    z += gateStep;
  }
}

/** Copies `rows` rows of `width` values which lie next to each other. */
export function copyRows(rows: i32, width: i32, from: usize, to: usize): void {
  if (from != to) memory.copy(to, from, <usize>(rows * width) << 2);
}
