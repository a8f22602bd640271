// gpu.js as a compiler from JavaScript to WGSL. This reads what gpu.js 2.24.1 does not promise to keep (the kernel behind a
// kernel function: its pipeline, its layouts, its device), here and nowhere else; test/backends/gpu/compiler.test.ts
// holds it to that.
import type { GPU } from 'gpu.js'
import { BackendError } from '../../../errors'
import type { KernelCode, SweepCode } from '../kernels'
import { exampleArguments, settingsOf, sourceOf } from '../source'

/** A sweep ready to be dispatched. Bindings: arrays, output. */
export interface SweepPipeline {
  readonly pipeline: GPUComputePipeline
  readonly layout: GPUBindGroupLayout
}

/** A kernel ready to be dispatched, in workgroups of `workgroup` threads. Bindings: parameters, arrays, output. */
export interface Pipeline extends SweepPipeline {
  /** Bytes of the parameters: threads, 1, 1, threads a row of the dispatch, then the numbers at `numberOffsets`. */
  readonly parameterBytes: number
  readonly numberOffsets: readonly number[]
}

/** Threads in a workgroup of a kernel with one axis. */
export const workgroup = 64

/** The device that gpu.js has, shared by all that is compiled. */
export interface DeviceContext {
  readonly device: GPUDevice
  readonly adapter: GPUAdapter
}

/** What of the kernel behind a kernel function is used. */
interface Internals {
  build(...args: unknown[]): Promise<void>
  destroy(): void
  readonly computePipeline: GPUComputePipeline | null
  readonly bindGroupLayout: GPUBindGroupLayout | null
  readonly paramsLayout: {
    readonly byteLength: number
    readonly scalarArgs: readonly { readonly offset: number }[]
  } | null
  readonly context: DeviceContext | null
  readonly componentCount: number
  readonly workgroupSize: readonly number[]
}

/** What was found inside gpu.js is not what version 2.24.1 has there. */
export class UnknownLibraryError extends BackendError {}

/** Compiles a kernel. @throws UnknownLibraryError for a gpu.js that is another inside. */
export async function compileKernel(gpu: GPU, code: KernelCode): Promise<Pipeline & DeviceContext> {
  const shortcut = gpu.createKernel(sourceOf(code), settingsOf(code, 1))
  const kernel = shortcut.kernel as unknown as Internals // what gpu.js keeps there, see above
  await kernel.build(...exampleArguments(code))
  const { computePipeline: pipeline, bindGroupLayout: layout, paramsLayout, context } = kernel
  const isKnown =
    pipeline &&
    layout &&
    paramsLayout &&
    context &&
    kernel.workgroupSize[0] === workgroup &&
    kernel.workgroupSize[1] === 1
  if (!isKnown || kernel.componentCount !== code.components) {
    throw new UnknownLibraryError('gpu: this gpu.js does not compile as version 2.24.1 does; install gpu.js@2.24.1')
  }
  // The kernel's own buffers are of no use here; pipeline and layout outlive it.
  kernel.destroy()
  return {
    pipeline,
    layout,
    parameterBytes: paramsLayout.byteLength,
    numberOffsets: paramsLayout.scalarArgs.map(({ offset }) => offset),
    device: context.device,
    adapter: context.adapter,
  }
}

/** Compiles a sweep, which is WGSL already. */
export async function compileSweep(device: GPUDevice, { arrays, wgsl }: SweepCode): Promise<SweepPipeline> {
  const visibility = 0x4 // compute; WebGPU has its flags as globals only where a page or a package put them
  const types: GPUBufferBindingType[] = [
    ...Array.from({ length: arrays }, () => 'read-only-storage' as const),
    'storage',
  ]
  const layout = device.createBindGroupLayout({
    entries: types.map((type, binding) => ({ binding, visibility, buffer: { type } })),
  })
  const declared = types.map((type, i) => {
    const [access, name] = type === 'storage' ? ['read_write', 'result'] : ['read', `a${i}`]
    return `@group(0) @binding(${i}) var<storage, ${access}> ${name}: array<f32>;`
  })
  const code = [...declared, wgsl].join('\n')
  const pipeline = await device.createComputePipelineAsync({
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
  })
  return { pipeline, layout }
}
