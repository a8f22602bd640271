// The wasm backend: kernels in AssemblyScript with 128-bit SIMD, threads over shared memory. float32, int32 and bool.
// Imports the graph's Program, tensors and errors; nothing of layers or models.
//
// One way through it, in the order to read it:
//   translate.ts, kernels/, emitter.ts   a Program becomes one list of instructions: opcodes, addresses and sizes, and barriers
//   executable.ts, heap.ts               the list, its constants and its arena get their places in the one linear memory
//   machine.ts, remote.ts                a run is one call: in this thread (Node), or by a message to a worker (a page)
//   crew.ts, threads.ts, worker.ts       the other threads; each walks the same list and takes its share of each instruction
//   assembly/                            the kernels; compiled three times (SIMD; SIMD and relaxed fused multiply-add; the same with larger
//                                        tiles, for vectors of 256 bits) by tools/buildWasm.ts
//   generated/, module.ts                the builds and the workers' code, inlined; the engine gets the best one that it runs
import { BackendError, OptionError, requireBoolean } from '../../errors'
import { hasNode, processorCount } from '../../host'
import type { Backend, BackendInfo } from '../backend'
import { load, WasmBuffer } from './executable'
import { lowering } from './lowering'
import { LocalMachine, type Machine } from './machine'
import { type Build, bestBuild, plainBuild } from './module'
import { RemoteMachine } from './remote'
import { whyNotShared } from './sharing'
import { nodeThreads, webThreads } from './threads'
import { checkWide, distrustWide, tellWide, widen } from './wide'

/** The most threads that are started unless more are asked for. */
const mostThreads = 8

/** Options of the backend. */
export interface WasmOptions {
  /** How many threads share the work; by default all processors, at most 8, where the host allows threads. */
  readonly threads?: number
  /**
   * Whether multiplication and addition may be fused, where the engine does that: faster, and with one rounding less, so that results
   * differ in their last bits from those of engines that do not. With `false` they are the same on every host; `true` by default.
   */
  readonly relaxed?: boolean
  /**
   * Whether V8 may join pairs of 128-bit operations: `'auto'` (default) where the process was started with `--experimental-wasm-revectorize` or
   * `HORNBEAM_WIDE=1` is set, `true` switches that on for the whole process (Node 24 or newer, x64). Ask before anything has run on the backend.
   */
  readonly wide?: boolean | 'auto'
}

/** Why vectors of 256 bits are not to be trusted, by whether operations are fused; undefined where they are. */
const trials = new Map<boolean, Promise<string | undefined>>()

/**
 * Makes a wasm backend; it has one memory, in which all that is compiled for it lives.
 *
 * @param whyNotTrusted - tries a backend whose vectors have 256 bits, before anything else runs on it: where it tells a reason, they have 128.
 */
export async function createWasmBackend(
  { threads, relaxed = true, wide = 'auto' }: WasmOptions = {},
  whyNotTrusted?: (backend: Backend) => Promise<string | undefined>,
): Promise<Backend> {
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0)) {
    throw new OptionError(`backend wasm: threads: expected a whole number from 1 on, got ${threads}`)
  }
  requireBoolean('backend wasm', 'relaxed', relaxed)
  checkWide(wide)
  const isWide = widen(wide)
  const backend = await start(threads, relaxed, isWide)
  if (!isWide || whyNotTrusted === undefined) return backend
  const trial = trials.get(relaxed) ?? whyNotTrusted(backend)
  trials.set(relaxed, trial)
  const reason = await trial
  if (reason === undefined) return backend
  distrustWide(reason)
  return start(threads, relaxed, false)
}

async function start(threads: number | undefined, relaxed: boolean, isWide: boolean): Promise<Backend> {
  const machine = await makeMachine(threads, await (relaxed ? bestBuild(isWide) : plainBuild()))
  return {
    name: 'wasm',
    get info(): BackendInfo {
      const { threads, build, heap, details } = machine
      return {
        name: 'wasm',
        threads,
        relaxed: build !== 'plain',
        ...tellWide(isWide),
        bytesInUse: heap.bytes,
        ...details,
      }
    },
    supports: (dtype) => dtype !== 'float64',
    lowering,
    async allocate(_shape, _dtype, data) {
      const buffer = new WasmBuffer(machine, data)
      try {
        await Promise.all([machine.ready(), buffer.write(data)])
      } catch (error) {
        buffer.dispose()
        throw error
      }
      return buffer
    },
    compile: (program, variables) => load(machine, program, variables),
  }
}

async function makeMachine(wanted: number | undefined, build: Build | undefined): Promise<Machine> {
  if (build === undefined) {
    throw new BackendError("backend wasm: this engine has no WebAssembly with 128-bit SIMD; use 'cpu' or 'auto'")
  }
  const threads = wanted ?? Math.min(await processorCount(), mostThreads)
  if (hasNode()) return LocalMachine.make(build, threads, { start: nodeThreads })
  // Where there are no workers there is nowhere else to compute.
  if (typeof Worker !== 'function')
    return LocalMachine.make(build, 1, { reason: 'one thread: this host has no workers' })
  // A worker of the user's may wait, and nobody waits for it: it is the first thread itself.
  if (isDedicatedWorker()) {
    const reason = whyNotShared()
    return reason === undefined
      ? LocalMachine.make(build, threads, { start: webThreads })
      : LocalMachine.make(build, 1, { reason })
  }
  return RemoteMachine.make(build, threads)
}

function isDedicatedWorker(): boolean {
  const scope: unknown = Reflect.get(globalThis, 'DedicatedWorkerGlobalScope')
  return typeof scope === 'function' && globalThis instanceof scope
}
