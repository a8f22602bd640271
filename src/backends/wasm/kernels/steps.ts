// The steps of element-wise chains: which operation of the kernels stands for which primitive.
import { BackendError } from '../../../errors'
import type { ElementwiseOp } from '../../../graph'
import type { DType } from '../../../tensor'
import { decomposed } from '../../kernelTable'
import { Step } from '../assembly/elementwise/steps'
import { isWhole } from './kernel'

/** The kernels' operations for a primitive, on numbers and on whole ones; a missing one is for a type that never comes. */
interface Rule {
  readonly float?: Step
  readonly whole?: Step
  /** Cycles for four elements; 1.3 where it is left out. */
  readonly cycles?: number
}

const copied: Rule = { float: Step.copy, whole: Step.copy }

/** By primitive; the cast has a step for each pair of types. */
export const steps: { readonly [O in Exclude<ElementwiseOp, 'cast'>]: Rule | typeof decomposed } = {
  identity: copied,
  stopGradient: copied,
  where: { float: Step.where, whole: Step.where },
  add: { float: Step.add, whole: Step.addInt },
  sub: { float: Step.sub, whole: Step.subInt },
  mul: { float: Step.mul, whole: Step.mulInt },
  div: { float: Step.div, cycles: 4 },
  pow: { float: Step.pow, whole: Step.powInt, cycles: 30 },
  mod: { float: Step.mod, whole: Step.modInt, cycles: 60 },
  atan2: { float: Step.atan2, cycles: 80 },
  maximum: { float: Step.maximum, whole: Step.maximumInt },
  minimum: { float: Step.minimum, whole: Step.minimumInt },
  equal: { float: Step.equal, whole: Step.equalInt },
  notEqual: { float: Step.notEqual, whole: Step.notEqualInt },
  less: { float: Step.less, whole: Step.lessInt },
  lessEqual: { float: Step.lessEqual, whole: Step.lessEqualInt },
  greater: decomposed,
  greaterEqual: decomposed,
  logicalAnd: { whole: Step.and },
  logicalOr: { whole: Step.or },
  neg: { float: Step.neg, whole: Step.negInt },
  abs: { float: Step.abs, whole: Step.absInt },
  sign: { float: Step.sign, whole: Step.signInt },
  floor: { float: Step.floor, whole: Step.copy },
  ceil: { float: Step.ceil, whole: Step.copy },
  round: { float: Step.round, whole: Step.copy },
  sqrt: { float: Step.sqrt, cycles: 5 },
  exp: { float: Step.exp, cycles: 4 },
  expm1: { float: Step.expm1, cycles: 4 },
  log: { float: Step.log, cycles: 7 },
  log1p: { float: Step.log1p, cycles: 7 },
  sin: { float: Step.sin, cycles: 7 },
  cos: { float: Step.cos, cycles: 7 },
  tan: { float: Step.tan, cycles: 15 },
  asin: { float: Step.asin, cycles: 60 },
  acos: { float: Step.acos, cycles: 60 },
  atan: { float: Step.atan, cycles: 60 },
  sinh: { float: Step.sinh, cycles: 10 },
  cosh: { float: Step.cosh, cycles: 10 },
  tanh: { float: Step.tanh, cycles: 4 },
  sigmoid: { float: Step.sigmoid, cycles: 4 },
  erf: { float: Step.erf, cycles: 9 },
}

/** The kernels' operation for operands of `type` and a result of `dtype`, and its cycles for four elements. */
export function stepFor(op: ElementwiseOp, type: DType, dtype: DType): readonly [step: Step, cycles: number] {
  if (op === 'cast') return [castStep(type, dtype), 1.3]
  const rule = steps[op]
  const step = rule === decomposed ? undefined : isWhole(type) ? rule?.whole : rule?.float
  if (rule === decomposed || step === undefined) throw new BackendError(`wasm: there is no kernel for ${op} of ${type}`)
  return [step, rule.cycles ?? 1.3]
}

/** The operation that turns elements of one type into another. */
export function castStep(from: DType, to: DType): Step {
  if (to === 'bool') return from === 'bool' ? Step.copy : from === 'int32' ? Step.intToBool : Step.toBool
  if (to === 'int32') return isWhole(from) ? Step.copy : Step.toInt
  return isWhole(from) ? Step.intToFloat : Step.copy
}
