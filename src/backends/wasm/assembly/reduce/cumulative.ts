// Running sums along the middle axis of [outer, length, inner], floats kept in double precision while they grow.
import { address, word } from '../arguments';
import { shareStart } from '../simd';
import { CumulativeSumWords } from '../words';

/** Words: outer, length, inner, from, to, from the end?, without the element itself?, whole numbers?. */
export function cumulativeSum(instruction: usize, thread: i32, threads: i32): void {
  const outer = word(instruction, CumulativeSumWords.outer), length = word(instruction, CumulativeSumWords.length), inner = word(instruction, CumulativeSumWords.inner);
  const from = address(instruction, CumulativeSumWords.from), to = address(instruction, CumulativeSumWords.to);
  const reverse = word(instruction, CumulativeSumWords.reverse) != 0, exclusive = word(instruction, CumulativeSumWords.exclusive) != 0, integers = word(instruction, CumulativeSumWords.whole) != 0;
  const step = reverse ? 0 - (<usize>inner << 2) : <usize>inner << 2;
  const last = shareStart(outer * inner, 1, thread + 1, threads);
  for (let item = shareStart(outer * inner, 1, thread, threads); item < last; item++) {
    const first = (item / inner) * length * inner + (item % inner) + (reverse ? (length - 1) * inner : 0);
    let at = <usize>first << 2;
    let sum: f64 = 0;
    let whole: i32 = 0;
    for (let k = 0; k < length; k++) {
      if (integers) {
        const before = whole;
        whole += load<i32>(from + at);
        store<i32>(to + at, exclusive ? before : whole);
      } else {
        const before = sum;
        sum += <f64>load<f32>(from + at);
        store<f32>(to + at, <f32>(exclusive ? before : sum));
      }
      at += step;
    }
  }
}
