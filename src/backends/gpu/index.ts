// The gpu backend: gpu.js compiles kernels from JavaScript; on WebGPU they run in an executor of our own, one submit a step.
// Imports the graph's Program, tensors and errors; nothing of layers or models.
import { BackendError } from '../../errors'
import type { Backend, BackendInfo } from '../backend'
import { newCounters } from './counters'
import { kernels } from './kernels'
import { loadLibrary, provideWebGpu } from './library'
import { planProgram } from './plan'
import { GpuBuffer } from './webgpu/buffer'
import { GpuExecutable } from './webgpu/executable'
import { Machine } from './webgpu/machine'

/** The modes of gpu.js. */
export type GpuMode = 'webgpu' | 'webgl2' | 'headlessgl' | 'webasm' | 'cpu'

/** Options of the backend. */
export interface GpuOptions {
  /** By default the first that works of webgpu, webgl2 and headlessgl; webasm and cpu run only when named. */
  readonly mode?: GpuMode
}

/** What the backend wants of lowering: a launch reads at most 7 arrays. The rule counts results too, at most 4. */
const lowering: Backend['lowering'] = {
  supports: (name) => Object.hasOwn(kernels, name),
  maxBuffers: 11,
  maxSteps: 48,
}

/** Makes a gpu backend. @throws BackendError when gpu.js is missing, or no mode works; it says what was tried. */
export async function createGpuBackend({ mode }: GpuOptions = {}): Promise<Backend> {
  const library = await loadLibrary()
  const tried: string[] = []
  if (mode === undefined || mode === 'webgpu') {
    const missing = await provideWebGpu()
    if (missing === undefined) {
      try {
        const counters = newCounters()
        const { machine, session } = await Machine.open(new library.GPU({ mode: 'webgpu' }), counters)
        const { vendor, architecture, device, description, isFallbackAdapter } = session.adapter.info
        const adapter = [vendor, architecture, device, description].filter((word) => word !== '').join(' ')
        return {
          name: 'gpu',
          get info(): BackendInfo {
            return { name: 'gpu', mode: 'webgpu', adapter, software: isFallbackAdapter === true, ...counters }
          },
          supports: (dtype) => dtype !== 'float64',
          lowering,
          async allocate(_shape, _dtype, data) {
            const buffer = new GpuBuffer(machine, data)
            buffer.on(await machine.session())
            return buffer
          },
          async compile(program, variables) {
            const own = new Map<number, GpuBuffer>()
            for (const [storage, buffer] of variables) {
              if (!(buffer instanceof GpuBuffer))
                throw new BackendError('gpu: a variable of the program has no buffer here')
              own.set(storage, buffer)
            }
            const executable = new GpuExecutable(machine, planProgram(program), own)
            await executable.prepare()
            return executable
          },
        }
      } catch (error) {
        tried.push(`webgpu: ${error instanceof Error ? error.message : String(error)}`)
      }
    } else tried.push(`webgpu: ${missing}`)
  }
  throw new BackendError(`backend gpu: no mode works here; tried ${tried.join('; ')}`)
}
