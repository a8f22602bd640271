// Reductions over any axes: neighbouring axes that are reduced, or are not, count as one, and each run of reduced ones is one pass.
import { sizeOf } from '../../../tensor'
import { aroundAxis } from '../../operands'
import { Opcode } from '../assembly/opcodes'
import { Reduction } from '../assembly/reduce/operations'
import type { Range } from '../emitter'
import { isWhole, type Kernel, output, type Target, wordOf } from './kernel'
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
  const words = [kind, ...box, from.address, to.address, pieces.address]
  target.emitter.emit(Opcode.reduce, words, { reads: [from], writes: [to, pieces], cycles })
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
    const words = [Number(minimum), Number(isWhole(x.dtype)), ...box, x.address, out.address]
    emitter.emit(Opcode.extremePlaces, words, { reads: [x], writes: [out], cycles: 50 + sizeOf(box) * 3 })
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
  const flags = [reverse, exclusive, isWhole(x.dtype)].map(Number)
  const effects = { reads: [x], writes: [out], cycles: 50 + sizeOf(box) * 5 }
  emitter.emit(Opcode.cumulativeSum, [...box, x.address, out.address, ...flags], effects)
}

export const sort: Kernel<'sort'> = (bound, target) => {
  const [x] = bound.inputs
  const [values, indices] = bound.outputs
  const length = x.shape[x.shape.length - 1]
  const rows = length === 0 ? 0 : sizeOf(x.shape) / length
  if (rows === 0) return
  const lists = target.workspace(target.kernels.sortWorkspace(rows, length))
  const flags = [Number(bound.attributes.descending), Number(isWhole(x.dtype))]
  const words = [rows, length, x.address, values?.address ?? 0, indices?.address ?? 0, ...flags, lists.address]
  const writes = [values, indices, lists].filter((range) => range !== undefined)
  target.emitter.emit(Opcode.sort, words, { reads: [x], writes, cycles: rows * length * (10 + 8 * Math.log2(length)) })
}
