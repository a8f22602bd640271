// What the backend knows of gpu.js 2.24.1 and relies on, or works around. Where one of these fails after gpu.js was raised, a
// rule in src/backends/gpu may have become needless, or wrong.
import { expect, it } from 'vitest'
import type { KernelCode } from '../../../src/backends/gpu/kernels'
import { loadLibrary } from '../../../src/backends/gpu/library'
import { settingsOf, sourceOf } from '../../../src/backends/gpu/source'
import { compileKernel } from '../../../src/backends/gpu/webgpu/compiler'
import { describeOnGpu } from '../../support/gpu'

await describeOnGpu('gpu.js on webgpu', () => {
  const gpu = loadLibrary().then(({ GPU }) => new GPU({ mode: 'webgpu' }))
  const code = (body: string, rest: Partial<KernelCode> = {}): KernelCode => ({
    arrays: 1,
    numbers: 0,
    components: 1,
    bounds: {},
    body,
    ...rest,
  })
  const run = async (kernel: KernelCode, threads: number, ...args: unknown[]): Promise<number[]> => {
    const call = (await gpu).createKernel(sourceOf(kernel), settingsOf(kernel, threads)) as unknown as (
      ...given: unknown[]
    ) => Promise<Float32Array> // of one axis, on webgpu
    return [...(await call(...args))]
  }

  it('ends a loop where a constant says, but any other silently after loopMaxIterations', async () => {
    const ones = new Float32Array(5000).fill(1)
    const body = (bound: string): string => `let s = 0; for (let i = 0; i < ${bound}; i++) { s += a0[i]; } return s;`
    const bounds = { N: 5000 }
    expect(await run(code(body('this.constants.N'), { bounds }), 1, ones)).toEqual([5000])
    expect(await run(code(body('n0'), { numbers: 1 }), 1, ones, 5000)).toEqual([1000])
    // settingsOf raises the limit to the largest bound.
    expect(await run(code(body('n0'), { numbers: 1, bounds }), 1, ones, 5000)).toEqual([5000])
  })

  it('reads at most 7 arrays', async () => {
    const sum = (n: number) =>
      code(`return ${Array.from({ length: n }, (_, i) => `a${i}[0]`).join(' + ')};`, { arrays: n })
    const arrays = (n: number) => Array.from({ length: n }, (_, i) => Float32Array.of(i + 1))
    expect(await run(sum(7), 1, ...arrays(7))).toEqual([28])
    await expect(run(sum(8), 1, ...arrays(8))).rejects.toThrow()
  })

  it('finds NaN unequal to itself only by asking for equality', async () => {
    const body = 'const x = a0[this.thread.x]; if (x !== x) { return 2; } return x === x ? 1 : 0;'
    expect(await run(code(body), 2, Float32Array.of(NaN, 3))).toEqual([0, 1])
  })

  it('has functions of numbers that are wrong far out or near 0, and ours are not', async () => {
    const at = async (body: string, ...x: number[]) => run(code(`return ${body};`), x.length, Float32Array.from(x))
    expect(await at('Math.tanh(a0[this.thread.x])', 100)).toEqual([NaN])
    expect(await at('exactTanh(a0[this.thread.x])', 100, -100)).toEqual([1, -1])
    expect((await at('Math.log1p(a0[this.thread.x])', 1e-9))[0]).toBe(0)
    expect((await at('exactLog1p(a0[this.thread.x])', 1e-9))[0]).toBeCloseTo(1e-9, 15)
    const [ours] = await at('exactPow(0.999, a0[this.thread.x])', 1000)
    expect(Math.abs(ours / Math.fround(0.999) ** 1000 - 1)).toBeLessThan(1e-6)
  })

  it('keeps whole numbers whole only in arguments of functions', async () => {
    // (x + y) mod 2^32 of two numbers above 2^24, exact.
    const body = 'return threefry0(this.thread.x | 0, 1 | 0, 2 | 0, 3 | 0) >>> 8;'
    const { threefry } = await import('../../../src/tensor')
    const words = new Uint32Array(2)
    const wanted = Array.from({ length: 5 }, (_, i) => {
      threefry(2, 3, i, 1, words)
      return words[0] >>> 8
    })
    expect(await run(code(body, { arrays: 0 }), 5)).toEqual(wanted)
  })

  it('compiles to a pipeline that runs in an encoder of our own: 200 dependent dispatches, one submit, exact', async () => {
    const { pipeline, layout, parameterBytes, device } = await compileKernel(
      await gpu,
      code('return a0[this.thread.x] * 0.5 + 1;'),
    )
    const size = 256
    const make = (usage: number, bytes = size * 4) => device.createBuffer({ size: bytes, usage })
    const parameters = make(0x48, parameterBytes)
    device.queue.writeBuffer(parameters, 0, Uint32Array.of(size, 1, 1, size))
    const [a, b, out] = [make(0x8c), make(0x8c), make(0x9)]
    const start = Float32Array.from({ length: size }, (_, i) => i)
    device.queue.writeBuffer(a, 0, start)
    const bind = (from: GPUBuffer, to: GPUBuffer) =>
      device.createBindGroup({
        layout,
        entries: [parameters, from, to].map((buffer, binding) => ({ binding, resource: { buffer } })),
      })
    const turns = [bind(a, b), bind(b, a)]
    const encoder = device.createCommandEncoder()
    const pass = encoder.beginComputePass()
    pass.setPipeline(pipeline)
    for (let i = 0; i < 200; i++) {
      pass.setBindGroup(0, turns[i % 2])
      pass.dispatchWorkgroups(size / 64)
    }
    pass.end()
    encoder.copyBufferToBuffer(a, 0, out, 0, size * 4)
    device.queue.submit([encoder.finish()])
    await out.mapAsync(1)
    const expected = start.map((x) => {
      let y = x
      for (let i = 0; i < 200; i++) y = Math.fround(y * 0.5 + 1)
      return y
    })
    expect([...new Float32Array(out.getMappedRange())]).toEqual([...expected])
    for (const buffer of [a, b, out, parameters]) buffer.destroy()
  })
})
