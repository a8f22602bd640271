// What every primitive says of itself, and that backends and primitives fit together: what a backend does not compute has a
// decomposition that it does.
import { describe, expect, test } from 'vitest'
import type { Backend } from '../../src/backends/backend'
import { cpuBackend } from '../../src/backends/cpu'
import { lowering as gpuLowering } from '../../src/backends/gpu/lowering'
import { lowering as wasmLowering } from '../../src/backends/wasm/lowering'
import { BackendError } from '../../src/errors'
import { allPrimitives, lower, type Program, placeholder, printProgram } from '../../src/graph'
import * as ops from '../../src/ops'
import { selectBackend } from '../../src/runtime'
import { tensor } from '../../src/tensor'

const primitives = allPrimitives().filter(({ definition }) => !definition.source)

describe('every primitive', () => {
  test('has a gradient, or a decomposition to take it from', () => {
    // Of an index and of a derivative's own kernel nobody asks for more.
    const without = primitives.filter(({ definition }) => !definition.gradient && !definition.decompose)
    expect(without.map(({ name }) => name)).toEqual([])
  })

  test('that becomes an instruction says what work it is', () => {
    const silent = primitives.filter(({ name, definition: { scalar, view, work } }) => {
      const isInstruction = !scalar && !view && [cpuBackend.lowering, wasmLowering].some((own) => own.supports?.(name))
      // The work of a loop is that of its body.
      return isInstruction && work === undefined && name !== 'scan'
    })
    expect(silent.map(({ name }) => name)).toEqual([])
  })
})

describe.each([
  ['cpu', cpuBackend.lowering],
  ['wasm', wasmLowering],
  ['gpu', gpuLowering],
] as const)('every primitive, on %s,', (_, { supports }: Backend['lowering']) => {
  test('is computed, or has a decomposition', () => {
    const missing = primitives.filter(
      ({ name, definition: { view, decompose } }) => !view && !supports?.(name) && !decompose,
    )
    expect(missing.map(({ name }) => name)).toEqual([])
  })
})

/** The Program of x > y for some backend. */
function comparison({ supports }: Backend['lowering']): Program {
  const [x, y] = [placeholder([2]), placeholder([2])]
  return lower({ inputs: [x, y], outputs: [ops.greater(x, y)], updates: [] }, { ...(supports && { supports }) })
}

describe('an element-wise primitive that a backend lacks', () => {
  test('reaches it as its decomposition', async () => {
    const program = comparison({
      supports: (name) => name !== 'greater' && cpuBackend.lowering.supports?.(name) === true,
    })
    expect(printProgram(program)).toMatch(/elementwise\(%1, %0\).*\{less\(0 1\)\}/)
    const inputs = [tensor([1, 2]), tensor([0, 3])]
    const executable = await cpuBackend.compile(program, new Map())
    const [output] = await executable.run(inputs)
    expect([...output.data]).toEqual([1, 0])
  })

  test('is a BackendError in a Program that was lowered for another', async () => {
    const wasm = await selectBackend({ name: 'wasm', threads: 1 })
    expect(printProgram(comparison(cpuBackend.lowering))).toContain('{greater(0 1)}')
    await expect(async () => wasm.compile(comparison(cpuBackend.lowering), new Map())).rejects.toThrow(BackendError)
  })
})
