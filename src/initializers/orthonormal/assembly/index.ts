// Orthonormal vectors and normal numbers, with 128-bit vectors and without fused operations: `../slowly.ts` does the same, operation by
// operation, where there are none. Rows lie `stride` bytes apart, a multiple of 32, with zeros behind their ends; what lies between a
// count of rows and the next multiple of four is zero, too.

/** Rows of Q that are taken from others at once. */
const chunk: i32 = 64;

/** Where the products of four rows with those lie. */
// @ts-ignore: decorator
@inline
const PRODUCTS: usize = memory.data(4 * 64 * 8, 16);

// @ts-ignore: decorator
@inline
function splatAt<T>(at: usize): v128 {
  return sizeof<T>() == 4 ? v128.load32_splat(at) : v128.load64_splat(at);
}

/** The sum of all lanes. */
function total<T>(sums: v128): T {
  if (sizeof<T>() == 4) {
    return <T>(
      (f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 2) +
        (f32x4.extract_lane(sums, 1) + f32x4.extract_lane(sums, 3)))
    );
  }
  return <T>(f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1));
}

/** The products of four rows from `x` with two from `q`, to `to`: `chunk` numbers a row of x. */
function products<T>(x: usize, q: usize, stride: usize, to: usize): void {
  let a0 = v128.splat<T>(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
  const second = stride, third = second + stride, fourth = third + stride;
  for (const end = x + stride; x < end; x += 16, q += 16) {
    const q0 = v128.load(q), q1 = v128.load(q + stride);
    const a = v128.load(x);
    a0 = v128.add<T>(a0, v128.mul<T>(a, q0));
    a1 = v128.add<T>(a1, v128.mul<T>(a, q1));
    const b = v128.load(x + second);
    b0 = v128.add<T>(b0, v128.mul<T>(b, q0));
    b1 = v128.add<T>(b1, v128.mul<T>(b, q1));
    const c = v128.load(x + third);
    c0 = v128.add<T>(c0, v128.mul<T>(c, q0));
    c1 = v128.add<T>(c1, v128.mul<T>(c, q1));
    const d = v128.load(x + fourth);
    d0 = v128.add<T>(d0, v128.mul<T>(d, q0));
    d1 = v128.add<T>(d1, v128.mul<T>(d, q1));
  }
  const size = sizeof<T>(), row = <usize>chunk * size;
  store<T>(to, total<T>(a0)), store<T>(to + size, total<T>(a1));
  to += row;
  store<T>(to, total<T>(b0)), store<T>(to + size, total<T>(b1));
  to += row;
  store<T>(to, total<T>(c0)), store<T>(to + size, total<T>(c1));
  to += row;
  store<T>(to, total<T>(d0)), store<T>(to + size, total<T>(d1));
}

/** Takes from 32 bytes of four rows from `x` those of `count` rows from `q`, times the products that `products` wrote. */
function take<T>(x: usize, q: usize, stride: usize, times: usize, count: i32): void {
  const x1 = x + stride, x2 = x1 + stride, x3 = x2 + stride;
  const size = sizeof<T>(), second = <usize>chunk * size, third = second + second, fourth = third + second;
  let a0 = v128.load(x), a1 = v128.load(x, 16), b0 = v128.load(x1), b1 = v128.load(x1, 16);
  let c0 = v128.load(x2), c1 = v128.load(x2, 16), d0 = v128.load(x3), d1 = v128.load(x3, 16);
  for (const end = times + <usize>count * size; times < end; times += size, q += stride) {
    const q0 = v128.load(q), q1 = v128.load(q, 16);
    const a = splatAt<T>(times);
    a0 = v128.sub<T>(a0, v128.mul<T>(a, q0));
    a1 = v128.sub<T>(a1, v128.mul<T>(a, q1));
    const b = splatAt<T>(times + second);
    b0 = v128.sub<T>(b0, v128.mul<T>(b, q0));
    b1 = v128.sub<T>(b1, v128.mul<T>(b, q1));
    const c = splatAt<T>(times + third);
    c0 = v128.sub<T>(c0, v128.mul<T>(c, q0));
    c1 = v128.sub<T>(c1, v128.mul<T>(c, q1));
    const d = splatAt<T>(times + fourth);
    d0 = v128.sub<T>(d0, v128.mul<T>(d, q0));
    d1 = v128.sub<T>(d1, v128.mul<T>(d, q1));
  }
  v128.store(x, a0), v128.store(x, a1, 16), v128.store(x1, b0), v128.store(x1, b1, 16);
  v128.store(x2, c0), v128.store(x2, c1, 16), v128.store(x3, d0), v128.store(x3, d1, 16);
}

/** Takes from `rows` rows their parts along `count` orthonormal ones, a power of two and 4 at least. */
function project<T>(x: usize, rows: i32, q: usize, count: i32, stride: usize): void {
  const some = min(count, chunk);
  for (const end = q + <usize>count * stride; q < end; q += <usize>chunk * stride) {
    for (let row = 0; row < rows; row += 4) {
      const at = x + <usize>row * stride;
      for (let k = 0; k < some; k += 2) {
        products<T>(at, q + <usize>k * stride, stride, PRODUCTS + <usize>k * sizeof<T>());
      }
      for (let l: usize = 0; l < stride; l += 32) take<T>(at + l, q + l, stride, PRODUCTS, some);
    }
  }
}

/** One row after another is made of length 1 and taken from those after it. */
function few<T>(x: usize, count: i32, stride: usize): void {
  const end = x + <usize>count * stride;
  for (let q = x; q < end; q += stride) {
    let sums = v128.splat<T>(0);
    for (let l: usize = 0; l < stride; l += 16) {
      const a = v128.load(q + l);
      sums = v128.add<T>(sums, v128.mul<T>(a, a));
    }
    const norm = v128.splat<T>(sqrt<T>(total<T>(sums)));
    for (let l: usize = 0; l < stride; l += 16) v128.store(q + l, v128.div<T>(v128.load(q + l), norm));
    for (let other = q + stride; other < end; other += stride) {
      sums = v128.splat<T>(0);
      for (let l: usize = 0; l < stride; l += 16) {
        sums = v128.add<T>(sums, v128.mul<T>(v128.load(other + l), v128.load(q + l)));
      }
      const product = v128.splat<T>(total<T>(sums));
      for (let l: usize = 0; l < stride; l += 16) {
        v128.store(other + l, v128.sub<T>(v128.load(other + l), v128.mul<T>(product, v128.load(q + l))));
      }
    }
  }
}

export function few32(x: usize, count: i32, stride: usize): void {
  few<f32>(x, count, stride);
}

export function few64(x: usize, count: i32, stride: usize): void {
  few<f64>(x, count, stride);
}

export function project32(x: usize, rows: i32, q: usize, count: i32, stride: usize): void {
  project<f32>(x, rows, q, count, stride);
}

export function project64(x: usize, rows: i32, q: usize, count: i32, stride: usize): void {
  project<f64>(x, rows, q, count, stride);
}

// @ts-ignore: decorator
@inline
function round(x: v128, y: v128, left: i32): v128 {
  const sum = i32x4.add(x, y);
  return v128.xor(v128.or(i32x4.shl(y, left), i32x4.shr_u(y, 32 - left)), sum);
}

// @ts-ignore: decorator
@inline
const TABLE: usize = memory.data<f64>([
  0.1479819860511658591, 0.1531383769920937332, 0.1818357216161805012, 0.2222219843214978396,
  0.2857142874366239149, 0.3999999999940941908, 0.6666666666666735130, // 0 to 6: the logarithm
  1.58969099521155010221e-10, -2.50507602534068634195e-8, 2.75573137070700676789e-6,
  -1.98412698298579493134e-4, 8.33333333332248946124e-3, -1.66666666666666324348e-1, // 7 to 12: the sine
  -1.13596475577881948265e-11, 2.08757232129817482790e-9, -2.75573143513906633035e-7,
  2.48015872894767294178e-5, -1.38888888888741095749e-3, 4.16666666666666019037e-2, // 13 to 18: the cosine
  6.93147180369123816490e-1, 1.90821492927058770002e-10, // 19, 20: log 2 in two parts
  3.7450702829239286e-7, 5.9604644775390625e-8, // 21, 22: 2 pi and 1 over 2^24
]);

// @ts-ignore: decorator
@inline
function constant(index: usize): v128 {
  return v128.load64_splat(TABLE + 8 * index);
}

/** p x + the constant. */
// @ts-ignore: decorator
@inline
function then(p: v128, x: v128, index: usize): v128 {
  return f64x2.add(f64x2.mul(p, x), constant(index));
}

/** Box and Muller's transform of two pairs of words of 24 bits: the lower two lanes of each. */
function normal(first: v128, second: v128): v128 {
  const one = f64x2.splat(1), two = f64x2.add(one, one), half = f64x2.splat(0.5);
  // log m for m = 1 - first / 2^24, as fdlibm has it: m = 2^k (1 + f), s = f / (2 + f).
  const m = f64x2.sub(one, f64x2.mul(f64x2.convert_low_i32x4_u(first), constant(22)));
  const exponent = i64x2.shr_s(i64x2.sub(m, i64x2.splat(0x3fe6a09e00000000)), 52);
  const f = f64x2.sub(i64x2.sub(m, i64x2.shl(exponent, 52)), one);
  const k = f64x2.convert_low_i32x4_s(i32x4.shuffle(exponent, exponent, 0, 2, 0, 2));
  const s = f64x2.div(f, f64x2.add(two, f));
  const z = f64x2.mul(s, s);
  const p = f64x2.mul(then(then(then(then(then(then(constant(0), z, 1), z, 2), z, 3), z, 4), z, 5), z, 6), z);
  const square = f64x2.mul(f64x2.mul(half, f), f);
  const low = f64x2.add(f64x2.mul(s, f64x2.add(square, p)), f64x2.mul(k, constant(20)));
  const log = f64x2.sub(f64x2.mul(k, constant(19)), f64x2.sub(f64x2.sub(square, low), f));
  // cos 2 pi u for u = second / 2^24: quarters of a turn, and an angle of an eighth of one at most.
  const quarters = i32x4.shr_u(i32x4.add(second, i32x4.splat(1 << 21)), 22);
  const a = f64x2.mul(f64x2.convert_low_i32x4_s(i32x4.sub(second, i32x4.shl(quarters, 22))), constant(21));
  const y = f64x2.mul(a, a);
  const sines = f64x2.mul(then(then(then(then(then(constant(7), y, 8), y, 9), y, 10), y, 11), y, 12), y);
  const cosines = f64x2.mul(then(then(then(then(then(constant(13), y, 14), y, 15), y, 16), y, 17), y, 18), y);
  const sine = f64x2.add(f64x2.mul(sines, a), a);
  const cosine = f64x2.add(f64x2.sub(one, f64x2.mul(half, y)), f64x2.mul(cosines, y));
  const turns = i64x2.extend_low_i32x4_u(quarters);
  const isOdd = i64x2.shr_s(i64x2.shl(turns, 63), 63);
  const sign = i64x2.shl(i64x2.shr_u(i64x2.add(turns, i64x2.splat(1)), 1), 63);
  const turned = v128.xor(v128.bitselect(sine, cosine, isOdd), sign);
  return f64x2.mul(f64x2.sqrt(f64x2.mul(f64x2.splat(-2), log)), turned);
}

/** Normal numbers of the blocks `from` on to `to`: up to the next multiple of four, in float32 or float64. */
export function normals(to: usize, count: i32, from: i32, key0: i32, key1: i32, single: bool): void {
  const key2 = key0 ^ key1 ^ 0x1bd11bda;
  const keys0 = i32x4.splat(key0), keys1 = i32x4.splat(key1), keys2 = i32x4.splat(key2);
  for (let i = 0; i < count; i += 4) {
    let x = i32x4.add(i32x4.add(i32x4.splat(from + i), i32x4(0, 1, 2, 3)), keys0);
    let y = keys1;
    // Five groups of four rounds (tensor/random.ts); after each the next two keys are added.
    for (let group = 0; group < 5; group++) {
      const isEven = (group & 1) == 0;
      const next = round(x, y, isEven ? 13 : 17);
      x = i32x4.add(x, y);
      y = next;
      const next2 = round(x, y, isEven ? 15 : 29);
      x = i32x4.add(x, y);
      y = next2;
      const next3 = round(x, y, isEven ? 26 : 16);
      x = i32x4.add(x, y);
      y = next3;
      const next4 = round(x, y, isEven ? 6 : 24);
      x = i32x4.add(x, y);
      y = next4;
      const which = group % 3;
      x = i32x4.add(x, which == 0 ? keys1 : which == 1 ? keys2 : keys0);
      y = i32x4.add(i32x4.add(y, which == 0 ? keys2 : which == 1 ? keys0 : keys1), i32x4.splat(group + 1));
    }
    x = i32x4.shr_u(x, 8);
    y = i32x4.shr_u(y, 8);
    const low = normal(x, y);
    const high = normal(i64x2.shuffle(x, x, 1, 0), i64x2.shuffle(y, y, 1, 0));
    if (single) {
      v128.store(to, i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2));
      to += 16;
    } else {
      // By halves: V8, where it joins pairs of vectors, ends the process at the operations before two stores side by side.
      v128.store64_lane(to, low, 0), v128.store64_lane(to, low, 1, 8);
      v128.store64_lane(to, high, 0, 16), v128.store64_lane(to, high, 1, 24);
      to += 32;
    }
  }
}
