// Attention: each query gathers values, weighed by softmax(query key scale), without all scores in memory (Dao et al., 2022,
// "FlashAttention", and 2023, "FlashAttention-2"). Queries go block by block over the keys, block by block, with the largest score
// so far and the sum of powers so far. A block of queries is one thread's affair, so that results do not depend on their number.
import { address, aligned } from '../arguments';
import { multiplyBlock } from '../gemm/gemm';
import { packLeft, packRight } from '../gemm/pack';
import { constant, LEAST_POWER } from '../math/exp';
import { log } from '../math/log';
import { powerOf } from '../math/rows';
import { shareStart, splat } from '../simd';
import { AttentionWords } from '../words';
import {
  batch, BLIND, BLOCK, blockBytes, blocksOf, causal, endOfReach, firstInReach, firstUnit, heads, isMasked, keys, LEAST, length,
  lengthStep, maskBlock, MASKED, queries, readSizes, ROW, rowsOf, scale, scaleValues, storeColumns, turnTo, width, widthStep, ZEROS,
} from './blocks';

/** Bytes of workspace for each thread. */
export function attentionWorkspace(keyCount: i32, keyLength: i32, valueWidth: i32): usize {
  const all = <usize>blocksOf(keyCount) * blockBytes(keyLength + valueWidth);
  return aligned(all + blockBytes(keyLength) + blockBytes(BLOCK) + blockBytes(valueWidth) + 3 * ROW + 512);
}

// Where a thread's things lie.
let packedKeys: usize = 0;
let packedValues: usize = 0;
let packedQueries: usize = 0;
let scores: usize = 0;
let gathered: usize = 0;
let tops: usize = 0;
let sums: usize = 0;
let factors: usize = 0;
let edge: usize = 0;

function layOut(workspace: usize): void {
  const blocks = <usize>blocksOf(keys);
  packedKeys = workspace;
  packedValues = packedKeys + blocks * blockBytes(length);
  packedQueries = packedValues + blocks * blockBytes(width);
  scores = packedQueries + blockBytes(length);
  gathered = scores + blockBytes(BLOCK);
  tops = gathered + blockBytes(width);
  sums = tops + ROW;
  factors = sums + ROW;
  edge = factors + ROW;
}

/** Packs the keys and values of a sample and head. */
function packHead(key: usize, value: usize): void {
  for (let k = 0; k < keys; k += BLOCK) {
    const rows = keys - k < BLOCK ? keys - k : BLOCK;
    const block = <usize>(k / BLOCK);
    packLeft(key + <usize>k * lengthStep, lengthStep, false, rows, length, packedKeys + block * blockBytes(length));
    packLeft(value + <usize>k * widthStep, widthStep, true, width, rows, packedValues + block * blockBytes(width));
  }
}

/**
 * The powers of a block of scores, in their place; largest scores, sums and the factors for what was gathered before follow. Eight queries at
 * a time: there is room for those behind the last one. NaN is passed over among the largest, and comes back with its own power.
 */
function powers(rows: i32, columns: i32, masked: bool): bool {
  const low = splat(LEAST_POWER), least = splat(LEAST);
  const perLn2 = constant(0), magic = constant(1), ln2 = constant(2), ln2Rest = constant(3);
  const p0 = constant(4), p1 = constant(5), p2 = constant(6), p3 = constant(7), p4 = constant(8), one = constant(9);
  const end = <usize>rows * ROW;
  let changed = false;
  for (let q = 0; q < columns; q += 8) {
    const at = <usize>q << 2, own = tops + at, block = scores + at, factor = factors + at, all = sums + at;
    const before0 = v128.load(own), before1 = v128.load(own, 16);
    let top0 = before0, top1 = before1;
    for (let row = block, last = block + end; row != last; row += ROW) {
      top0 = f32x4.pmax(top0, v128.load(row)); top1 = f32x4.pmax(top1, v128.load(row, 16));
    }
    v128.store(own, top0); v128.store(own, top1, 16);
    let sum0 = splat(0), sum1 = sum0;
    if (masked) {
      for (let row = block, last = block + end; row != last; row += ROW) {
        const score0 = v128.load(row), score1 = v128.load(row, 16);
        const power0 = v128.and(
          powerOf(f32x4.sub(score0, top0), low, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one), f32x4.gt(score0, least));
        const power1 = v128.and(
          powerOf(f32x4.sub(score1, top1), low, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one), f32x4.gt(score1, least));
        v128.store(row, power0); v128.store(row, power1, 16);
        sum0 = f32x4.add(sum0, power0); sum1 = f32x4.add(sum1, power1);
      }
    } else {
      for (let row = block, last = block + end; row != last; row += ROW) {
        const power0 = powerOf(f32x4.sub(v128.load(row), top0), low, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one);
        const power1 = powerOf(f32x4.sub(v128.load(row, 16), top1), low, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one);
        v128.store(row, power0); v128.store(row, power1, 16);
        sum0 = f32x4.add(sum0, power0); sum1 = f32x4.add(sum1, power1);
      }
    }
    const factor0 = powerOf(f32x4.sub(before0, top0), low, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one);
    const factor1 = powerOf(f32x4.sub(before1, top1), low, perLn2, magic, ln2, ln2Rest, p0, p1, p2, p3, p4, one);
    const all0 = f32x4.add(f32x4.mul(v128.load(all), factor0), sum0), all1 = f32x4.add(f32x4.mul(v128.load(all, 16), factor1), sum1);
    v128.store(factor, factor0); v128.store(factor, factor1, 16);
    v128.store(all, all0); v128.store(all, all1, 16);
    if (v128.any_true(v128.or(f32x4.ne(before0, top0), f32x4.ne(before1, top1)))) changed = true;
  }
  return changed;
}

/** What was gathered so far, times the factors. */
function rescale(columns: i32): void {
  for (let w = 0; w < width; w++) {
    const row = gathered + <usize>w * ROW;
    for (let q = 0; q < columns; q += 8) {
      const at = row + (<usize>q << 2), factor = factors + (<usize>q << 2);
      const first = f32x4.mul(v128.load(at), v128.load(factor)), second = f32x4.mul(v128.load(at, 16), v128.load(factor, 16));
      v128.store(at, first); v128.store(at, second, 16);
    }
  }
}

/** Divides by the sums, and has queries that may attend to no key attend to all alike. */
function finish(columns: i32, value: usize, logSums: usize): void {
  for (let q = 0; q < columns; q += 4) {
    const at = <usize>q << 2;
    const sum = v128.load(sums + at);
    const blind = f32x4.eq(sum, splat(0));
    v128.store(factors + at, v128.andnot(f32x4.div(splat(1), sum), blind));
    const all = f32x4.add(v128.load(tops + at), log(sum));
    v128.store(tops + at, v128.bitselect(splat(BLIND), all, blind));
  }
  rescale(columns);
  for (let q = 0; q < columns; q++) {
    const all = load<f32>(tops + (<usize>q << 2));
    if (logSums != 0) store<f32>(logSums + (<usize>q << 2), all);
    if (all != BLIND) continue;
    for (let w = 0; w < width; w++) {
      let sum: f32 = 0;
      for (let k = 0; k < keys; k++) sum += load<f32>(value + <usize>k * widthStep + (<usize>w << 2));
      store<f32>(gathered + <usize>w * ROW + (<usize>q << 2), sum / <f32>keys);
    }
  }
}

/** One block of queries against all keys that count for it. */
function attendBlock(first: i32, query: usize, value: usize, output: usize, logSums: usize): void {
  const columns = queries - first < BLOCK ? queries - first : BLOCK;
  packRight(query + <usize>first * lengthStep, lengthStep, true, length, columns, packedQueries, <usize>length << 5);
  scaleValues(packedQueries, BLOCK * length, scale);
  for (let q = 0; q < BLOCK; q++) store<f32>(tops + (<usize>q << 2), MASKED);
  memory.fill(sums, 0, ROW);
  const reach = endOfReach(first + columns - 1, keys);
  const end = causal && first + columns < reach ? first + columns : reach;
  const start = firstInReach(first);
  for (let k = start; k < end; k += BLOCK) {
    const rows = keys - k < BLOCK ? keys - k : BLOCK;
    const block = <usize>(k / BLOCK);
    multiplyBlock(
      rows, columns, length, packedKeys + block * blockBytes(length), packedQueries, 32, <usize>length << 5,
      ZEROS, 0, 0, scores, ROW, edge,
    );
    const masked = isMasked(first, k, rows);
    if (masked) maskBlock(scores, first, k, rows, columns);
    if (powers(rows, columns, masked) && k > start) rescale(columns);
    multiplyBlock(
      width, columns, rows, packedValues + block * blockBytes(width), scores, ROW, 32,
      k > start ? gathered : ZEROS, k > start ? ROW : 0, k > start ? 32 : 0, gathered, ROW, edge,
    );
  }
  finish(columns, value, logSums == 0 ? 0 : logSums + (<usize>first << 2));
  storeColumns(gathered, width, columns, output + <usize>first * widthStep, widthStep);
}

/** Words: `AttentionWords`. */
export function attention(at: usize, thread: i32, threads: i32): void {
  readSizes(at);
  layOut(address(at, AttentionWords.workspace) + <usize>thread * address(at, AttentionWords.workspaceStep));
  // Heads are shared out, or, where there are fewer of them than threads, blocks of queries.
  const units = batch * heads;
  const isApart = units >= threads;
  const blocks = blocksOf(queries);
  const last = isApart ? firstUnit(thread + 1, threads) : units;
  for (let unit = isApart ? firstUnit(thread, threads) : 0; unit < last; unit++) {
    const from = isApart ? 0 : shareStart(blocks, 1, thread, threads);
    const to = isApart ? blocks : shareStart(blocks, 1, thread + 1, threads);
    if (from >= to) continue;
    turnTo(unit);
    const value = rowsOf(address(at, AttentionWords.value), keys, width, unit);
    packHead(rowsOf(address(at, AttentionWords.key), keys, length, unit), value);
    const query = rowsOf(address(at, AttentionWords.query), queries, length, unit);
    const output = rowsOf(address(at, AttentionWords.output), queries, width, unit);
    const logSums = address(at, AttentionWords.logSums);
    const own = logSums == 0 ? 0 : logSums + (<usize>(unit * queries) << 2);
    for (let block = from; block < to; block++) attendBlock(block * BLOCK, query, value, output, own);
  }
}
