// What runs instructions: memory, the kernels, and threads. This one computes where it is called, with worker threads beside it
// where there are any; remote.ts has one that lives in a worker of a page.
import { BackendError } from '../../errors'
import type { DType, Shape, Tensor, TypedArray } from '../../tensor'
import { allocate, Tensor as HostTensor, sizeOf } from '../../tensor'
import { Arena } from '../arena'
import { Crew, type Threads } from './crew'
import { Heap, mostPages } from './heap'
import { type Build, compileKernels, instantiateKernels, type Kernels } from './module'
import type { CrewOrder } from './threads'
import type { Translation } from './translate'

/** Elements for an address. */
export interface Write {
  readonly at: number
  readonly dtype: DType
  readonly data: TypedArray
}

/** A tensor in memory. */
export interface Read {
  readonly at: number
  readonly shape: Shape
  readonly dtype: DType
}

/** Instructions to run: what is put into memory before, and what is wanted of it after. */
export interface Job {
  readonly code: number
  /** Whether all threads share the work. */
  readonly onAll: boolean
  readonly writes: readonly Write[]
  readonly reads: readonly Read[]
}

/** Memory and what computes on it. Addresses are in bytes. A machine is synchronous in all it does with memory, or in nothing. */
export interface Machine {
  readonly build: Build
  /** How many threads share the work. */
  readonly threads: number
  /** Further things to tell of it. */
  readonly details: Readonly<Record<string, string>>
  readonly heap: Heap
  /** What all programs need while they run, somewhere in the heap. */
  readonly arena: Arena<number, Translation>
  /** The module; only its functions that say sizes are called from outside. */
  readonly kernels: Kernels
  /** Resolves when memory reaches as far as the heap believes. @throws BackendError where it does not. */
  ready(): Promise<void>
  /** Starts all threads, before the first job for them. */
  enlist(): Promise<void>
  write(write: Write): void | Promise<void>
  read(read: Read): Tensor | Promise<Tensor>
  run(job: Job): Tensor[] | Promise<Tensor[]>
}

/** Pages of memory to begin with. */
export const firstPages = 64

/** Memory to begin with. Hosts with few addresses refuse shared memory that may grow large; they get one that may grow less. */
export function makeMemory(shared: boolean): WebAssembly.Memory {
  for (let maximum = mostPages; ; maximum /= 2) {
    try {
      return new WebAssembly.Memory({ initial: firstPages, maximum, shared })
    } catch (cause) {
      if (maximum <= firstPages) throw new BackendError('backend wasm: this host has no memory to give', { cause })
    }
  }
}

/** Bytes of scratch a thread gets: a whole number of cache lines, so that threads do not share one. */
export function scratchBytes(kernels: Kernels): number {
  return Math.ceil(kernels.scratchBytes() / 64) * 64
}

/** An arena in a heap. */
export function arenaIn(heap: Heap): Arena<number, Translation> {
  return new Arena(
    (bytes) => heap.allocate(bytes),
    (address) => heap.free(address),
  )
}

/** The machine that computes in the calling thread. */
interface Made {
  readonly build: Build
  readonly memory: WebAssembly.Memory
  readonly kernels: Kernels
  readonly threads: number
  readonly start: ThreadStarter
  readonly reason: string | undefined
}

export class LocalMachine implements Machine {
  readonly build: Build
  readonly threads: number
  readonly heap: Heap
  readonly arena: Arena<number, Translation>
  readonly kernels: Kernels
  readonly details: Readonly<Record<string, string>>
  private readonly scratch: number
  private readonly crew: Crew
  /** All of memory; made anew when it grows, which leaves its old buffer behind. */
  private floats: Float32Array
  private words: Int32Array

  private constructor({ build, memory, kernels, threads, start, reason }: Made) {
    this.build = build
    this.details = reason === undefined ? {} : { reason }
    this.kernels = kernels
    this.threads = threads
    this.floats = new Float32Array(memory.buffer)
    this.words = new Int32Array(memory.buffer)
    this.heap = new Heap(kernels.heapStart(), memory.buffer.byteLength, (pages) => {
      memory.grow(pages)
      this.floats = new Float32Array(memory.buffer)
      this.words = new Int32Array(memory.buffer)
    })
    this.arena = arenaIn(this.heap)
    const bytes = scratchBytes(kernels)
    this.scratch = this.heap.allocate(threads * bytes)
    this.crew = new Crew(
      () => start((thread) => this.scratch + thread * bytes),
      () => kernels.forgetThreads(),
    )
  }

  /**
   * @param others - `start` starts the other threads, none for a machine of one thread; `reason` is why there is one, where more could
   *   have been expected.
   */
  static async make(
    build: Build,
    threads: number,
    { start, reason }: { readonly start?: (order: CrewOrder) => Promise<Threads>; readonly reason?: string } = {},
  ): Promise<LocalMachine> {
    const shared = start !== undefined && threads > 1
    const module = await compileKernels(build, shared)
    const memory = makeMemory(shared)
    const kernels = await instantiateKernels(module, memory, () => machine.crew.lookAfter())
    const machine: LocalMachine = new LocalMachine({
      build,
      memory,
      kernels,
      threads: shared ? threads : 1,
      start: async (scratch) => (start === undefined ? noThreads : start({ module, memory, threads, scratch })),
      reason,
    })
    return machine
  }

  async ready(): Promise<void> {
    // Memory has grown, or thrown, when the heap asked for it.
  }

  enlist(): Promise<void> {
    return this.crew.enlist()
  }

  write({ at, dtype, data }: Write): void {
    const all = dtype === 'float32' ? this.floats : this.words
    all.set(data, at / 4)
  }

  read({ at, shape, dtype }: Read): Tensor {
    const [start, end] = [at / 4, at / 4 + sizeOf(shape)]
    if (dtype === 'float32') return new HostTensor(this.floats.slice(start, end), shape, dtype)
    if (dtype === 'int32') return new HostTensor(this.words.slice(start, end), shape, dtype)
    const data = allocate(dtype, end - start)
    data.set(this.words.subarray(start, end))
    return new HostTensor(data, shape, dtype)
  }

  run(job: Job): Tensor[] | Promise<Tensor[]> {
    const isReady = !job.onAll || this.threads === 1 || this.crew.isThere
    return isReady ? this.runNow(job) : this.enlist().then(() => this.runNow(job))
  }

  private runNow({ code, onAll, writes, reads }: Job): Tensor[] {
    for (const write of writes) this.write(write)
    if (onAll && this.threads > 1) this.kernels.runOnAll(code, this.threads, this.scratch)
    else this.kernels.run(code, 0, 1, this.scratch)
    return reads.map((read) => this.read(read))
  }
}

/** Starts the other threads, given where each one's scratch lies. */
type ThreadStarter = (scratch: (thread: number) => number) => Promise<Threads>

const noThreads: Threads = { areWhole: () => true, areAlive: () => true, end: async () => undefined }
