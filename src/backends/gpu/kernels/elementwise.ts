// Chains of element-wise operations as one launch: a thread computes all steps of one element. A chain with several
// results gives them one after the other in one slot, and each thread computes what its own result needs.
import type { ElementwiseStep } from '../../../graph'
import { broadcastStrides, type DType, type Shape, sizeOf } from '../../../tensor'
import { Arrays, declareLarge, launch, requireExact, special, thread, walk } from './code'
import type { Bound, Kernel, Operand, Place } from './kernel'

export const elementwise: Kernel<'elementwise'> = (bound, target) => {
  const shape = (bound.outputs[0] ?? bound.inputs[0]).shape
  const count = sizeOf(shape)
  const chain = chainOf(bound, shape)
  const [first] = chain.results
  if (chain.results.length === 1) {
    const arrays = new Arrays()
    return [{ slot: launch(target, arrays, count, segment(chain, arrays, first, thread)), offset: 0 }]
  }
  const arrays = new Arrays()
  const lines = chain.results.flatMap((step, i) => {
    const start = i * count
    const body = segment(chain, arrays, step, start === 0 ? thread : `(${thread} - ${start})`)
    return i === chain.results.length - 1 ? body : [`if (${thread} < ${start + count}) {`, ...body, '}']
  })
  const slot = launch(target, arrays, count * chain.results.length, lines)
  return chain.results.map((_, i): Place => ({ slot, offset: i * count }))
}

interface Chain {
  readonly shape: Shape
  readonly inputs: readonly Operand[]
  readonly constants: readonly number[]
  readonly steps: readonly ElementwiseStep[]
  readonly results: readonly number[]
}

function chainOf({ inputs, attributes }: Bound<'elementwise'>, shape: Shape): Chain {
  return {
    shape,
    inputs,
    ...attributes,
  }
}

/** The statements that return the result of one step for the element at `index`. */
function segment(chain: Chain, arrays: Arrays, result: number, index: string): string[] {
  const { inputs, constants, steps } = chain
  const firstConstant = inputs.length
  const firstStep = firstConstant + constants.length
  const needed = neededFor(steps, firstStep + result, firstStep)
  const dtypes: DType[] = [
    ...inputs.map(({ dtype }) => dtype),
    ...constants.map((): DType => 'float32'),
    ...steps.map(({ dtype }) => dtype),
  ]
  const lines = loads(chain, arrays, needed, index)
  const isSpecial = constants.some((number, i) => needed.has(firstConstant + i) && !Number.isFinite(number))
  if (isSpecial) lines.push(declareLarge)
  const name = (operand: number): string => {
    if (operand < firstConstant) return `v${operand}`
    return operand < firstStep ? special(constants[operand - firstConstant]) : `s${operand - firstStep}`
  }
  const known = (operand: number): number | undefined =>
    operand >= firstConstant && operand < firstStep ? constants[operand - firstConstant] : undefined
  steps.forEach(({ op, args, dtype }, i) => {
    if (!needed.has(firstStep + i)) return
    const type = dtypes[args[args.length - 1]]
    lines.push(`const s${i} = ${expression(op, args.map(name), { args, dtype, type, known })};`)
  })
  lines.push(`return s${result};`)
  return lines
}

/** The operands that a result depends on, itself included. */
function neededFor(steps: readonly ElementwiseStep[], result: number, firstStep: number): ReadonlySet<number> {
  const needed = new Set<number>()
  const visit = (operand: number): void => {
    if (needed.has(operand)) return
    needed.add(operand)
    if (operand >= firstStep) for (const arg of steps[operand - firstStep].args) visit(arg)
  }
  visit(result)
  return needed
}

/** Reads the inputs: whole ones in place, single numbers once, the others through their strides. */
function loads({ inputs, shape }: Chain, arrays: Arrays, needed: ReadonlySet<number>, index: string): string[] {
  const count = sizeOf(shape)
  const lines: string[] = []
  const strided: number[] = []
  inputs.forEach((input, i) => {
    if (!needed.has(i)) return
    const size = sizeOf(input.shape)
    if (size === count) lines.push(`const v${i} = ${arrays.read(input, index)};`)
    else if (size === 1) lines.push(`const v${i} = ${arrays.read(input, 0)};`)
    else strided.push(i)
  })
  if (strided.length === 0) return lines
  requireExact(count, 'an element-wise operation that stretches its operands')
  const box = walk(
    index,
    shape,
    strided.map((i) => broadcastStrides(inputs[i].shape, shape)),
  )
  return [
    ...lines,
    ...box.lines,
    ...strided.map((i, at) => `const v${i} = ${arrays.read(inputs[i], box.indices[at])};`),
  ]
}

interface Typed {
  readonly args: readonly number[]
  /** Of the result. */
  readonly dtype: DType
  /** Of the last operand. */
  readonly type: DType
  /** The value of an operand that is a constant. */
  readonly known: (operand: number) => number | undefined
}

/** One operation as an expression. */
function expression(op: string, [a, b, c]: readonly string[], { args, dtype, type, known }: Typed): string {
  switch (op) {
    case 'add':
      return `${a} + ${b}`
    case 'sub':
      return `${a} - ${b}`
    case 'mul':
      if (known(args[0]) === 0) return timesZero(b)
      return known(args[1]) === 0 ? timesZero(a) : `${a} * ${b}`
    case 'div':
      return `${a} / ${b}`
    case 'pow':
      return power(a, b, known(args[1]))
    case 'maximum':
      return `(${a} > ${b}) ? ${a} : ((${b} >= ${a}) ? ${b} : (${a} + ${b}))`
    case 'minimum':
      return `(${a} < ${b}) ? ${a} : ((${b} <= ${a}) ? ${b} : (${a} + ${b}))`
    case 'equal':
      return `(${a} === ${b}) ? 1 : 0`
    case 'notEqual':
      // Not `!==`, which is false for NaN on WebGPU.
      return `(${a} === ${b}) ? 0 : 1`
    case 'less':
      return `(${a} < ${b}) ? 1 : 0`
    case 'lessEqual':
      return `(${a} <= ${b}) ? 1 : 0`
    case 'greater':
      return `(${a} > ${b}) ? 1 : 0`
    case 'greaterEqual':
      return `(${a} >= ${b}) ? 1 : 0`
    case 'logicalAnd':
      return `(${a} * ${b} === 0) ? 0 : 1`
    case 'logicalOr':
      return `(Math.max(${a}, ${b}) === 0) ? 0 : 1`
    case 'where':
      return `(${a} === 0) ? ${c} : ${b}`
    case 'cast':
      return cast(a, type, dtype)
    case 'identity':
    case 'stopGradient':
      return `${a} + 0`
    case 'neg':
      return `-${a}`
    case 'abs':
      return `Math.abs(${a})`
    case 'sign':
      return `(${a} > 0) ? 1 : ((${a} < 0) ? -1 : ${a})`
    case 'sqrt':
      return `Math.sqrt(${a})`
    case 'floor':
    case 'ceil':
      return `Math.${op}(${a})`
    default: {
      const known = functions[op]
      if (known === undefined) throw new Error(`gpu: there is no kernel for the element-wise ${op}`)
      return `${known}(${b === undefined ? a : `${a}, ${b}`})`
    }
  }
}

const functions: Readonly<Record<string, string>> = {
  exp: 'exactExp',
  expm1: 'exactExpm1',
  log: 'exactLog',
  log1p: 'exactLog1p',
  tanh: 'exactTanh',
  sigmoid: 'exactSigmoid',
  sin: 'exactSin',
  cos: 'exactCos',
  tan: 'exactTan',
  asin: 'exactAsin',
  acos: 'exactAcos',
  atan: 'exactAtan',
  atan2: 'exactAtan2',
  sinh: 'exactSinh',
  cosh: 'exactCosh',
  erf: 'exactErf',
  mod: 'exactMod',
  round: 'exactRound',
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
