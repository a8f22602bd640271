// What a device refuses, for want of memory or as wrong, is a typed error, and what was taken for it is given back.
import { BackendError, jit, ops, type Value } from 'hornbeam'
import { afterEach, expect, it, vi } from 'vitest'
import { selectBackend } from '../../../src/runtime'
import { describeOnGpu } from '../../support/gpu'

/** Has the device refuse all memory, as one that is full would. */
function fillMemory(): void {
  const scopes: string[] = []
  const { pushErrorScope, popErrorScope } = GPUDevice.prototype
  vi.spyOn(GPUDevice.prototype, 'pushErrorScope').mockImplementation(function (this: GPUDevice, filter) {
    scopes.push(filter)
    return pushErrorScope.call(this, filter)
  })
  vi.spyOn(GPUDevice.prototype, 'popErrorScope').mockImplementation(async function (this: GPUDevice) {
    const filter = scopes.pop()
    const found = await popErrorScope.call(this)
    return filter === 'out-of-memory' ? ({ message: 'full' } as GPUError) : found // all that is read of it
  })
}

await describeOnGpu('a device without memory left', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('says so, and holds nothing of what failed', async () => {
    const backend = await selectBackend({ name: 'gpu', mode: 'webgpu' })
    const doubled = jit((x: Value) => ops.mul(x, 2), { backend: { name: 'gpu', mode: 'webgpu' } })
    const before = backend.info.bytesInUse
    fillMemory()
    const failed = await doubled([1, 2]).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(BackendError)
    expect(String(failed)).toMatch(/no memory left \(full\)/)
    expect(backend.info.bytesInUse).toBe(before)
    vi.restoreAllMocks()
    expect((await doubled([1, 2])).toArray()).toEqual([2, 4])
  })
})

await describeOnGpu('a device that refuses commands', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  it('is an error, not a result of zeros', async () => {
    const doubled = jit((x: Value) => ops.mul(x, 2), { backend: { name: 'gpu', mode: 'webgpu' } })
    vi.spyOn(GPUComputePassEncoder.prototype, 'setBindGroup').mockImplementation(() => undefined)
    await expect(doubled([1, 2])).rejects.toThrow(/refused to run a program/)
    vi.restoreAllMocks()
    expect((await doubled([1, 2])).toArray()).toEqual([2, 4])
  })
})
