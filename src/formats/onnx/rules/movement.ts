// Primitives that move elements: most are one ONNX operator, whose lengths may be open.
import { FormatError } from '../../../errors'
import type { Varying } from '../../openLengths'
import { flagOf, numberOf, numbersOf } from '../attributes'
import { fixed } from '../emitter'
import type { Rules, Use } from '../use'

/** ONNX takes it for "to the end". */
const theEnd = 2 ** 31 - 1

/** Where an axis is cut: from, to and step, as ONNX' Slice takes them. */
interface Cut {
  readonly axis: number
  readonly from: Varying
  readonly to: Varying
  readonly step: number
  /** Whether `to` may lie more than one element behind the last that is taken, but no other may be taken before it. */
  readonly isBound?: boolean
}

/** Cuts axes; a place that moves with the end of its axis is counted from there. */
export function cut(use: Use, name: string, shape: readonly Varying[], cuts: readonly Cut[]): string {
  const { emitter } = use
  const place = (at: Varying, { axis }: Cut): Varying => {
    if (fixed(at) !== undefined) return at
    const behind = at.map((n, k) => n - shape[axis][k])
    return fixed(behind) === undefined ? at : behind
  }
  const ends = cuts.map((each) => {
    const { axis, from, to, step, isBound = false } = each
    // What is left behind is less than a step: the end itself will do.
    const isWhole = to.every((n, k) => shape[axis][k] - n < (isBound ? 1 : step) && from[k] < shape[axis][k])
    return isWhole ? to.map(() => theEnd) : place(to, each)
  })
  return use.emit('Slice', [
    name,
    emitter.lengths(cuts.map((each) => place(each.from, each))),
    emitter.lengths(ends),
    emitter.list(cuts.map(({ axis }) => axis)),
    emitter.list(cuts.map(({ step }) => step)),
  ])
}

function slice(use: Use): string {
  const shape = use.shapeOf(0)
  const begin = use.varyAll((node) => numbersOf(node, 'begin'))
  const size = use.varyAll((node) => numbersOf(node, 'size'))
  const strides = numbersOf(use.node, 'stride')
  const cuts = shape.flatMap((length, axis): Cut[] => {
    const step = strides[axis]
    const to = begin[axis].map((at, k) => at + Math.max(0, (size[axis][k] - 1) * step + 1))
    const isWhole = begin[axis].every((at, k) => at === 0 && size[axis][k] === length[k])
    return isWhole ? [] : [{ axis, from: begin[axis], to, step }]
  })
  return cut(use, use.inputs[0], shape, cuts)
}

/** Puts elements before and after, and between the elements of axes. */
export function padded(
  use: Use,
  name: string,
  shape: readonly Varying[],
  amounts: { before: readonly Varying[]; after: readonly Varying[]; interior: readonly number[]; value: string },
): string {
  const { emitter } = use
  const { before, after, interior, value } = amounts
  let spread = name
  let now = [...shape]
  interior.forEach((between, axis) => {
    if (between === 0) return
    // [.., n, ..] as [.., n, 1, ..], of which each 1 becomes 1 + between, and the last `between` are cut off.
    const zeros = new Array<number>(now.length + 1).fill(0)
    const ends = zeros.map((_, i) => (i === axis + 1 ? between : 0))
    const apart = emitter.emit('Pad', [use.unsqueeze(spread, axis + 1), emitter.list([...zeros, ...ends]), value])
    const long = now[axis].map((n) => n * (between + 1))
    const lengths = now.map((length, i) => (i === axis ? long : length))
    const joined = emitter.emit('Reshape', [apart, emitter.lengths(lengths)])
    const kept = long.map((n) => n - between)
    spread = use.emit('Slice', [joined, emitter.list([0]), emitter.list([-between]), emitter.list([axis])])
    now = now.map((length, i) => (i === axis ? kept : length))
  })
  const isNothing = [...before, ...after].every((amount) => fixed(amount) === 0)
  return isNothing ? spread : emitter.emit('Pad', [spread, emitter.lengths([...before, ...after]), value])
}

function pad(use: Use): string {
  return padded(use, use.inputs[0], use.shapeOf(0), {
    before: use.varyAll((node) => numbersOf(node, 'before')),
    after: use.varyAll((node) => numbersOf(node, 'after')),
    interior: numbersOf(use.node, 'interior'),
    value: use.emitter.scalar(numberOf(use.node, 'value'), use.dtype),
  })
}

function reverse(use: Use): string {
  const axes = numbersOf(use.node, 'axes')
  const all = (number: number): string => use.emitter.list(axes.map(() => number))
  return use.emit('Slice', [use.inputs[0], all(-1), all(-theEnd), use.emitter.list(axes), all(-1)])
}

/** The largest or smallest of windows: for what is not a number or is infinite there is no arithmetic way. */
export function requireFixed(use: Use, what: string, numbers: readonly Varying[]): readonly number[] {
  return numbers.map((number) => {
    const known = fixed(number)
    if (known !== undefined) return known
    throw new FormatError(
      `${use.emitter.shared.where}: layer '${use.node.scope ?? use.node.primitive.name}': ${what} depends on an open length: expected a known one; give the model an inputShape without null`,
    )
  })
}

export const movementRules: Rules = {
  reshape: (use) => use.reshape(use.inputs[0], use.shapeOf(0), use.outputShape),
  transpose: (use) => use.transpose(use.inputs[0], numbersOf(use.node, 'permutation')),
  broadcastTo: (use) => use.expand(use.inputs[0], use.shapeOf(0), use.outputShape),
  slice,
  pad,
  concatenate: (use) => use.emit('Concat', use.inputs, { axis: numberOf(use.node, 'axis') }),
  reverse,
  cumSum: (use) =>
    use.emit(
      'CumSum',
      [use.inputs[0], use.emitter.shared.constant({ int64: [numberOf(use.node, 'axis')], shape: [] })],
      {
        exclusive: flagOf(use.node, 'exclusive') ? 1 : 0,
        reverse: flagOf(use.node, 'reverse') ? 1 : 0,
      },
    ),
}
