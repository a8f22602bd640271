// One operation of a chain over `bytes` bytes (whole vectors): a loop of its own for each.
import { erf } from '../math/erf';
import { expm1 } from '../math/exp';
import { cosh, sign, sinh } from '../math/hyperbolic';
import { acosLanes, asinLanes, atan2Lanes, atanLanes } from '../math/inverse';
import { log, log1p } from '../math/log';
import { pow } from '../math/pow';
import { expRow, sigmoidRow, tanhRow } from '../math/rows';
import { cos, sin } from '../math/trig';
import { WIDE } from '../simd';
import { mod, modInt, powInt } from './scalar';
import { Step } from './steps';

// @ts-ignore: decorator
@inline
function flag(condition: v128): v128 {
  return v128.and(condition, i32x4.splat(1));
}

/** Whether a whole number is not 0: any other one counts as true. */
// @ts-ignore: decorator
@inline
function isSet(x: v128): v128 {
  return i32x4.ne(x, i32x4.splat(0));
}

// @ts-ignore: decorator
@inline
function signInt(x: v128): v128 {
  return v128.or(i32x4.shr_s(x, 31), flag(i32x4.gt_s(x, i32x4.splat(0))));
}

/** The operation on vectors; those that it does not have are not looked at. `step` is known where this is inlined. */
// @ts-ignore: decorator
@inline
function lanes(step: i32, x: v128, y: v128, z: v128): v128 {
  switch (step) {
    case Step.add: return f32x4.add(x, y);
    case Step.sub: return f32x4.sub(x, y);
    case Step.mul: return f32x4.mul(x, y);
    case Step.div: return f32x4.div(x, y);
    case Step.pow: return pow(x, y);
    case Step.maximum: return f32x4.max(x, y);
    case Step.minimum: return f32x4.min(x, y);
    case Step.atan2: return atan2Lanes(x, y);
    case Step.neg: return f32x4.neg(x);
    case Step.abs: return f32x4.abs(x);
    case Step.sign: return sign(x);
    case Step.floor: return f32x4.floor(x);
    case Step.ceil: return f32x4.ceil(x);
    case Step.round: return f32x4.nearest(x);
    case Step.sqrt: return f32x4.sqrt(x);
    case Step.expm1: return expm1(x);
    case Step.log: return log(x);
    case Step.log1p: return log1p(x);
    case Step.erf: return erf(x);
    case Step.sin: return sin(x);
    case Step.cos: return cos(x);
    case Step.tan: return f32x4.div(sin(x), cos(x));
    case Step.asin: return asinLanes(x);
    case Step.acos: return acosLanes(x);
    case Step.atan: return atanLanes(x);
    case Step.sinh: return sinh(x);
    case Step.cosh: return cosh(x);
    case Step.equal: return flag(f32x4.eq(x, y));
    case Step.notEqual: return flag(f32x4.ne(x, y));
    case Step.less: return flag(f32x4.lt(x, y));
    case Step.lessEqual: return flag(f32x4.le(x, y));
    case Step.toInt: return i32x4.trunc_sat_f32x4_s(x);
    case Step.toBool: return flag(f32x4.ne(x, f32x4.splat(0)));
    case Step.where: return v128.bitselect(z, y, i32x4.eq(x, i32x4.splat(0)));
    case Step.addInt: return i32x4.add(x, y);
    case Step.subInt: return i32x4.sub(x, y);
    case Step.mulInt: return i32x4.mul(x, y);
    case Step.maximumInt: return i32x4.max_s(x, y);
    case Step.minimumInt: return i32x4.min_s(x, y);
    case Step.negInt: return i32x4.neg(x);
    case Step.absInt: return i32x4.abs(x);
    case Step.signInt: return signInt(x);
    case Step.equalInt: return flag(i32x4.eq(x, y));
    case Step.notEqualInt: return flag(i32x4.ne(x, y));
    case Step.lessInt: return flag(i32x4.lt_s(x, y));
    case Step.lessEqualInt: return flag(i32x4.le_s(x, y));
    case Step.and: return v128.andnot(flag(isSet(x)), v128.not(isSet(y)));
    case Step.or: return flag(isSet(v128.or(x, y)));
    case Step.intToFloat: return f32x4.convert_i32x4_s(x);
    default: return flag(isSet(x)); // intToBool
  }
}

/** The operation with so many operands, 16 bytes at a time. */
// @ts-ignore: decorator
@inline
function narrow(step: i32, operands: i32, bytes: usize, out: usize, a: usize, b: usize, c: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const x = v128.load(a + i);
    const y = operands > 1 ? v128.load(b + i) : x, z = operands > 2 ? v128.load(c + i) : x;
    v128.store(out + i, lanes(step, x, y, z));
  }
}

/** The same, 32 bytes at a time where the engine joins vectors: for what is short, since it doubles the code. */
// @ts-ignore: decorator
@inline
function each(step: i32, operands: i32, bytes: usize, out: usize, a: usize, b: usize, c: usize): void {
  if (WIDE) {
    const whole = bytes & ~31;
    for (let i: usize = 0; i < whole; i += 32) {
      const p = a + i, to = out + i;
      const x0 = v128.load(p), x1 = v128.load(p, 16);
      let y0 = x0, y1 = x1, z0 = x0, z1 = x1;
      if (operands > 1) { const q = b + i; y0 = v128.load(q); y1 = v128.load(q, 16); }
      if (operands > 2) { const r = c + i; z0 = v128.load(r); z1 = v128.load(r, 16); }
      const first = lanes(step, x0, y0, z0), second = lanes(step, x1, y1, z1);
      v128.store(to, first); v128.store(to, second, 16);
    }
    narrow(step, operands, bytes - whole, out + whole, a + whole, b + whole, c + whole);
  } else {
    narrow(step, operands, bytes, out, a, b, c);
  }
}

/** out[i] = step(a[i], b[i], c[i]); operands that the step does not have are not looked at. */
export function apply(step: i32, bytes: usize, out: usize, a: usize, b: usize, c: usize): void {
  switch (step) {
    case Step.copy: {
      if (out != a) memory.copy(out, a, bytes);
      break;
    }
    case Step.add: { each(Step.add, 2, bytes, out, a, b, c); break; }
    case Step.sub: { each(Step.sub, 2, bytes, out, a, b, c); break; }
    case Step.mul: { each(Step.mul, 2, bytes, out, a, b, c); break; }
    case Step.div: { each(Step.div, 2, bytes, out, a, b, c); break; }
    case Step.pow: { narrow(Step.pow, 2, bytes, out, a, b, c); break; }
    case Step.maximum: { each(Step.maximum, 2, bytes, out, a, b, c); break; }
    case Step.minimum: { each(Step.minimum, 2, bytes, out, a, b, c); break; }
    case Step.mod: { mod(bytes, out, a, b); break; }
    case Step.atan2: { narrow(Step.atan2, 2, bytes, out, a, b, c); break; }
    case Step.neg: { each(Step.neg, 1, bytes, out, a, b, c); break; }
    case Step.abs: { each(Step.abs, 1, bytes, out, a, b, c); break; }
    case Step.sign: { narrow(Step.sign, 1, bytes, out, a, b, c); break; }
    case Step.floor: { narrow(Step.floor, 1, bytes, out, a, b, c); break; }
    case Step.ceil: { narrow(Step.ceil, 1, bytes, out, a, b, c); break; }
    case Step.round: { narrow(Step.round, 1, bytes, out, a, b, c); break; }
    case Step.sqrt: { each(Step.sqrt, 1, bytes, out, a, b, c); break; }
    case Step.exp: { expRow(out, a, bytes); break; }
    case Step.expm1: { narrow(Step.expm1, 1, bytes, out, a, b, c); break; }
    case Step.log: { narrow(Step.log, 1, bytes, out, a, b, c); break; }
    case Step.log1p: { narrow(Step.log1p, 1, bytes, out, a, b, c); break; }
    case Step.sigmoid: { sigmoidRow(out, a, bytes); break; }
    case Step.tanh: { tanhRow(out, a, bytes); break; }
    case Step.erf: { narrow(Step.erf, 1, bytes, out, a, b, c); break; }
    case Step.sin: { narrow(Step.sin, 1, bytes, out, a, b, c); break; }
    case Step.cos: { narrow(Step.cos, 1, bytes, out, a, b, c); break; }
    case Step.tan: { narrow(Step.tan, 1, bytes, out, a, b, c); break; }
    case Step.asin: { narrow(Step.asin, 1, bytes, out, a, b, c); break; }
    case Step.acos: { narrow(Step.acos, 1, bytes, out, a, b, c); break; }
    case Step.atan: { narrow(Step.atan, 1, bytes, out, a, b, c); break; }
    case Step.sinh: { narrow(Step.sinh, 1, bytes, out, a, b, c); break; }
    case Step.cosh: { narrow(Step.cosh, 1, bytes, out, a, b, c); break; }
    case Step.equal: { each(Step.equal, 2, bytes, out, a, b, c); break; }
    case Step.notEqual: { narrow(Step.notEqual, 2, bytes, out, a, b, c); break; }
    case Step.less: { each(Step.less, 2, bytes, out, a, b, c); break; }
    case Step.lessEqual: { each(Step.lessEqual, 2, bytes, out, a, b, c); break; }
    case Step.toInt: { narrow(Step.toInt, 1, bytes, out, a, b, c); break; }
    case Step.toBool: { narrow(Step.toBool, 1, bytes, out, a, b, c); break; }
    case Step.where: { each(Step.where, 3, bytes, out, a, b, c); break; }
    default: applyInt(step, bytes, out, a, b, c);
  }
}

/** The operations on whole numbers. */
function applyInt(step: i32, bytes: usize, out: usize, a: usize, b: usize, c: usize): void {
  switch (step) {
    case Step.addInt: { narrow(Step.addInt, 2, bytes, out, a, b, c); break; }
    case Step.subInt: { narrow(Step.subInt, 2, bytes, out, a, b, c); break; }
    case Step.mulInt: { narrow(Step.mulInt, 2, bytes, out, a, b, c); break; }
    case Step.maximumInt: { narrow(Step.maximumInt, 2, bytes, out, a, b, c); break; }
    case Step.minimumInt: { narrow(Step.minimumInt, 2, bytes, out, a, b, c); break; }
    case Step.modInt: { modInt(bytes, out, a, b); break; }
    case Step.powInt: { powInt(bytes, out, a, b); break; }
    case Step.negInt: { narrow(Step.negInt, 1, bytes, out, a, b, c); break; }
    case Step.absInt: { narrow(Step.absInt, 1, bytes, out, a, b, c); break; }
    case Step.signInt: { narrow(Step.signInt, 1, bytes, out, a, b, c); break; }
    case Step.equalInt: { narrow(Step.equalInt, 2, bytes, out, a, b, c); break; }
    case Step.notEqualInt: { narrow(Step.notEqualInt, 2, bytes, out, a, b, c); break; }
    case Step.lessInt: { narrow(Step.lessInt, 2, bytes, out, a, b, c); break; }
    case Step.lessEqualInt: { narrow(Step.lessEqualInt, 2, bytes, out, a, b, c); break; }
    case Step.and: { narrow(Step.and, 2, bytes, out, a, b, c); break; }
    case Step.or: { narrow(Step.or, 2, bytes, out, a, b, c); break; }
    case Step.intToFloat: { narrow(Step.intToFloat, 1, bytes, out, a, b, c); break; }
    case Step.intToBool: { narrow(Step.intToBool, 1, bytes, out, a, b, c); break; }
  }
}
