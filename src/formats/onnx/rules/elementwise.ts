// Element-wise primitives as ONNX operators. Those that ONNX lacks are composed.
import { isFloat } from '../../../tensor'
import { elementTypes } from '../proto'
import type { Rules, Use } from '../use'

const same =
  (op: string) =>
  ({ emitter, inputs }: Use): string =>
    emitter.emit(op, inputs)

/** For functions that leave whole numbers as they are. */
const rounding =
  (op: string) =>
  ({ emitter, inputs, dtype }: Use): string =>
    emitter.emit(isFloat(dtype) ? op : 'Identity', inputs)

/** ONNX orders numbers only. */
const ordering =
  (op: string) =>
  (use: Use): string => {
    const isBool = use.dtypeOf(0) === 'bool'
    return use.emit(op, isBool ? use.inputs.map((input) => use.cast(input, elementTypes.int32)) : use.inputs)
  }

function castTo(use: Use): string {
  return use.cast(use.inputs[0], elementTypes[use.dtype])
}

/** The remainder with the sign of the divisor: ONNX has it for whole numbers only. */
function remainder(use: Use): string {
  const { emitter, inputs, dtype } = use
  if (!isFloat(dtype)) return emitter.emit('Mod', inputs)
  const times = emitter.emit('Floor', [emitter.emit('Div', inputs)])
  return emitter.emit('Sub', [inputs[0], emitter.emit('Mul', [times, inputs[1]])])
}

/** atan(y / x), half a turn further where x is negative. */
function angle(use: Use): string {
  const { emitter, inputs, dtype } = use
  const [y, x] = inputs
  const zero = emitter.scalar(0, dtype)
  const direct = emitter.emit('Atan', [emitter.emit('Div', [y, x])])
  const turn = emitter.emit('Where', [
    emitter.emit('Less', [y, zero]),
    emitter.scalar(-Math.PI, dtype),
    emitter.scalar(Math.PI, dtype),
  ])
  const turned = emitter.emit('Where', [emitter.emit('Less', [x, zero]), emitter.emit('Add', [direct, turn]), direct])
  const bothZero = emitter.emit('And', [emitter.emit('Equal', [x, zero]), emitter.emit('Equal', [y, zero])])
  return emitter.emit('Where', [bothZero, zero, turned])
}

export const elementwiseRules: Rules = {
  add: same('Add'),
  sub: same('Sub'),
  mul: same('Mul'),
  div: same('Div'),
  pow: same('Pow'),
  maximum: same('Max'),
  minimum: same('Min'),
  mod: remainder,
  atan2: angle,
  equal: same('Equal'),
  notEqual: (use) => use.emit('Not', [use.emit('Equal', use.inputs)]),
  less: ordering('Less'),
  lessEqual: ordering('LessOrEqual'),
  greater: ordering('Greater'),
  greaterEqual: ordering('GreaterOrEqual'),
  logicalAnd: same('And'),
  logicalOr: same('Or'),
  where: same('Where'),
  cast: castTo,
  neg: same('Neg'),
  abs: same('Abs'),
  sign: same('Sign'),
  floor: rounding('Floor'),
  ceil: rounding('Ceil'),
  round: rounding('Round'),
  exp: same('Exp'),
  expm1: (use) => use.emit('Sub', [use.emit('Exp', use.inputs), use.emitter.scalar(1, use.dtype)]),
  log: same('Log'),
  log1p: (use) => use.emit('Log', [use.emit('Add', [use.inputs[0], use.emitter.scalar(1, use.dtype)])]),
  sqrt: same('Sqrt'),
  sin: same('Sin'),
  cos: same('Cos'),
  tan: same('Tan'),
  asin: same('Asin'),
  acos: same('Acos'),
  atan: same('Atan'),
  sinh: same('Sinh'),
  cosh: same('Cosh'),
  tanh: same('Tanh'),
  sigmoid: same('Sigmoid'),
  erf: same('Erf'),
  relu: same('Relu'),
  softplus: same('Softplus'),
  identity: same('Identity'),
  stopGradient: same('Identity'),
}
