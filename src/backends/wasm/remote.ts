// The machine of a page: memory and kernels live in a worker, which is sent what to do, so that the page stays free. Where the page
// is cross-origin isolated the memory is shared, with more workers beside the first.
import { allocate, type DType, type Shape, sizeOf, Tensor, type TypedArray } from '../../tensor'
import type { Arena } from '../arena'
import { Crew, type Threads } from './crew'
import { doesNotGrow, Heap, mostPages, pageBytes } from './heap'
import { arenaIn, firstPages, type Job, type Machine, makeMemory, type Read, scratchBytes, type Write } from './machine'
import { type Build, compileKernels, instantiateKernels, type Kernels } from './module'
import { notShared, whyNotShared } from './sharing'
import { OrderNotTaken, startWebHost, type WebHost, webThreads } from './threads'
import type { Translation } from './translate'
import type { Request, WantedElements } from './worker'

/** The machine that computes in a worker of the page. */
export class RemoteMachine implements Machine {
  readonly build: Build
  readonly threads: number
  readonly details: Readonly<Record<string, string>>
  readonly heap: Heap
  readonly arena: Arena<number, Translation>
  readonly kernels: Kernels
  private readonly host: WebHost
  private readonly crew: Crew
  private growing: Promise<void> = Promise.resolve()

  private constructor(made: Made) {
    this.build = made.build
    this.threads = made.threads
    this.details = made.details
    this.heap = made.heap
    this.arena = arenaIn(made.heap)
    this.kernels = made.kernels
    this.host = made.host
    this.crew = new Crew(made.start, () => made.kernels.forgetThreads())
  }

  /** @param wanted - how many threads; without shared memory there is one. */
  static async make(build: Build, wanted: number): Promise<RemoteMachine> {
    const reason = whyNotShared()
    if (reason !== undefined) return RemoteMachine.start(build, 1, reason)
    try {
      return await RemoteMachine.start(build, wanted, undefined)
    } catch (error) {
      if (!(error instanceof OrderNotTaken)) throw error
      return RemoteMachine.start(build, 1, notShared(error))
    }
  }

  /** @param reason - why memory is not shared; undefined where it is. */
  private static async start(build: Build, threads: number, reason: string | undefined): Promise<RemoteMachine> {
    const shared = reason === undefined
    const module = await compileKernels(build, shared)
    // Where it is not shared, the memory here is only there for the functions that say sizes.
    const memory = makeMemory(shared)
    const kernels = await instantiateKernels(module, memory)
    const growBy = (pages: number): void => {
      if (shared) memory.grow(pages)
      else machine.growBy(pages)
    }
    const heap = new Heap(kernels.heapStart(), memory.buffer.byteLength, growBy)
    const bytes = scratchBytes(kernels)
    const scratch = heap.allocate(threads * bytes)
    const own = { initial: firstPages, maximum: mostPages }
    const host = await startWebHost({ kind: 'host', module, memory: shared ? memory : own, threads, scratch })
    const start = (): Promise<Threads> =>
      webThreads({ module, memory, threads, scratch: (thread) => scratch + thread * bytes }, () => kernels.breakOff())
    const machine = new RemoteMachine({
      build,
      threads,
      details: { runsIn: 'worker', ...(reason === undefined ? {} : { reason }) },
      heap,
      kernels,
      host,
      start,
    })
    return machine
  }

  ready(): Promise<void> {
    return this.growing
  }

  enlist(): Promise<void> {
    return this.threads === 1 ? Promise.resolve() : this.crew.enlist()
  }

  async write(write: Write): Promise<void> {
    await this.ask({ writes: [sent(write)] })
  }

  async read(read: Read): Promise<Tensor> {
    const [elements] = await this.ask({ reads: [wanted(read)] })
    return received(read, elements)
  }

  async run({ code, onAll, writes, reads }: Job): Promise<Tensor[]> {
    const together = onAll && this.threads > 1
    if (together && !this.crew.isThere) await this.crew.enlist()
    const elements = await this.ask({
      writes: writes.map(sent),
      run: { code, onAll: together },
      reads: reads.map(wanted),
    })
    return reads.map((read, i) => received(read, elements[i]))
  }

  /** Memory that only the worker has grows later: `ready` tells whether it did. */
  private growBy(pages: number): void {
    const { bytes, end } = this.heap
    const growing = this.ask({ growBy: pages }).then(
      () => undefined,
      (cause) => {
        this.heap.limit(end)
        throw doesNotGrow(pages * pageBytes, end, bytes, cause)
      },
    )
    this.growing = growing
    // Whoever asked for the memory awaits it by then; nobody else needs to hear, now or later.
    growing.catch(() => {
      if (this.growing === growing) this.growing = Promise.resolve()
    })
  }

  private ask(request: Request): Promise<readonly TypedArray[]> {
    return this.host.ask(
      request,
      (request.writes ?? []).map(({ data }) => data.buffer as ArrayBuffer), // copies made by `sent`
    )
  }
}

interface Made extends Pick<Machine, 'build' | 'threads' | 'details' | 'heap' | 'kernels'> {
  readonly host: WebHost
  readonly start: () => Promise<Threads>
}

/** A copy in the type that memory has, to be handed over. */
function sent({ at, dtype, data }: Write): { at: number; data: TypedArray } {
  return { at, data: dtype === 'float32' ? new Float32Array(data) : new Int32Array(data) }
}

function wanted({ at, shape, dtype }: { at: number; shape: Shape; dtype: DType }): WantedElements {
  return { at, word: dtype === 'float32' ? 'float32' : 'int32', count: sizeOf(shape) }
}

function received({ shape, dtype }: Read, elements: TypedArray): Tensor {
  if (dtype !== 'bool') return new Tensor(elements, shape, dtype)
  const bytes = allocate('bool', elements.length)
  bytes.set(elements)
  return new Tensor(bytes, shape, dtype)
}
