// A plan on a WebGPU device: memory taken, kernels compiled, bindings prepared; a run encodes all of it and submits once.
import type { Tensor } from '../../../tensor'
import type { Executable } from '../../backend'
import { toDevice, toHost } from '../host'
import { assignBlocks } from '../memory'
import type { Command, Plan, Port } from '../plan'
import type { GpuBuffer } from './buffer'
import { type Pipeline, workgroup } from './compiler'
import type { Machine } from './machine'
import type { Session } from './session'

/** A command ready to be encoded. */
type Step =
  | {
      readonly pipeline: GPUComputePipeline
      readonly bindings: GPUBindGroup
      readonly groups: readonly [number, number]
    }
  | {
      readonly from: GPUBuffer
      readonly fromByte: number
      readonly to: GPUBuffer
      readonly toByte: number
      readonly bytes: number
    }

/** What a plan has on one device. */
interface Prepared {
  readonly session: Session
  readonly steps: readonly Step[]
  readonly launches: number
  readonly inputs: readonly GPUBuffer[]
  readonly outputs: readonly { readonly from: GPUBuffer; readonly port: Port; readonly at: number }[]
  readonly updates: readonly Extract<Step, { bytes: number }>[]
  readonly outputElements: number
  /** To give back. */
  readonly held: Held
}

/** Memory to give back; a device that is lost has given back its own. */
export interface Held {
  readonly session: Session
  readonly buffers: GPUBuffer[]
}

export function giveBack({ session, buffers }: Held): void {
  for (const buffer of buffers.splice(0)) session.free(buffer)
}

const forgotten = new FinalizationRegistry<Held>(giveBack)

/** A Program on the gpu backend. */
export class GpuExecutable implements Executable {
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
  const { session, steps, inputs, outputs, updates, outputElements } = prepared
  given.forEach((tensor, i) => {
    session.upload(inputs[i], toDevice(tensor))
  })
  const encoder = session.device.createCommandEncoder()
  encode(encoder, steps)
  const staging = outputElements > 0 ? session.staging(outputElements) : undefined
  if (staging !== undefined) {
    for (const { from, port, at } of outputs) {
      const bytes = sizeIn(port) * 4
      if (bytes > 0) encoder.copyBufferToBuffer(from, port.offset * 4, staging, at * 4, bytes)
    }
  }
  for (const { from, fromByte, to, toByte, bytes } of updates)
    encoder.copyBufferToBuffer(from, fromByte, to, toByte, bytes)
  session.submit(encoder)
  session.counters.launches += prepared.launches
  if (staging === undefined) {
    await session.keepPace()
    return outputs.map(({ port }) => toHost(new Float32Array(0), port.shape, port.dtype))
  }
  try {
    const data = await session.download(staging, outputElements)
    return outputs.map(({ port, at }) => toHost(data.slice(at, at + sizeIn(port)), port.shape, port.dtype))
  } finally {
    session.free(staging)
  }
}

function sizeIn({ shape }: Port): number {
  return shape.reduce((product, length) => product * length, 1)
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

async function prepare(session: Session, plan: Plan, variables: ReadonlyMap<number, GpuBuffer>): Promise<Prepared> {
  const pipelines = await Promise.all(
    plan.commands.map((command) => (command.kind === 'launch' ? session.kernel(command.code) : undefined)),
  )
  const held: Held = { session, buffers: [] }
  session.device.pushErrorScope('out-of-memory')
  try {
    return place(held, plan, pipelines, variables)
  } catch (error) {
    giveBack(held)
    throw error
  } finally {
    await session.device.popErrorScope()
  }
}

/** Takes memory and prepares every command. */
function place(
  held: Held,
  plan: Plan,
  pipelines: readonly (Pipeline | undefined)[],
  variables: ReadonlyMap<number, GpuBuffer>,
): Prepared {
  const { session } = held
  const keep = (buffer: GPUBuffer): GPUBuffer => {
    held.buffers.push(buffer)
    return buffer
  }
  {
    const { sizes, blockOf } = assignBlocks(plan)
    const blocks = sizes.map((size) => keep(session.buffer(size)))
    const memory = plan.slots.map((slot, index): GPUBuffer => {
      const block = blockOf[index]
      if (block !== undefined) return blocks[block]
      if (slot.kind === 'constant') {
        const buffer = keep(session.buffer(slot.size))
        session.upload(buffer, toDevice(slot.data))
        return buffer
      }
      const variable = slot.kind === 'variable' ? variables.get(slot.storage) : undefined
      if (variable === undefined) throw new Error('a slot without memory')
      return variable.on(session)
    })
    const launches = plan.commands.flatMap((command, i) => {
      const pipeline = pipelines[i]
      return command.kind === 'launch' && pipeline !== undefined ? [{ command, pipeline }] : []
    })
    const parameters = makeParameters(session, launches, keep)
    const bindings = new Map<string, GPUBindGroup>()
    let next = 0
    const steps = plan.commands.map((command): Step => {
      if (command.kind === 'put') {
        const { from, to, part, size } = command
        return {
          from: memory[from.slot],
          fromByte: from.offset * 4,
          to: memory[to],
          toByte: part * size * 4,
          bytes: size * 4,
        }
      }
      const { pipeline } = launches[next]
      const { offset, bytes, groups } = parameters.places[next++]
      const buffers = [...command.slots, command.to].map((slot) => memory[slot])
      const key = `${idOf(pipeline)} ${offset} ${buffers.map(idOf).join(' ')}`
      const known =
        bindings.get(key) ??
        session.device.createBindGroup({
          layout: pipeline.layout,
          entries: [
            { binding: 0, resource: { buffer: parameters.buffer, offset, size: bytes } },
            ...buffers.map((buffer, i) => ({ binding: i + 1, resource: { buffer } })),
          ],
        })
      bindings.set(key, known)
      return { pipeline: pipeline.pipeline, bindings: known, groups }
    })
    let at = 0
    const outputs = plan.outputs.map((port) => {
      const start = at
      at += sizeIn(port)
      return { from: memory[port.slot], port, at: start }
    })
    return {
      session,
      steps,
      launches: launches.length,
      inputs: plan.inputs.map(({ slot }) => memory[slot]),
      outputs,
      outputElements: at,
      updates: plan.updates.map(({ from, to, size }) => ({
        from: memory[from.slot],
        fromByte: from.offset * 4,
        to: memory[to],
        toByte: 0,
        bytes: size * 4,
      })),
      held,
    }
  }
}

const ids = new WeakMap<object, number>()
let lastId = 0

function idOf(thing: object): number {
  const known = ids.get(thing) ?? ++lastId
  ids.set(thing, known)
  return known
}

type Launch = Extract<Command, { kind: 'launch' }>

/** The parameters of all launches in one buffer; equal ones share their place. */
function makeParameters(
  session: Session,
  launches: readonly { command: Launch; pipeline: Pipeline }[],
  keep: (buffer: GPUBuffer) => GPUBuffer,
) {
  const { minUniformBufferOffsetAlignment: alignment, maxComputeWorkgroupsPerDimension: most } = session.device.limits
  const known = new Map<string, number>()
  const contents: Uint32Array[] = []
  let total = 0
  const places = launches.map(({ command: { threads, numbers }, pipeline: { parameterBytes, numberOffsets } }) => {
    const all = Math.ceil(threads / workgroup)
    const rows = Math.ceil(all / most)
    const columns = Math.ceil(all / rows)
    const words = new Uint32Array(parameterBytes / 4)
    words.set([threads, 1, 1, columns * workgroup])
    numbers.forEach((number, i) => {
      words[numberOffsets[i] / 4] = number
    })
    const key = words.join()
    let offset = known.get(key)
    if (offset === undefined) {
      offset = total
      known.set(key, offset)
      total += Math.ceil(parameterBytes / alignment) * alignment
      contents.push(words)
    }
    return { offset, bytes: parameterBytes, groups: [columns, rows] as const }
  })
  const buffer = keep(session.uniforms(Math.max(alignment, total)))
  const whole = new Uint32Array(total / 4)
  let at = 0
  for (const words of contents) {
    whole.set(words, at)
    at += Math.ceil((words.length * 4) / alignment) * (alignment / 4)
  }
  session.upload(buffer, whole)
  return { buffer, places }
}
