// One WebGPU device and what lives on it: memory, compiled kernels, and a count of what was asked of it.
import type { GPU } from 'gpu.js'
import { BackendError } from '../../../errors'
import type { Counters } from '../counters'
import type { KernelCode, SweepCode } from '../kernels'
import { keyOf } from '../source'
import { compileKernel, compileSweep, type DeviceContext, type Pipeline, type SweepPipeline } from './compiler'

// Flags of WebGPU, which has them as globals only where a page or a package put them.
const usage = { mapRead: 0x1, copyFrom: 0x4, copyTo: 0x8, uniform: 0x40, storage: 0x80 } as const
const readMode = 0x1

/** A device until it is lost. */
export class Session {
  readonly device: GPUDevice
  readonly adapter: GPUAdapter
  readonly counters: Counters
  /** Why the device is lost; undefined while it works. */
  lost: string | undefined
  private readonly gpu: GPU
  private readonly kernels = new Map<string, Promise<Pipeline>>()
  private readonly sweeps = new Map<string, Promise<SweepPipeline>>()
  private readonly running: Promise<void>[] = []

  private constructor(gpu: GPU, { device, adapter }: DeviceContext, counters: Counters) {
    this.gpu = gpu
    this.device = device
    this.adapter = adapter
    this.counters = counters
    device.lost.then(({ message, reason }) => {
      this.lost = message || reason || 'no reason given'
    })
  }

  /** Opens a device, or rejects with what gpu.js says. */
  static async open(gpu: GPU, counters: Counters): Promise<Session> {
    const probe: KernelCode = { arrays: 0, numbers: 0, body: 'return 1;', components: 1, bounds: {} }
    return new Session(gpu, await compileKernel(gpu, probe), counters)
  }

  /** The compiled kernel, made the first time. */
  kernel(code: KernelCode): Promise<Pipeline> {
    return this.compiled(this.kernels, keyOf(code), () => compileKernel(this.gpu, code))
  }

  /** The compiled sweep, made the first time. */
  sweep(code: SweepCode): Promise<SweepPipeline> {
    return this.compiled(this.sweeps, `${code.arrays} ${code.wgsl}`, () => compileSweep(this.device, code))
  }

  private compiled<T>(among: Map<string, Promise<T>>, key: string, compile: () => Promise<T>): Promise<T> {
    const known = among.get(key)
    if (known !== undefined) return known
    const made = compile()
    among.set(key, made)
    made.then(
      () => {
        this.counters.kernels++
      },
      () => among.delete(key),
    )
    return made
  }

  /** Does what takes memory. @throws BackendError where the device has none left; what was taken is of no use then. */
  claim<T>(work: () => T): Promise<T> {
    return this.watched('out-of-memory', work, (message) => {
      return `gpu: the device has no memory left (${message}); dispose of models that are done with, or take a smaller batch`
    })
  }

  /** Does what the device may refuse as wrong. @throws BackendError where it does. */
  verify<T>(work: () => T): Promise<T> {
    return this.watched('validation', work, (message) => `gpu: the device refused to run a program: ${message}`)
  }

  private async watched<T>(filter: GPUErrorFilter, work: () => T, say: (message: string) => string): Promise<T> {
    this.device.pushErrorScope(filter)
    let refused: GPUError | null = null
    let result: T
    try {
      result = work()
    } finally {
      refused = await this.device.popErrorScope()
    }
    if (refused === null) return result
    throw new BackendError(say(refused.message))
  }

  /** Takes memory for so many elements. */
  buffer(elements: number, extra = 0): GPUBuffer {
    return this.take(Math.max(4, elements * 4), usage.storage | usage.copyFrom | usage.copyTo | extra)
  }

  /** Memory for parameters. */
  uniforms(bytes: number): GPUBuffer {
    return this.take(bytes, usage.uniform | usage.copyTo)
  }

  private take(size: number, flags: number): GPUBuffer {
    const limit = this.device.limits.maxStorageBufferBindingSize
    if (size > limit) {
      throw new BackendError(
        `gpu: expected at most ${limit} bytes for one tensor on this adapter, got ${size}; take a smaller batch`,
      )
    }
    this.counters.bytesInUse += size
    return this.device.createBuffer({ size, usage: flags })
  }

  /** Gives memory back. */
  free(buffer: GPUBuffer): void {
    this.counters.bytesInUse -= buffer.size
    buffer.destroy()
  }

  upload(buffer: GPUBuffer, data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): void {
    if (data.length === 0) return
    this.device.queue.writeBuffer(buffer, 0, data)
    this.counters.bytesUp += data.byteLength
  }

  submit(encoder: GPUCommandEncoder): void {
    this.device.queue.submit([encoder.finish()])
    this.counters.submits++
  }

  /** Waits such that only a few submits are ahead of the device. */
  async keepPace(): Promise<void> {
    this.running.push(this.device.queue.onSubmittedWorkDone())
    if (this.running.length > 2) await this.running.shift()
  }

  /** Memory that results are read through. */
  staging(elements: number): GPUBuffer {
    return this.take(Math.max(4, elements * 4), usage.mapRead | usage.copyTo)
  }

  /** What lies in staging memory, once everything submitted before has run. */
  async download(staging: GPUBuffer, elements: number): Promise<Float32Array<ArrayBuffer>> {
    await staging.mapAsync(readMode)
    const data = new Float32Array(staging.getMappedRange(0, Math.max(4, elements * 4)).slice(0))
    staging.unmap()
    this.counters.bytesDown += elements * 4
    return data
  }
}
