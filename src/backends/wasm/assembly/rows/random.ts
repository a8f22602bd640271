// Random numbers by counter, four at once: Threefry-2x32 with 20 rounds, as src/tensor/random.ts has it. Element i of a stream is
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

/** Words: normal?, count, state (address of seed and step), stream, to. */
export function random(instruction: usize, thread: i32, threads: i32): void {
  const normal = word(instruction, RandomWords.normal) != 0;
  const state = address(instruction, RandomWords.state), to = address(instruction, RandomWords.to);
  const key0 = load<i32>(state), step = load<i32>(state, 4), key1 = word(instruction, RandomWords.stream);
  const k0 = i32x4.splat(key0), k1 = i32x4.splat(key1), k2 = i32x4.splat(key0 ^ key1 ^ 0x1bd11bda);
  const count = word(instruction, RandomWords.count);
  const last = shareStart(count, 4, thread + 1, threads);
  for (let i = shareStart(count, 4, thread, threads); i < last; i += 4) {
    let x0 = i32x4.add(i32x4.add(i32x4.splat(i), i32x4(0, 1, 2, 3)), k0);
    let x1 = i32x4.add(i32x4.splat(step), k1);
    for (let group = 0; group < 5; group++) {
      if ((group & 1) == 0) {
        x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 13), x0);
        x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 15), x0);
        x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 26), x0);
        x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 6), x0);
      } else {
        x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 17), x0);
        x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 29), x0);
        x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 16), x0);
        x0 = i32x4.add(x0, x1); x1 = v128.xor(rotate(x1, 24), x0);
      }
      // Keys (group + 1) and (group + 2), modulo 3.
      const turn = group % 3;
      x0 = i32x4.add(x0, turn == 0 ? k1 : turn == 1 ? k2 : k0);
      x1 = i32x4.add(i32x4.add(x1, turn == 0 ? k2 : turn == 1 ? k0 : k1), i32x4.splat(group + 1));
    }
    let value = toUnit(x0);
    if (normal) {
      const radius = f32x4.sqrt(f32x4.mul(log(f32x4.sub(splat(1), value)), splat(-2)));
      value = f32x4.mul(radius, cosOfTurns(toUnit(x1)));
    }
    storePart(to + (<usize>i << 2), value, last - i);
  }
}
