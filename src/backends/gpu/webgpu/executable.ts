// A plan on a WebGPU device: a run uploads the inputs, encodes all that was prepared, and submits once.
import { sizeOf, type Tensor } from '../../../tensor'
import type { Executable } from '../../backend'
import { toDevice, toHost } from '../host'
import type { Plan } from '../plan'
import type { GpuBuffer } from './buffer'
import type { Machine } from './machine'
import { giveBack, type Held, type Prepared, prepare, type Step } from './prepare'

const forgotten = new FinalizationRegistry<Held>(giveBack)

/** A Program on the gpu backend. */
export class GpuExecutable implements Executable {
  readonly arenaBytes = 0
  private readonly machine: Machine
  private readonly plan: Plan
  private readonly variables: ReadonlyMap<number, GpuBuffer>
  private prepared: Prepared | undefined

  constructor(machine: Machine, plan: Plan, variables: ReadonlyMap<number, GpuBuffer>) {
    this.machine = machine
    this.plan = plan
    this.variables = variables
  }

  get bytes(): number {
    return this.prepared?.held.buffers.reduce((sum, { size }) => sum + size, 0) ?? 0
  }

  /** Compiles and takes memory, unless that is done for the present device. */
  async prepare(): Promise<Prepared> {
    const session = await this.machine.session()
    if (this.prepared?.session === session) return this.prepared
    this.dispose()
    const prepared = await prepare(session, this.plan, this.variables)
    forgotten.register(this, prepared.held, this)
    this.prepared = prepared
    return prepared
  }

  async run(given: readonly Tensor[]): Promise<Tensor[]> {
    const prepared = await this.prepare()
    return this.machine.guard(prepared.session, () => execute(prepared, given))
  }

  dispose(): void {
    if (this.prepared === undefined) return
    forgotten.unregister(this)
    giveBack(this.prepared.held)
    this.prepared = undefined
  }
}

async function execute(prepared: Prepared, given: readonly Tensor[]): Promise<Tensor[]> {
  const { session, inputs, outputs, outputElements } = prepared
  given.forEach((tensor, i) => {
    session.upload(inputs[i], toDevice(tensor))
  })
  const staging = outputElements > 0 ? session.staging(outputElements) : undefined
  try {
    // What a device refuses as wrong it would leave undone without a word; whether it does shows the first time.
    if (prepared.isProven) submit(prepared, staging)
    else await session.verify(() => submit(prepared, staging))
    prepared.isProven = true
    if (staging === undefined) {
      await session.keepPace()
      return outputs.map(({ port }) => toHost(new Float32Array(0), port.shape, port.dtype))
    }
    const data = await session.download(staging, outputElements)
    return outputs.map(({ port, at }) => toHost(data.slice(at, at + sizeOf(port.shape)), port.shape, port.dtype))
  } finally {
    if (staging !== undefined) session.free(staging)
  }
}

/** All commands, then what is read, then the variables' new content. */
function submit({ session, steps, launches, outputs, updates }: Prepared, staging: GPUBuffer | undefined): void {
  const encoder = session.device.createCommandEncoder()
  encode(encoder, steps)
  for (const { from, port, at } of outputs) {
    const bytes = sizeOf(port.shape) * 4
    if (staging !== undefined && bytes > 0) encoder.copyBufferToBuffer(from, port.offset * 4, staging, at * 4, bytes)
  }
  for (const { from, fromByte, to, toByte, bytes } of updates)
    encoder.copyBufferToBuffer(from, fromByte, to, toByte, bytes)
  session.submit(encoder)
  session.counters.launches += launches
}

/** Launches in passes, copies between them. */
function encode(encoder: GPUCommandEncoder, steps: readonly Step[]): void {
  let pass: GPUComputePassEncoder | undefined
  let current: GPUComputePipeline | undefined
  for (const step of steps) {
    if ('bytes' in step) {
      pass?.end()
      pass = undefined
      encoder.copyBufferToBuffer(step.from, step.fromByte, step.to, step.toByte, step.bytes)
      continue
    }
    if (pass === undefined) {
      pass = encoder.beginComputePass()
      current = undefined
    }
    if (current !== step.pipeline) {
      pass.setPipeline(step.pipeline)
      current = step.pipeline
    }
    pass.setBindGroup(0, step.bindings)
    pass.dispatchWorkgroups(step.groups[0], step.groups[1])
  }
  pass?.end()
}
