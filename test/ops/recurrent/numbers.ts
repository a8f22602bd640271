// Helpers for numbers: running a traced function with fused kernels or without, comparing, differentiating by differences.

import { expect } from 'vitest'
import { cpuBackend } from '../../../src/backends/cpu'
import { constant, gradients, placeholder, type Value } from '../../../src/graph'
import { compile } from '../../../src/runtime'
import { castTensor, isFloat, randomNormal, type Shape, Tensor } from '../../../src/tensor'

/** A function of values that gives several. */
export type Traced = (...inputs: Value[]) => readonly Value[]

const fused = new Set(['lstm', 'lstmGradient', 'gru', 'gruGradient', 'simpleRnn', 'simpleRnnGradient'])

/** The cpu backend as if it knew no recurrent kernels: what they decompose into runs instead. */
const plainBackend = {
  ...cpuBackend,
  lowering: {
    ...cpuBackend.lowering,
    supports: (name: string) => !fused.has(name) && cpuBackend.lowering.supports?.(name) !== false,
  },
}

/** What the function gives for these tensors, with the fused kernels or with what they decompose into. */
export async function compute(fn: Traced, tensors: readonly Tensor[], kernels: 'fused' | 'plain' = 'fused') {
  const inputs = tensors.map(({ shape, dtype }) => placeholder(shape, dtype))
  const graph = { inputs, outputs: fn(...inputs), updates: [] }
  const compiled = await compile(graph, kernels === 'fused' ? cpuBackend : plainBackend)
  return compiled.run(tensors)
}

/** A function of the gradients of a scalar function by all inputs that are floats. */
export function gradientOf(fn: (...inputs: Value[]) => Value): Traced {
  return (...inputs) => {
    const loss = fn(...inputs)
    const floats = inputs.filter(({ dtype }) => isFloat(dtype))
    return gradients([loss], [constant(1, loss.dtype)], floats).map((found, i) => {
      if (found === undefined) throw new Error(`the loss does not depend on input ${i}`)
      return found
    })
  }
}

/** Random numbers in float64. */
export function random64(shape: Shape, seed: number, scale = 1): Tensor {
  const drawn = randomNormal(shape, { seed, dtype: 'float64' })
  return new Tensor(
    (drawn.data as Float64Array).map((x) => x * scale),
    shape,
  ) // by its dtype
}

export function to32(tensor: Tensor): Tensor {
  return tensor.dtype === 'float64' ? castTensor(tensor, 'float32') : tensor
}

/** Every element within `tolerance` of what is expected, relative where that is larger than 1. */
export function expectClose(actual: Tensor, expected: ArrayLike<number>, tolerance: number, what = ''): void {
  expect(actual.data.length, what).toBe(expected.length)
  let worst = 0
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual.data[i] - expected[i]) / Math.max(1, Math.abs(expected[i]))
    worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error)
  }
  expect(worst, what).toBeLessThan(tolerance)
}

/** The gradients of a scalar function agree with central differences in float64, relative to the largest of each. */
export async function expectGradient(fn: (...inputs: Value[]) => Value, tensors: readonly Tensor[], tolerance = 1e-6) {
  const found = await compute(gradientOf(fn), tensors)
  const inputs = tensors.map(({ shape, dtype }) => placeholder(shape, dtype))
  const compiled = await compile({ inputs, outputs: [fn(...inputs)], updates: [] }, cpuBackend)
  const at = async (moved: readonly Tensor[]): Promise<number> => (await compiled.run(moved))[0].item()
  const step = 1e-5
  let next = 0
  for (const [k, tensor] of tensors.entries()) {
    if (!isFloat(tensor.dtype)) continue
    const exact = found[next++]
    const differences: number[] = []
    for (let i = 0; i < tensor.size; i++) {
      const by = (h: number) =>
        tensors.map((other, j) => {
          if (j !== k) return other
          const data = Float64Array.from(other.data)
          data[i] += h
          return new Tensor(data, other.shape)
        })
      differences.push(((await at(by(step))) - (await at(by(-step)))) / (2 * step))
    }
    const scale = Math.max(1e-3, ...differences.map(Math.abs))
    const worst = Math.max(0, ...differences.map((value, i) => Math.abs(value - exact.data[i]) / scale))
    expect(worst, `gradient by input ${k}`).toBeLessThan(tolerance)
  }
}
