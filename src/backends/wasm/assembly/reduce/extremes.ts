// The place of the largest or smallest element along an axis: the first of equal ones, the first NaN if there is one.
import { address, word } from '../arguments';
import { shareStart } from '../simd';
import { ExtremePlacesWords } from '../words';

// @ts-ignore: decorator
@inline
function better(minimum: bool, candidate: f32, held: f32): bool {
  return held == held && ((minimum ? candidate < held : candidate > held) || candidate != candidate);
}

// @ts-ignore: decorator
@inline
function betterInt(minimum: bool, candidate: i32, held: i32): bool {
  return minimum ? candidate < held : candidate > held;
}

/** Words: minimum?, whole numbers?, outer, length, inner, from, to. */
export function extremePlaces(instruction: usize, thread: i32, threads: i32): void {
  const minimum = word(instruction, ExtremePlacesWords.minimum) != 0, integers = word(instruction, ExtremePlacesWords.whole) != 0;
  const outer = word(instruction, ExtremePlacesWords.outer), length = word(instruction, ExtremePlacesWords.length), inner = word(instruction, ExtremePlacesWords.inner);
  const from = address(instruction, ExtremePlacesWords.from), to = address(instruction, ExtremePlacesWords.to);
  const step = <usize>inner << 2;
  const last = shareStart(outer * inner, 1, thread + 1, threads);
  for (let item = shareStart(outer * inner, 1, thread, threads); item < last; item++) {
    let at = from + (<usize>((item / inner) * length * inner + (item % inner)) << 2);
    let place = 0;
    if (integers) {
      let held = load<i32>(at);
      for (let i = 1; i < length; i++) {
        at += step;
        const candidate = load<i32>(at);
        if (betterInt(minimum, candidate, held)) {
          held = candidate;
          place = i;
        }
      }
    } else {
      let held = load<f32>(at);
      for (let i = 1; i < length; i++) {
        at += step;
        const candidate = load<f32>(at);
        if (better(minimum, candidate, held)) {
          held = candidate;
          place = i;
        }
      }
    }
    store<i32>(to + (<usize>item << 2), place);
  }
}
