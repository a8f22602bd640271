// Kernels that move elements: each is a walk from one strided place to another.
import { broadcastStrides, sizeOf, stridesOf } from '../../../tensor'
import type { Language } from '../language'
import type { ArraySlice } from '../layout'
import { indexOf, loops, simplest } from '../nest'
import type { Bound, CodeKernels, Scribe } from '../write'

interface Walk {
  readonly shape: readonly number[]
  readonly from: readonly number[]
  readonly fromOffset?: number
  readonly to: readonly number[]
  readonly toOffset?: number
}

/** Copies a box of elements between strided places. */
export function walk(
  language: Language,
  source: ArraySlice,
  target: ArraySlice,
  { shape, from, fromOffset = 0, to, toOffset = 0 }: Walk,
): string {
  if (sizeOf(shape) === 0) return ''
  const nest = simplest({ shape, strides: [from, to] })
  return loops(language.int, 'i', nest.shape, (variables) => {
    const read = `${source.array}[${indexOf(source.from + fromOffset, nest.strides[0], variables)}]`
    return `${target.array}[${indexOf(target.from + toOffset, nest.strides[1], variables)}]=${read};`
  })
}

/** The first output, of a kernel that is only run for it. */
export function outputOf({ outputs: [output] }: Pick<Bound, 'outputs'>): ArraySlice {
  if (output === undefined) throw new Error('an output that nobody wants is written')
  return output
}

/** Copies all elements in their order. */
export function copyAll(language: Language, source: ArraySlice, target: ArraySlice): string {
  const strides = stridesOf(source.shape)
  return walk(language, source, target, { shape: source.shape, from: strides, to: strides })
}

/** Every element of a place as one number. */
export function fill({ language, need }: Scribe, target: ArraySlice, value: number): string {
  const text = language.number(value)
  if (!Number.isFinite(value)) need(text.replace('-', ''))
  return loops(
    language.int,
    'i',
    [sizeOf(target.shape)],
    ([i]) => `${target.array}[${indexOf(target.from, [1], [i])}]=${text};`,
  )
}

export const movement: CodeKernels = {
  copy: (bound, { language }) => copyAll(language, bound.inputs[0], outputOf(bound)),
  transpose: (bound, { language }) => {
    const [x] = bound.inputs
    const out = outputOf(bound)
    const strides = stridesOf(x.shape)
    const from = bound.attributes.permutation.map((axis) => strides[axis])
    return walk(language, x, out, { shape: out.shape, from, to: stridesOf(out.shape) })
  },
  broadcastTo: (bound, { language }) => {
    const [x] = bound.inputs
    const out = outputOf(bound)
    return walk(language, x, out, {
      shape: out.shape,
      from: broadcastStrides(x.shape, out.shape),
      to: stridesOf(out.shape),
    })
  },
  slice: (bound, { language }) => {
    const [x] = bound.inputs
    const out = outputOf(bound)
    const { begin, stride } = bound.attributes
    const strides = stridesOf(x.shape)
    return walk(language, x, out, {
      shape: out.shape,
      from: strides.map((step, axis) => step * stride[axis]),
      fromOffset: strides.reduce((sum, step, axis) => sum + step * begin[axis], 0),
      to: stridesOf(out.shape),
    })
  },
  pad: (bound, scribe) => {
    const [x] = bound.inputs
    const out = outputOf(bound)
    const { before, interior, value } = bound.attributes
    const strides = stridesOf(out.shape)
    const put = walk(scribe.language, x, out, {
      shape: x.shape,
      from: stridesOf(x.shape),
      to: strides.map((step, axis) => step * (interior[axis] + 1)),
      toOffset: strides.reduce((sum, step, axis) => sum + step * before[axis], 0),
    })
    return `${fill(scribe, out, value)}\n${put}`
  },
  concatenate: (bound, { language }) => {
    const out = outputOf(bound)
    const { axis } = bound.attributes
    const to = stridesOf(out.shape)
    let at = 0
    return bound.inputs
      .map((input) => {
        const toOffset = at * to[axis]
        at += input.shape[axis]
        return walk(language, input, out, { shape: input.shape, from: stridesOf(input.shape), to, toOffset })
      })
      .join('\n')
  },
  reverse: (bound, { language }) => {
    const [x] = bound.inputs
    const out = outputOf(bound)
    const { axes } = bound.attributes
    const strides = stridesOf(x.shape)
    return walk(language, x, out, {
      shape: out.shape,
      from: strides.map((step, axis) => (axes.includes(axis) ? -step : step)),
      fromOffset: axes.reduce((sum, axis) => sum + strides[axis] * (x.shape[axis] - 1), 0),
      to: strides,
    })
  },
}
