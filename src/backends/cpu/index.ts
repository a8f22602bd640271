// The cpu backend: plain typed arrays, float32 and float64; the reference the other backends are tested against.
// Imports the graph's Program, tensors and errors; nothing of layers or models.
import { BackendError } from '../../errors'
import { isElementwise, isProgram, type Program } from '../../graph'
import type { DType, Shape, Tensor } from '../../tensor'
import { Arena, type Lease } from '../arena'
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
  compile: (program, variables) =>
    new CpuExecutable(program, (storage) => {
      const buffer = variables.get(storage)
      if (!(buffer instanceof CpuBuffer)) throw new BackendError('cpu: a variable of the program has no buffer here')
      return buffer.memory
    }),
}

const arena = new Arena<ArrayBuffer, BoundProgram>(
  (bytes) => new ArrayBuffer(bytes),
  () => undefined,
)

const forgotten = new FinalizationRegistry<Lease<BoundProgram>>((lease) => arena.release(lease))

/** A Program bound to the arena, and again wherever that goes. */
class CpuExecutable implements Executable {
  readonly bytes: number
  readonly arenaBytes: number
  private readonly program: Program
  private readonly variable: (storage: number) => ArrayBuffer
  private readonly lease: Lease<BoundProgram>

  constructor(program: Program, variable: (storage: number) => ArrayBuffer) {
    this.program = program
    this.variable = variable
    this.lease = arena.lease(program.arenaBytes)
    forgotten.register(this, this.lease, this)
    const before = scratchBytes()
    this.bind()
    this.bytes = constantBytes(program) + scratchBytes() - before
    this.arenaBytes = program.arenaBytes
  }

  private bind(): BoundProgram {
    this.lease.binding = bindProgram(this.program, arena.block, 0, this.variable)
    return this.lease.binding
  }

  run(given: readonly Tensor[]): Tensor[] {
    const { program } = this
    const { views, run } = this.lease.binding ?? this.bind()
    for (const [i, { data }] of given.entries()) views[program.inputs[i]].set(data)
    run()
    return program.outputs.map((id) => toHost(views[id], program.buffers[id].shape, program.buffers[id].dtype))
  }

  dispose(): void {
    if (forgotten.unregister(this)) arena.release(this.lease)
  }
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
