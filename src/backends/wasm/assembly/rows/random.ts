// Random numbers by counter: Threefry-2x32 with 20 rounds, as src/tensor/random.ts has it. Element i of a stream is
// the block with key (seed, stream) and counter (i, step).
import { address, word } from '../arguments';
import { log } from '../math/log';
import { cosOfTurns } from '../math/trig';
import { shareStart, splat, storePart } from '../simd';
import { RandomWords } from '../words';

// @ts-ignore: decorator
@inline
function rotate(x: v128, by: i32): v128 {
  return v128.or(i32x4.shl(x, by), i32x4.shr_u(x, 32 - by));
}

/** The top 24 bits of a word as a number in [0, 1). */
// @ts-ignore: decorator
@inline
function toUnit(x: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(x, 8)), splat(5.9604644775390625e-8));
}

/**
 * Up to four numbers of what 20 rounds have made of a counter, uniform or normal (Box and Muller, 1958). A function of its own, which stores
 * what it makes: V8, where it joins vectors, ends the process at a call before two stores side by side.
 */
function storeNumbers(to: usize, normal: bool, x0: v128, x1: v128, count: i32): void {
  let value = toUnit(x0);
  if (normal) {
    const radius = f32x4.sqrt(f32x4.mul(log(f32x4.sub(splat(1), value)), splat(-2)));
    value = f32x4.mul(radius, cosOfTurns(toUnit(x1)));
  }
  storePart(to, value, count);
}

/** Words: normal?, count, state (address of seed and step), stream, to. Four vectors are under way at once: each round waits for the last. */
export function random(instruction: usize, thread: i32, threads: i32): void {
  const normal = word(instruction, RandomWords.normal) != 0;
  const state = address(instruction, RandomWords.state), to = address(instruction, RandomWords.to);
  const key0 = load<i32>(state), step = load<i32>(state, 4), key1 = word(instruction, RandomWords.stream);
  const k0 = i32x4.splat(key0), k1 = i32x4.splat(key1), k2 = i32x4.splat(key0 ^ key1 ^ 0x1bd11bda);
  const count = word(instruction, RandomWords.count);
  const last = shareStart(count, 16, thread + 1, threads), first = shareStart(count, 16, thread, threads);
  const begin = i32x4.add(i32x4(0, 1, 2, 3), k0), second = i32x4.add(i32x4.splat(step), k1);
  for (let i = first; i < last; i += 16) {
    // V8 does not join these, and it must not: that of Node 24 ends the process where it joins what follows.
    let a0 = i32x4.add(begin, i32x4.splat(i)), b0 = i32x4.add(begin, i32x4.splat(i + 4));
    let c0 = i32x4.add(begin, i32x4.splat(i + 8)), d0 = i32x4.add(begin, i32x4.splat(i + 12));
    let a1 = second, b1 = second, c1 = second, d1 = second;
    for (let group = 0; group < 5; group++) {
      if ((group & 1) == 0) {
        a0 = i32x4.add(a0, a1); b0 = i32x4.add(b0, b1); c0 = i32x4.add(c0, c1); d0 = i32x4.add(d0, d1);
        a1 = v128.xor(rotate(a1, 13), a0); b1 = v128.xor(rotate(b1, 13), b0);
        c1 = v128.xor(rotate(c1, 13), c0); d1 = v128.xor(rotate(d1, 13), d0);
        a0 = i32x4.add(a0, a1); b0 = i32x4.add(b0, b1); c0 = i32x4.add(c0, c1); d0 = i32x4.add(d0, d1);
        a1 = v128.xor(rotate(a1, 15), a0); b1 = v128.xor(rotate(b1, 15), b0);
        c1 = v128.xor(rotate(c1, 15), c0); d1 = v128.xor(rotate(d1, 15), d0);
        a0 = i32x4.add(a0, a1); b0 = i32x4.add(b0, b1); c0 = i32x4.add(c0, c1); d0 = i32x4.add(d0, d1);
        a1 = v128.xor(rotate(a1, 26), a0); b1 = v128.xor(rotate(b1, 26), b0);
        c1 = v128.xor(rotate(c1, 26), c0); d1 = v128.xor(rotate(d1, 26), d0);
        a0 = i32x4.add(a0, a1); b0 = i32x4.add(b0, b1); c0 = i32x4.add(c0, c1); d0 = i32x4.add(d0, d1);
        a1 = v128.xor(rotate(a1, 6), a0); b1 = v128.xor(rotate(b1, 6), b0);
        c1 = v128.xor(rotate(c1, 6), c0); d1 = v128.xor(rotate(d1, 6), d0);
      } else {
        a0 = i32x4.add(a0, a1); b0 = i32x4.add(b0, b1); c0 = i32x4.add(c0, c1); d0 = i32x4.add(d0, d1);
        a1 = v128.xor(rotate(a1, 17), a0); b1 = v128.xor(rotate(b1, 17), b0);
        c1 = v128.xor(rotate(c1, 17), c0); d1 = v128.xor(rotate(d1, 17), d0);
        a0 = i32x4.add(a0, a1); b0 = i32x4.add(b0, b1); c0 = i32x4.add(c0, c1); d0 = i32x4.add(d0, d1);
        a1 = v128.xor(rotate(a1, 29), a0); b1 = v128.xor(rotate(b1, 29), b0);
        c1 = v128.xor(rotate(c1, 29), c0); d1 = v128.xor(rotate(d1, 29), d0);
        a0 = i32x4.add(a0, a1); b0 = i32x4.add(b0, b1); c0 = i32x4.add(c0, c1); d0 = i32x4.add(d0, d1);
        a1 = v128.xor(rotate(a1, 16), a0); b1 = v128.xor(rotate(b1, 16), b0);
        c1 = v128.xor(rotate(c1, 16), c0); d1 = v128.xor(rotate(d1, 16), d0);
        a0 = i32x4.add(a0, a1); b0 = i32x4.add(b0, b1); c0 = i32x4.add(c0, c1); d0 = i32x4.add(d0, d1);
        a1 = v128.xor(rotate(a1, 24), a0); b1 = v128.xor(rotate(b1, 24), b0);
        c1 = v128.xor(rotate(c1, 24), c0); d1 = v128.xor(rotate(d1, 24), d0);
      }
      // Keys (group + 1) and (group + 2), modulo 3.
      const turn = group % 3;
      const one = turn == 0 ? k1 : turn == 1 ? k2 : k0;
      const other = i32x4.add(turn == 0 ? k2 : turn == 1 ? k0 : k1, i32x4.splat(group + 1));
      a0 = i32x4.add(a0, one); b0 = i32x4.add(b0, one); c0 = i32x4.add(c0, one); d0 = i32x4.add(d0, one);
      a1 = i32x4.add(a1, other); b1 = i32x4.add(b1, other); c1 = i32x4.add(c1, other); d1 = i32x4.add(d1, other);
    }
    const at = to + (<usize>i << 2);
    const left = last - i;
    if (!normal && left >= 16) {
      a0 = toUnit(a0); b0 = toUnit(b0); c0 = toUnit(c0); d0 = toUnit(d0);
      v128.store(at, a0); v128.store(at, b0, 16); v128.store(at, c0, 32); v128.store(at, d0, 48);
    } else {
      storeNumbers(at, normal, a0, a1, left);
      if (left > 4) storeNumbers(at + 16, normal, b0, b1, left - 4);
      if (left > 8) storeNumbers(at + 32, normal, c0, c1, left - 8);
      if (left > 12) storeNumbers(at + 48, normal, d0, d1, left - 12);
    }
  }
}
