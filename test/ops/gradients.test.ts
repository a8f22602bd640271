// Every primitive that is declared is differentiated somewhere, once and twice, against central differences in float64.

import { describe, expect, test } from 'vitest'
import { allPrimitives, constant, gradients, placeholder, reachable, type Value } from '../../src/graph'
import * as ops from '../../src/ops'
import { jit } from '../../src/runtime'
import { isFloat, type Tensor } from '../../src/tensor'
import { families } from '../conformance/cases'
import { expectClose, expectGradients, floats, weightedSum } from '../support'
import { fc } from '../support/random'

interface Differentiable {
  readonly says: string
  readonly inputs: readonly Tensor[]
  compute(...values: Value[]): Value | readonly Value[]
}

const cell = { from: -1, to: 1 }
const shapesOf = (gates: number): [number[], number[], number[]] => [[2, 2 * gates], [2, 2 * gates], [2 * gates]]
const recurrentInputs = (gates: number): Tensor[] =>
  [[3, 2, 2], [2, 2], ...shapesOf(gates)].map((shape, i) => floats(shape, { ...cell, seed: i + 1 }))

/** What the conformance cases do not differentiate. */
const others: readonly Differentiable[] = [
  {
    says: 'scan',
    inputs: [floats([3, 2], cell), floats([2], cell)],
    compute: (x, start) => {
      const [carries, results] = ops.scan(
        ([h], [row]) => [[ops.tanh(ops.add(h, ops.mul(row, row)))], [ops.mul(h, row)]],
        [start],
        [x],
      )
      return [...carries, ...results]
    },
  },
  {
    says: 'simpleRnn',
    inputs: recurrentInputs(1),
    compute: (x, h0, kernel, recurrentKernel, bias) =>
      ops.simpleRnn({ x, h0, kernel, recurrentKernel, bias, activation: 'tanh' }).ys,
  },
  {
    says: 'gru',
    inputs: recurrentInputs(3),
    compute: (x, h0, kernel, recurrentKernel, bias) =>
      ops.gru({ x, h0, kernel, recurrentKernel, bias, resetAfter: false }).ys,
  },
  {
    says: 'lstm',
    inputs: [...recurrentInputs(4), floats([2, 2], { ...cell, seed: 9 })],
    compute: (x, h0, kernel, recurrentKernel, bias, c0) => {
      const { ys, cn } = ops.lstm({ x, h0, c0, kernel, recurrentKernel, bias })
      return [ys, cn]
    },
  },
  { says: 'ceil and round', inputs: [floats([5])], compute: (x) => ops.mul(ops.add(ops.ceil(x), ops.round(x)), x) },
]

const cases: readonly Differentiable[] = [
  ...families.flatMap(({ name, cases: list }) =>
    list.flatMap((each) => (each.gradient ? [{ ...each, says: `${name}: ${each.name}` }] : [])),
  ),
  ...others,
]

const list = (result: Value | readonly Value[]): readonly Value[] =>
  Array.isArray(result) ? result : [result as Value] // one value or a list of them

/** The gradients of a weighted sum of all results by all float inputs. */
function derivative({ compute }: Differentiable): (...values: Value[]) => Value[] {
  return (...values) => {
    const total = weightedSum(list(compute(...values)))
    const wrt = values.filter(({ dtype }) => isFloat(dtype))
    return gradients([total], [constant(1, total.dtype)], wrt).map((found, i) => found ?? ops.zerosLike(wrt[i]))
  }
}

function primitivesOf(
  { inputs }: Pick<Differentiable, 'inputs'>,
  fn: (...values: Value[]) => Value | readonly Value[],
) {
  const values = inputs.map(({ shape, dtype }) => placeholder(shape, dtype))
  return reachable(list(fn(...values))).filter(({ primitive }) => !primitive.definition.source)
}

const named = (nodes: ReturnType<typeof primitivesOf>): string[] => nodes.map(({ primitive }) => primitive.name)

test('every primitive through which a derivative flows is in a function that is differentiated', () => {
  const covered = new Set(cases.flatMap((each) => named(primitivesOf(each, each.compute))))
  // A gradient that is a primitive itself is differentiated where its function is, twice.
  for (const each of cases) for (const name of named(primitivesOf(each, derivative(each)))) covered.add(name)
  const flows = families.flatMap(({ cases: all }) =>
    all.flatMap((each) =>
      primitivesOf(each, each.compute).filter(
        ({ inputs, outputs }) =>
          inputs.some(({ dtype }) => isFloat(dtype)) && outputs.some(({ dtype }) => isFloat(dtype)),
      ),
    ),
  )
  const withoutFlow = new Set(
    families.flatMap(({ cases: all }) => all.flatMap((each) => named(primitivesOf(each, each.compute)))),
  )
  for (const name of named(flows)) withoutFlow.delete(name)
  const missing = allPrimitives().filter(
    ({ name, definition }) => !definition.source && !covered.has(name) && !withoutFlow.has(name),
  )
  expect(missing.map(({ name }) => name)).toEqual([])
})

test.each(others)('$says has gradients that agree with central differences', async ({ compute, inputs }) => {
  await expectGradients(compute, inputs)
})

test('stopGradient lets no gradient through', async () => {
  const through = derivative({ says: '', inputs: [], compute: (x) => ops.mul(ops.stopGradient(x), x) })
  const found = await jit((x: Value) => through(x), { backend: 'cpu' })([2, 3])
  const plain = await jit((x: Value) => derivative({ says: '', inputs: [], compute: (v) => v })(x), { backend: 'cpu' })(
    [2, 3],
  )
  expectClose(found[0], [2 * plain[0].data[0], 3 * plain[0].data[1]])
})

// ---- second derivatives -------------------------------------------------------------------------------------------

/** The smallest case for each primitive. */
const smallest = new Map<string, Differentiable>()
for (const each of [...cases].sort((a, b) => sizeOf(a) - sizeOf(b))) {
  for (const name of named(primitivesOf(each, each.compute))) if (!smallest.has(name)) smallest.set(name, each)
}

function sizeOf({ inputs }: Differentiable): number {
  return inputs.reduce((sum, { size }) => sum + size, 0)
}

test.each([...new Set(smallest.values())])('$says has second derivatives', async (each) => {
  await expectGradients(derivative(each), each.inputs, { tolerance: 2e-6 })
})

// ---- properties ---------------------------------------------------------------------------------------------------

describe('for any numbers and shapes', () => {
  const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 })
  const seeds = fc.integer({ min: 1, max: 1e6 })
  const runs = { numRuns: 25 }

  test('the gradient of a weighted sum is the weighted sum of the gradients', async () => {
    const functions = [
      ops.sin,
      ops.tanh,
      ops.square,
      (x: Value) => ops.exp(ops.mul(x, 0.5)),
      (x: Value) => ops.softmax(x),
    ]
    const anyFunction = fc.constantFrom(...functions)
    const vector = shapes.filter((shape) => shape.length > 0)
    await fc.assert(
      fc.asyncProperty(
        vector,
        seeds,
        anyFunction,
        anyFunction,
        fc.double({ min: -3, max: 3, noNaN: true }),
        async (shape, seed, f, g, a) => {
          const x = floats(shape, { seed })
          const by = (fn: (v: Value) => Value): Promise<Tensor[]> =>
            jit((v: Value) => derivative({ says: '', inputs: [], compute: fn })(v), { backend: 'cpu' })(x)
          const [whole] = await by((v) => ops.add(ops.mul(f(v), a), g(v)))
          const [[one], [two]] = [await by(f), await by(g)]
          const expected = floats(shape)
          expected.data.set(one.data.map((d, i) => a * d + two.data[i]))
          expectClose(whole, expected, { relative: 1e-4, absolute: 1e-5 })
        },
      ),
      runs,
    )
  })

  test('broadcasting is the same as stretching first, and its gradient is the sum over what was stretched', async () => {
    const pairs = shapes.chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.tuple(...shape.map(() => fc.boolean())),
        fc.integer({ min: 0, max: shape.length }),
        seeds,
      ),
    )
    await fc.assert(
      fc.asyncProperty(pairs, async ([shape, stretched, dropped, seed]) => {
        const small = shape.map((n, axis) => (stretched[axis] ? 1 : n)).slice(dropped)
        const [a, b] = [floats(shape, { seed }), floats(small, { seed: seed + 1 })]
        const run = (fn: (x: Value, y: Value) => Value): Promise<Tensor[]> =>
          jit((x: Value, y: Value) => [fn(x, y), ...derivative({ says: '', inputs: [], compute: fn })(x, y)], {
            backend: 'cpu',
          })(a, b)
        const direct = await run((x, y) => ops.mul(x, y))
        const first = await run((x, y) => ops.mul(x, ops.broadcastTo(y, shape)))
        for (const [i, result] of direct.entries()) expectClose(result, first[i], { relative: 1e-5, absolute: 1e-5 })
        expect(direct[2].shape).toEqual(small)
      }),
      runs,
    )
  })

  test('reshapes and transposes undone give the same numbers, and the same gradient', async () => {
    const cases = shapes.chain((shape) =>
      fc.tuple(
        fc.constant(shape),
        fc.shuffledSubarray(
          shape.map((_, axis) => axis),
          { minLength: shape.length },
        ),
        seeds,
      ),
    )
    await fc.assert(
      fc.asyncProperty(cases, async ([shape, axes, seed]) => {
        const x = floats(shape, { seed })
        const back = axes.map((_, axis) => axes.indexOf(axis))
        const round = (v: Value): Value => {
          const turned = ops.transpose(ops.transpose(v, axes), back)
          return ops.reshape(ops.reshape(turned, [-1]), shape)
        }
        const twice = (v: Value): Value => ops.mul(round(v), round(v))
        const run = (fn: (v: Value) => Value): Promise<Tensor[]> =>
          jit((v: Value) => [fn(v), ...derivative({ says: '', inputs: [], compute: fn })(v)], { backend: 'cpu' })(x)
        const [got, wanted] = [await run(twice), await run((v) => ops.mul(v, v))]
        for (const [i, result] of got.entries()) expectClose(result, wanted[i], { relative: 1e-6, absolute: 1e-6 })
      }),
      runs,
    )
  })
})
