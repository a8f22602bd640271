// Element-wise operations as expressions of JavaScript, which gpu.js compiles.
import { BackendError } from '../../../errors'
import type { ElementwiseOp } from '../../../graph'
import type { DType } from '../../../tensor'
import { decomposed } from '../../kernelTable'

/** What is known of a step beside its operands' names. */
export interface Typed {
  readonly args: readonly number[]
  /** Of the result. */
  readonly dtype: DType
  /** Of the last operand. */
  readonly type: DType
  /** The value of an operand that is a constant. */
  readonly known: (operand: number) => number | undefined
}

type Written = (operands: readonly string[], typed: Typed) => string

/** A call of a function from functions.ts, or of one that gpu.js has. */
const call =
  (name: string): Written =>
  (operands) =>
    `${name}(${operands.join(', ')})`

const copied: Written = ([a]) => `${a} + 0`

/** By primitive. */
export const expressions: { readonly [O in ElementwiseOp]: Written | typeof decomposed } = {
  identity: copied,
  stopGradient: copied,
  cast: ([a], { type, dtype }) => cast(a, type, dtype),
  where: ([a, b, c]) => `(${a} === 0) ? ${c} : ${b}`,
  add: ([a, b]) => `${a} + ${b}`,
  sub: ([a, b]) => `${a} - ${b}`,
  mul: ([a, b], { args, known }) => {
    if (known(args[0]) === 0) return timesZero(b)
    return known(args[1]) === 0 ? timesZero(a) : `${a} * ${b}`
  },
  div: ([a, b]) => `${a} / ${b}`,
  pow: ([a, b], { args, known }) => power(a, b, known(args[1])),
  mod: call('exactMod'),
  atan2: call('exactAtan2'),
  maximum: ([a, b]) => `(${a} > ${b}) ? ${a} : ((${b} >= ${a}) ? ${b} : (${a} + ${b}))`,
  minimum: ([a, b]) => `(${a} < ${b}) ? ${a} : ((${b} <= ${a}) ? ${b} : (${a} + ${b}))`,
  equal: ([a, b]) => `(${a} === ${b}) ? 1 : 0`,
  // Not `!==`, which is false for NaN on WebGPU.
  notEqual: ([a, b]) => `(${a} === ${b}) ? 0 : 1`,
  less: ([a, b]) => `(${a} < ${b}) ? 1 : 0`,
  lessEqual: ([a, b]) => `(${a} <= ${b}) ? 1 : 0`,
  greater: ([a, b]) => `(${a} > ${b}) ? 1 : 0`,
  greaterEqual: ([a, b]) => `(${a} >= ${b}) ? 1 : 0`,
  logicalAnd: ([a, b]) => `(${a} * ${b} === 0) ? 0 : 1`,
  logicalOr: ([a, b]) => `(Math.max(${a}, ${b}) === 0) ? 0 : 1`,
  neg: ([a]) => `-${a}`,
  abs: call('Math.abs'),
  sign: ([a]) => `(${a} > 0) ? 1 : ((${a} < 0) ? -1 : ${a})`,
  floor: call('Math.floor'),
  ceil: call('Math.ceil'),
  round: call('exactRound'),
  sqrt: call('Math.sqrt'),
  exp: call('exactExp'),
  expm1: call('exactExpm1'),
  log: call('exactLog'),
  log1p: call('exactLog1p'),
  sin: call('exactSin'),
  cos: call('exactCos'),
  tan: call('exactTan'),
  asin: call('exactAsin'),
  acos: call('exactAcos'),
  atan: call('exactAtan'),
  sinh: call('exactSinh'),
  cosh: call('exactCosh'),
  tanh: call('exactTanh'),
  sigmoid: call('exactSigmoid'),
  erf: call('exactErf'),
}

/** One operation as an expression. */
export function expression(op: ElementwiseOp, operands: readonly string[], typed: Typed): string {
  const written = expressions[op]
  if (written === decomposed || written === undefined) throw new BackendError(`gpu: there is no kernel for ${op}`)
  return written(operands, typed)
}

/** A product with 0, which compilers of shaders take for 0 also where the other factor is not finite. */
function timesZero(a: string): string {
  return `(Math.abs(${a}) <= 3.4028234663852886e38) ? 0 : Math.sqrt(-Math.abs(${a}))`
}

/** Powers that are products are taken as such. */
function power(a: string, b: string, exponent: number | undefined): string {
  if (exponent === 2) return `${a} * ${a}`
  if (exponent === 3) return `${a} * ${a} * ${a}`
  if (exponent === 1) return `${a} + 0`
  if (exponent === -1) return `1 / ${a}`
  return exponent === 0.5 ? `Math.sqrt(${a})` : `exactPow(${a}, ${b})`
}

function cast(a: string, from: DType, to: DType): string {
  if (to === 'bool') return `(${a} === 0) ? 0 : 1`
  if (to !== 'int32' || from === 'int32' || from === 'bool') return `${a} + 0`
  // What is not finite becomes 0, as in JavaScript.
  return `(Math.abs(${a}) <= 3.4e38) ? (${a} < 0 ? Math.ceil(${a}) : Math.floor(${a})) : 0`
}
