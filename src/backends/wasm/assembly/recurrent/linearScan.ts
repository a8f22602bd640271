// Linear recurrences h' = a h + b of real numbers, both ways. Threads share out the columns; where there are too few for that, time is
// cut into blocks: what each block does to any state (h' = P h + S) is found first, then the state that each begins with.
// How many blocks there are depends on the sizes alone, so that results do not depend on the number of threads.
import { address, word } from '../arguments';
import { flushed, fma, loadPart, shareStart, splat, storePart, zero } from '../simd';
import { barrier } from '../sync';
import { LinearScanBackWords, LinearScanWords } from '../words';

/** Bytes of workspace: for each block P, S, the state it begins with, and its part of the sum of da. */
export function linearScanWorkspace(width: i32, blocks: i32): usize {
  return <usize>blocks * 4 * (<usize>width << 2);
}

// @ts-ignore: decorator
@inline
function scanned(a: usize, b: usize, before: usize, h: usize, count: i32): void {
  storePart(h, flushed(fma(loadPart(a, count), loadPart(before, count), loadPart(b, count))), count);
}

/** Some steps of some columns. */
function scanRows(a: usize, aStep: usize, b: usize, before: usize, h: usize, steps: i32, step: usize, columns: i32): void {
  const whole = columns & ~3;
  for (let t = 0; t < steps; t++) {
    let i = 0;
    for (; i < whole; i += 4) {
      const at = <usize>i << 2;
      v128.store(h + at, flushed(fma(v128.load(a + at), v128.load(before + at), v128.load(b + at))));
    }
    if (i < columns) scanned(a + (<usize>i << 2), b + (<usize>i << 2), before + (<usize>i << 2), h + (<usize>i << 2), columns - i);
    before = h;
    a += aStep;
    b += step;
    h += step;
  }
}

/** What some steps do to the state before them: P and S of h' = P h + S. */
function summarize(a: usize, aStep: usize, b: usize, steps: i32, step: usize, columns: i32, p: usize, s: usize): void {
  for (let i = 0; i < columns; i += 4) {
    const at = <usize>i << 2, count = columns - i;
    let product = splat(1), sum = zero();
    let factor = a + at, addend = b + at;
    for (let t = 0; t < steps; t++) {
      const f = loadPart(factor, count);
      sum = flushed(fma(f, sum, loadPart(addend, count)));
      product = flushed(f32x4.mul(product, f));
      factor += aStep;
      addend += step;
    }
    storePart(p + at, product, count);
    storePart(s + at, sum, count);
  }
}

/** state = P state + S. */
// @ts-ignore: decorator
@inline
function passBlock(p: usize, s: usize, state: usize, columns: i32): void {
  for (let i = 0; i < columns; i += 4) {
    const at = <usize>i << 2, count = columns - i;
    storePart(state + at, fma(loadPart(p + at, count), loadPart(state + at, count), loadPart(s + at, count)), count);
  }
}

/** The first step of a block. */
// @ts-ignore: decorator
@inline
export function blockStart(steps: i32, blocks: i32, block: i32): i32 {
  return <i32>((<i64>steps * <i64>block) / <i64>blocks);
}

/** Words: steps, width, blocks, bytes from the factors of one step to the next, a, b, h0, h, workspace. */
export function linearScan(instruction: usize, thread: i32, threads: i32): void {
  const steps = word(instruction, LinearScanWords.steps), width = word(instruction, LinearScanWords.width);
  const blocks = word(instruction, LinearScanWords.blocks);
  const aStep = <usize>word(instruction, LinearScanWords.factorStep), step = <usize>width << 2;
  const a = address(instruction, LinearScanWords.a), b = address(instruction, LinearScanWords.b);
  const h0 = address(instruction, LinearScanWords.h0), h = address(instruction, LinearScanWords.h);
  if (blocks == 1) {
    const from = shareStart(width, 16, thread, threads), to = shareStart(width, 16, thread + 1, threads);
    const at = <usize>from << 2;
    if (to > from) scanRows(a + at, aStep, b + at, h0 + at, h + at, steps, step, to - from);
    return;
  }
  const workspace = address(instruction, LinearScanWords.workspace);
  const first = shareStart(blocks, 1, thread, threads), last = shareStart(blocks, 1, thread + 1, threads);
  for (let block = first; block < last; block++) {
    const from = blockStart(steps, blocks, block), to = blockStart(steps, blocks, block + 1);
    const own = workspace + <usize>block * 4 * step;
    summarize(a + <usize>from * aStep, aStep, b + <usize>from * step, to - from, step, width, own, own + step);
  }
  barrier(threads);
  for (let block = first; block < last; block++) {
    const from = blockStart(steps, blocks, block), to = blockStart(steps, blocks, block + 1);
    const state = workspace + (<usize>block * 4 + 2) * step;
    memory.copy(state, h0, step);
    for (let before = 0; before < block; before++) {
      const p = workspace + <usize>before * 4 * step;
      passBlock(p, p + step, state, width);
    }
    scanRows(a + <usize>from * aStep, aStep, b + <usize>from * step, state, h + <usize>from * step, to - from, step, width);
  }
}

/** r = g + carried; db = r, da = r h-, carried = r a, for the lanes at hand. */
// @ts-ignore: decorator
@inline
function scannedBack(a: usize, before: usize, g: usize, carried: usize, da: usize, adds: bool, db: usize, count: i32): void {
  const r = flushed(f32x4.add(loadPart(carried, count), loadPart(g, count)));
  if (db != 0) storePart(db, r, count);
  if (da != 0) {
    const h = loadPart(before, count);
    storePart(da, adds ? fma(r, h, loadPart(da, count)) : f32x4.mul(r, h), count);
  }
  storePart(carried, f32x4.mul(r, loadPart(a, count)), count);
}

// @ts-ignore: decorator
@inline
function movedOn(base: usize, by: usize): usize {
  return base == 0 ? 0 : base + by;
}

/** Steps [from, to) of some columns, from the last one on; all addresses are those of step 0. */
function scanRowsBack(
  a: usize, aStep: usize, h0: usize, h: usize, g: usize, carried: usize, da: usize, adds: bool, db: usize,
  from: i32, to: i32, step: usize, columns: i32,
): void {
  for (let t = to - 1; t >= from; t--) {
    const by = <usize>t * step;
    const before = t == 0 ? h0 : h + by - step;
    const daRow = adds ? da : movedOn(da, by), dbRow = movedOn(db, by);
    for (let i = 0; i < columns; i += 4) {
      const at = <usize>i << 2;
      scannedBack(
        a + <usize>t * aStep + at, before + at, g + by + at, carried + at, movedOn(daRow, at), adds, movedOn(dbRow, at), columns - i,
      );
    }
  }
}

/** What the steps [from, to) do to what is carried backwards: c' = P c + S, as c' = a (c + g) at each. */
function summarizeBack(a: usize, aStep: usize, g: usize, from: i32, to: i32, step: usize, columns: i32, p: usize, s: usize): void {
  for (let i = 0; i < columns; i += 4) {
    const at = <usize>i << 2, count = columns - i;
    let product = splat(1), sum = zero();
    for (let t = to - 1; t >= from; t--) {
      const f = loadPart(a + <usize>t * aStep + at, count);
      sum = f32x4.mul(f, flushed(f32x4.add(sum, loadPart(g + <usize>t * step + at, count))));
      product = flushed(f32x4.mul(product, f));
    }
    storePart(p + at, product, count);
    storePart(s + at, sum, count);
  }
}

/**
 * Words: steps, width, blocks, bytes from the factors of one step to the next, a, h0, h, g, da | 0, db | 0, dh0 (what is carried
 * backwards lies there), workspace.
 */
export function linearScanBack(instruction: usize, thread: i32, threads: i32): void {
  const steps = word(instruction, LinearScanBackWords.steps), width = word(instruction, LinearScanBackWords.width);
  const blocks = word(instruction, LinearScanBackWords.blocks);
  const aStep = <usize>word(instruction, LinearScanBackWords.factorStep), step = <usize>width << 2;
  const a = address(instruction, LinearScanBackWords.a), h0 = address(instruction, LinearScanBackWords.h0);
  const h = address(instruction, LinearScanBackWords.h), g = address(instruction, LinearScanBackWords.g);
  const da = address(instruction, LinearScanBackWords.da), db = address(instruction, LinearScanBackWords.db);
  const dh0 = address(instruction, LinearScanBackWords.dh0);
  const adds = aStep == 0;
  if (blocks == 1) {
    const from = shareStart(width, 16, thread, threads), to = shareStart(width, 16, thread + 1, threads);
    if (to <= from) return;
    const at = <usize>from << 2, bytes = <usize>(to - from) << 2;
    memory.fill(dh0 + at, 0, bytes);
    if (adds && da != 0) memory.fill(da + at, 0, bytes);
    scanRowsBack(
      a + at, aStep, h0 + at, h + at, g + at, dh0 + at, movedOn(da, at), adds, movedOn(db, at), 0, steps, step, to - from,
    );
    return;
  }
  const workspace = address(instruction, LinearScanBackWords.workspace);
  const first = shareStart(blocks, 1, thread, threads), last = shareStart(blocks, 1, thread + 1, threads);
  for (let block = first; block < last; block++) {
    const own = workspace + <usize>block * 4 * step;
    summarizeBack(a, aStep, g, blockStart(steps, blocks, block), blockStart(steps, blocks, block + 1), step, width, own, own + step);
  }
  barrier(threads);
  for (let block = first; block < last; block++) {
    const carried = workspace + (<usize>block * 4 + 2) * step;
    const sums = carried + step;
    memory.fill(carried, 0, step << 1);
    for (let behind = blocks - 1; behind > block; behind--) {
      const p = workspace + <usize>behind * 4 * step;
      passBlock(p, p + step, carried, width);
    }
    scanRowsBack(
      a, aStep, h0, h, g, carried, da == 0 ? 0 : adds ? sums : da, adds, db,
      blockStart(steps, blocks, block), blockStart(steps, blocks, block + 1), step, width,
    );
  }
  barrier(threads);
  if (thread != 0) return;
  memory.copy(dh0, workspace + 2 * step, step);
  if (adds && da != 0) addSums(workspace + 3 * step, 4 * step, blocks, width, da);
}

/** The sum of a row of each block. */
export function addSums(rows: usize, apart: usize, blocks: i32, columns: i32, to: usize): void {
  for (let i = 0; i < columns; i += 4) {
    const at = <usize>i << 2, count = columns - i;
    let sum = zero();
    for (let block = 0; block < blocks; block++) sum = f32x4.add(sum, loadPart(rows + <usize>block * apart + at, count));
    storePart(to + at, sum, count);
  }
}
