// The compiled kernels: builds and memories.
import { describe, expect, it } from 'vitest'
import { bestBuild, compileKernels, instantiateKernels } from '../../../src/backends/wasm/module'

const build = (await bestBuild(false)) ?? 'plain'

describe('the module', () => {
  it('runs with shared memory and, its flag cleared, with private memory', async () => {
    for (const shared of [true, false]) {
      const memory = new WebAssembly.Memory({ initial: 4, maximum: 65536, shared })
      const kernels = await instantiateKernels(await compileKernels(build, shared), memory)
      expect(kernels.scratchBytes()).toBeGreaterThan(0)
      expect(kernels.heapStart()).toBeLessThan(65536)
    }
  })

  it('does not take memory of the other kind', async () => {
    const memory = new WebAssembly.Memory({ initial: 4, maximum: 65536, shared: true })
    await expect(instantiateKernels(await compileKernels(build, false), memory)).rejects.toThrow()
  })

  it('is compiled once', async () => {
    expect(await compileKernels(build, false)).toBe(await compileKernels(build, false))
  })
})
