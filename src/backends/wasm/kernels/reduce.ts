// Reductions over any axes: neighbouring axes that are reduced, or are not, count as one, and each run of reduced ones is one pass.
import { sizeOf } from '../../../tensor'
import { aroundAxis } from '../../operands'
import { Opcode } from '../assembly/opcodes'
import { Reduction } from '../assembly/reduce/operations'
import { CumulativeSumWords, ExtremePlacesWords, ReduceWords, SortWords } from '../assembly/words'
import { type Range, words } from '../emitter'
import { addressOf, isWhole, type Kernel, output, present, type Target, wordOf } from './kernel'
import { fill } from './movement'

interface Rule {
  readonly float: Reduction
  readonly whole: Reduction
  /** The result over no elements. */
  readonly none: number
}

/** Runs of axes, reduced and kept in turn. */
interface Run {
  readonly length: number
  readonly isReduced: boolean
}

function runsOf(shape: readonly number[], axes: readonly number[]): Run[] {
  const runs: Run[] = []
  shape.forEach((length, axis) => {
    const isReduced = axes.includes(axis)
    const last = runs.at(-1)
    if (length === 1) return
    if (last?.isReduced === isReduced) runs[runs.length - 1] = { length: last.length * length, isReduced }
    else runs.push({ length, isReduced })
  })
  return runs
}

function reduction({ float, whole, none }: Rule): Kernel<'sum' | 'prod' | 'max' | 'min'> {
  return (bound, target) => {
    const [x] = bound.inputs
    const out = output(bound)
    const kind = isWhole(x.dtype) ? whole : float
    if (sizeOf(x.shape) === 0) {
      fill(target, out, sizeOf(out.shape), wordOf(Number.isFinite(none) || !isWhole(x.dtype) ? none : 0, out.dtype))
      return
    }
    let runs = runsOf(x.shape, bound.attributes.axes) // by the declaration of the reductions
    let from: Range = x
    // The last run first: it lies closest together. Only axes of length 1 leave nothing to do but a copy.
    do {
      const at = runs.findLastIndex(({ isReduced }) => isReduced)
      const lengths = runs.map(({ length }) => length)
      const [outer, length, inner] = at < 0 ? [sizeOf(lengths), 1, 1] : aroundAxis(lengths, at)
      const isFinal = runs.filter(({ isReduced }) => isReduced).length <= 1
      const to = isFinal ? out : target.workspace(outer * inner * 4)
      onePass(target, kind, [outer, length, inner], from, to)
      from = to
      runs = runsOf(
        runs.filter((_, i) => i !== at).map(({ length }) => length),
        runs.filter((_, i) => i !== at).flatMap(({ isReduced }, i) => (isReduced ? [i] : [])),
      )
    } while (from !== out)
  }
}

function onePass(
  target: Target,
  kind: Reduction,
  box: readonly [number, number, number],
  from: Range,
  to: Range,
): void {
  const pieces = target.workspace(target.kernels.reduceWorkspace(...box))
  const cycles = 50 + sizeOf(box) / 3 + box[0] * 20
  const [outer, length, inner] = box
  const list = words<ReduceWords>({
    [ReduceWords.kind]: kind,
    [ReduceWords.outer]: outer,
    [ReduceWords.length]: length,
    [ReduceWords.inner]: inner,
    [ReduceWords.from]: from.address,
    [ReduceWords.to]: to.address,
    [ReduceWords.workspace]: pieces.address,
  })
  target.emitter.emit(Opcode.reduce, list, { reads: [from], writes: [to, pieces], cycles })
}

export const sum = reduction({ float: Reduction.sum, whole: Reduction.sumInt, none: 0 })
export const prod = reduction({ float: Reduction.product, whole: Reduction.productInt, none: 1 })
export const max = reduction({ float: Reduction.maximum, whole: Reduction.maximumInt, none: -Infinity })
export const min = reduction({ float: Reduction.minimum, whole: Reduction.minimumInt, none: Infinity })

function places(minimum: boolean): Kernel<'argMax' | 'argMin'> {
  return (bound, { emitter }) => {
    const [x] = bound.inputs
    const out = output(bound)
    const box = aroundAxis(x.shape, bound.attributes.axis)
    if (box[0] * box[2] === 0) return
    const [outer, length, inner] = box
    const list = words<ExtremePlacesWords>({
      [ExtremePlacesWords.minimum]: Number(minimum),
      [ExtremePlacesWords.whole]: Number(isWhole(x.dtype)),
      [ExtremePlacesWords.outer]: outer,
      [ExtremePlacesWords.length]: length,
      [ExtremePlacesWords.inner]: inner,
      [ExtremePlacesWords.from]: x.address,
      [ExtremePlacesWords.to]: out.address,
    })
    emitter.emit(Opcode.extremePlaces, list, { reads: [x], writes: [out], cycles: 50 + sizeOf(box) * 3 })
  }
}

export const argMax = places(false)
export const argMin = places(true)

export const cumSum: Kernel<'cumSum'> = (bound, { emitter }) => {
  const [x] = bound.inputs
  const out = output(bound)
  const box = aroundAxis(x.shape, bound.attributes.axis)
  const { reverse, exclusive } = bound.attributes
  if (sizeOf(box) === 0) return
  const effects = { reads: [x], writes: [out], cycles: 50 + sizeOf(box) * 5 }
  const [outer, length, inner] = box
  const list = words<CumulativeSumWords>({
    [CumulativeSumWords.outer]: outer,
    [CumulativeSumWords.length]: length,
    [CumulativeSumWords.inner]: inner,
    [CumulativeSumWords.from]: x.address,
    [CumulativeSumWords.to]: out.address,
    [CumulativeSumWords.reverse]: Number(reverse),
    [CumulativeSumWords.exclusive]: Number(exclusive),
    [CumulativeSumWords.whole]: Number(isWhole(x.dtype)),
  })
  emitter.emit(Opcode.cumulativeSum, list, effects)
}

export const sort: Kernel<'sort'> = (bound, target) => {
  const [x] = bound.inputs
  const [values, indices] = bound.outputs
  const length = x.shape[x.shape.length - 1]
  const rows = length === 0 ? 0 : sizeOf(x.shape) / length
  if (rows === 0) return
  const lists = target.workspace(target.kernels.sortWorkspace(rows, length))
  const list = words<SortWords>({
    [SortWords.rows]: rows,
    [SortWords.length]: length,
    [SortWords.from]: x.address,
    [SortWords.values]: addressOf(values),
    [SortWords.places]: addressOf(indices),
    [SortWords.descending]: Number(bound.attributes.descending),
    [SortWords.whole]: Number(isWhole(x.dtype)),
    [SortWords.workspace]: lists.address,
  })
  const writes = present([values, indices, lists])
  target.emitter.emit(Opcode.sort, list, { reads: [x], writes, cycles: rows * length * (10 + 8 * Math.log2(length)) })
}
