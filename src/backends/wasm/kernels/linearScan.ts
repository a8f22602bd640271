// Linear recurrences: the words of their instructions. What they compute stands at the primitive.
import { sizeOf } from '../../../tensor'
import { Opcode } from '../assembly/opcodes'
import { ComplexScanBackWords, ComplexScanWords, LinearScanBackWords, LinearScanWords } from '../assembly/words'
import { words } from '../emitter'
import { addressOf, type Bound, type Kernel, type Operand, output, present, type Target } from './kernel'
import { fill } from './movement'

interface Sizes {
  readonly steps: number
  readonly width: number
  /** Bytes from the factors of one step to those of the next. */
  readonly factorStep: number
  readonly blocks: number
}

/** Fewer columns than these are too few to be shared out, and time is, where it is long. */
const fewColumns = 32
const manySteps = 2048
const blocksOfTime = 16

function sizesOf(a: Operand, b: Operand): Sizes {
  const [steps, ...rest] = b.shape
  const width = sizeOf(rest)
  return {
    steps,
    width,
    factorStep: a.shape[0] === 1 && steps !== 1 ? 0 : 4 * width,
    blocks: width < fewColumns && steps >= manySteps ? blocksOfTime : 1,
  }
}

export const linearScan: Kernel<'linearScan'> = (bound, target) => {
  if (bound.attributes.complex) {
    complexScan(bound, target)
    return
  }
  const [a, b, h0] = bound.inputs
  const h = output(bound)
  const sizes = sizesOf(a, b)
  const { steps, width, factorStep, blocks } = sizes
  if (steps * width === 0) return
  const workspace = target.workspace(target.kernels.linearScanWorkspace(width, blocks))
  const list = words<LinearScanWords>({
    [LinearScanWords.steps]: steps,
    [LinearScanWords.width]: width,
    [LinearScanWords.blocks]: blocks,
    [LinearScanWords.factorStep]: factorStep,
    [LinearScanWords.a]: a.address,
    [LinearScanWords.b]: b.address,
    [LinearScanWords.h0]: h0.address,
    [LinearScanWords.h]: h.address,
    [LinearScanWords.workspace]: workspace.address,
  })
  target.emitter.emit(Opcode.linearScan, list, {
    reads: [a, b, h0],
    writes: [h, workspace],
    cycles: 50 + steps * (10 + width),
  })
}

function complexScan({ inputs, outputs }: Bound<'linearScan'>, target: Target): void {
  const [ar, ai, br, bi, h0r, h0i] = inputs
  const { steps, width, factorStep } = sizesOf(ar, br)
  if (steps * width === 0) return
  // A part that nobody wants is the state of the next step all the same.
  const [hr, hi] = outputs.map((part) => part ?? target.workspace(4 * steps * width))
  const list = words<ComplexScanWords>({
    [ComplexScanWords.steps]: steps,
    [ComplexScanWords.width]: width,
    [ComplexScanWords.factorStep]: factorStep,
    [ComplexScanWords.ar]: ar.address,
    [ComplexScanWords.ai]: ai.address,
    [ComplexScanWords.br]: br.address,
    [ComplexScanWords.bi]: bi.address,
    [ComplexScanWords.h0r]: h0r.address,
    [ComplexScanWords.h0i]: h0i.address,
    [ComplexScanWords.hr]: hr.address,
    [ComplexScanWords.hi]: hi.address,
  })
  target.emitter.emit(Opcode.complexScan, list, {
    reads: inputs,
    writes: [hr, hi],
    cycles: 50 + steps * (10 + 2 * width),
  })
}

/** Where there are no steps nothing flows back. */
function fillZeros(outputs: readonly (Operand | undefined)[], target: Target): void {
  for (const each of present(outputs)) {
    const operand = each as Operand // as they were given
    if (sizeOf(operand.shape) > 0) fill(target, operand, sizeOf(operand.shape), 0)
  }
}

export const linearScanGradient: Kernel<'linearScanGradient'> = (bound, target) => {
  if (bound.attributes.complex) {
    complexScanBack(bound, target)
    return
  }
  const [a, h0, h, g] = bound.inputs
  const [da, db, dh0] = bound.outputs
  const { steps, width, factorStep, blocks } = sizesOf(a, h)
  if (steps * width === 0) {
    fillZeros(bound.outputs, target)
    return
  }
  const workspace = target.workspace(target.kernels.linearScanWorkspace(width, blocks))
  const carried = dh0 ?? target.workspace(4 * width)
  const list = words<LinearScanBackWords>({
    [LinearScanBackWords.steps]: steps,
    [LinearScanBackWords.width]: width,
    [LinearScanBackWords.blocks]: blocks,
    [LinearScanBackWords.factorStep]: factorStep,
    [LinearScanBackWords.a]: a.address,
    [LinearScanBackWords.h0]: h0.address,
    [LinearScanBackWords.h]: h.address,
    [LinearScanBackWords.g]: g.address,
    [LinearScanBackWords.da]: addressOf(da),
    [LinearScanBackWords.db]: addressOf(db),
    [LinearScanBackWords.dh0]: carried.address,
    [LinearScanBackWords.workspace]: workspace.address,
  })
  target.emitter.emit(Opcode.linearScanBack, list, {
    reads: [a, h0, h, g],
    writes: present([da, db, carried, workspace]),
    cycles: 50 + steps * (10 + 2 * width),
  })
}

function complexScanBack({ inputs, outputs }: Bound<'linearScanGradient'>, target: Target): void {
  const [ar, ai, h0r, h0i, hr, hi, gr, gi] = inputs
  const [dar, dai, dbr, dbi, ...dh0] = outputs
  const { steps, width, factorStep } = sizesOf(ar, hr)
  if (steps * width === 0) {
    fillZeros(outputs, target)
    return
  }
  const [cr, ci] = dh0.map((part) => part ?? target.workspace(4 * width))
  const list = words<ComplexScanBackWords>({
    [ComplexScanBackWords.steps]: steps,
    [ComplexScanBackWords.width]: width,
    [ComplexScanBackWords.factorStep]: factorStep,
    [ComplexScanBackWords.ar]: ar.address,
    [ComplexScanBackWords.ai]: ai.address,
    [ComplexScanBackWords.h0r]: h0r.address,
    [ComplexScanBackWords.h0i]: h0i.address,
    [ComplexScanBackWords.hr]: hr.address,
    [ComplexScanBackWords.hi]: hi.address,
    [ComplexScanBackWords.gr]: gr.address,
    [ComplexScanBackWords.gi]: gi.address,
    [ComplexScanBackWords.dar]: addressOf(dar),
    [ComplexScanBackWords.dai]: addressOf(dai),
    [ComplexScanBackWords.dbr]: addressOf(dbr),
    [ComplexScanBackWords.dbi]: addressOf(dbi),
    [ComplexScanBackWords.dh0r]: cr.address,
    [ComplexScanBackWords.dh0i]: ci.address,
  })
  target.emitter.emit(Opcode.complexScanBack, list, {
    reads: inputs,
    writes: present([dar, dai, dbr, dbi, cr, ci]),
    cycles: 50 + steps * (10 + 4 * width),
  })
}
