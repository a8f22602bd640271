// The compiled kernels as modules: which build the engine can run, and with shared or private memory.
import { BackendError } from '../../errors'
import { hasNode } from '../../host'
import { fuses } from './fusing'
import { mustCompileAnew } from './wide'

/** What the module exports; addresses and sizes are in bytes. */
export interface Kernels {
  /** Runs the instructions at `code`, as thread number `thread` of `threads`. */
  run(code: number, thread: number, threads: number, scratch: number): void
  /** As `run`, as the first of all threads: those that serve join in. */
  runOnAll(code: number, threads: number, scratch: number): void
  /** The life of every other thread. */
  serve(thread: number, scratch: number): void
  /** Forgets who waits for whom: while no thread but the first is there. */
  forgetThreads(): void
  /** Says that a thread has ended: a first thread in a worker of a page looks at it with `isBroken`. */
  breakOff(): void
  isBroken(): boolean
  /** Where the memory that the module itself uses ends. */
  heapStart(): number
  /** Bytes of scratch every thread needs. */
  scratchBytes(): number
  /** The longest row a recurrent sweep takes: features and units together, the units of a GRU twice. */
  longestRow(): number
  lstmForwardWorkspace(batch: number, features: number, units: number): number
  lstmBackwardWorkspace(steps: number, batch: number, features: number, units: number): number
  gruForwardWorkspace(batch: number, features: number, units: number): number
  gruBackwardWorkspace(steps: number, batch: number, features: number, units: number): number
  simpleForwardWorkspace(batch: number, features: number, units: number): number
  simpleBackwardWorkspace(steps: number, batch: number, features: number, units: number): number
  linearScanWorkspace(width: number, blocks: number): number
  reduceWorkspace(outer: number, length: number, inner: number): number
  sortWorkspace(rows: number, length: number): number
  attentionWorkspace(keys: number, length: number, width: number): number
  attentionGradientWorkspace(queries: number, length: number, width: number): number
}

/** `relaxed` has fused multiply-add, `plain` 128-bit SIMD alone; `wide` is `relaxed` for engines that join its vectors. */
export type Build = 'plain' | 'relaxed' | 'wide'

const binaries = {
  plain: () => import('./generated/plain'),
  relaxed: () => import('./generated/relaxed'),
  wide: () => import('./generated/wide'),
}

const decoded = new Map<Build, Promise<Uint8Array<ArrayBuffer>>>()
const modules = new Map<string, Promise<WebAssembly.Module>>()

/** The bytes of a build: of all, a page loads the one that it runs. */
function bytesOf(build: Build): Promise<Uint8Array<ArrayBuffer>> {
  const known = decoded.get(build)
  if (known !== undefined) return known
  const made = decode(build)
  decoded.set(build, made)
  return made
}

async function decode(build: Build): Promise<Uint8Array<ArrayBuffer>> {
  const { packed } = await binaries[build]()
  const text = atob(packed)
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i)
  return unpacked(bytes)
}

async function unpacked(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  if (hasNode()) {
    const { inflateSync } = await import('node:zlib')
    return new Uint8Array(inflateSync(bytes))
  }
  if (typeof DecompressionStream !== 'function') {
    throw new BackendError(
      "backend wasm: expected an engine that unpacks, got none with DecompressionStream; use 'cpu'",
    )
  }
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

/** Whether this engine runs the build, and as it is meant: one that does not fuse has nothing of the relaxed one. */
export async function canRun(build: Build): Promise<boolean> {
  if (typeof WebAssembly !== 'object' || (build !== 'plain' && !(await fuses()))) return false
  return WebAssembly.validate(await bytesOf(build))
}

/** The best build for this engine, which may join vectors or not; undefined where it has no SIMD at all. */
export async function bestBuild(isWide: boolean): Promise<Build | undefined> {
  const fused = isWide ? 'wide' : 'relaxed'
  return (await canRun(fused)) ? fused : plainBuild()
}

/** The build that rounds alike on every engine; undefined where there is no SIMD at all. */
export async function plainBuild(): Promise<Build | undefined> {
  return (await canRun('plain')) ? 'plain' : undefined
}

/** Compiles a build, once. The module imports shared memory, or private memory, which every host allows. */
export function compileKernels(build: Build, shared: boolean): Promise<WebAssembly.Module> {
  const isAnew = mustCompileAnew()
  const key = `${build} ${shared} ${isAnew}`
  const known = modules.get(key)
  if (known !== undefined) return known
  const made = bytesOf(build).then((bytes) => {
    const fitting = shared ? bytes : withPrivateMemory(bytes)
    return compileBytes(isAnew ? asAnother(fitting) : fitting)
  })
  modules.set(key, made)
  return made
}

/** The same module in other bytes, with a section that says nothing (0, its length, a name): of equal bytes V8 uses the code that it has. */
function asAnother(module: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const section = [0, 2, 1, 'n'.charCodeAt(0)]
  const bytes = new Uint8Array(module.length + section.length)
  bytes.set(module)
  bytes.set(section, module.length)
  return bytes
}

async function compileBytes(bytes: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes)
  } catch (cause) {
    throw new BackendError(
      "backend wasm: this host does not let WebAssembly be compiled (in a page, its content security policy must allow 'wasm-unsafe-eval')",
      { cause },
    )
  }
}

/**
 * An instance of a compiled build over a memory.
 *
 * @param lookAfterThreads - called from time to time while it waits for other threads; what it throws ends the waiting.
 */
export async function instantiateKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  lookAfterThreads: () => void = () => undefined,
): Promise<Kernels> {
  const instance = await WebAssembly.instantiate(module, { env: { memory, lookAfterThreads } })
  // The shape of the module is ours: it is built from assembly/index.ts.
  return instance.exports as unknown as Kernels
}

/**
 * Clears the `shared` flag of the one memory a module imports. A module's sections are an identifier, a length and a
 * content each; the import section (2) holds functions and the memory: two names, a kind and a description each.
 */
function withPrivateMemory(module: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bytes = module.slice()
  let at = 8
  const number = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const section = bytes[at++]
    const length = number()
    const end = at + length
    if (section === 2) {
      const imports = number()
      for (let i = 0; i < imports; i++) {
        for (let name = 0; name < 2; name++) {
          const characters = number()
          at += characters
        }
        const kind = bytes[at++]
        if (kind === 2) {
          bytes[at] &= ~2
          return bytes
        }
        // A function, by the number of its type.
        if (kind !== 0) break
        number()
      }
      break
    }
    at = end
  }
  throw new BackendError('wasm: the compiled kernels import no memory')
}
