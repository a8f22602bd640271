// Element-wise operations as expressions that JavaScript and C read alike. `cpu/loops.ts` computes the same.
import type { ElementwiseOp } from '../../graph'

/** The expression for operands, which are names or constants. */
type Write = (a: string, b: string, c: string) => string

const call =
  (name: string): Write =>
  (a) =>
    `${name}(${a})`
const both =
  (name: string): Write =>
  (a, b) =>
    `${name}(${a},${b})`
const infix =
  (sign: string): Write =>
  (a, b) =>
    `${a}${sign}${b}`
const itself: Write = (a) => a

export const steps: Readonly<Record<ElementwiseOp, Write>> = {
  cast: itself,
  identity: itself,
  stopGradient: itself,
  where: (a, b, c) => `${a}!=0?${b}:${c}`,
  add: infix('+'),
  sub: infix('- '),
  mul: infix('*'),
  div: infix('/'),
  pow: both('pow'),
  mod: both('mod'),
  atan2: both('atan2'),
  maximum: both('max'),
  minimum: both('min'),
  equal: infix('=='),
  notEqual: infix('!='),
  less: infix('<'),
  lessEqual: infix('<='),
  greater: infix('>'),
  greaterEqual: infix('>='),
  logicalAnd: (a, b) => `${a}!=0&&${b}!=0`,
  logicalOr: (a, b) => `${a}!=0||${b}!=0`,
  neg: (a) => `- ${a}`,
  abs: call('fabs'),
  sign: call('sign'),
  floor: call('floor'),
  ceil: call('ceil'),
  round: call('rint'),
  sqrt: call('sqrt'),
  exp: call('exp'),
  expm1: call('expm1'),
  log: call('log'),
  log1p: call('log1p'),
  sin: call('sin'),
  cos: call('cos'),
  tan: call('tan'),
  asin: call('asin'),
  acos: call('acos'),
  atan: call('atan'),
  sinh: call('sinh'),
  cosh: call('cosh'),
  tanh: call('tanh'),
  sigmoid: (a) => `1/(1+exp(- ${a}))`,
  erf: call('erf'),
}
