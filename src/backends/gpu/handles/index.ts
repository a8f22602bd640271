// The backend on gpu.js' public kernels: webgl2, headlessgl, and the modes of the processor. Imports gpu.js' types, the plan.
import { BackendError } from '../../../errors'
import type { Backend, BackendInfo } from '../../backend'
import { newCounters } from '../counters'
import type { GpuMode, Library } from '../library'
import { lowering } from '../lowering'
import { planProgram } from '../plan'
import { HandleBuffer } from './buffer'
import { HandleExecutable } from './executable'
import { HandleMachine } from './machine'

/** Opens a mode of gpu.js. @throws BackendError where it does not work. */
export async function openHandles({ GPU }: Library, mode: GpuMode): Promise<Backend> {
  if (mode === 'webgl2' && !GPU.isWebGL2Supported) throw new BackendError('this host has no WebGL 2')
  if (mode === 'headlessgl' && !GPU.isHeadlessGLSupported) {
    throw new BackendError(
      "the package gl, with which Node has WebGL, is not installed or not built; run 'npm install gl'",
    )
  }
  const counters = newCounters()
  const machine = new HandleMachine(() => new GPU({ mode }), counters)
  const probe = await machine.upload(Float32Array.of(1, 2))
  const [, two] = await machine.download(probe)
  machine.delete(probe)
  if (two !== 2) throw new BackendError('a kernel that copies two numbers does not give them back')
  const { adapter, software } = machine.describe(mode)
  return {
    name: 'gpu',
    get info(): BackendInfo {
      return { name: 'gpu', mode, adapter, software, ...counters }
    },
    supports: (dtype) => dtype !== 'float64',
    lowering,
    async allocate(_shape, _dtype, data) {
      const buffer = new HandleBuffer(machine, data)
      await buffer.handle()
      return buffer
    },
    async keep(buffers) {
      // In the processor's modes there is nothing to lose.
      if (mode === 'webasm' || mode === 'cpu') return
      for (const buffer of buffers) await buffer.read()
    },
    compile(program, variables) {
      const own = new Map<number, HandleBuffer>()
      for (const [storage, buffer] of variables) {
        if (!(buffer instanceof HandleBuffer))
          throw new BackendError('gpu: a variable of the program has no buffer here')
        own.set(storage, buffer)
      }
      return new HandleExecutable(machine, planProgram(program, { canPut: false, canSweep: false }), own)
    },
  }
}
