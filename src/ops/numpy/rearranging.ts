// Elements in other places: stacks and splits along certain axes, turns, repeats, diagonals, blocks.
import { ShapeError } from '../../errors'
import { type Operand, toValue, type Value } from '../../graph'
import { formatShape, normalizeAxis, type Shape } from '../../tensor'
import {
  axes,
  axis,
  axisOption,
  length,
  listOfNumbers,
  number,
  numbers,
  oneOrMore,
  optional,
  options,
} from '../declaration/kinds'
import { op } from '../declaration/signature'
import { broadcastTo } from '../elementwise/broadcast'
import { add, equal, mul, where } from '../elementwise/elementwise'
import { type AxisOption, settingOf } from '../elementwise/shorthand'
import { gather, iota } from '../indexing'
import { sum } from '../reduce'
import { concatenate, expandDims, reshape, reverse, slice, squeeze, swapAxes, transpose } from '../shape'

const whole = /* @__PURE__ */ number({ integer: true })
const one = { x: numbers }

/** Puts the values behind those of x along an axis; both as one row where none is given. */
export const append = /* @__PURE__ */ op(
  'append',
  { x: numbers, values: numbers, options: axisOption },
  (x: Operand, values: Operand, given?: AxisOption): Value => {
    const along = settingOf<'axis', number | undefined>(given, 'axis', undefined)
    if (along !== undefined) return concatenate([x, values], along)
    return concatenate([reshape(x, [-1]), reshape(values, [-1])], 0)
  },
)

/** One after the other in a row. */
export const ravel = /* @__PURE__ */ op('ravel', one, (x: Operand): Value => reshape(x, [-1]))

function atLeast(operand: Operand, rank: number): Value {
  const x = toValue(operand)
  if (x.rank >= rank) return x
  if (rank === 1) return reshape(x, [1])
  if (rank === 2) return reshape(x, [1, x.rank === 0 ? 1 : x.shape[0]])
  return expandDims(atLeast(x, 2), -1)
}

/** Below one another: along the first axis, vectors as rows. */
export const vstack = /* @__PURE__ */ op(
  'vstack',
  { values: listOfNumbers },
  (values: readonly Operand[]): Value =>
    concatenate(
      values.map((value) => atLeast(value, 2)),
      0,
    ),
)

/** Beside one another: along the second axis, of vectors along their only one. */
export const hstack = /* @__PURE__ */ op('hstack', { values: listOfNumbers }, (values: readonly Operand[]): Value => {
  const all = values.map((value) => atLeast(value, 1))
  return concatenate(all, (all[0]?.rank ?? 1) === 1 ? 0 : 1)
})

/** Behind one another: along the third axis. */
export const dstack = /* @__PURE__ */ op(
  'dstack',
  { values: listOfNumbers },
  (values: readonly Operand[]): Value =>
    concatenate(
      values.map((value) => atLeast(value, 3)),
      2,
    ),
)

const parts = /* @__PURE__ */ oneOrMore({ from: 0, integer: true })

/** In parts: so many, the first ones longer where they do not divide; or at these places. */
function cut(x: Value, where: number | readonly number[], axis: number): readonly Value[] {
  const total = x.shape[axis]
  const places =
    typeof where === 'number'
      ? Array.from({ length: where - 1 }, (_, i) => {
          const [each, more] = [Math.floor(total / where), total % where]
          return (i + 1) * each + Math.min(i + 1, more)
        })
      : where.map((place) => Math.min(place, total))
  const bounds = [0, ...places, total]
  return bounds.slice(1).map((end, i) => {
    const begin = Math.min(bounds[i], end)
    return slice(
      x,
      x.shape.map((_, a) => (a === axis ? begin : 0)),
      x.shape.map((n, a) => (a === axis ? end - begin : n)),
    )
  })
}

/** In so many parts along an axis (the first by default), which need not divide it. */
export const arraySplit = /* @__PURE__ */ op(
  'arraySplit',
  { x: numbers, parts, options: axisOption },
  (operand: Operand, count: number | readonly number[], given?: AxisOption): readonly Value[] => {
    const x = toValue(operand)
    return cut(x, count, normalizeAxis(settingOf(given, 'axis', 0), x.rank, 'arraySplit'))
  },
)

function splitter(name: string, axisOf: (rank: number) => number, least: number) {
  return op(name, { x: numbers, parts }, (operand: Operand, count: number | readonly number[]): readonly Value[] => {
    const x = toValue(operand)
    if (x.rank < least) throw new ShapeError(`${name}: expected at least ${least} axes, got ${formatShape(x.shape)}`)
    const at = axisOf(x.rank)
    if (typeof count === 'number' && x.shape[at] % count !== 0) {
      throw new ShapeError(`${name}: axis ${at} of ${formatShape(x.shape)} does not divide into ${count} parts`)
    }
    return cut(x, count, at)
  })
}

/** In equal parts along the first axis, or at these places. */
export const vsplit = /* @__PURE__ */ splitter('vsplit', () => 0, 2)
/** In equal parts along the second axis (of a vector its only one), or at these places. */
export const hsplit = /* @__PURE__ */ splitter('hsplit', (rank) => (rank === 1 ? 0 : 1), 1)
/** In equal parts along the third axis, or at these places. */
export const dsplit = /* @__PURE__ */ splitter('dsplit', () => 2, 3)

/** The slices of an axis, one by one, without it; the first axis by default. */
export const unstack = /* @__PURE__ */ op(
  'unstack',
  { x: numbers, options: axisOption },
  (operand: Operand, given?: AxisOption): readonly Value[] => {
    const x = toValue(operand)
    const at = normalizeAxis(settingOf(given, 'axis', 0), x.rank, 'unstack')
    return cut(
      x,
      Array.from({ length: x.shape[at] - 1 }, (_, i) => i + 1),
      at,
    ).map((each) => squeeze(each, at))
  },
)

/** Turned round from left to right: the second axis. */
export const fliplr = /* @__PURE__ */ op('fliplr', one, (x: Operand): Value => reverse(x, 1))
/** Turned round from top to bottom: the first axis. */
export const flipud = /* @__PURE__ */ op('flipud', one, (x: Operand): Value => reverse(x, 0))

/** Axes in other places, the others in their order. */
export const moveAxis = /* @__PURE__ */ op(
  'moveAxis',
  { x: numbers, source: axes, destination: axes },
  (operand: Operand, source: number | readonly number[], destination: number | readonly number[]): Value => {
    const x = toValue(operand)
    const from = [source].flat().map((each) => normalizeAxis(each, x.rank, 'moveAxis'))
    const to = [destination].flat().map((each) => normalizeAxis(each, x.rank, 'moveAxis'))
    if (from.length !== to.length) {
      throw new ShapeError(`moveAxis: expected as many axes to as from, got ${from.length} and ${to.length}`)
    }
    const rest = x.shape.flatMap((_, i) => (from.includes(i) ? [] : [i]))
    const order = x.shape.map((_, i) => {
      const moved = to.indexOf(i)
      return moved >= 0 ? from[moved] : (rest.shift() ?? 0)
    })
    return transpose(x, order)
  },
)

/** Turned by `k` quarters, from the first axis towards the second (of two given ones). */
export const rot90 = /* @__PURE__ */ op(
  'rot90',
  { x: numbers, k: /* @__PURE__ */ optional(whole), axes: /* @__PURE__ */ optional(axes) },
  (operand: Operand, k: number = 1, plane: readonly number[] = [0, 1]): Value => {
    const x = toValue(operand)
    const [first, second] = plane.map((each) => normalizeAxis(each, x.rank, 'rot90'))
    switch (((k % 4) + 4) % 4) {
      case 1:
        return swapAxes(reverse(x, second), first, second)
      case 2:
        return reverse(x, [first, second])
      case 3:
        return reverse(swapAxes(x, first, second), second)
      default:
        return x
    }
  },
)

/** Pushed along axes (all in a row where none is given); what leaves one end comes in at the other. */
export const roll = /* @__PURE__ */ op(
  'roll',
  { x: numbers, shift: axes, axis: /* @__PURE__ */ optional(axes) },
  (operand: Operand, shift: number | readonly number[], along?: number | readonly number[]): Value => {
    const x = toValue(operand)
    if (along === undefined) {
      const by = [shift].flat().reduce((total, each) => total + each, 0)
      return reshape(rolled(reshape(x, [-1]), by, 0), x.shape)
    }
    const list = [along].flat()
    const shifts = [shift].flat()
    return list.reduce(
      (value, each, i) => rolled(value, shifts[i % shifts.length], normalizeAxis(each, x.rank, 'roll')),
      x,
    )
  },
)

function rolled(x: Value, shift: number, at: number): Value {
  const total = x.shape[at]
  const by = total === 0 ? 0 : ((shift % total) + total) % total
  if (by === 0) return x
  const [front, back] = cut(x, [total - by], at)
  return concatenate([back, front], at)
}

/** Each element so many times (or as often as a list says), along an axis; all in a row where none is given. */
export const repeat = /* @__PURE__ */ op(
  'repeat',
  { x: numbers, repeats: parts, options: axisOption },
  (operand: Operand, repeats: number | readonly number[], given?: AxisOption): Value => {
    const along = settingOf<'axis', number | undefined>(given, 'axis', undefined)
    const x = along === undefined ? reshape(operand, [-1]) : toValue(operand)
    const at = normalizeAxis(along ?? 0, x.rank, 'repeat')
    const times = typeof repeats === 'number' ? x.shape[at] : repeats.length
    if (times !== x.shape[at] && times !== 1) {
      throw new ShapeError(`repeat: repeats: expected one number or ${x.shape[at]}, got ${times}`)
    }
    const of = (i: number): number => (typeof repeats === 'number' ? repeats : repeats[times === 1 ? 0 : i])
    const places = Array.from({ length: x.shape[at] }, (_, i) => Array.from({ length: of(i) }, () => i)).flat()
    return gather(x, Int32Array.from(places), at)
  },
)

/** The whole so many times along each axis; axes that are missing come first. */
export const tile = /* @__PURE__ */ op(
  'tile',
  { x: numbers, repeats: parts },
  (operand: Operand, repeats: number | readonly number[]): Value => {
    const x = toValue(operand)
    const given = [repeats].flat()
    const rank = Math.max(given.length, x.rank)
    const times = [...Array.from({ length: rank - given.length }, () => 1), ...given]
    const lengths = [...Array.from({ length: rank - x.rank }, () => 1), ...x.shape]
    const apart = reshape(
      x,
      lengths.flatMap((n) => [1, n]),
    )
    const spread = broadcastTo(
      apart,
      lengths.flatMap((n, i) => [times[i], n]),
    )
    return reshape(
      spread,
      lengths.map((n, i) => n * times[i]),
    )
  },
)

// ---- diagonals ------------------------------------------------------------------------------------------------

const offset = /* @__PURE__ */ optional(whole)

/** Options of `diagonal` and `trace`. */
export interface DiagonalOptions {
  /** Which diagonal: 0 (default) is the main one, positive ones lie above it. */
  readonly offset?: number
  /** The axis of rows; the first by default. */
  readonly axis1?: number
  /** The axis of columns; the second by default. */
  readonly axis2?: number
}

const diagonalOptions = /* @__PURE__ */ options({ offset: whole, axis1: axis, axis2: axis })

/** The elements on a diagonal of two axes, as a new last axis. */
export const diagonal = /* @__PURE__ */ op(
  'diagonal',
  { x: numbers, options: diagonalOptions },
  (operand: Operand, { offset = 0, axis1 = 0, axis2 = 1 }: DiagonalOptions = {}): Value => {
    const x = toValue(operand)
    const [rowAxis, columnAxis] = [normalizeAxis(axis1, x.rank, 'diagonal'), normalizeAxis(axis2, x.rank, 'diagonal')]
    const rest = x.shape.flatMap((_, i) => (i === rowAxis || i === columnAxis ? [] : [i]))
    const [rows, columns] = [x.shape[rowAxis], x.shape[columnAxis]]
    const count = Math.max(0, Math.min(rows - Math.max(0, -offset), columns - Math.max(0, offset)))
    const flat = reshape(transpose(x, [...rest, rowAxis, columnAxis]), [...rest.map((i) => x.shape[i]), rows * columns])
    const first = offset >= 0 ? offset : -offset * columns
    return gather(
      flat,
      Int32Array.from({ length: count }, (_, i) => first + i * (columns + 1)),
      -1,
    )
  },
)

/** The sum of a diagonal. */
export const trace = /* @__PURE__ */ op(
  'trace',
  { x: numbers, options: diagonalOptions },
  (x: Operand, options?: DiagonalOptions): Value => sum(diagonal(x, options), { axis: -1 }),
)

/** A matrix with a vector on its `k`-th diagonal; or, of a matrix, that diagonal. */
export const diag = /* @__PURE__ */ op('diag', { x: numbers, k: offset }, (operand: Operand, k: number = 0): Value => {
  const x = toValue(operand)
  if (x.rank === 2) return diagonal(x, { offset: k })
  if (x.rank === 1) return onDiagonal(x, k)
  throw new ShapeError(`diag: expected a vector or a matrix, got ${formatShape(x.shape)}`)
})

/** A matrix with all elements in a row on its `k`-th diagonal. */
export const diagflat = /* @__PURE__ */ op(
  'diagflat',
  { x: numbers, k: offset },
  (x: Operand, k: number = 0): Value => onDiagonal(reshape(x, [-1]), k),
)

function onDiagonal(x: Value, k: number): Value {
  const size = x.shape[0] + Math.abs(k)
  const [rows, columns] = [expandDims(iota(size), 1), iota(size)]
  const from = gather(x, add(iota(size), Math.min(k, 0)), 0)
  return where(equal(add(rows, k), columns), k >= 0 ? expandDims(gather(x, iota(size), 0), 1) : expandDims(from, 1), 0)
}

// ---- blocks ---------------------------------------------------------------------------------------------------

/** Blocks of an image's pixels as channels: `[batch, height, width, channels]` with sides a `blockSize`-th as long. */
export const spaceToDepth = /* @__PURE__ */ op(
  'spaceToDepth',
  { x: numbers, blockSize: length },
  (operand: Operand, size: number): Value => {
    const x = requireImage(toValue(operand), 'spaceToDepth')
    const [batch, height, width, channels] = x.shape
    if (height % size !== 0 || width % size !== 0) {
      throw new ShapeError(`spaceToDepth: expected sides divisible by ${size}, got ${formatShape(x.shape)}`)
    }
    const blocks = reshape(x, [batch, height / size, size, width / size, size, channels])
    return reshape(transpose(blocks, [0, 1, 3, 2, 4, 5]), [batch, height / size, width / size, size * size * channels])
  },
)

/** Channels as blocks of pixels: the other way round. */
export const depthToSpace = /* @__PURE__ */ op(
  'depthToSpace',
  { x: numbers, blockSize: length },
  (operand: Operand, size: number): Value => {
    const x = requireImage(toValue(operand), 'depthToSpace')
    const [batch, height, width, channels] = x.shape
    if (channels % (size * size) !== 0) {
      throw new ShapeError(`depthToSpace: expected channels divisible by ${size * size}, got ${formatShape(x.shape)}`)
    }
    const blocks = reshape(x, [batch, height, width, size, size, channels / size / size])
    return reshape(transpose(blocks, [0, 1, 3, 2, 4, 5]), [batch, height * size, width * size, channels / size / size])
  },
)

function requireImage(x: Value, where: string): Value {
  if (x.rank === 4) return x
  throw new ShapeError(`${where}: expected [batch, height, width, channels], got ${formatShape(x.shape)}`)
}

/** Overlapping pieces of the last axis, each `sequenceLength` long, every `sequenceStride` elements. */
export const extractSequences = /* @__PURE__ */ op(
  'extractSequences',
  { x: numbers, sequenceLength: length, sequenceStride: length },
  (operand: Operand, size: number, stride: number): Value => {
    const x = toValue(operand)
    const total = x.shape[x.rank - 1]
    const count = Math.max(0, Math.floor((total - size) / stride) + 1)
    const places = Array.from({ length: count }, (_, i) => Array.from({ length: size }, (_, k) => i * stride + k))
    return reshape(gather(x, Int32Array.from(places.flat()), -1), [...x.shape.slice(0, -1), count, size])
  },
)

/** The product of each element of a with all of b: blocks in the places of a's elements. */
export const kron = /* @__PURE__ */ op('kron', { a: numbers, b: numbers }, (left: Operand, right: Operand): Value => {
  const [a, b] = [toValue(left), toValue(right)]
  const rank = Math.max(a.rank, b.rank)
  const widened = (x: Value): Shape => [...Array.from({ length: rank - x.rank }, () => 1), ...x.shape]
  const [outer, inner] = [widened(a), widened(b)]
  const products = mul(
    reshape(
      a,
      outer.flatMap((n) => [n, 1]),
    ),
    reshape(
      b,
      inner.flatMap((n) => [1, n]),
    ),
  )
  return reshape(
    products,
    outer.map((n, i) => n * inner[i]),
  )
})
