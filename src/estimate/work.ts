// Counting the work of a Program: multiply-adds of its matrix products, and a rough weight for everything else.
import type { Instruction, Program } from '../graph'
import { type Shape, sizeOf } from '../tensor'

/** What the instructions of one layer, or of all, come to in a run. */
export interface Work {
  /** Multiplications with an addition in matrix products, convolutions and recurrent sweeps. */
  readonly multiplyAdds: number
  /** Multiply-adds, and what else there is to do in units of about one of them: what time is shared out by. */
  readonly weight: number
}

/** The work of a run by scope; what belongs to no layer is under `''`. */
export function workByScope(program: Program): Map<string, Work> {
  const found = new Map<string, Work>()
  for (const instruction of program.instructions) {
    const scope = instruction.scope ?? ''
    found.set(scope, sum([found.get(scope) ?? none, workOf(program, instruction)]))
  }
  return found
}

/** The work of a run. */
export function totalWork(program: Program): Work {
  return sum(program.instructions.map((instruction) => workOf(program, instruction)))
}

const none: Work = { multiplyAdds: 0, weight: 0 }

function sum(works: readonly Work[]): Work {
  return works.reduce(
    (total, { multiplyAdds, weight }) => ({
      multiplyAdds: total.multiplyAdds + multiplyAdds,
      weight: total.weight + weight,
    }),
    none,
  )
}

/** A number read or written costs about this many multiply-adds of a product. */
const elementWeight = 4
/** An element-wise operation on one number, special functions and plain ones taken together. */
const stepWeight = 4
/** The gate arithmetic of a recurrent step, for each gate of a unit. */
const gateWeight = 16

function workOf(program: Program, instruction: Instruction): Work {
  const { op, inputs, outputs } = instruction
  if (op === 'scan') {
    const { body, length } = instruction.attributes
    const step = totalWork(body)
    return { multiplyAdds: length * step.multiplyAdds, weight: length * step.weight }
  }
  const shape = (id: number): Shape | undefined => (id < 0 ? undefined : program.buffers[id].shape)
  const count = (ids: readonly number[]): number => ids.reduce((total, id) => total + sizeOf(shape(id) ?? [0]), 0)
  const products = multiplyAddsOf(instruction, inputs.map(shape), outputs.map(shape))
  const steps = op === 'elementwise' ? instruction.attributes.steps.length : 0
  const extra =
    gates[op] === undefined
      ? elementWeight * (count(inputs) + count(outputs)) + stepWeight * steps * sizeOf(shape(outputs[0]) ?? [0])
      : gateWeight * gates[op] * sizeOf(inputs.map(shape)[0]?.slice(0, 2) ?? [0]) * units(op, inputs.map(shape))
  return { multiplyAdds: products, weight: products + extra }
}

/** The gates of the recurrent primitives. */
const gates: Readonly<Record<string, number>> = {
  lstm: 4,
  lstmGradient: 4,
  gru: 3,
  gruGradient: 3,
  simpleRnn: 1,
  simpleRnnGradient: 1,
}

/** The recurrent kernel comes after the input, the states and the kernel. */
function units(op: string, inputs: readonly (Shape | undefined)[]): number {
  return inputs[op.startsWith('lstm') ? 4 : 3]?.[0] ?? 0
}

function multiplyAddsOf(
  instruction: Instruction,
  inputs: readonly (Shape | undefined)[],
  outputs: readonly (Shape | undefined)[],
): number {
  const { op } = instruction
  if (op === 'matmul') {
    const depth = inputs[0]?.at(instruction.attributes.transposeA ? -2 : -1) ?? 0
    return sizeOf(outputs[0] ?? [0]) * depth
  }
  const count = gates[op]
  if (count === undefined) return 0
  const [steps = 0, batch = 0, features = 0] = inputs[0] ?? []
  const width = units(op, inputs)
  const each = steps * batch * count * width
  if (!op.endsWith('Gradient')) return each * (features + width)
  // Backwards: the gradient of each state, then those of kernel, recurrent kernel and input that are wanted.
  const states = op.startsWith('lstm') ? 2 : 1
  const [dx, dKernel, dRecurrent] = [outputs[0], outputs[1 + states], outputs[2 + states]]
  const wanted = [dx && features, dKernel && features, dRecurrent && width]
  return each * wanted.reduce<number>((total, more) => total + (more ?? 0), width)
}
