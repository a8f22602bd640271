// The recurrent layers over whole sequences and their gradients. Operands are those of the primitives, in the kernels' order.
import { BackendError } from '../../../errors'
import { upstreamsOf } from '../../operands'
import { Opcode } from '../assembly/opcodes'
import {
  GruBackwardWords,
  GruForwardWords,
  LstmBackwardWords,
  LstmForwardWords,
  SimpleBackwardWords,
  SimpleForwardWords,
} from '../assembly/words'
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

/** A word of a sweep: a number, or an operand that it reads or writes (undefined: there is none). */
type Word = number | { readonly range: Range | undefined; readonly isWritten: boolean }

const read = (range: Range | undefined): Word => ({ range, isWritten: false })
const written = (range: Range | undefined): Word => ({ range, isWritten: true })

/** The words that all sweeps begin with. */
function sizeWords({ steps, batch, features, units }: Sizes): Readonly<Record<0 | 1 | 2 | 3, number>> {
  return [steps, batch, features, units]
}

/** Writes a sweep with this many values a unit. */
function sweep<W extends number>(
  { emitter }: Target,
  opcode: Opcode,
  sizes: Sizes,
  gates: number,
  named: Readonly<Record<W, Word>>,
): void {
  const all: Word[] = Object.values(named)
  const operands = all.filter((word) => typeof word !== 'number')
  const ranges = (isWritten: boolean): Range[] =>
    present(operands.filter((operand) => operand.isWritten === isWritten).map(({ range }) => range))
  emitter.emit(
    opcode,
    all.map((word) => (typeof word === 'number' ? word : addressOf(word.range))),
    { reads: ranges(false), writes: ranges(true), cycles: sweepCycles(sizes, gates) },
  )
}

export const lstm: Kernel<'lstm'> = (bound, target) => {
  const [x, h0, c0, kernel, recurrentKernel, bias, mask] = bound.inputs
  const [ys, hn, cn, gates, cells] = bound.outputs
  const sizes = sizesOf(x, recurrentKernel)
  requireSweep(target, sizes, 1)
  const bytes = target.kernels.lstmForwardWorkspace(sizes.batch, sizes.features, sizes.units)
  sweep<LstmForwardWords>(target, Opcode.lstmForward, sizes, 4, {
    ...sizeWords(sizes),
    [LstmForwardWords.x]: read(x),
    [LstmForwardWords.h0]: read(h0),
    [LstmForwardWords.c0]: read(c0),
    [LstmForwardWords.kernel]: read(kernel),
    [LstmForwardWords.recurrentKernel]: read(recurrentKernel),
    [LstmForwardWords.bias]: read(bias),
    [LstmForwardWords.mask]: read(mask),
    [LstmForwardWords.ys]: written(ys),
    [LstmForwardWords.hn]: written(hn),
    [LstmForwardWords.cn]: written(cn),
    [LstmForwardWords.gates]: written(gates),
    [LstmForwardWords.cells]: written(cells),
    [LstmForwardWords.workspace]: written(target.workspace(bytes)),
  })
}

export const lstmGradient: Kernel<'lstmGradient'> = (bound, target) => {
  const [x, h0, c0, kernel, recurrentKernel, , ...rest] = bound.inputs
  const { masked } = bound.attributes
  const [mask, ys, gates, cells] = masked ? rest : [undefined, ...rest]
  const [dys, dhn, dcn] = upstreamsOf(bound.inputs, masked ? 10 : 9, bound.attributes)
  const [dx, dh0, dc0, dkernel, drecurrent, dbias] = bound.outputs
  const sizes = sizesOf(x, recurrentKernel)
  const bytes = target.kernels.lstmBackwardWorkspace(sizes.steps, sizes.batch, sizes.features, sizes.units)
  sweep<LstmBackwardWords>(target, Opcode.lstmBackward, sizes, 8, {
    ...sizeWords(sizes),
    [LstmBackwardWords.x]: read(x),
    [LstmBackwardWords.h0]: read(h0),
    [LstmBackwardWords.c0]: read(c0),
    [LstmBackwardWords.kernel]: read(kernel),
    [LstmBackwardWords.recurrentKernel]: read(recurrentKernel),
    [LstmBackwardWords.mask]: read(mask),
    [LstmBackwardWords.ys]: read(ys),
    [LstmBackwardWords.gates]: read(gates),
    [LstmBackwardWords.cells]: read(cells),
    [LstmBackwardWords.dys]: read(dys),
    [LstmBackwardWords.dhn]: read(dhn),
    [LstmBackwardWords.dcn]: read(dcn),
    [LstmBackwardWords.dx]: written(dx),
    [LstmBackwardWords.dh0]: written(dh0),
    [LstmBackwardWords.dc0]: written(dc0),
    [LstmBackwardWords.dkernel]: written(dkernel),
    [LstmBackwardWords.drecurrent]: written(drecurrent),
    [LstmBackwardWords.dbias]: written(dbias),
    [LstmBackwardWords.workspace]: written(target.workspace(bytes)),
  })
}

export const gru: Kernel<'gru'> = (bound, target) => {
  const [x, h0, kernel, recurrentKernel, bias, mask] = bound.inputs
  const [ys, hn, gates, inner] = bound.outputs
  const sizes = sizesOf(x, recurrentKernel)
  requireSweep(target, sizes, 2)
  const bytes = target.kernels.gruForwardWorkspace(sizes.batch, sizes.features, sizes.units)
  sweep<GruForwardWords>(target, Opcode.gruForward, sizes, 3, {
    ...sizeWords(sizes),
    [GruForwardWords.x]: read(x),
    [GruForwardWords.h0]: read(h0),
    [GruForwardWords.kernel]: read(kernel),
    [GruForwardWords.recurrentKernel]: read(recurrentKernel),
    [GruForwardWords.bias]: read(bias),
    [GruForwardWords.mask]: read(mask),
    [GruForwardWords.ys]: written(ys),
    [GruForwardWords.hn]: written(hn),
    [GruForwardWords.gates]: written(gates),
    [GruForwardWords.inner]: written(inner),
    [GruForwardWords.resetAfter]: Number(bound.attributes.resetAfter),
    [GruForwardWords.workspace]: written(target.workspace(bytes)),
  })
}

export const gruGradient: Kernel<'gruGradient'> = (bound, target) => {
  const [x, h0, kernel, recurrentKernel, , ...rest] = bound.inputs
  const { masked } = bound.attributes
  const [mask, ys, gates, inner] = masked ? rest : [undefined, ...rest]
  const [dys, dhn] = upstreamsOf(bound.inputs, masked ? 9 : 8, bound.attributes)
  const [dx, dh0, dkernel, drecurrent, dbias] = bound.outputs
  const sizes = sizesOf(x, recurrentKernel)
  const bytes = target.kernels.gruBackwardWorkspace(sizes.steps, sizes.batch, sizes.features, sizes.units)
  sweep<GruBackwardWords>(target, Opcode.gruBackward, sizes, 6, {
    ...sizeWords(sizes),
    [GruBackwardWords.x]: read(x),
    [GruBackwardWords.h0]: read(h0),
    [GruBackwardWords.kernel]: read(kernel),
    [GruBackwardWords.recurrentKernel]: read(recurrentKernel),
    [GruBackwardWords.mask]: read(mask),
    [GruBackwardWords.ys]: read(ys),
    [GruBackwardWords.gates]: read(gates),
    [GruBackwardWords.inner]: read(inner),
    [GruBackwardWords.dys]: read(dys),
    [GruBackwardWords.dhn]: read(dhn),
    [GruBackwardWords.dx]: written(dx),
    [GruBackwardWords.dh0]: written(dh0),
    [GruBackwardWords.dkernel]: written(dkernel),
    [GruBackwardWords.drecurrent]: written(drecurrent),
    [GruBackwardWords.dbias]: written(dbias),
    [GruBackwardWords.resetAfter]: Number(bound.attributes.resetAfter),
    [GruBackwardWords.workspace]: written(target.workspace(bytes)),
  })
}

export const simpleRnn: Kernel<'simpleRnn'> = (bound, target) => {
  const [x, h0, kernel, recurrentKernel, bias, mask] = bound.inputs
  const [ys, hn] = bound.outputs
  const sizes = sizesOf(x, recurrentKernel)
  requireSweep(target, sizes, 1)
  const bytes = target.kernels.simpleForwardWorkspace(sizes.batch, sizes.features, sizes.units)
  sweep<SimpleForwardWords>(target, Opcode.simpleForward, sizes, 1, {
    ...sizeWords(sizes),
    [SimpleForwardWords.x]: read(x),
    [SimpleForwardWords.h0]: read(h0),
    [SimpleForwardWords.kernel]: read(kernel),
    [SimpleForwardWords.recurrentKernel]: read(recurrentKernel),
    [SimpleForwardWords.bias]: read(bias),
    [SimpleForwardWords.mask]: read(mask),
    [SimpleForwardWords.ys]: written(ys),
    [SimpleForwardWords.hn]: written(hn),
    [SimpleForwardWords.relu]: Number(bound.attributes.activation === 'relu'),
    [SimpleForwardWords.workspace]: written(target.workspace(bytes)),
  })
}

export const simpleRnnGradient: Kernel<'simpleRnnGradient'> = (bound, target) => {
  const [x, h0, kernel, recurrentKernel, , ...rest] = bound.inputs
  const { masked } = bound.attributes
  const [mask, ys] = masked ? rest : [undefined, ...rest]
  const [dys, dhn] = upstreamsOf(bound.inputs, masked ? 7 : 6, bound.attributes)
  const [dx, dh0, dkernel, drecurrent, dbias] = bound.outputs
  const sizes = sizesOf(x, recurrentKernel)
  const bytes = target.kernels.simpleBackwardWorkspace(sizes.steps, sizes.batch, sizes.features, sizes.units)
  sweep<SimpleBackwardWords>(target, Opcode.simpleBackward, sizes, 2, {
    ...sizeWords(sizes),
    [SimpleBackwardWords.x]: read(x),
    [SimpleBackwardWords.h0]: read(h0),
    [SimpleBackwardWords.kernel]: read(kernel),
    [SimpleBackwardWords.recurrentKernel]: read(recurrentKernel),
    [SimpleBackwardWords.mask]: read(mask),
    [SimpleBackwardWords.ys]: read(ys),
    [SimpleBackwardWords.dys]: read(dys),
    [SimpleBackwardWords.dhn]: read(dhn),
    [SimpleBackwardWords.dx]: written(dx),
    [SimpleBackwardWords.dh0]: written(dh0),
    [SimpleBackwardWords.dkernel]: written(dkernel),
    [SimpleBackwardWords.drecurrent]: written(drecurrent),
    [SimpleBackwardWords.dbias]: written(dbias),
    [SimpleBackwardWords.relu]: Number(bound.attributes.activation === 'relu'),
    [SimpleBackwardWords.workspace]: written(target.workspace(bytes)),
  })
}
