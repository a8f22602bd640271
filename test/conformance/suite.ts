// The conformance suite: what every backend must answer, for every primitive. A backend passes when its results agree
// with plain JavaScript and its gradients with the cpu backend's in float64, which agree with central differences.
import { describe, expect, test } from 'vitest'
import type { BackendOption } from '../../src/backends/backend'
import { constant, gradients, type Value } from '../../src/graph'
import { zerosLike } from '../../src/ops'
import { jit } from '../../src/runtime'
import { castTensor, isFloat, type Tensor } from '../../src/tensor'
import { expectClose, expectGradients, type Tolerance, weightedSum } from '../support'
import type { Case } from './case'
import { families } from './cases'

type Float = 'float32' | 'float64'

export interface ConformanceOptions {
  /** The float types the backend computes with; `float32` by default. */
  readonly dtypes?: readonly Float[]
  /** How far float32 results may be off. */
  readonly tolerance?: Tolerance
  /** What is known not to hold on the backend: the name of a case, and why. These cases must fail. */
  readonly exceptions?: Readonly<Record<string, string>>
  /** The cases to run; all by default. */
  readonly only?: ReadonlySet<Case>
}

const tolerances: Readonly<Record<Float, Tolerance>> = {
  float32: { relative: 1e-5, absolute: 1e-6 },
  float64: { relative: 1e-10, absolute: 1e-12 },
}

/** Declares the tests of one backend. */
export function conformance(backend: BackendOption, options: ConformanceOptions = {}): void {
  const { dtypes = ['float32'], tolerance: given = tolerances.float32, exceptions = {}, only } = options
  const unknown = new Set(Object.keys(exceptions))
  const declare = (name: string, body: () => Promise<void>): void => {
    unknown.delete(name)
    if (Object.hasOwn(exceptions, name)) test.fails(`${name} (does not hold: ${exceptions[name]})`, body)
    else test(name, body)
  }
  for (const dtype of dtypes) {
    const own = dtype === 'float32' ? given : tolerances[dtype]
    for (const { name, cases } of families) {
      describe(`${name} (${dtype})`, () => {
        for (const each of only === undefined ? cases : cases.filter((each) => only.has(each))) {
          const tolerance = dtype === 'float32' ? { ...own, ...each.tolerance } : own
          declare(each.name, () => expectResults(each, backend, dtype, tolerance))
          if (each.gradient)
            declare(`${each.name}: the gradient`, () => expectGradient(each, backend, dtype, tolerance))
        }
      })
    }
  }
  if (unknown.size > 0 && only === undefined)
    test('every exception names a case', () => expect([...unknown]).toEqual([]))
}

/** The inputs with floats of the type under test. */
export function inputsOf({ inputs }: Case, dtype: Float): Tensor[] {
  return inputs.map((input) => (isFloat(input.dtype) ? castTensor(input, dtype) : input))
}

async function expectResults(each: Case, backend: BackendOption, dtype: Float, tolerance: Tolerance): Promise<void> {
  const inputs = inputsOf(each, dtype)
  const results = await jit((...values: Value[]) => listOf(each.compute(...values)), { backend })(...inputs)
  const expected = listOf(each.expected(...inputs))
  expect(results.length).toBe(expected.length)
  for (const [i, want] of expected.entries()) {
    const wanted = want.dtype === 'float64' ? castTensor(want, dtype) : want
    expect(results[i].dtype).toBe(wanted.dtype)
    expectClose(results[i], wanted, isFloat(wanted.dtype) ? tolerance : { relative: 0, absolute: 0 }, `result ${i}`)
  }
}

async function expectGradient(each: Case, backend: BackendOption, dtype: Float, tolerance: Tolerance): Promise<void> {
  if (dtype === 'float64') return expectGradients(each.compute, each.inputs)
  const found = await derivatives(each, backend, 'float32')
  const truth = await derivatives(each, 'cpu', 'float64')
  for (const [i, want] of truth.entries()) {
    const scale = Math.max(1, ...Array.from(want.data, Math.abs))
    const absolute = (tolerance.absolute ?? 0) + (tolerance.relative ?? 0) * scale
    expectClose(found[i], castTensor(want, 'float32'), { relative: 0, absolute }, `gradient by float input ${i}`)
  }
}

/** The gradients of a weighted sum of all results by all float inputs. */
async function derivatives(each: Case, backend: BackendOption, dtype: Float): Promise<Tensor[]> {
  const derive = (...values: Value[]): Value[] => {
    const wrt = values.filter((value) => isFloat(value.dtype))
    const total = weightedSum(each.compute(...values))
    return gradients([total], [constant(1, total.dtype)], wrt).map((found, i) => found ?? zerosLike(wrt[i]))
  }
  return jit(derive, { backend })(...inputsOf(each, dtype))
}

export function listOf<T extends Value | Tensor>(one: T | readonly T[]): readonly T[] {
  return Array.isArray(one) ? (one as readonly T[]) : [one as T] // the two halves of its type
}
