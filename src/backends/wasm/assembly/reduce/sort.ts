// Sorting rows: a merge sort of places, so that equal elements stay in their order. NaN come last in either direction.
import { address, word } from '../arguments';
import { shareStart } from '../simd';
import { SortWords } from '../words';

// @ts-ignore: decorator
@inline
function precedes(p: f32, q: f32, descending: bool): bool {
  if (q != q) return p == p;
  return descending ? p > q : p < q;
}

/** Whether the element at place `a` of a row comes before that at place `b`. */
// @ts-ignore: decorator
@inline
function before(row: usize, a: i32, b: i32, descending: bool, integers: bool): bool {
  const p = row + (<usize>a << 2), q = row + (<usize>b << 2);
  if (!integers) return precedes(load<f32>(p), load<f32>(q), descending);
  return descending ? load<i32>(p) > load<i32>(q) : load<i32>(p) < load<i32>(q);
}

/** Bytes of workspace: two lists of places for each row. */
export function sortWorkspace(rows: i32, length: i32): usize {
  return <usize>(rows * length) << 3;
}

/** Words: rows, length, from, values | 0, places | 0, descending?, whole numbers?, workspace. */
export function sort(instruction: usize, thread: i32, threads: i32): void {
  const rows = word(instruction, SortWords.rows), length = word(instruction, SortWords.length);
  const values = address(instruction, SortWords.values), places = address(instruction, SortWords.places);
  const descending = word(instruction, SortWords.descending) != 0, integers = word(instruction, SortWords.whole) != 0;
  const bytes = <usize>length << 2;
  const last = shareStart(rows, 1, thread + 1, threads);
  for (let item = shareStart(rows, 1, thread, threads); item < last; item++) {
    const row = address(instruction, SortWords.from) + <usize>item * bytes;
    let order = address(instruction, SortWords.workspace) + <usize>item * 2 * bytes;
    let spare = order + bytes;
    for (let i = 0; i < length; i++) store<i32>(order + (<usize>i << 2), i);
    for (let width = 1; width < length; width *= 2) {
      for (let from = 0; from < length; from += 2 * width) {
        const middle = from + width < length ? from + width : length;
        const end = middle + width < length ? middle + width : length;
        let p = from, q = middle;
        for (let i = from; i < end; i++) {
          const left = load<i32>(order + (<usize>p << 2)), right = load<i32>(order + (<usize>q << 2));
          const takeRight = p == middle || (q < end && before(row, right, left, descending, integers));
          store<i32>(spare + (<usize>i << 2), takeRight ? right : left);
          if (takeRight) q++;
          else p++;
        }
      }
      const sorted = spare;
      spare = order;
      order = sorted;
    }
    for (let i: usize = 0; i < bytes; i += 4) {
      const place = load<i32>(order + i);
      if (places != 0) store<i32>(places + <usize>item * bytes + i, place);
      if (values != 0) store<u32>(values + <usize>item * bytes + i, load<u32>(row + (<usize>place << 2)));
    }
  }
}
