// How a kernel reads its instruction: words of 32 bits, numbers and addresses alike.

// @ts-ignore: decorator
@inline
export function word(instruction: usize, index: i32): i32 {
  return load<i32>(instruction + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
export function address(instruction: usize, index: i32): usize {
  return <usize>load<u32>(instruction + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
export function number(instruction: usize, index: i32): f32 {
  return load<f32>(instruction + (<usize>index << 2));
}

/** Where the words behind one begin. */
// @ts-ignore: decorator
@inline
export function behind(instruction: usize, index: i32): usize {
  return instruction + (<usize>(index + 1) << 2);
}

/** `from` rounded up to a cache line. */
// @ts-ignore: decorator
@inline
export function aligned(from: usize): usize {
  return (from + 63) & ~63;
}
