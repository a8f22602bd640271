// Linear recurrences and associative scans, against loops that follow the definitions.
import * as ops from '../../../src/ops'
import { type Shape, sizeOf, Tensor } from '../../../src/tensor'
import { distinct, floats } from '../../support'
import { type Case, type Family, vector } from '../case'

interface Complex {
  readonly re: number
  readonly im: number
}

/** h[t] = a[t] h[t - 1] + b[t], or with `reverse` from the last step on; tensors are given as their parts. */
function recurred(
  a: readonly Tensor[],
  b: readonly Tensor[],
  first: readonly Tensor[] | undefined,
  reverse = false,
): readonly Tensor[] {
  const [steps, ...rest] = b[0].shape
  const width = sizeOf(rest)
  const number = (parts: readonly Tensor[] | undefined, at: number): Complex => ({
    re: parts?.[0].data[at] ?? 0,
    im: parts?.[1]?.data[at] ?? 0,
  })
  const isSame = a[0].rank < b[0].rank || a[0].shape[0] === 1
  const results = b.map(() => new Float64Array(steps * width))
  for (let i = 0; i < width; i++) {
    let h = number(first, i)
    for (let step = 0; step < steps; step++) {
      const t = reverse ? steps - 1 - step : step
      const [f, x] = [number(a, isSame ? i % a[0].size : t * width + i), number(b, t * width + i)]
      h = { re: f.re * h.re - f.im * h.im + x.re, im: f.re * h.im + f.im * h.re + x.im }
      results[0][t * width + i] = h.re
      if (b.length === 2) results[1][t * width + i] = h.im
    }
  }
  return results.map((data) => new Tensor(data, b[0].shape))
}

interface Recurrence {
  readonly shape: Shape
  /** The shape of a, where it is another. */
  readonly factors?: Shape
  readonly starts?: boolean
  readonly reverse?: boolean
  readonly gradient?: boolean
}

const sizes: readonly Recurrence[] = [
  { shape: [5, 3], gradient: true },
  { shape: [4, 2, 3], starts: true, gradient: true },
  { shape: [6, 3], factors: [3], starts: true, gradient: true },
  { shape: [6, 2, 5], factors: [1, 2, 5], starts: true, reverse: true, gradient: true },
  { shape: [7, 2], reverse: true, gradient: true },
  { shape: [1, 4], starts: true, gradient: true },
  { shape: [3], starts: true, gradient: true },
  { shape: [9, 3, 41], starts: true },
  // So long and narrow that time is shared out among threads.
  { shape: [2051, 3], starts: true },
  { shape: [2048, 6], factors: [6] },
]

const named = ({ shape, factors, starts, reverse }: Recurrence): string =>
  `of [${shape.join(', ')}]${factors ? `, a [${factors.join(', ')}]` : ''}${starts ? ', with a state' : ''}${reverse ? ', in reverse' : ''}`

const tolerance = { absolute: 2e-5 }

const realCases = sizes.map((each): Case => {
  const { shape, factors = shape, starts = false, reverse = false, gradient = false } = each
  return {
    name: `linearScan ${named(each)}`,
    inputs: [
      floats(factors, { from: -0.9, to: 0.9 }),
      floats(shape, { seed: 2 }),
      ...(starts ? [floats(shape.slice(1), { seed: 3 })] : []),
    ],
    compute: (a, b, first) => ops.linearScan(a, b, { ...(starts ? { initial: first } : {}), reverse }),
    expected: (a, b, first) => recurred([a], [b], starts ? [first] : undefined, reverse)[0],
    gradient,
    tolerance,
  }
})

const complexCases = sizes.map((each): Case => {
  const { shape, factors = shape, starts = false, reverse = false, gradient = false } = each
  const parts = (of: Shape, seed: number, to = 1) => [0, 1].map((i) => floats(of, { seed: seed + i, from: -to, to }))
  return {
    name: `complexLinearScan ${named(each)}`,
    inputs: [...parts(factors, 1, 0.65), ...parts(shape, 3), ...(starts ? parts(shape.slice(1), 5) : [])],
    compute: (ar, ai, br, bi, hr, hi) =>
      ops.complexLinearScan([ar, ai], [br, bi], { ...(starts ? { initial: [hr, hi] } : {}), reverse }),
    expected: (ar, ai, br, bi, hr, hi) => recurred([ar, ai], [br, bi], starts ? [hr, hi] : undefined, reverse),
    gradient,
    tolerance,
  }
})

/** A running result along the first axis of [steps, width]. */
function running(x: Tensor, f: (before: number, now: number) => number, reverse = false): Tensor {
  const [steps, width] = [x.shape[0], sizeOf(x.shape.slice(1))]
  const data = Float64Array.from(x.data)
  for (let step = 1; step < steps; step++) {
    const [t, before] = reverse ? [steps - 1 - step, steps - step] : [step, step - 1]
    for (let i = 0; i < width; i++) data[t * width + i] = f(data[before * width + i], data[t * width + i])
  }
  return new Tensor(data, x.shape)
}

const associative: readonly Case[] = [
  ...[1, 2, 3, 6, 7, 8].map(
    (steps): Case => ({
      name: `associativeScan of ${steps} steps`,
      inputs: [distinct([steps, 2])],
      compute: (x) => ops.associativeScan(ops.maximum, x),
      expected: (x) => running(x, Math.max),
      gradient: true,
    }),
  ),
  {
    name: 'associativeScan in reverse',
    inputs: [floats([5, 3], { from: 0.5, to: 1.5 })],
    compute: (x) => ops.associativeScan((a, b) => ops.mul(a, b), x, { reverse: true }),
    expected: (x) => running(x, (a, b) => a * b, true),
    gradient: true,
  },
  {
    name: 'associativeScan of a function that minds the order, along another axis',
    inputs: [floats([2, 6])],
    // b + a / 2 of numbers that remember how many halvings they stand behind.
    compute: (x) =>
      ops.associativeScan(
        ([a, m], [b, n]) => [ops.add(ops.mul(a, n), b), ops.mul(m, n)],
        [x, ops.mul(ops.onesLike(x), 0.5)],
        { axis: 1 },
      )[0],
    expected: (x) => {
      const data = Float64Array.from(x.data)
      for (let row = 0; row < 2; row++) for (let i = 1; i < 6; i++) data[row * 6 + i] += data[row * 6 + i - 1] / 2
      return new Tensor(data, x.shape)
    },
    gradient: true,
  },
  {
    name: 'a linear recurrence whose factors are 0 and 1 takes values over as they are',
    inputs: [vector(0.1, 0.7, 1e-3, 5, 0.3)],
    compute: (x) => ops.linearScan([0, 1, 0, 1, 1], ops.mul(x, [1, 0, 1, 0, 0])),
    expected: ({ data: [a, , b] }) => new Tensor(Float64Array.of(a, a, b, b, b), [5]),
    tolerance: { absolute: 0, relative: 0 },
  },
]

export const recurrences: Family = {
  name: 'recurrences',
  cases: [...realCases, ...complexCases, ...associative],
}
