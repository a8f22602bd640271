// Reading and adding by index along the middle axis of [outer, length, inner]. An index outside the axis reads 0 and adds nowhere.
import { address, word } from '../arguments';
import { loadPart, shareStart, storePart } from '../simd';
import { GatherWords, ScatterWords } from '../words';

/** to += from, for rows of `count` elements: floats, or whole numbers. */
export function addRow(to: usize, from: usize, count: i32, integers: bool): void {
  for (let i = 0; i < count; i += 4) {
    const at = <usize>i << 2;
    const a = loadPart(to + at, count - i), b = loadPart(from + at, count - i);
    storePart(to + at, integers ? i32x4.add(a, b) : f32x4.add(a, b), count - i);
  }
}

/** Words: outer, length, inner, count of indices, x, indices, to. */
export function gather(instruction: usize, thread: i32, threads: i32): void {
  const outer = word(instruction, GatherWords.outer), length = word(instruction, GatherWords.length), inner = word(instruction, GatherWords.inner);
  const count = word(instruction, GatherWords.count);
  const x = address(instruction, GatherWords.from), indices = address(instruction, GatherWords.indices), to = address(instruction, GatherWords.to);
  const bytes = <usize>inner << 2;
  const last = shareStart(outer * count, 1, thread + 1, threads);
  for (let item = shareStart(outer * count, 1, thread, threads); item < last; item++) {
    const index = load<i32>(indices + (<usize>(item % count) << 2));
    const at = to + <usize>item * bytes;
    if (<u32>index >= <u32>length) memory.fill(at, 0, bytes);
    else memory.copy(at, x + <usize>((item / count) * length + index) * bytes, bytes);
  }
}

/**
 * Words: outer, length, inner, count of indices, updates, indices, to, whole numbers?. Every thread looks at all indices and adds
 * what falls into its own rows, so that the order of additions is the same for any number of threads.
 */
export function scatterAdd(instruction: usize, thread: i32, threads: i32): void {
  const outer = word(instruction, ScatterWords.outer), length = word(instruction, ScatterWords.length), inner = word(instruction, ScatterWords.inner);
  const count = word(instruction, ScatterWords.count);
  const updates = address(instruction, ScatterWords.updates), indices = address(instruction, ScatterWords.indices), to = address(instruction, ScatterWords.to);
  const integers = word(instruction, ScatterWords.whole) != 0;
  const bytes = <usize>inner << 2;
  const first = shareStart(length, 1, thread, threads), last = shareStart(length, 1, thread + 1, threads);
  for (let o = 0; o < outer; o++) {
    const base = to + <usize>(o * length) * bytes;
    memory.fill(base + <usize>first * bytes, 0, <usize>(last - first) * bytes);
    let from = updates + <usize>(o * count) * bytes;
    for (let k = 0; k < count; k++) {
      const index = load<i32>(indices + (<usize>k << 2));
      if (index >= first && index < last) addRow(base + <usize>index * bytes, from, inner, integers);
      from += bytes;
    }
  }
}

/** Words: outer, length, inner, length of the indices' axis, x, indices, to. */
export function takeAlong(instruction: usize, thread: i32, threads: i32): void {
  const outer = word(instruction, GatherWords.outer), length = word(instruction, GatherWords.length), inner = word(instruction, GatherWords.inner);
  const count = word(instruction, GatherWords.count);
  const x = address(instruction, GatherWords.from), indices = address(instruction, GatherWords.indices), to = address(instruction, GatherWords.to);
  const last = shareStart(outer * count, 1, thread + 1, threads);
  for (let item = shareStart(outer * count, 1, thread, threads); item < last; item++) {
    const base = (item / count) * length;
    for (let i = 0; i < inner; i++) {
      const at = <usize>(item * inner + i) << 2;
      const index = load<i32>(indices + at);
      const inside = <u32>index < <u32>length;
      store<u32>(to + at, inside ? load<u32>(x + (<usize>((base + index) * inner + i) << 2)) : 0);
    }
  }
}

/** Words: outer, length, inner, length of the indices' axis, updates, indices, to, whole numbers?. */
export function scatterAlong(instruction: usize, thread: i32, threads: i32): void {
  const outer = word(instruction, ScatterWords.outer), length = word(instruction, ScatterWords.length), inner = word(instruction, ScatterWords.inner);
  const count = word(instruction, ScatterWords.count);
  const updates = address(instruction, ScatterWords.updates), indices = address(instruction, ScatterWords.indices), to = address(instruction, ScatterWords.to);
  const integers = word(instruction, ScatterWords.whole) != 0;
  const last = shareStart(outer, 1, thread + 1, threads);
  for (let o = shareStart(outer, 1, thread, threads); o < last; o++) {
    memory.fill(to + (<usize>(o * length * inner) << 2), 0, <usize>(length * inner) << 2);
    for (let k = 0; k < count; k++) {
      for (let i = 0; i < inner; i++) {
        const from = <usize>((o * count + k) * inner + i) << 2;
        const index = load<i32>(indices + from);
        if (<u32>index >= <u32>length) continue;
        const at = to + (<usize>((o * length + index) * inner + i) << 2);
        if (integers) store<i32>(at, load<i32>(at) + load<i32>(updates + from));
        else store<f32>(at, load<f32>(at) + load<f32>(updates + from));
      }
    }
  }
}
