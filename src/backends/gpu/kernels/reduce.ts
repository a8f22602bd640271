// Reductions: a thread walks over the elements of its result. Long walks are cut into pieces, which are reduced in turn.
import { type Shape, sizeOf, stridesOf } from '../../../tensor'
import { merged } from '../../boxes'
import { Arrays, coordinates, dotted, launch, numeral, requireExact, thread } from './code'
import type { Kernel, Operand, Region, Target } from './kernel'

/** A reduction as source text: where it starts, and what an element `x` does to the result so far, `s`. */
interface Rule {
  readonly start: string
  readonly step: string
}

const largest = 'let s = -3.4028234663852886e38 * (this.thread.x + 2.5);'
const rules: Readonly<Record<'sum' | 'prod' | 'max' | 'min', Rule>> = {
  sum: { start: 'let s = 0;', step: 's = s + x;' },
  prod: { start: 'let s = 1;', step: 's = s * x;' },
  // Written such that NaN stays: every comparison with it is false.
  max: { start: largest, step: 's = (s > x) ? s : ((x >= s) ? x : (s + x));' },
  min: { start: largest.replace('-', ''), step: 's = (s < x) ? s : ((x <= s) ? x : (s + x));' },
}

/** Walks longer than this are cut into pieces. */
const longest = 512

function reduction(rule: Rule): Kernel<'sum' | 'prod' | 'max' | 'min'> {
  return ({ inputs: [x], attributes }, target) => {
    requireExact(sizeOf(x.shape), 'a reduction')
    const axes = attributes.axes
    const strides = stridesOf(x.shape)
    const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
    const outer = boxOf(kept, x.shape, strides)
    const inner = boxOf(axes, x.shape, strides)
    const length = sizeOf(inner.dims)
    if (length <= longest) return [walkAll(rule, x, outer, inner, target)]
    const pieces = Math.ceil(Math.sqrt(length))
    const partial = walkPieces(rule, x, outer, inner, pieces, target)
    const count = sizeOf(outer.dims)
    const operand = { shape: [count, pieces], dtype: x.dtype, ...partial }
    const rows = { dims: [count], strides: [pieces] }
    return [walkAll(rule, operand, rows, { dims: [pieces], strides: [1] }, target)]
  }
}

export const sum = reduction(rules.sum)
export const prod = reduction(rules.prod)
export const max = reduction(rules.max)
export const min = reduction(rules.min)

interface Axes {
  readonly dims: readonly number[]
  readonly strides: readonly number[]
}

function boxOf(axes: readonly number[], shape: Shape, strides: readonly number[]): Axes {
  const { dims, strides: own } = merged(
    axes.map((axis) => shape[axis]),
    [axes.map((axis) => strides[axis])],
  )
  return { dims, strides: own[0] }
}

/** One thread for each result. */
function walkAll(rule: Rule, x: Operand, outer: Axes, inner: Axes, target: Target): Region {
  const { lines, names } = coordinates(thread, outer.dims, 'c')
  const within = coordinates('l', inner.dims, 'd')
  const arrays = new Arrays()
  const read = arrays.read(x, `base + ${dotted(within.names, inner.strides)}`)
  const body = [
    ...lines,
    `const base = ${dotted(names, outer.strides)} + 0;`,
    rule.start,
    'for (let l = 0; l < this.constants.L; l++) {',
    ...within.lines,
    `const x = ${read};`,
    rule.step,
    '}',
    'return s;',
  ]
  const slot = launch(target, arrays, sizeOf(outer.dims), body, { bounds: { L: sizeOf(inner.dims) } })
  return { slot, offset: 0 }
}

/** One thread for each piece of each result's walk. */
function walkPieces(rule: Rule, x: Operand, outer: Axes, inner: Axes, pieces: number, target: Target): Region {
  const length = sizeOf(inner.dims)
  const each = Math.ceil(length / pieces)
  const { lines, names } = coordinates(thread, [...outer.dims, pieces], 'c')
  const within = coordinates('at', inner.dims, 'd')
  const arrays = new Arrays()
  const read = arrays.read(x, `base + ${dotted(within.names, inner.strides)}`)
  const body = [
    ...lines,
    `const base = ${dotted(names.slice(0, -1), outer.strides)} + 0;`,
    `const first = ${names[names.length - 1]} * ${each};`,
    rule.start,
    'for (let l = 0; l < this.constants.L; l++) {',
    'const at = first + l;',
    `if (at < ${length}) {`,
    ...within.lines,
    `const x = ${read};`,
    rule.step,
    '}',
    '}',
    'return s;',
  ]
  const slot = launch(target, arrays, sizeOf(outer.dims) * pieces, body, { bounds: { L: each } })
  return { slot, offset: 0 }
}

function argReduction(better: '>' | '<'): Kernel<'argMax' | 'argMin'> {
  return ({ inputs: [x], outputs: [out], attributes }, target) => {
    requireExact(sizeOf(x.shape), 'a reduction')
    const axis = attributes.axis
    const length = x.shape[axis]
    const step = stridesOf(x.shape)[axis]
    const { lines, names } = coordinates(thread, [sizeOf(x.shape.slice(0, axis)), step], 'c')
    const arrays = new Arrays()
    const body = [
      ...lines,
      `const base = ${dotted(names, [step * length, 1])} + 0;`,
      `let held = ${arrays.read(x, 'base')};`,
      'let best = 0;',
      'for (let l = 0; l < this.constants.L; l++) {',
      `const x = ${arrays.read(x, `base + l * ${numeral(step)}`)};`,
      // The first NaN wins, as in NumPy: it equals nothing, not even itself.
      `if (held === held) { if (x ${better} held) { best = l; held = x; } else { if (x === x) { held = held + 0; } else { best = l; held = x; } } }`,
      '}',
      'return best;',
    ]
    const slot = launch(target, arrays, sizeOf(out.shape), body, { bounds: { L: length } })
    return [{ slot, offset: 0 }]
  }
}

export const argMax = argReduction('>')
export const argMin = argReduction('<')
