// Loops over time: the body's instructions stand once, and copies of slices find their place by the loop's counter.
import { sizeOf } from '../../../tensor'
import { Opcode } from '../assembly/opcodes'
import { CopyStepWords } from '../assembly/words'
import { Emitter, type Range, words } from '../emitter'
import { type Kernel, type Operand, present, type Target } from './kernel'

/** Copies one step's slice: a whole operand where the bytes between steps are 0. */
function copyStep({ emitter }: Target, from: Operand, fromStep: number, to: Operand, toStep: number): void {
  const count = Math.min(sizeOf(from.shape), sizeOf(to.shape))
  if (count === 0) return
  const list = words<CopyStepWords>({
    [CopyStepWords.count]: count,
    [CopyStepWords.source]: from.address,
    [CopyStepWords.sourceStep]: fromStep,
    [CopyStepWords.target]: to.address,
    [CopyStepWords.targetStep]: toStep,
  })
  emitter.emit(Opcode.copyStep, list, { reads: [from], writes: [to], cycles: 20 + count / 4 })
}

/** Copies the whole of an operand. */
function copyAll(target: Target, from: Operand, to: Operand): void {
  copyStep(target, from, 0, to, 0)
}

export const scan: Kernel<'scan'> = (bound, target) => {
  const { carries, sequences, length, reverse, body: program } = bound.attributes
  const workspace = bound.place(bound.attributes.workspace)

  // Captured values are read where they lie: nothing in the body writes to its inputs.
  const captured = new Map<number, Range>()
  for (let i = carries + sequences; i < bound.inputs.length; i++) captured.set(i, bound.inputs[i])
  const body = target.bind(program, workspace.address, captured)
  const [starts, series] = [bound.inputs.slice(0, carries), bound.inputs.slice(carries, carries + sequences)]
  const results = body.outputs.length - carries
  const stacked = bound.outputs.slice(carries, carries + results)
  const history = bound.outputs.slice(carries + results, carries + results + carries)

  for (const [i, start] of starts.entries()) copyAll(target, start, body.inputs[i])
  if (length > 0) {
    const list = new Emitter()
    const inner = target.inner(list)
    for (const [i, whole] of series.entries()) {
      const slice = body.inputs[carries + i]
      copyStep(inner, whole, sizeOf(slice.shape) * 4, slice, 0)
    }
    for (const [i, whole] of history.entries()) {
      const carry = body.inputs[i]
      if (whole !== undefined) copyStep(inner, carry, 0, whole, sizeOf(carry.shape) * 4)
    }
    body.emit(inner)
    for (const [i, whole] of stacked.entries()) {
      const result = body.outputs[carries + i]
      if (whole !== undefined) copyStep(inner, result, 0, whole, sizeOf(result.shape) * 4)
    }
    for (let i = 0; i < carries; i++) copyAll(inner, body.outputs[i], body.inputs[i])
    const writes = [...present([...stacked, ...history]), workspace, target.workspaceInUse()]
    target.emitter.loop(length, reverse, list, { reads: bound.inputs, writes })
  }
  for (let i = 0; i < carries; i++) {
    const end = bound.outputs[i]
    if (end !== undefined) copyAll(target, body.inputs[i], end)
  }
}
