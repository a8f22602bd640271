// The gradients of attention, from the logarithms of sums that the way forward kept: the powers are computed again, block by block
// (Dao et al., 2022, appendix B). One thread does a sample and head as a whole, keys block by block, queries block by block.
import { address, aligned } from '../arguments';
import { multiplyBlock } from '../gemm/gemm';
import { packLeft, packRight } from '../gemm/pack';
import { constant, LEAST_POWER } from '../math/exp';
import { powerOf } from '../math/rows';
import { splat } from '../simd';
import { AttentionWords } from '../words';
import {
  BLIND, BLOCK, blockBytes, blocksOf, causal, endOfReach, firstInReach, firstUnit, isMasked, keys, LEAST, length, lengthStep, maskBlock, panels, queries,
  readSizes, ROW, rowsOf, scale, scaleValues, storeColumns, turnTo, width, widthStep, window, ZEROS,
} from './blocks';

/** Bytes of workspace for each thread. */
export function attentionGradientWorkspace(queryCount: i32, keyLength: i32, valueWidth: i32): usize {
  const blocks = <usize>blocksOf(queryCount);
  const ofQueries = blocks * (blockBytes(2 * keyLength + valueWidth + panels(keyLength) + panels(valueWidth)) + 2 * ROW);
  const ofKeys = blockBytes(2 * keyLength + valueWidth);
  return aligned(ofQueries + ofKeys + 3 * blockBytes(BLOCK) + (<usize>valueWidth << 2) + 512);
}

// Of all blocks of queries: scaled queries and upstreams as right sides for scores, both as right sides for what goes to keys and
// values, what goes to queries (transposed), logarithms and deltas.
let queryPanels: usize = 0;
let upstreamPanels: usize = 0;
let queryRows: usize = 0;
let upstreamRows: usize = 0;
let toQueries: usize = 0;
let logs: usize = 0;
let deltas: usize = 0;
// Of the block of keys at hand.
let keyTiles: usize = 0;
let keyColumns: usize = 0;
let valueTiles: usize = 0;
// Of the pair of blocks at hand.
let weights: usize = 0;
let slopes: usize = 0;
let packed: usize = 0;
let ofBlind: usize = 0;
let edge: usize = 0;

function layOut(workspace: usize): void {
  const blocks = <usize>blocksOf(queries);
  queryPanels = workspace;
  upstreamPanels = queryPanels + blocks * blockBytes(length);
  queryRows = upstreamPanels + blocks * blockBytes(width);
  upstreamRows = queryRows + blocks * blockBytes(panels(length));
  toQueries = upstreamRows + blocks * blockBytes(panels(width));
  logs = toQueries + blocks * blockBytes(length);
  deltas = logs + blocks * ROW;
  keyTiles = deltas + blocks * ROW;
  keyColumns = keyTiles + blockBytes(length);
  valueTiles = keyColumns + blockBytes(length);
  weights = valueTiles + blockBytes(width);
  slopes = weights + blockBytes(BLOCK);
  packed = slopes + blockBytes(BLOCK);
  ofBlind = packed + blockBytes(BLOCK);
  edge = ofBlind + (<usize>width << 2);
}

/** Packs what belongs to the queries of a sample and head; whether any of them may attend to no key. */
function packQueries(query: usize, upstream: usize, logSums: usize, delta: usize): bool {
  let isBlind = false;
  for (let q = 0; q < queries; q += BLOCK) {
    const count = queries - q < BLOCK ? queries - q : BLOCK;
    const block = <usize>(q / BLOCK);
    const own = query + <usize>q * lengthStep, above = upstream + <usize>q * widthStep;
    const scaled = queryPanels + block * blockBytes(length);
    packRight(own, lengthStep, true, length, count, scaled, <usize>length << 5);
    scaleValues(scaled, BLOCK * length, scale);
    packRight(above, widthStep, true, width, count, upstreamPanels + block * blockBytes(width), <usize>width << 5);
    packRight(own, lengthStep, false, count, length, queryRows + block * blockBytes(panels(length)), <usize>count << 5);
    packRight(above, widthStep, false, count, width, upstreamRows + block * blockBytes(panels(width)), <usize>count << 5);
    memory.copy(logs + block * ROW, logSums + (<usize>q << 2), <usize>count << 2);
    memory.copy(deltas + block * ROW, delta + (<usize>q << 2), <usize>count << 2);
    for (let i = 0; i < count; i++) if (load<f32>(logSums + (<usize>(q + i) << 2)) == BLIND) isBlind = true;
  }
  return isBlind;
}

/** What goes to each value from the queries that may attend to no key: they attend to all alike. */
function gatherBlind(upstream: usize, logSums: usize): void {
  memory.fill(ofBlind, 0, <usize>width << 2);
  for (let q = 0; q < queries; q++) {
    if (load<f32>(logSums + (<usize>q << 2)) != BLIND) continue;
    const row = upstream + <usize>q * widthStep;
    for (let w = 0; w < width; w++) {
      const at = ofBlind + (<usize>w << 2);
      store<f32>(at, load<f32>(at) + load<f32>(row + (<usize>w << 2)) / <f32>keys);
    }
  }
}

/** Scores to weights, and the gradients of weights to those of scores, times the scale. Eight queries at a time, as `powers`. */
function differentiate(rows: i32, columns: i32, block: usize, masked: bool): void {
  const least = splat(LEAST), factor = splat(scale), low = splat(LEAST_POWER);
  const perLn2 = constant(0), magic = constant(1), ln2 = constant(2), ln2Rest = constant(3);
  const p0 = constant(4), p1 = constant(5), p2 = constant(6), p3 = constant(7), p4 = constant(8), one = constant(9);
  for (let q = 0; q < columns; q += 8) {
    const at = <usize>q << 2, log = logs + block * ROW + at, own = deltas + block * ROW + at;
    const all0 = v128.load(log), all1 = v128.load(log, 16), delta0 = v128.load(own), delta1 = v128.load(own, 16);
    let weight = weights + at, slope = slopes + at;
    for (let k = 0; k < rows; k++) {
      const score0 = v128.load(weight), score1 = v128.load(weight, 16);
      let power0 = powerOf(f32x4.sub(score0, all0), low, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one);
      let power1 = powerOf(f32x4.sub(score1, all1), low, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one);
      if (masked) { power0 = v128.and(power0, f32x4.gt(score0, least)); power1 = v128.and(power1, f32x4.gt(score1, least)); }
      const slope0 = f32x4.mul(f32x4.mul(power0, f32x4.sub(v128.load(slope), delta0)), factor);
      const slope1 = f32x4.mul(f32x4.mul(power1, f32x4.sub(v128.load(slope, 16), delta1)), factor);
      v128.store(weight, power0); v128.store(weight, power1, 16);
      v128.store(slope, slope0); v128.store(slope, slope1, 16);
      weight += ROW;
      slope += ROW;
    }
  }
}

/** One block of queries against the block of keys at hand. */
function differentiatePair(q: i32, k: i32, rows: i32, isFirst: bool, toKeys: usize, toValues: usize, wantsQueries: bool): void {
  const columns = queries - q < BLOCK ? queries - q : BLOCK;
  const block = <usize>(q / BLOCK);
  multiplyBlock(
    rows, columns, length, keyTiles, queryPanels + block * blockBytes(length), 32, <usize>length << 5,
    ZEROS, 0, 0, weights, ROW, edge,
  );
  const masked = isMasked(q, k, rows);
  if (masked) maskBlock(weights, q, k, rows, columns);
  multiplyBlock(
    rows, columns, width, valueTiles, upstreamPanels + block * blockBytes(width), 32, <usize>width << 5,
    ZEROS, 0, 0, slopes, ROW, edge,
  );
  differentiate(rows, columns, block, masked);
  const panel = <usize>columns << 5;
  if (toValues != 0) {
    packLeft(weights, ROW, false, rows, columns, packed);
    multiplyBlock(
      rows, width, columns, packed, upstreamRows + block * blockBytes(panels(width)), 32, panel,
      isFirst ? ZEROS : toValues, isFirst ? 0 : widthStep, isFirst ? 0 : 32, toValues, widthStep, edge,
    );
  }
  if (toKeys != 0) {
    packLeft(slopes, ROW, false, rows, columns, packed);
    multiplyBlock(
      rows, length, columns, packed, queryRows + block * blockBytes(panels(length)), 32, panel,
      isFirst ? ZEROS : toKeys, isFirst ? 0 : lengthStep, isFirst ? 0 : 32, toKeys, lengthStep, edge,
    );
  }
  if (!wantsQueries) return;
  const to = toQueries + block * blockBytes(length);
  const goesOn = k > firstInReach(q);
  multiplyBlock(
    length, columns, rows, keyColumns, slopes, ROW, 32,
    goesOn ? to : ZEROS, goesOn ? ROW : 0, goesOn ? 32 : 0, to, ROW, edge,
  );
}

function clearRows(to: usize, step: usize, rows: i32, size: i32): void {
  if (to == 0) return;
  for (let i = 0; i < rows; i++) memory.fill(to + <usize>i * step, 0, <usize>size << 2);
}

function addBlind(to: usize, rows: i32): void {
  for (let i = 0; i < rows; i++) {
    const row = to + <usize>i * widthStep;
    for (let w = 0; w < width; w++) {
      const at = row + (<usize>w << 2);
      store<f32>(at, load<f32>(at) + load<f32>(ofBlind + (<usize>w << 2)));
    }
  }
}

/** The rows of a sample and head; 0 where there is no such operand. */
function rowsOrNone(base: usize, steps: i32, size: i32, unit: i32): usize {
  return base == 0 ? 0 : rowsOf(base, steps, size, unit);
}

/** Words: `AttentionWords`. */
export function attentionGradient(at: usize, thread: i32, threads: i32): void {
  readSizes(at);
  layOut(address(at, AttentionWords.workspace) + <usize>thread * address(at, AttentionWords.workspaceStep));
  const last = firstUnit(thread + 1, threads);
  for (let unit = firstUnit(thread, threads); unit < last; unit++) {
    turnTo(unit);
    const upstream = rowsOf(address(at, AttentionWords.upstream), queries, width, unit);
    const logSums = address(at, AttentionWords.logSums) + (<usize>(unit * queries) << 2);
    const delta = address(at, AttentionWords.delta) + (<usize>(unit * queries) << 2);
    const isBlind = packQueries(rowsOf(address(at, AttentionWords.query), queries, length, unit), upstream, logSums, delta);
    if (isBlind) gatherBlind(upstream, logSums);
    const key = rowsOf(address(at, AttentionWords.key), keys, length, unit);
    const value = rowsOf(address(at, AttentionWords.value), keys, width, unit);
    const dQuery = rowsOrNone(address(at, AttentionWords.toQuery), queries, length, unit);
    const dKey = rowsOrNone(address(at, AttentionWords.toKey), keys, length, unit);
    const dValue = rowsOrNone(address(at, AttentionWords.toValue), keys, width, unit);
    // Queries may be out of reach of all keys.
    if (window != 0) memory.fill(toQueries, 0, <usize>blocksOf(queries) * blockBytes(length));
    for (let k = 0; k < keys; k += BLOCK) {
      const rows = keys - k < BLOCK ? keys - k : BLOCK;
      const toKeys = dKey == 0 ? 0 : dKey + <usize>k * lengthStep;
      const toValues = dValue == 0 ? 0 : dValue + <usize>k * widthStep;
      packLeft(key + <usize>k * lengthStep, lengthStep, false, rows, length, keyTiles);
      packLeft(key + <usize>k * lengthStep, lengthStep, true, length, rows, keyColumns);
      packLeft(value + <usize>k * widthStep, widthStep, false, rows, width, valueTiles);
      const reached = firstInReach(k);
      const first = causal && reached < k ? k : reached;
      const end = endOfReach(k + rows - 1, queries);
      for (let q = first; q < end; q += BLOCK) differentiatePair(q, k, rows, q == first, toKeys, toValues, dQuery != 0);
      if (first >= end) {
        clearRows(toKeys, lengthStep, rows, length);
        clearRows(toValues, widthStep, rows, width);
      }
      if (isBlind && toValues != 0) addBlind(toValues, rows);
    }
    if (dQuery == 0) continue;
    for (let q = 0; q < queries; q += BLOCK) {
      const columns = queries - q < BLOCK ? queries - q : BLOCK;
      storeColumns(toQueries + <usize>(q / BLOCK) * blockBytes(length), length, columns, dQuery + <usize>q * lengthStep, lengthStep);
    }
  }
}
