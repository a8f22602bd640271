// Chains of element-wise operations as one launch: a thread computes all steps of one element. A chain with several
// results gives them one after the other in one slot, and each thread computes what its own result needs.
import type { ElementwiseStep } from '../../../graph'
import { broadcastStrides, type DType, type Shape, sizeOf } from '../../../tensor'
import { Arrays, declareLarge, launch, requireExact, special, thread, walk } from './code'
import { expression } from './expressions'
import type { Bound, Kernel, Operand, Region } from './kernel'

export const elementwise: Kernel<'elementwise'> = (bound, target) => {
  const shape = (bound.outputs[0] ?? bound.inputs[0]).shape
  const count = sizeOf(shape)
  const chain = chainOf(bound, shape)
  if (chain.results.length === 1 || target.splits) {
    return chain.results.map((result): Region => {
      const arrays = new Arrays()
      return { slot: launch(target, arrays, count, segment(chain, arrays, result, thread)), offset: 0 }
    })
  }
  const arrays = new Arrays()
  const lines = chain.results.flatMap((step, i) => {
    const start = i * count
    const body = segment(chain, arrays, step, start === 0 ? thread : `(${thread} - ${start})`)
    return i === chain.results.length - 1 ? body : [`if (${thread} < ${start + count}) {`, ...body, '}']
  })
  const slot = launch(target, arrays, count * chain.results.length, lines)
  return chain.results.map((_, i): Region => ({ slot, offset: i * count }))
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
