import { describe, expect, it } from 'vitest'
import type { Value } from '../../../src/graph'
import { add, cos, gru, lstm, mul, simpleRnn, sin, slice, sum } from '../../../src/ops'
import { type Shape, Tensor } from '../../../src/tensor'
import { fc } from '../../support/random'
import { compute, expectClose, expectGradient, gradientOf, random64, to32 } from './numbers'

interface Sizes {
  readonly steps: number
  readonly batch: number
  readonly features: number
  readonly units: number
}

/** A fused primitive: the shapes of its inputs but the mask, and a call that lists its results. */
interface Case {
  readonly name: string
  shapes(sizes: Sizes): Shape[]
  /** ys, the final states, then what is kept for the gradient. */
  call(inputs: readonly Value[], mask: Value | undefined): Value[]
  /** How many of the results are ys and final states. */
  readonly results: number
  /** How many more are kept for the gradient. */
  readonly kept: number
}

const gruCase = (resetAfter: boolean): Case => ({
  name: `gru ${resetAfter ? 'with' : 'without'} resetAfter`,
  shapes: ({ steps, batch, features, units }) => [
    [steps, batch, features],
    [batch, units],
    [features, 3 * units],
    [units, 3 * units],
    resetAfter ? [2, 3 * units] : [3 * units],
  ],
  call: ([x, h0, kernel, recurrentKernel, bias], mask) => {
    const { ys, hn, gates } = gru({ x, h0, kernel, recurrentKernel, bias, mask, resetAfter })
    return [ys, hn, gates]
  },
  results: 2,
  kept: 1,
})

const simpleCase = (activation: 'tanh' | 'relu'): Case => ({
  name: `simpleRnn with ${activation}`,
  shapes: ({ steps, batch, features, units }) => [
    [steps, batch, features],
    [batch, units],
    [features, units],
    [units, units],
    [units],
  ],
  call: ([x, h0, kernel, recurrentKernel, bias], mask) => {
    const { ys, hn } = simpleRnn({ x, h0, kernel, recurrentKernel, bias, mask, activation })
    return [ys, hn]
  },
  results: 2,
  kept: 0,
})

const cases: readonly Case[] = [
  {
    name: 'lstm',
    shapes: ({ steps, batch, features, units }) => [
      [steps, batch, features],
      [batch, units],
      [batch, units],
      [features, 4 * units],
      [units, 4 * units],
      [4 * units],
    ],
    call: ([x, h0, c0, kernel, recurrentKernel, bias], mask) => {
      const { ys, hn, cn, gates, cells } = lstm({ x, h0, c0, kernel, recurrentKernel, bias, mask })
      return [ys, hn, cn, gates, cells]
    },
    results: 3,
    kept: 2,
  },
  gruCase(true),
  gruCase(false),
  simpleCase('tanh'),
  simpleCase('relu'),
]

const inputsOf = (recurrent: Case, sizes: Sizes, seed = 1): Tensor[] =>
  recurrent.shapes(sizes).map((shape, i) => random64(shape, seed * 10 + i, 0.7))

const maskOf = ({ steps, batch }: Sizes, isKept: (i: number) => boolean): Tensor =>
  new Tensor(
    Uint8Array.from({ length: steps * batch }, (_, i) => Number(isKept(i))),
    [steps, batch],
  )

/** A loss to which every chosen result contributes in a way of its own. */
const lossOf =
  (recurrent: Case, chosen: readonly number[], count: number) =>
  (...inputs: Value[]) => {
    const results = recurrent.call(inputs.slice(0, count), inputs[count])
    const parts = chosen.map((i) => sum(mul(sin(results[i]), cos(mul(results[i], i + 0.5)))))
    return parts.reduce((a, b) => add(a, b))
  }

/** Odd and even sizes, one of everything, and any mask or none. */
const situations = fc
  .record({
    steps: fc.integer({ min: 1, max: 7 }),
    batch: fc.integer({ min: 1, max: 6 }),
    features: fc.integer({ min: 1, max: 5 }),
    units: fc.integer({ min: 1, max: 6 }),
  })
  .chain((sizes) =>
    fc.record({
      sizes: fc.constant(sizes),
      seed: fc.integer({ min: 1, max: 1000 }),
      kept: fc.option(
        fc.array(fc.boolean(), { minLength: sizes.steps * sizes.batch, maxLength: sizes.steps * sizes.batch }),
        { nil: undefined },
      ),
      float: fc.constantFrom('float32', 'float64'),
    }),
  )

describe.each(cases)('$name', (recurrent) => {
  const prepare = ({ sizes, seed, kept, float }: typeof situations extends fc.Arbitrary<infer S> ? S : never) => {
    const inputs = inputsOf(recurrent, sizes, seed).map((t) => (float === 'float32' ? to32(t) : t))
    const masks = kept === undefined ? [] : [maskOf(sizes, (i) => kept[i])]
    return { tensors: [...inputs, ...masks], count: inputs.length, tolerance: float === 'float32' ? 2e-5 : 1e-12 }
  }

  it('gives what its decomposition gives', async () => {
    await fc.assert(
      fc.asyncProperty(situations, async (situation) => {
        const { tensors, count, tolerance } = prepare(situation)
        const fn = (...inputs: Value[]) => recurrent.call(inputs.slice(0, count), inputs[count])
        const [fused, plain] = [await compute(fn, tensors), await compute(fn, tensors, 'plain')]
        for (const [i, tensor] of fused.entries()) expectClose(tensor, plain[i].data, tolerance, `result ${i}`)
      }),
      { numRuns: 40 },
    )
  })

  it('has the gradient of its decomposition, whichever results it comes from', async () => {
    const chosen = fc.subarray(
      Array.from({ length: recurrent.results }, (_, i) => i),
      { minLength: 1 },
    )
    await fc.assert(
      fc.asyncProperty(situations, chosen, async (situation, results) => {
        const { tensors, count, tolerance } = prepare(situation)
        const fn = gradientOf(lossOf(recurrent, results, count))
        const [fused, plain] = [await compute(fn, tensors), await compute(fn, tensors, 'plain')]
        for (const [i, tensor] of fused.entries()) {
          // Sums of many terms: what cancels in one element is as exact as the largest.
          const largest = Math.max(1, ...plain[i].data.map(Math.abs))
          expectClose(tensor, plain[i].data, 10 * tolerance * largest, `gradient ${i}`)
        }
      }),
      { numRuns: 40 },
    )
  })

  const sizes = { steps: 4, batch: 3, features: 2, units: 3 }
  const count = recurrent.shapes(sizes).length
  const everyResult = Array.from({ length: recurrent.results }, (_, i) => i)

  it('has the gradient that differences give', async () => {
    await expectGradient(lossOf(recurrent, everyResult, count), inputsOf(recurrent, sizes))
  })

  it('has it with a mask, too', async () => {
    const mask = maskOf(sizes, (i) => i % 3 !== 1 && i > 0)
    await expectGradient(lossOf(recurrent, everyResult, count), [...inputsOf(recurrent, sizes), mask])
  })

  it('has it for what is kept of the gates', async () => {
    const everything = Array.from({ length: recurrent.results + recurrent.kept }, (_, i) => i)
    await expectGradient(lossOf(recurrent, everything, count), inputsOf(recurrent, sizes))
  })

  it('leaves the state as it was at a masked step, whatever the input', async () => {
    const inputs = inputsOf(recurrent, sizes)
    const hidden = (...values: Value[]) => recurrent.call(values.slice(0, count), values[count]).slice(0, 2)
    const mask = maskOf(sizes, (i) => i >= 2 * sizes.batch)
    const [ys, hn] = await compute(hidden, [...inputs, mask])
    const h0 = Array.from(inputs[1].data)
    expect(Array.from(ys.data).slice(0, 2 * h0.length)).toEqual([...h0, ...h0])
    const later = (...values: Value[]) => hidden(slice(values[0], [2]), ...values.slice(1))
    const [, expected] = await compute(later, inputs)
    expectClose(hn, expected.data, 1e-14)
  })
})

describe('second derivatives of lstm', () => {
  it('are those that differences of the gradient give', async () => {
    const recurrent = cases[0]
    const sizes = { steps: 3, batch: 2, features: 2, units: 2 }
    const loss = lossOf(recurrent, [0, 1, 2], 6)
    const ofGradient = (...inputs: Value[]): Value => {
      const parts = gradientOf(loss)(...inputs).map((part, i) => sum(mul(sin(part), i + 1)))
      return parts.reduce((a, b) => add(a, b))
    }
    await expectGradient(ofGradient, inputsOf(recurrent, sizes))
  })
})

describe('inputs that do not fit', () => {
  it('are named, with the shape expected of them', () => {
    const [x, h0, kernel, recurrentKernel] = inputsOf(gruCase(true), { steps: 2, batch: 3, features: 2, units: 4 })
    const bias = random64([12], 1)
    expect(() => gru({ x, h0, kernel, recurrentKernel, bias })).toThrow(
      /gru: expected a bias of shape \[2, 12\], got \[12\]/,
    )
    expect(() => gru({ x: h0, h0, kernel, recurrentKernel, bias })).toThrow(
      /expected a sequence of shape \[time, batch/,
    )
  })
})
