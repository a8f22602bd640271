// Which instructions may write over what they read: new content of variables, and inputs that nobody reads afterwards.
import { sizeOf } from '../../tensor'
import { bytesOf, type Instruction } from '../program'
import type { Drafts } from './drafts'

/**
 * Whether the instruction that makes `from` may write it to where `to`, a variable, lies: nobody writes there else, and nobody
 * reads the old content later.
 */
export function canWriteInPlace(
  drafts: Drafts,
  instructions: readonly Instruction[],
  from: number,
  to: number,
): boolean {
  const [source, target] = [drafts.homeOf(from), drafts.homeOf(to)]
  const writes = ({ outputs }: Instruction, storage: number): boolean =>
    outputs.some((id) => id >= 0 && drafts.homeOf(id) === storage)
  const producer = instructions.findIndex((instruction) => writes(instruction, source))
  if (producer < 0) return false
  return instructions.every((instruction, i) => {
    if (writes(instruction, target)) return false
    const reads = instruction.inputs.some((id) => drafts.homeOf(id) === target)
    return !reads || i < producer || (i === producer && overwritesSafely(drafts, instruction, target, from))
  })
}

/** Lets element-wise instructions write over an input that nobody reads afterwards. `kept` is read when all has run. */
export function reuseInputs(drafts: Drafts, instructions: readonly Instruction[], kept: readonly number[]): void {
  const lastUse = lastUses(drafts, instructions, kept)
  instructions.forEach((instruction, i) => {
    if (instruction.op !== 'elementwise') return
    const taken = new Set(instruction.outputs.map((id) => drafts.homeOf(id)))
    for (const output of instruction.outputs) {
      const home = drafts.homeOf(output)
      const own = drafts.temporary(output)
      if (own === undefined) continue
      const input = instruction.inputs.find((id) => {
        const storage = drafts.homeOf(id)
        const isFree = drafts.temporary(id)?.bytes === own.bytes && lastUse.get(storage) === i
        return isFree && !taken.has(storage) && overwritesSafely(drafts, instruction, storage, output)
      })
      if (input === undefined) continue
      const storage = drafts.homeOf(input)
      drafts.join(output, storage)
      taken.add(storage)
      lastUse.set(storage, lastUse.get(home) ?? i)
    }
  })
}

/** The last instruction that touches each storage; those that are read when all has run have their number. */
function lastUses(drafts: Drafts, instructions: readonly Instruction[], kept: readonly number[]): Map<number, number> {
  const lastUse = new Map<number, number>()
  instructions.forEach(({ inputs, outputs }, i) => {
    for (const id of [...inputs, ...outputs]) if (id >= 0) lastUse.set(drafts.homeOf(id), i)
  })
  for (const id of kept) lastUse.set(drafts.homeOf(id), instructions.length)
  return lastUse
}

/** Whether an instruction may write its output over the inputs that lie in `storage`. */
function overwritesSafely(drafts: Drafts, { op, inputs }: Instruction, storage: number, output: number): boolean {
  if (op !== 'elementwise') return false
  const { shape, dtype } = drafts.buffers[output]
  // Element for element, and of as many bytes each: what is written has been read.
  return inputs.every((id) => {
    const input = drafts.buffers[id]
    const isAlike = sizeOf(input.shape) === sizeOf(shape) && bytesOf(input.dtype) === bytesOf(dtype)
    return drafts.homeOf(id) !== storage || isAlike
  })
}
