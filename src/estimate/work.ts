// Counting the work of a Program: multiply-adds, and a rough weight for everything else. What an op comes to is said where its
// primitive is declared.
import { findPrimitive, type Instruction, type Program, type Spec } from '../graph'
import { sizeOf } from '../tensor'

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

function workOf(program: Program, instruction: Instruction): Work {
  const spec = (id: number): Spec | undefined => (id < 0 ? undefined : program.buffers[id])
  const inputs = instruction.inputs.map((id) => program.buffers[id])
  const outputs = instruction.outputs.map(spec)
  const moved = elementWeight * [...inputs, ...outputs].reduce((total, each) => total + sizeOf(each?.shape ?? [0]), 0)
  if (instruction.op === 'scan') {
    const { body, length } = instruction.attributes
    const step = totalWork(body)
    return { multiplyAdds: length * step.multiplyAdds, weight: length * step.weight }
  }
  if (instruction.op === 'elementwise') {
    const steps = instruction.attributes.steps.length * sizeOf(outputs[0]?.shape ?? [0])
    return { multiplyAdds: 0, weight: moved + stepWeight * steps }
  }
  if (instruction.op === 'copy') return { multiplyAdds: 0, weight: moved }
  const { work } = findPrimitive(instruction.op).definition
  if (work === undefined) throw new Error(`${instruction.op} does not say what work it is`)
  const { multiplyAdds, beside = moved } = work({ inputs, outputs, attributes: instruction.attributes })
  return { multiplyAdds, weight: multiplyAdds + beside }
}
