// Modes of the gpu backend: which run here, what those that do not say, and gpu.js' public kernels in those of the processor.
import { BackendError, dense, gru, lstm, OptionError, sequential, setSeed, tensor } from 'hornbeam'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { BackendOption } from '../../../src/backends/backend'
import { createGpuBackend } from '../../../src/backends/gpu'
import { checkBackendOption } from '../../../src/runtime'
import { describeOnGpu } from '../../support/gpu'

async function losses(backend: BackendOption): Promise<readonly number[]> {
  setSeed(5)
  const model = sequential([lstm(3, { returnSequences: true }), gru(3), dense(1)], { inputShape: [4, 2] })
  model.compile({ optimizer: 'adam', loss: 'meanSquaredError', clipNorm: 1, backend })
  const x = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i * 0.7))
  const y = Float32Array.from({ length: 8 }, (_, i) => Math.cos(i))
  const { history } = await model.fit(tensor(x, [8, 4, 2]), tensor(y, [8, 1]), { epochs: 4, batchSize: 4, verbose: 0 })
  return history.loss
}

describe('modes', () => {
  it.each(['cpu', 'webasm'] as const)(
    '%s trains through the public kernels to the losses of the cpu backend',
    async (mode) => {
      const [ours, wanted] = [await losses({ name: 'gpu', mode }), await losses('cpu')]
      for (const [i, loss] of ours.entries()) expect(loss).toBeCloseTo(wanted[i], 5)
    },
  )

  it.each([
    ['webgl2', /tried webgl2 \(this host has no WebGL 2\)/],
    ['headlessgl', /tried headlessgl \(the package gl.*npm install gl/],
  ] as const)('%s says why it does not run here', async (mode, message) => {
    const failed = await createGpuBackend({ mode }).catch((error: unknown) => error)
    expect(failed).toBeInstanceOf(BackendError)
    expect(String(failed)).toMatch(message)
  })

  it('refuses a mode that is none', () => {
    const wrong = { name: 'gpu', mode: 'webgpuu' } as unknown as BackendOption // what a program without types may pass
    expect(() => checkBackendOption(wrong)).toThrow(OptionError)
    expect(() => checkBackendOption(wrong)).toThrow(/webgpu/)
  })
})

await describeOnGpu('the adapter', () => {
  it('is named, and said to be of software where it is', async () => {
    const { info } = await createGpuBackend()
    expect(info).toMatchObject({ name: 'gpu', mode: 'webgpu' })
    expect(info.adapter).not.toBe('')
    expect(info.software).toBe(/swiftshader|llvmpipe/i.test(String(info.adapter)))
  })

  it('runs gpu.js\u2019 public kernels where gpu.js is another inside than the version that was read', async () => {
    vi.resetModules()
    vi.doMock('../../../src/backends/gpu/webgpu/compiler', async (original) => {
      const real = await original<typeof import('../../../src/backends/gpu/webgpu/compiler')>()
      const compileKernel = () => Promise.reject(new real.UnknownLibraryError('another gpu.js'))
      return { ...real, compileKernel }
    })
    const fresh = await import('hornbeam')
    const model = fresh
      .sequential([fresh.dense(1, { kernelInitializer: 'ones' })])
      .compile({ optimizer: 'sgd', learningRate: 0.1, loss: 'mse', backend: { name: 'gpu', mode: 'webgpu' } })
    expect((await model.predict([[1, 2]])).item()).toBeCloseTo(3, 6)
    expect(await model.trainOnBatch([[1, 2]], [[0]])).toEqual({ loss: expect.closeTo(9, 5) })
    expect(model.backend).toMatchObject({ name: 'gpu', mode: 'webgpu' })
    vi.doUnmock('../../../src/backends/gpu/webgpu/compiler')
  })
})

// Last, since what is loaded after it are other modules than those of the tests above.
describe('without gpu.js', () => {
  afterEach(() => {
    vi.doUnmock('gpu.js')
    vi.resetModules()
  })

  it('says what to install where gpu.js is missing', async () => {
    vi.resetModules()
    vi.doMock('gpu.js', () => {
      throw new Error("Cannot find package 'gpu.js'")
    })
    const { createGpuBackend: create } = await import('../../../src/backends/gpu')
    await expect(create()).rejects.toThrow(/npm install gpu\.js/)
  })
})
