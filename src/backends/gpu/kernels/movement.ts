// Kernels that move elements: a thread finds out where its element comes from.
import { broadcastStrides, type Shape, sizeOf, stridesOf } from '../../../tensor'
import { Arrays, coordinates, dotted, launch, numeral, requireExact, returning, thread, walk } from './code'
import { type Kernel, type KernelCode, mostArrays, type Operand, type Region, type Target } from './kernel'

/** Reads an operand through strides, one element for each of a shape. */
function strided(target: Target, x: Operand, shape: Shape, strides: readonly number[], offset = 0): Region[] {
  const count = sizeOf(shape)
  requireExact(Math.max(count, sizeOf(x.shape)), 'moving elements')
  const { lines, indices } = walk(thread, shape, [strides])
  const arrays = new Arrays()
  const moved = { ...x, offset: x.offset + offset }
  return [{ slot: launch(target, arrays, count, [...lines, `return ${arrays.read(moved, indices[0])};`]), offset: 0 }]
}

export const copy: Kernel<'copy'> = ({ inputs: [x] }, target) => [copyOf(x, sizeOf(x.shape), target)]

/** A copy of so many elements. */
export function copyOf(place: Region, size: number, target: Target): Region {
  return { slot: target.launch(copyCode(place), [place.slot], size), offset: 0 }
}

/** The code that copies elements from a place on; its one array is the place's slot. */
export function copyCode({ offset }: Region): KernelCode {
  const index = offset === 0 ? thread : `${thread} + ${offset}`
  return { arrays: 1, numbers: 0, body: `return a0[${index}];`, components: 1, bounds: {} }
}

export const transpose: Kernel<'transpose'> = ({ inputs: [x], outputs: [out], attributes }, target) => {
  const permutation = attributes.permutation
  const strides = stridesOf(x.shape)
  return strided(
    target,
    x,
    out.shape,
    permutation.map((axis) => strides[axis]),
  )
}

export const broadcastTo: Kernel<'broadcastTo'> = ({ inputs: [x], outputs: [out] }, target) =>
  strided(target, x, out.shape, broadcastStrides(x.shape, out.shape))

export const slice: Kernel<'slice'> = ({ inputs: [x], outputs: [out], attributes }, target) => {
  const begin = attributes.begin
  const stride = attributes.stride
  const strides = stridesOf(x.shape)
  const offset = strides.reduce((sum, step, axis) => sum + step * begin[axis], 0)
  // A stretch of memory needs no copy: it is read where it lies.
  if (isContiguous(x.shape, out.shape, stride)) return [{ slot: x.slot, offset: x.offset + offset }]
  return strided(
    target,
    x,
    out.shape,
    strides.map((step, axis) => step * stride[axis]),
    offset,
  )
}

/** Whether a slice is one stretch: below the first axis of which it takes more than one index it takes everything. */
function isContiguous(whole: Shape, part: Shape, stride: readonly number[]): boolean {
  const first = part.findIndex((length) => length > 1)
  if (first < 0) return sizeOf(part) === 1
  return part.every(
    (length, axis) => axis < first || (stride[axis] === 1 && (axis === first || length === whole[axis])),
  )
}

export const reverse: Kernel<'reverse'> = ({ inputs: [x], attributes }, target) => {
  const axes = attributes.axes
  const strides = stridesOf(x.shape)
  const from = strides.map((step, axis) => (axes.includes(axis) ? -step : step))
  const offset = axes.reduce((sum, axis) => sum + strides[axis] * Math.max(0, x.shape[axis] - 1), 0)
  return strided(target, x, x.shape, from, offset)
}

export const pad: Kernel<'pad'> = ({ inputs: [x], outputs: [out], attributes }, target) => {
  const before = attributes.before
  const interior = attributes.interior
  const value = returning(attributes.value)
  const count = sizeOf(out.shape)
  requireExact(count, 'padding')
  if (sizeOf(x.shape) === 0) {
    return [{ slot: launch(target, new Arrays(), count, value), offset: 0 }]
  }
  // Axes that are not padded join their neighbours inside.
  const { lines, names } = coordinates(thread, out.shape, 'c')
  const strides = stridesOf(x.shape)
  const tests: string[] = []
  const places: string[] = []
  out.shape.forEach((length, axis) => {
    const step = interior[axis] + 1
    if (before[axis] === 0 && step === 1 && length === x.shape[axis]) {
      places.push(names[axis])
      return
    }
    const from = `(${names[axis]} - ${numeral(before[axis])})`
    lines.push(`const i${axis} = ${step === 1 ? from : `Math.floor((${from} + 0.5) / ${step})`};`)
    tests.push(`i${axis} >= 0`, `i${axis} < ${x.shape[axis]}`)
    if (step > 1) tests.push(`i${axis} * ${step} === ${from}`)
    places.push(`i${axis}`)
  })
  const arrays = new Arrays()
  const read = arrays.read(x, dotted(places, strides))
  const body = tests.length === 0 ? [`return ${read};`] : [`if (${tests.join(' && ')}) { return ${read}; }`, ...value]
  return [{ slot: launch(target, arrays, count, [...lines, ...body]), offset: 0 }]
}

export const concatenate: Kernel<'concatenate'> = ({ inputs, outputs: [out], attributes }, target) => {
  const axis = attributes.axis
  return [
    joined(
      inputs.filter(({ shape }) => sizeOf(shape) > 0),
      axis,
      out.shape,
      target,
    ),
  ]
}

/** Operands side by side along an axis, at least one; more than one launch can read are joined group by group. */
export function joined(parts: readonly Operand[], axis: number, shape: Shape, target: Target): Region {
  if (parts.length === 1) return parts[0]
  if (new Set(parts.map(({ slot }) => slot)).size > mostArrays) {
    const groups: Operand[] = []
    for (let at = 0; at < parts.length; at += mostArrays) {
      const group = parts.slice(at, at + mostArrays)
      const length = group.reduce((sum, part) => sum + part.shape[axis], 0)
      const own = shape.map((n, i) => (i === axis ? length : n))
      groups.push({ shape: own, dtype: group[0].dtype, ...joined(group, axis, own, target) })
    }
    return joined(groups, axis, shape, target)
  }
  const count = sizeOf(shape)
  requireExact(count, 'joining')
  const inner = sizeOf(shape.slice(axis + 1))
  const row = shape[axis] * inner
  const isFirst = sizeOf(shape.slice(0, axis)) === 1
  const { lines, names } = isFirst ? { lines: [], names: ['0', thread] } : coordinates(thread, [count / row, row], 'c')
  const arrays = new Arrays()
  let at = 0
  const body = parts.map((part, i) => {
    const width = part.shape[axis] * inner
    const within = at === 0 ? names[1] : `${names[1]} - ${at}`
    at += width
    const read = arrays.read(part, isFirst ? within : `${names[0]} * ${width} + ${within}`)
    return i === parts.length - 1 ? `return ${read};` : `if (${names[1]} < ${at}) { return ${read}; }`
  })
  return { slot: launch(target, arrays, count, [...lines, ...body]), offset: 0 }
}
