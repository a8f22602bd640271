// Linear recurrences h' = a h + b of complex numbers, both ways; real and imaginary parts lie apart. Threads share out the columns.
import { address, word } from '../arguments';
import { flushed, fma, fnma, loadPart, shareStart, storePart } from '../simd';
import { ComplexScanBackWords, ComplexScanWords } from '../words';

/** Words: steps, width, bytes from the factors of one step to the next, then a, b, h0 and h, each as a real and an imaginary part. */
export function complexScan(instruction: usize, thread: i32, threads: i32): void {
  const steps = word(instruction, ComplexScanWords.steps), width = word(instruction, ComplexScanWords.width);
  const aStep = <usize>word(instruction, ComplexScanWords.factorStep), step = <usize>width << 2;
  let ar = address(instruction, ComplexScanWords.ar), ai = address(instruction, ComplexScanWords.ai);
  let br = address(instruction, ComplexScanWords.br), bi = address(instruction, ComplexScanWords.bi);
  let pr = address(instruction, ComplexScanWords.h0r), pi = address(instruction, ComplexScanWords.h0i);
  let hr = address(instruction, ComplexScanWords.hr), hi = address(instruction, ComplexScanWords.hi);
  const from = shareStart(width, 16, thread, threads), to = shareStart(width, 16, thread + 1, threads);
  for (let t = 0; t < steps; t++) {
    for (let i = from; i < to; i += 4) {
      const at = <usize>i << 2, count = to - i;
      const fr = loadPart(ar + at, count), fi = loadPart(ai + at, count);
      const xr = loadPart(pr + at, count), xi = loadPart(pi + at, count);
      storePart(hr + at, flushed(fma(fr, xr, fnma(fi, xi, loadPart(br + at, count)))), count);
      storePart(hi + at, flushed(fma(fr, xi, fma(fi, xr, loadPart(bi + at, count)))), count);
    }
    pr = hr;
    pi = hi;
    ar += aStep;
    ai += aStep;
    br += step;
    bi += step;
    hr += step;
    hi += step;
  }
}

// @ts-ignore: decorator
@inline
function put(base: usize, at: usize, value: v128, adds: bool, count: i32): void {
  if (base == 0) return;
  storePart(base + at, adds ? f32x4.add(value, loadPart(base + at, count)) : value, count);
}

/**
 * Words: steps, width, bytes from the factors of one step to the next, then a, h0, h, g, da | 0, db | 0 and dh0 (what is carried
 * backwards lies there), each as a real and an imaginary part.
 */
export function complexScanBack(instruction: usize, thread: i32, threads: i32): void {
  const steps = word(instruction, ComplexScanBackWords.steps), width = word(instruction, ComplexScanBackWords.width);
  const aStep = <usize>word(instruction, ComplexScanBackWords.factorStep), step = <usize>width << 2;
  const adds = aStep == 0;
  const ar = address(instruction, ComplexScanBackWords.ar), ai = address(instruction, ComplexScanBackWords.ai);
  const h0r = address(instruction, ComplexScanBackWords.h0r), h0i = address(instruction, ComplexScanBackWords.h0i);
  const hr = address(instruction, ComplexScanBackWords.hr), hi = address(instruction, ComplexScanBackWords.hi);
  const gr = address(instruction, ComplexScanBackWords.gr), gi = address(instruction, ComplexScanBackWords.gi);
  const dar = address(instruction, ComplexScanBackWords.dar), dai = address(instruction, ComplexScanBackWords.dai);
  const dbr = address(instruction, ComplexScanBackWords.dbr), dbi = address(instruction, ComplexScanBackWords.dbi);
  const cr = address(instruction, ComplexScanBackWords.dh0r), ci = address(instruction, ComplexScanBackWords.dh0i);
  const from = shareStart(width, 16, thread, threads), to = shareStart(width, 16, thread + 1, threads);
  if (to <= from) return;
  const first = <usize>from << 2, bytes = <usize>(to - from) << 2;
  memory.fill(cr + first, 0, bytes);
  memory.fill(ci + first, 0, bytes);
  if (adds && dar != 0) memory.fill(dar + first, 0, bytes);
  if (adds && dai != 0) memory.fill(dai + first, 0, bytes);
  for (let t = steps - 1; t >= 0; t--) {
    const row = <usize>t * step, factor = <usize>t * aStep;
    const pr = t == 0 ? h0r : hr + row - step, pi = t == 0 ? h0i : hi + row - step;
    const sums = adds ? 0 : row;
    for (let i = from; i < to; i += 4) {
      const at = <usize>i << 2, count = to - i;
      const rr = flushed(f32x4.add(loadPart(cr + at, count), loadPart(gr + row + at, count)));
      const ri = flushed(f32x4.add(loadPart(ci + at, count), loadPart(gi + row + at, count)));
      put(dbr, row + at, rr, false, count);
      put(dbi, row + at, ri, false, count);
      const xr = loadPart(pr + at, count), xi = loadPart(pi + at, count);
      put(dar, sums + at, fma(rr, xr, f32x4.mul(ri, xi)), adds, count);
      put(dai, sums + at, fnma(rr, xi, f32x4.mul(ri, xr)), adds, count);
      const fr = loadPart(ar + factor + at, count), fi = loadPart(ai + factor + at, count);
      storePart(cr + at, fma(rr, fr, f32x4.mul(ri, fi)), count);
      storePart(ci + at, fnma(rr, fi, f32x4.mul(ri, fr)), count);
    }
  }
}
