// A chain of element-wise operations as one pass over memory: block after block, each small enough for the nearest cache.
// Intermediate results live in registers, which are blocks of scratch.
import { address, behind, word } from '../arguments';
import { copyStrided } from '../movement/strided';
import { shareStart } from '../simd';
import { apply } from './apply';
import { ChainFill, ChainLoad, ChainStep, ChainWords } from '../words';

/** Where the operands of the last, odd elements of a chain are put: room for one vector each. */
// @ts-ignore: decorator
@inline
const TAIL: usize = 64;

/** The place of an operand for the block at `start`: a register (its lowest bit is set), or memory. */
// @ts-ignore: decorator
@inline
function place(operand: i32, registers: usize, blockBytes: usize, start: usize): usize {
  if ((operand & 1) != 0) return registers + <usize>(operand >>> 1) * blockBytes;
  return <usize>(<u32>operand) + start;
}

/** As `place`, for fewer than four elements: what lies in memory is copied to where a whole vector may be read. */
function tailPlace(operand: i32, registers: usize, blockBytes: usize, start: usize, bytes: usize, tail: usize): usize {
  const from = place(operand, registers, blockBytes, start);
  if ((operand & 1) != 0) return from;
  memory.copy(tail, from, bytes);
  return tail;
}

/**
 * After how many elements a load repeats itself: where only its last axes have strides, as a row's that meets a matrix. All elements where it
 * does not.
 */
function periodOf(rank: i32, dims: usize): i32 {
  const strides = dims + (<usize>rank << 2);
  let repeated = 0;
  while (repeated < rank && load<i32>(strides + (<usize>repeated << 2)) == 0) repeated++;
  let period = 1;
  for (let axis = repeated; axis < rank; axis++) period *= load<i32>(dims + (<usize>axis << 2));
  return period;
}

/**
 * Words: elements, elements of a block (a multiple of 4), fills, loads, steps, then
 * for each fill: register, the value, or where it lies if the next word is 1: a register with the same value everywhere;
 * for each load: register, address, rank, dimensions, strides (elements): a register filled anew for each block;
 * for each step: operation, result, three operands. An operand is an address, of as many elements as the chain has, or
 * 2 * register + 1.
 */
export function chain(instruction: usize, thread: i32, threads: i32, scratch: usize): void {
  const count = word(instruction, ChainWords.count);
  const block = word(instruction, ChainWords.block);
  const fills = word(instruction, ChainWords.fills), loads = word(instruction, ChainWords.loads), steps = word(instruction, ChainWords.steps);
  const last = shareStart(count, 64, thread + 1, threads);
  const first = shareStart(count, 64, thread, threads);
  if (first >= last) return;
  const registers = scratch + TAIL;
  const blockBytes = <usize>block << 2;
  const filled = (last - first < block ? last - first + 3 : block) & ~3;
  let at = behind(instruction, ChainWords.steps);
  for (let i = 0; i < fills; i++) {
    const value = word(at, ChainFill.isAddress) == 0 ? word(at, ChainFill.value) : load<i32>(address(at, ChainFill.value));
    const to = registers + <usize>word(at, ChainFill.register) * blockBytes;
    const vector = i32x4.splat(value);
    for (let j: usize = 0; j < <usize>filled << 2; j += 16) v128.store(to + j, vector);
    at += 12;
  }
  const firstLoad = at;
  for (let i = 0; i < loads; i++) at += <usize>(3 + 2 * word(at, ChainLoad.rank)) << 2;
  const firstStep = at;
  for (let start = first; start < last; start += block) {
    const size = last - start < block ? last - start : block;
    at = firstLoad;
    for (let i = 0; i < loads; i++) {
      const rank = word(at, ChainLoad.rank);
      const dims = behind(at, ChainLoad.rank);
      const next = at + (<usize>(3 + 2 * rank) << 2);
      // What repeats itself as often as blocks do is there already.
      if (start > first && block % periodOf(rank, dims) == 0) {
        at = next;
        continue;
      }
      copyStrided(registers + <usize>word(at, ChainLoad.register) * blockBytes, address(at, ChainLoad.source), rank, dims,
        dims + (<usize>rank << 2), start, size);
      at = next;
    }
    const whole = <usize>(size & ~3) << 2;
    const rest = <usize>(size & 3) << 2;
    const offset = <usize>start << 2;
    at = firstStep;
    for (let i = 0; i < steps; i++) {
      const operation = word(at, ChainStep.operation);
      const to = word(at, ChainStep.to);
      const a = word(at, ChainStep.a), b = word(at, ChainStep.b), c = word(at, ChainStep.c);
      const out = place(to, registers, blockBytes, offset);
      if (whole > 0) {
        apply(operation, whole, out, place(a, registers, blockBytes, offset), place(b, registers, blockBytes, offset),
          place(c, registers, blockBytes, offset));
      }
      if (rest > 0) {
        const skip = offset + whole;
        const own = registers + whole;
        const result = (to & 1) != 0 ? place(to, own, blockBytes, 0) : scratch + 48;
        apply(operation, 16, result, tailPlace(a, own, blockBytes, skip, rest, scratch),
          tailPlace(b, own, blockBytes, skip, rest, scratch + 16), tailPlace(c, own, blockBytes, skip, rest, scratch + 32));
        if ((to & 1) == 0) memory.copy(out + whole, result, rest);
      }
      at += 20;
    }
  }
}
