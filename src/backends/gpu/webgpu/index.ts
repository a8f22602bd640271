// The backend on WebGPU: gpu.js compiles, an executor of our own runs. Imports gpu.js' types, the plan.
import { BackendError } from '../../../errors'
import type { Backend, BackendInfo } from '../../backend'
import { newCounters } from '../counters'
import type { Library } from '../library'
import { lowering } from '../lowering'
import { mergedPlan } from '../merge'
import { GpuBuffer, readAll } from './buffer'
import { GpuExecutable } from './executable'
import { Machine } from './machine'

export { UnknownLibraryError } from './compiler'

/** Opens a WebGPU device. @throws where there is none. */
export async function openWebGpu({ GPU }: Library): Promise<Backend> {
  const counters = newCounters()
  const { machine, session } = await Machine.open(new GPU({ mode: 'webgpu' }), counters)
  const { vendor, architecture, device, description, isFallbackAdapter } = session.adapter.info
  const adapter = [vendor, architecture, device, description].filter((word) => word !== '').join(' ')
  const software = isFallbackAdapter === true || /swiftshader|llvmpipe|software/i.test(adapter)
  return {
    name: 'gpu',
    get info(): BackendInfo {
      return { name: 'gpu', mode: 'webgpu', adapter, software, ...counters }
    },
    supports: (dtype) => dtype !== 'float64',
    lowering,
    async allocate(_shape, _dtype, data) {
      const buffer = new GpuBuffer(machine, data)
      const session = await machine.session()
      try {
        await session.claim(() => buffer.on(session))
      } catch (error) {
        buffer.dispose()
        throw error
      }
      return buffer
    },
    async keep(buffers) {
      await readAll(
        machine,
        buffers.filter((buffer) => buffer instanceof GpuBuffer),
      )
    },
    async compile(program, variables) {
      const own = new Map<number, GpuBuffer>()
      for (const [storage, buffer] of variables) {
        if (!(buffer instanceof GpuBuffer)) throw new BackendError('gpu: a variable of the program has no buffer here')
        own.set(storage, buffer)
      }
      const executable = new GpuExecutable(machine, mergedPlan(program), own)
      await executable.prepare()
      return executable
    },
  }
}
