// Hosts that lack what the wasm backend needs: each test loads the library anew, as it is there.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

beforeEach(() => {
  vi.resetModules()
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** What a model says of its backend after it has predicted on 'auto'. */
async function used({ sequential, dense }: typeof import('hornbeam')): Promise<unknown> {
  const model = sequential([dense(2)], { inputShape: [3] })
  await model.predict([[1, 2, 3]])
  return model.backend
}

test("without SIMD 'auto' is cpu, and model.backend says why", async () => {
  vi.spyOn(WebAssembly, 'validate').mockReturnValue(false)
  expect(await used(await import('hornbeam'))).toMatchObject({ name: 'cpu', reason: expect.stringContaining('SIMD') })
})

test("without SIMD 'wasm' is refused", async () => {
  vi.spyOn(WebAssembly, 'validate').mockReturnValue(false)
  const { BackendError, jit, ops } = await import('hornbeam')
  const run = jit((x) => ops.exp(x), { backend: 'wasm' })
  await expect(run([1])).rejects.toThrow(BackendError)
  await expect(run([1])).rejects.toThrow(/no WebAssembly with 128-bit SIMD; use 'cpu' or 'auto'/)
})

test("without WebAssembly 'auto' is cpu", async () => {
  vi.stubGlobal('WebAssembly', undefined)
  try {
    expect(await used(await import('hornbeam'))).toMatchObject({ name: 'cpu' })
  } finally {
    vi.unstubAllGlobals()
  }
})

test("where compiling WebAssembly is forbidden 'auto' is cpu, and model.backend says why", async () => {
  vi.spyOn(WebAssembly, 'compile').mockRejectedValue(new WebAssembly.CompileError('blocked'))
  expect(await used(await import('hornbeam'))).toMatchObject({
    name: 'cpu',
    reason: expect.stringContaining('wasm-unsafe-eval'),
  })
})
