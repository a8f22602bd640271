// The recurrent layers over whole sequences and their gradients. Operands are those of the primitives, in the kernels' order.
import { BackendError } from '../../../errors'
import { upstreamsOf } from '../../operands'
import { Opcode } from '../assembly/opcodes'
import type { Range } from '../emitter'
import { addressOf, type Kernel, type Operand, present, type Target } from './kernel'

interface Sizes {
  readonly steps: number
  readonly batch: number
  readonly features: number
  readonly units: number
}

function sizesOf(x: Operand, recurrentKernel: Operand): Sizes {
  const [steps, batch, features] = x.shape
  return { steps, batch, features, units: recurrentKernel.shape[0] }
}

/** Throws unless a row of a step fits into a thread's scratch. */
function requireSweep({ kernels }: Target, { features, units }: Sizes, rowUnits: number): void {
  const longest = kernels.longestRow() - rowUnits * units
  if (features <= longest) return
  throw new BackendError(
    `wasm: expected at most ${longest} features a step for a recurrent layer of ${units} units, got ${features}; for one-hot words take an embedding, or use 'cpu'`,
  )
}

/** Cycles of a sweep with this many values a unit: its products, and its gates. */
function sweepCycles({ steps, batch, features, units }: Sizes, gates: number): number {
  return 500 + (steps * batch * units * gates * (features + units)) / 7 + steps * batch * units * 15
}

/** Writes a sweep: its operands in order, undefined ones as address 0, and a workspace at the end. */
function sweep(
  target: Target,
  opcode: Opcode,
  sizes: Sizes,
  gates: number,
  {
    inputs,
    outputs,
    flag,
  }: { inputs: readonly (Range | undefined)[]; outputs: readonly (Range | undefined)[]; flag?: number },
  workspaceBytes: number,
): void {
  const { steps, batch, features, units } = sizes
  const workspace = target.workspace(workspaceBytes)
  const flags = flag === undefined ? [] : [flag]
  const addresses = [...inputs, ...outputs].map(addressOf)
  const words = [steps, batch, features, units, ...addresses, ...flags, workspace.address]
  const effects = {
    reads: present(inputs),
    writes: [...present(outputs), workspace],
    cycles: sweepCycles(sizes, gates),
  }
  target.emitter.emit(opcode, words, effects)
}

export const lstm: Kernel<'lstm'> = (bound, target) => {
  const [x, h0, c0, kernel, recurrent, bias, mask] = bound.inputs
  const [ys, hn, cn, gates, cells] = bound.outputs
  const sizes = sizesOf(x, recurrent)
  requireSweep(target, sizes, 1)
  const bytes = target.kernels.lstmForwardWorkspace(sizes.batch, sizes.features, sizes.units)
  const operands = { inputs: [x, h0, c0, kernel, recurrent, bias, mask], outputs: [ys, hn, cn, gates, cells] }
  sweep(target, Opcode.lstmForward, sizes, 4, operands, bytes)
}

export const lstmGradient: Kernel<'lstmGradient'> = (bound, target) => {
  const [x, h0, c0, kernel, recurrent, , ...rest] = bound.inputs
  const masked = bound.attributes.masked
  const [mask, ys, gates, cells] = masked ? rest : [undefined, ...rest]
  const upstreams = upstreamsOf(bound.inputs, masked ? 10 : 9, bound.attributes)
  const [dx, dh0, dc0, dW, dU, db] = bound.outputs
  const sizes = sizesOf(x, recurrent)
  const bytes = target.kernels.lstmBackwardWorkspace(sizes.steps, sizes.batch, sizes.features, sizes.units)
  const inputs = [x, h0, c0, kernel, recurrent, mask, ys, gates, cells, ...upstreams]
  sweep(target, Opcode.lstmBackward, sizes, 8, { inputs, outputs: [dx, dh0, dc0, dW, dU, db] }, bytes)
}

export const gru: Kernel<'gru'> = (bound, target) => {
  const [x, h0, kernel, recurrent, bias, mask] = bound.inputs
  const [ys, hn, gates, inner] = bound.outputs
  const sizes = sizesOf(x, recurrent)
  requireSweep(target, sizes, 2)
  const bytes = target.kernels.gruForwardWorkspace(sizes.batch, sizes.features, sizes.units)
  const flag = Number(bound.attributes.resetAfter)
  const operands = { inputs: [x, h0, kernel, recurrent, bias, mask], outputs: [ys, hn, gates, inner], flag }
  sweep(target, Opcode.gruForward, sizes, 3, operands, bytes)
}

export const gruGradient: Kernel<'gruGradient'> = (bound, target) => {
  const [x, h0, kernel, recurrent, , ...rest] = bound.inputs
  const masked = bound.attributes.masked
  const [mask, ys, gates, inner] = masked ? rest : [undefined, ...rest]
  const upstreams = upstreamsOf(bound.inputs, masked ? 9 : 8, bound.attributes)
  const [dx, dh0, dW, dU, db] = bound.outputs
  const sizes = sizesOf(x, recurrent)
  const bytes = target.kernels.gruBackwardWorkspace(sizes.steps, sizes.batch, sizes.features, sizes.units)
  const inputs = [x, h0, kernel, recurrent, mask, ys, gates, inner, ...upstreams]
  const flag = Number(bound.attributes.resetAfter)
  sweep(target, Opcode.gruBackward, sizes, 6, { inputs, outputs: [dx, dh0, dW, dU, db], flag }, bytes)
}

export const simpleRnn: Kernel<'simpleRnn'> = (bound, target) => {
  const [x, h0, kernel, recurrent, bias, mask] = bound.inputs
  const [ys, hn] = bound.outputs
  const sizes = sizesOf(x, recurrent)
  requireSweep(target, sizes, 1)
  const bytes = target.kernels.simpleForwardWorkspace(sizes.batch, sizes.features, sizes.units)
  const flag = Number(bound.attributes.activation === 'relu')
  const operands = { inputs: [x, h0, kernel, recurrent, bias, mask], outputs: [ys, hn], flag }
  sweep(target, Opcode.simpleForward, sizes, 1, operands, bytes)
}

export const simpleRnnGradient: Kernel<'simpleRnnGradient'> = (bound, target) => {
  const [x, h0, kernel, recurrent, , ...rest] = bound.inputs
  const masked = bound.attributes.masked
  const [mask, ys] = masked ? rest : [undefined, ...rest]
  const upstreams = upstreamsOf(bound.inputs, masked ? 7 : 6, bound.attributes)
  const [dx, dh0, dW, dU, db] = bound.outputs
  const sizes = sizesOf(x, recurrent)
  const bytes = target.kernels.simpleBackwardWorkspace(sizes.steps, sizes.batch, sizes.features, sizes.units)
  const flag = Number(bound.attributes.activation === 'relu')
  const inputs = [x, h0, kernel, recurrent, mask, ys, ...upstreams]
  sweep(target, Opcode.simpleBackward, sizes, 2, { inputs, outputs: [dx, dh0, dW, dU, db], flag }, bytes)
}
