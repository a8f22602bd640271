// The gpu backend: gpu.js compiles kernels from JavaScript; on WebGPU they run in an executor of our own, one submit a step.
// Imports the graph's Program, tensors and errors; nothing of layers or models.
import { BackendError } from '../../errors'
import type { Backend } from '../backend'
import { openHandles } from './handles'
import { type GpuMode, type Library, loadLibrary, provideWebGpu } from './library'
import { openWebGpu, UnknownLibraryError } from './webgpu'

/** Options of the backend. */
export interface GpuOptions {
  /** By default the first that works of webgpu, webgl2 and headlessgl; webasm and cpu run only when named. */
  readonly mode?: GpuMode
}

/** Makes a gpu backend. @throws BackendError when gpu.js is missing, or no mode works; it says what was tried. */
export async function createGpuBackend({ mode }: GpuOptions = {}): Promise<Backend> {
  const library = await loadLibrary()
  const modes: readonly GpuMode[] = mode === undefined ? ['webgpu', 'webgl2', 'headlessgl'] : [mode]
  const tried: string[] = []
  for (const each of modes) {
    try {
      return await open(library, each)
    } catch (error) {
      tried.push(`${each} (${error instanceof Error ? error.message.split('\n')[0] : String(error)})`)
    }
  }
  throw new BackendError(`backend gpu: expected a mode that works here; tried ${tried.join(', ')}`)
}

async function open(library: Library, mode: GpuMode): Promise<Backend> {
  if (mode !== 'webgpu') return openHandles(library, mode)
  const missing = await provideWebGpu()
  if (missing !== undefined) throw new BackendError(missing)
  try {
    return await openWebGpu(library)
  } catch (error) {
    // A gpu.js that has changed inside still has its public kernels: the same numbers, by more submits a step.
    if (error instanceof UnknownLibraryError) return openHandles(library, mode)
    throw error
  }
}
