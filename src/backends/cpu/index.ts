// The cpu backend: plain typed arrays, float32 and float64; the reference the other backends are tested against.
// Imports the graph's Program, tensors and errors; nothing of layers or models.
import { BackendError } from '../../errors'
import { isElementwise, isProgram, type Program } from '../../graph'
import type { DType, Shape, Tensor } from '../../tensor'
import type { Backend, DeviceBuffer, Executable } from '../backend'
import { kernelOf, opsOf } from '../kernelTable'
import { type BoundProgram, type Kernel, scratchBytes } from './kernel'
import { kernels } from './kernels'
import { toHost, toMemory, type View, viewOf, viewsOf } from './memory'

class CpuBuffer implements DeviceBuffer {
  readonly memory: ArrayBuffer
  private readonly shape: Shape
  private readonly dtype: DType
  private readonly view: View

  constructor({ data, shape, dtype, size }: Tensor) {
    this.memory = toMemory(data, dtype)
    this.shape = shape
    this.dtype = dtype
    this.view = viewOf(this.memory, 0, dtype, size)
  }

  read(): Tensor {
    return toHost(this.view, this.shape, this.dtype)
  }

  write(data: Tensor): void {
    this.view.set(data.data)
  }

  dispose(): void {
    // The garbage collector's.
  }
}

const supported = opsOf(kernels)

/** The cpu backend. */
export const cpuBackend: Backend = {
  name: 'cpu',
  info: { name: 'cpu', threads: 1 },
  supports: () => true,
  lowering: { supports: (name) => supported.has(name) || isElementwise(name) },
  allocate: (_shape, _dtype, data) => new CpuBuffer(data),
  compile(program, variables): Executable {
    const arena = new ArrayBuffer(program.arenaBytes)
    const before = scratchBytes()
    const bound = bindProgram(program, arena, 0, (storage) => {
      const buffer = variables.get(storage)
      if (!(buffer instanceof CpuBuffer)) throw new BackendError('cpu: a variable of the program has no buffer here')
      return buffer.memory
    })
    const inputs = program.inputs.map((id) => bound.views[id])
    return {
      bytes: program.arenaBytes + constantBytes(program) + scratchBytes() - before,
      run(given) {
        given.forEach((tensor, i) => {
          inputs[i].set(tensor.data)
        })
        bound.run()
        return program.outputs.map((id) =>
          toHost(bound.views[id], program.buffers[id].shape, program.buffers[id].dtype),
        )
      },
      dispose() {
        // The garbage collector's.
      },
    }
  },
}

/** Bytes of the constants of a program and of the programs inside it. */
function constantBytes({ storages, instructions }: Program): number {
  const own = storages.reduce((total, { kind, bytes }) => total + (kind === 'constant' ? bytes : 0), 0)
  const inner = instructions.flatMap(({ attributes }) => Object.values(attributes).filter(isProgram))
  return inner.reduce((total, program) => total + constantBytes(program), own)
}

/** Gives every instruction its memory and its kernel. */
function bindProgram(
  program: Program,
  arena: ArrayBuffer,
  base: number,
  variable: (storage: number) => ArrayBuffer,
): BoundProgram {
  const views = viewsOf(program, arena, base, variable)
  const operand = (id: number) => ({ ...program.buffers[id], data: views[id] })
  const runs = program.instructions.map(({ op, inputs, outputs, attributes }) => {
    const kernel = kernelOf<Kernel>(kernels, op, 'cpu')
    return kernel({
      inputs: inputs.map(operand),
      outputs: outputs.map((id) => (id < 0 ? undefined : operand(id))),
      attributes,
      bind: (body, workspace) => {
        const inner = views[workspace]
        return bindProgram(body, inner.buffer as ArrayBuffer, inner.byteOffset, variable) // made from ArrayBuffers here
      },
    })
  })
  return {
    views,
    program,
    run() {
      for (const run of runs) run()
    },
  }
}
