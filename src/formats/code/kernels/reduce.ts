// Products of matrices, and reductions: sums are kept in double precision while they grow.
import { broadcastStrides, stridesOf } from '../../../tensor'
import type { Language } from '../language'
import type { ArraySlice } from '../layout'
import { indexOf, loops, simplest } from '../nest'
import type { Bound, CodeKernel, CodeKernels, Scribe } from '../write'
import { outputOf } from './movement'

/** A matrix in memory, as `mm` takes it. */
export interface Matrix {
  readonly place: ArraySlice
  /** The first element: a number, or code that gives one. */
  readonly from: number | string
}

/** c = a b + beta c for a of m by k, whose rows lie `row` apart and elements `column`, and whole rows of b and c. */
export function multiply(
  { language, need }: Scribe,
  a: Matrix & { readonly row: number; readonly column: number },
  b: Matrix,
  c: Matrix,
  [m, n, k]: readonly [number, number, number],
  beta: 0 | 1,
): string {
  const name = language.name === 'c' && c.place.dtype === 'float64' ? 'mmd' : 'mm'
  need(name)
  const operands = [a.place.array, a.from, a.row, a.column, b.place.array, b.from, c.place.array, c.from, m, n, k, beta]
  return `${name}(${operands.join()});`
}

const matmul: CodeKernel<'matmul'> = (bound, scribe) => {
  const { language, memory } = scribe
  const [a, b] = bound.inputs
  const c = outputOf(bound)
  const { transposeA, transposeB } = bound.attributes
  const [m, n] = c.shape.slice(-2)
  const k = a.shape[a.shape.length - (transposeA ? 2 : 1)]
  const [row, column] = transposeA ? [1, m] : [k, 1]
  const batch = c.shape.slice(0, -2)
  const strides = (shape: readonly number[], size: number): number[] =>
    broadcastStrides(shape.slice(0, -2), batch).map((stride) => stride * size)
  const nest = simplest({
    shape: batch,
    strides: [strides(a.shape, m * k), strides(b.shape, k * n), stridesOf(batch).map((stride) => stride * m * n)],
  })
  const packed = transposeB ? memory.scratch([k, n], b.dtype) : undefined
  return loops(language.int, 'b', nest.shape, (variables) => {
    const [fromA, fromB, fromC] = [a, b, c].map(({ from }, i) => indexOf(from, nest.strides[i], variables))
    const right: Matrix = packed === undefined ? { place: b, from: fromB } : { place: packed, from: packed.from }
    const turn =
      packed === undefined
        ? ''
        : loops(language.int, 'i', [n, k], ([i, j]) => {
            const to = indexOf(packed.from, [1, n], [i, j])
            return `${packed.array}[${to}]=${b.array}[${fromB}+${i}*${k}+${j}];`
          })
    const left = { place: a, from: fromA, row, column }
    return `${turn}${multiply(scribe, left, right, { place: c, from: fromC }, [m, n, k], 0)}`
  })
}

/** Makes each element of the result of the elements over the axes. */
function reduction(
  start: string,
  take: (language: Language, element: string) => string,
  needs: readonly string[] = [],
) {
  return (bound: Bound<'sum' | 'prod' | 'max' | 'min'>, { language, need }: Scribe): string => {
    need(...needs)
    const [x] = bound.inputs
    const out = outputOf(bound)
    const { axes } = bound.attributes
    const strides = stridesOf(x.shape)
    const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
    const lengths = (all: readonly number[]): number[] => all.map((axis) => x.shape[axis])
    const steps = (all: readonly number[]): number[] => all.map((axis) => strides[axis])
    const outer = simplest({ shape: lengths(kept), strides: [steps(kept), stridesOf(out.shape)] })
    const inner = simplest({ shape: lengths(axes), strides: [steps(axes)] })
    return loops(language.int, 'i', outer.shape, (places) => {
      const base = indexOf(x.from, outer.strides[0], places)
      const all = loops(language.int, 'j', inner.shape, (within) =>
        take(language, `${x.array}[${indexOf(base, inner.strides[0], within)}]`),
      )
      return `${language.double} s=${start};${all}${out.array}[${indexOf(out.from, outer.strides[1], places)}]=s;`
    })
  }
}

const argReduction =
  (sign: '>' | '<') =>
  (bound: Bound<'argMax' | 'argMin'>, { language }: Scribe): string => {
    const { int, double } = language
    const [x] = bound.inputs
    const out = outputOf(bound)
    const { axis } = bound.attributes
    const length = x.shape[axis]
    const strides = stridesOf(x.shape)
    const kept = x.shape.map((_, i) => i).filter((i) => i !== axis)
    const nest = simplest({
      shape: kept.map((i) => x.shape[i]),
      strides: [kept.map((i) => strides[i]), stridesOf(out.shape)],
    })
    return loops(int, 'i', nest.shape, (places) => {
      const base = indexOf(x.from, nest.strides[0], places)
      // The first NaN wins, as in NumPy.
      return `${int} k=0;${double} s=${x.array}[${base}];
for(${int} j=1;j<${length};j++){
${double} v=${x.array}[${base}+j*${strides[axis]}];
if(s==s&&(v${sign}s||v!=v)){s=v;k=j;}
}
${out.array}[${indexOf(out.from, nest.strides[1], places)}]=k;`
    })
  }

export const reduce: CodeKernels = {
  matmul,
  sum: reduction('0', (_, element) => `s+=${element};`),
  prod: reduction('1', (_, element) => `s*=${element};`),
  max: reduction('-INFINITY', (_, element) => `s=max(s,${element});`, ['max', 'INFINITY']),
  min: reduction('INFINITY', (_, element) => `s=min(s,${element});`, ['min', 'INFINITY']),
  argMax: argReduction('>'),
  argMin: argReduction('<'),
}
