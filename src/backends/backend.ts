// The contract between the engine and what computes. A backend is given Programs (plain data) and runs them; it knows
// nothing of layers, models or gradients.
import type { Program } from '../graph'
import type { DType, Shape, Tensor } from '../tensor'

/** The backends by name; `auto` is the fastest that runs everywhere here without a GPU. */
export type BackendName = 'cpu' | 'wasm' | 'gpu'

/** How a user asks for a backend: a name, or a record with its options. */
export type BackendOption =
  | 'auto'
  | BackendName
  | { readonly name: 'auto' | 'cpu' }
  | {
      readonly name: 'wasm'
      readonly threads?: number
      readonly relaxed?: boolean
      readonly wide?: boolean | 'auto'
    }
  | { readonly name: 'gpu'; readonly mode?: 'webgpu' | 'webgl2' | 'headlessgl' | 'webasm' | 'cpu' }

/** What is in use: `name`, and whatever else the backend has to tell (threads, adapter, mode ...). */
export interface BackendInfo {
  readonly name: BackendName
  readonly [detail: string]: string | number | boolean
}

/** A place on the backend for the content of a variable. */
export interface DeviceBuffer {
  /** The content, copied to the host. */
  read(): Tensor | Promise<Tensor>
  /** Replaces the content; the tensor has the buffer's shape and type. */
  write(data: Tensor): void | Promise<void>
  /** Frees the memory; the buffer is not used again. */
  dispose(): void
}

/** A compiled Program. */
export interface Executable {
  /**
   * Runs once: fills the inputs, computes, updates the variables in place, and gives the outputs. Calls do not
   * overlap: the caller waits for one before it starts the next. A call that fails leaves the variables' buffers in
   * an unspecified state only when it reports a lost device (BackendError).
   *
   * @param inputs - one tensor for each of the Program's inputs, with exactly its shape and type.
   * @returns new tensors on the host (never views of the backend's memory).
   */
  run(inputs: readonly Tensor[]): Tensor[] | Promise<Tensor[]>
  /** Bytes this executable holds on the device for itself: constants, instructions (not the variables). */
  readonly bytes: number
  /** Bytes it needs while it runs, of memory that all executables of the backend share. */
  readonly arenaBytes: number
  dispose(): void
}

/** Something that computes Programs. */
export interface Backend {
  readonly name: BackendName
  readonly info: BackendInfo
  /** The element types it can compute with. */
  supports(dtype: DType): boolean
  /**
   * What it wants of lowering: which primitives, fused and element-wise ones, it computes itself (the others reach it as
   * their decomposition, where they have one), and how far element-wise chains may grow.
   */
  readonly lowering: {
    readonly supports?: (primitiveName: string) => boolean
    readonly maxBuffers?: number
    readonly maxSteps?: number
  }
  /** Makes a buffer for a variable. */
  allocate(shape: Shape, dtype: DType, data: Tensor): DeviceBuffer | Promise<DeviceBuffer>
  /**
   * Remembers the present content of buffers on the host: a backend whose device can be lost goes on from there. Called
   * at the end of each epoch.
   */
  keep?(buffers: readonly DeviceBuffer[]): Promise<void>
  /**
   * Compiles a Program. `variables` gives the buffer of each storage of kind `variable`, by the storage's index; the
   * executable reads and writes them in place from then on.
   */
  compile(program: Program, variables: ReadonlyMap<number, DeviceBuffer>): Executable | Promise<Executable>
}
