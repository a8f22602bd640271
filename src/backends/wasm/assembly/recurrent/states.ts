// The gradients of the states as a backward sweep carries them, the same for every kind of layer.

/** What a state's gradient begins with: what flows in from behind the last step, or nothing. */
export function startState(from: usize, to: usize, bytes: usize): void {
  if (from == 0) memory.fill(to, 0, bytes);
  else memory.copy(to, from, bytes);
}

/** A masked row: nothing flows into its pre-activations; the state's gradient passes, that of the output joins it. */
export function passMasked(units: i32, gates: i32, dh: usize, dy: usize, dz: usize): void {
  const bytes = <usize>units << 2;
  memory.fill(dz, 0, bytes * gates);
  if (dy == 0) return;
  for (let at: usize = 0; at < bytes; at += 4) store<f32>(dh + at, load<f32>(dh + at) + load<f32>(dy + at));
}

/** Whether a row's step is masked. */
// @ts-ignore: decorator
@inline
export function isMasked(mask: usize, row: i32): bool {
  return mask != 0 && load<i32>(mask + (<usize>row << 2)) == 0;
}

/** `base` moved on, where there is one. */
// @ts-ignore: decorator
@inline
export function moved(base: usize, by: usize): usize {
  return base == 0 ? 0 : base + by;
}
