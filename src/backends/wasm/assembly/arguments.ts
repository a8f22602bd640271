// How a kernel reads its instruction: words of 32 bits, numbers and addresses alike.

// @ts-ignore: decorator
@inline
export function word(instruction: usize, index: usize): i32 {
  return load<i32>(instruction + (index << 2));
}

// @ts-ignore: decorator
@inline
export function address(instruction: usize, index: usize): usize {
  return <usize>load<u32>(instruction + (index << 2));
}

// @ts-ignore: decorator
@inline
export function number(instruction: usize, index: usize): f32 {
  return load<f32>(instruction + (index << 2));
}

/** `from` rounded up to a cache line. */
// @ts-ignore: decorator
@inline
export function aligned(from: usize): usize {
  return (from + 63) & ~63;
}
