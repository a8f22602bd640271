// Operations that no vector instruction does, one element at a time.

/** The remainder of a / b with the sign of b, exact before it gets that sign. */
export function mod(bytes: usize, out: usize, a: usize, b: usize): void {
  for (let i: usize = 0; i < bytes; i += 4) {
    const divisor = load<f32>(b + i);
    const rest = load<f32>(a + i) % divisor;
    store<f32>(out + i, rest != 0 && (rest < 0) != (divisor < 0) ? rest + divisor : rest);
  }
}

/** The same for whole numbers; 0 where b is 0. */
export function modInt(bytes: usize, out: usize, a: usize, b: usize): void {
  for (let i: usize = 0; i < bytes; i += 4) {
    const x = load<i32>(a + i), y = load<i32>(b + i);
    // A divisor of -1 is apart: the division would overflow for the smallest number.
    if (y == 0 || y == -1) {
      store<i32>(out + i, 0);
      continue;
    }
    const rest = x % y;
    store<i32>(out + i, rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest);
  }
}

/** a to the power b for whole numbers, cut to a whole number. */
export function powInt(bytes: usize, out: usize, a: usize, b: usize): void {
  for (let i: usize = 0; i < bytes; i += 4) {
    let base = load<i32>(a + i), exponent = load<i32>(b + i);
    let result = 1;
    if (exponent < 0) {
      // 1 / base^-exponent is whole for 1 and -1 alone.
      result = base == 1 ? 1 : base == -1 ? ((exponent & 1) == 0 ? 1 : -1) : 0;
      exponent = 0;
    }
    for (; exponent > 0; exponent >>= 1) {
      if ((exponent & 1) != 0) result *= base;
      base *= base;
    }
    store<i32>(out + i, result);
  }
}
