// What runs instructions: memory, the kernels, and threads. This one computes where it is called, with worker threads beside it
// where there are any; remote.ts has one that lives in a worker of a page.
import type { DType, Shape, Tensor, TypedArray } from '../../tensor'
import { allocate, Tensor as HostTensor } from '../../tensor'
import { Heap } from './heap'
import { type Build, compileKernels, instantiateKernels, type Kernels } from './module'
import type { Crew } from './threads'

/** Memory and what computes on it. Addresses are in bytes. */
export interface Machine {
  readonly build: Build
  /** How many threads share the work. */
  readonly threads: number
  readonly heap: Heap
  /** The module; only its functions that say sizes are called from outside. */
  readonly kernels: Kernels
  /** Copies elements into memory. */
  write(at: number, dtype: DType, data: TypedArray): void | Promise<void>
  /** Copies elements out of memory. */
  read(at: number, shape: Shape, dtype: DType): Tensor | Promise<Tensor>
  /** Runs instructions, on all threads or on one. */
  run(code: number, onAll: boolean): void | Promise<void>
}

/** Pages of memory to begin with. */
const firstPages = 64
const mostPages = 65536

/** The machine that computes in the calling thread. */
export class LocalMachine implements Machine {
  readonly build: Build
  readonly threads: number
  readonly heap: Heap
  readonly kernels: Kernels
  private readonly memory: WebAssembly.Memory
  private readonly scratch: number

  private constructor(build: Build, memory: WebAssembly.Memory, kernels: Kernels, threads: number) {
    this.build = build
    this.memory = memory
    this.kernels = kernels
    this.threads = threads
    this.heap = new Heap(kernels.heapStart(), memory.buffer.byteLength, (pages) => memory.grow(pages))
    this.scratch = this.heap.allocate(threads * this.scratchBytes)
  }

  /** @param crew - makes the other threads; none for a machine of one thread. */
  static async make(build: Build, threads: number, crew?: Crew): Promise<LocalMachine> {
    const shared = crew !== undefined && threads > 1
    const module = await compileKernels(build, shared)
    const memory = new WebAssembly.Memory({ initial: firstPages, maximum: mostPages, shared })
    const machine = new LocalMachine(build, memory, await instantiateKernels(module, memory), shared ? threads : 1)
    if (shared) await crew({ module, memory, threads, scratch: (thread) => machine.scratchOf(thread) })
    return machine
  }

  write(at: number, dtype: DType, data: TypedArray): void {
    this.view(at, dtype, data.length).set(data)
  }

  read(at: number, shape: Shape, dtype: DType): Tensor {
    const count = shape.reduce((product, length) => product * length, 1)
    const data = allocate(dtype, count)
    data.set(this.view(at, dtype, count))
    return new HostTensor(data, shape, dtype)
  }

  run(code: number, onAll: boolean): void {
    if (onAll && this.threads > 1) this.kernels.runOnAll(code, this.threads, this.scratch)
    else this.kernels.run(code, 0, 1, this.scratch)
  }

  /** A whole number of cache lines, so that threads do not share one. */
  private get scratchBytes(): number {
    return Math.ceil(this.kernels.scratchBytes() / 64) * 64
  }

  private scratchOf(thread: number): number {
    return this.scratch + thread * this.scratchBytes
  }

  /** Elements in memory; made anew each time, because a memory that grows leaves its old buffer behind. */
  private view(at: number, dtype: DType, count: number): Float32Array | Int32Array {
    const { buffer } = this.memory
    return dtype === 'float32' ? new Float32Array(buffer, at, count) : new Int32Array(buffer, at, count)
  }
}
