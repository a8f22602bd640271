// One operation of a chain over `bytes` bytes (whole vectors): a loop of its own for each.
import { erf } from '../math/erf';
import { exp, expm1, sigmoid, tanh } from '../math/exp';
import { cosh, sign, sinh } from '../math/hyperbolic';
import { acosLanes, asinLanes, atan2Lanes, atanLanes } from '../math/inverse';
import { log, log1p } from '../math/log';
import { pow } from '../math/pow';
import { cos, sin } from '../math/trig';
import { mod, modInt, powInt } from './scalar';
import { Step } from './steps';

// @ts-ignore: decorator
@inline
function at(base: usize, i: usize): v128 {
  return v128.load(base + i);
}

// @ts-ignore: decorator
@inline
function put(base: usize, i: usize, value: v128): void {
  v128.store(base + i, value);
}

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

/** out[i] = step(a[i], b[i], c[i]); operands that the step does not have are not looked at. */
export function apply(step: i32, bytes: usize, out: usize, a: usize, b: usize, c: usize): void {
  switch (step) {
    case Step.copy: {
      if (out != a) memory.copy(out, a, bytes);
      break;
    }
    case Step.add: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, f32x4.add(at(a, i), at(b, i))); break; }
    case Step.sub: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, f32x4.sub(at(a, i), at(b, i))); break; }
    case Step.mul: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, f32x4.mul(at(a, i), at(b, i))); break; }
    case Step.div: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, f32x4.div(at(a, i), at(b, i))); break; }
    case Step.pow: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, pow(at(a, i), at(b, i))); break; }
    case Step.maximum: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, f32x4.max(at(a, i), at(b, i))); break; }
    case Step.minimum: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, f32x4.min(at(a, i), at(b, i))); break; }
    case Step.mod: { mod(bytes, out, a, b); break; }
    case Step.atan2: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, atan2Lanes(at(a, i), at(b, i))); break; }
    case Step.neg: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, f32x4.neg(at(a, i))); break; }
    case Step.abs: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, f32x4.abs(at(a, i))); break; }
    case Step.sign: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, sign(at(a, i))); break; }
    case Step.floor: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, f32x4.floor(at(a, i))); break; }
    case Step.ceil: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, f32x4.ceil(at(a, i))); break; }
    case Step.round: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, f32x4.nearest(at(a, i))); break; }
    case Step.sqrt: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, f32x4.sqrt(at(a, i))); break; }
    case Step.exp: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, exp(at(a, i))); break; }
    case Step.expm1: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, expm1(at(a, i))); break; }
    case Step.log: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, log(at(a, i))); break; }
    case Step.log1p: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, log1p(at(a, i))); break; }
    case Step.sigmoid: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, sigmoid(at(a, i))); break; }
    case Step.tanh: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, tanh(at(a, i))); break; }
    case Step.erf: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, erf(at(a, i))); break; }
    case Step.sin: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, sin(at(a, i))); break; }
    case Step.cos: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, cos(at(a, i))); break; }
    case Step.tan: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, f32x4.div(sin(at(a, i)), cos(at(a, i)))); break; }
    case Step.asin: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, asinLanes(at(a, i))); break; }
    case Step.acos: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, acosLanes(at(a, i))); break; }
    case Step.atan: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, atanLanes(at(a, i))); break; }
    case Step.sinh: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, sinh(at(a, i))); break; }
    case Step.cosh: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, cosh(at(a, i))); break; }
    case Step.equal: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, flag(f32x4.eq(at(a, i), at(b, i)))); break; }
    case Step.notEqual: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, flag(f32x4.ne(at(a, i), at(b, i)))); break; }
    case Step.less: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, flag(f32x4.lt(at(a, i), at(b, i)))); break; }
    case Step.lessEqual: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, flag(f32x4.le(at(a, i), at(b, i)))); break; }
    case Step.toInt: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, i32x4.trunc_sat_f32x4_s(at(a, i))); break; }
    case Step.toBool: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, flag(f32x4.ne(at(a, i), f32x4.splat(0)))); break; }
    case Step.where: {
      for (let i: usize = 0; i < bytes; i += 16) {
        put(out, i, v128.bitselect(at(c, i), at(b, i), i32x4.eq(at(a, i), i32x4.splat(0))));
      }
      break;
    }
    default: applyInt(step, bytes, out, a, b);
  }
}

/** The operations on whole numbers. */
function applyInt(step: i32, bytes: usize, out: usize, a: usize, b: usize): void {
  switch (step) {
    case Step.addInt: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, i32x4.add(at(a, i), at(b, i))); break; }
    case Step.subInt: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, i32x4.sub(at(a, i), at(b, i))); break; }
    case Step.mulInt: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, i32x4.mul(at(a, i), at(b, i))); break; }
    case Step.maximumInt: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, i32x4.max_s(at(a, i), at(b, i))); break; }
    case Step.minimumInt: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, i32x4.min_s(at(a, i), at(b, i))); break; }
    case Step.modInt: { modInt(bytes, out, a, b); break; }
    case Step.powInt: { powInt(bytes, out, a, b); break; }
    case Step.negInt: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, i32x4.neg(at(a, i))); break; }
    case Step.absInt: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, i32x4.abs(at(a, i))); break; }
    case Step.signInt: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, signInt(at(a, i))); break; }
    case Step.equalInt: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, flag(i32x4.eq(at(a, i), at(b, i)))); break; }
    case Step.notEqualInt: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, flag(i32x4.ne(at(a, i), at(b, i)))); break; }
    case Step.lessInt: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, flag(i32x4.lt_s(at(a, i), at(b, i)))); break; }
    case Step.lessEqualInt: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, flag(i32x4.le_s(at(a, i), at(b, i)))); break; }
    case Step.and: {
      for (let i: usize = 0; i < bytes; i += 16) put(out, i, v128.andnot(flag(isSet(at(a, i))), v128.not(isSet(at(b, i)))));
      break;
    }
    case Step.or: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, flag(isSet(v128.or(at(a, i), at(b, i))))); break; }
    case Step.intToFloat: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, f32x4.convert_i32x4_s(at(a, i))); break; }
    case Step.intToBool: { for (let i: usize = 0; i < bytes; i += 16) put(out, i, flag(isSet(at(a, i)))); break; }
  }
}
