// A plan made ready for a WebGPU device: kernels compiled, memory taken, parameters written, bindings made.
import { sizeOf } from '../../../tensor'
import { toDevice } from '../host'
import type { Region, Slot } from '../kernels'
import { assignBlocks } from '../memory'
import type { Command, Plan, Port } from '../plan'
import type { GpuBuffer } from './buffer'
import { type Pipeline, type SweepPipeline, workgroup } from './compiler'
import type { Session } from './session'

/** A command ready to be encoded. */
export type Step =
  | {
      readonly pipeline: GPUComputePipeline
      readonly bindings: GPUBindGroup
      readonly groups: readonly [number, number]
    }
  | CopyStep

interface CopyStep {
  readonly from: GPUBuffer
  readonly fromByte: number
  readonly to: GPUBuffer
  readonly toByte: number
  readonly bytes: number
}

/** What a plan has on one device. */
export interface Prepared {
  readonly session: Session
  readonly steps: readonly Step[]
  readonly launches: number
  readonly inputs: readonly GPUBuffer[]
  readonly outputs: readonly { readonly from: GPUBuffer; readonly port: Port; readonly at: number }[]
  readonly updates: readonly CopyStep[]
  readonly outputElements: number
  /** Whether the device has run it once. */
  isProven: boolean
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

/** Compiles a plan's kernels and takes its memory. @throws BackendError where the device has none left. */
export async function prepare(
  session: Session,
  plan: Plan,
  variables: ReadonlyMap<number, GpuBuffer>,
): Promise<Prepared> {
  const compiled = await Promise.all(
    plan.commands.map(async (command): Promise<Compiled> => {
      if (command.kind === 'launch') return { ...command, pipeline: await session.kernel(command.code) }
      if (command.kind === 'sweep') return { ...command, pipeline: await session.sweep(command.code) }
      return command
    }),
  )
  const held: Held = { session, buffers: [] }
  try {
    return await session.claim(() => place(held, plan, compiled, variables))
  } catch (error) {
    giveBack(held)
    throw error
  }
}

/** Takes memory and prepares every command. */
function place(
  held: Held,
  plan: Plan,
  compiled: readonly Compiled[],
  variables: ReadonlyMap<number, GpuBuffer>,
): Prepared {
  const { session } = held
  const memory = takeMemory(held, plan, variables)
  let outputElements = 0
  const outputs = plan.outputs.map((port) => {
    const at = outputElements
    outputElements += sizeOf(port.shape)
    return { from: memory[port.slot], port, at }
  })
  return {
    session,
    steps: stepsOf(held, compiled, memory),
    launches: compiled.filter(({ kind }) => kind !== 'put').length,
    inputs: plan.inputs.map(({ slot }) => memory[slot]),
    outputs,
    outputElements,
    isProven: false,
    updates: plan.updates.map(({ from, to, size }) => copyStep(memory, from, to, 0, size)),
    held,
  }
}

/** The memory of every slot: a block, that of a constant, or that of a variable. */
function takeMemory(held: Held, plan: Plan, variables: ReadonlyMap<number, GpuBuffer>): GPUBuffer[] {
  const { session } = held
  const { sizes, blockOf } = assignBlocks(plan)
  const blocks = sizes.map((size) => kept(held, session.buffer(size)))
  return plan.slots.map((slot, index): GPUBuffer => {
    const block = blockOf[index]
    if (block !== undefined) return blocks[block]
    if (slot.kind === 'constant') {
      const buffer = kept(held, session.buffer(slot.size))
      session.upload(buffer, toDevice(slot.data))
      return buffer
    }
    const variable = slot.kind === 'variable' ? variables.get(slot.storage) : undefined
    if (variable === undefined) throw new Error('a slot without memory')
    return variable.on(session)
  })
}

function kept(held: Held, buffer: GPUBuffer): GPUBuffer {
  held.buffers.push(buffer)
  return buffer
}

/** A launch with its compiled kernel. */
type Launch = Extract<Command, { kind: 'launch' }> & { readonly pipeline: Pipeline }

/** A command with what is compiled for it. */
type Compiled =
  | Launch
  | (Extract<Command, { kind: 'sweep' }> & { readonly pipeline: SweepPipeline })
  | Extract<Command, { kind: 'put' }>

/** All commands in their order; launches alike in kernel, parameters and memory share their bindings. */
function stepsOf(held: Held, compiled: readonly Compiled[], memory: readonly GPUBuffer[]): Step[] {
  const parameters = makeParameters(
    held,
    compiled.filter((command) => command.kind === 'launch'),
  )
  const bindings = new Map<string, GPUBindGroup>()
  const bind = (
    { layout }: SweepPipeline,
    first: readonly GPUBufferBinding[],
    slots: readonly Slot[],
  ): GPUBindGroup => {
    const resources: GPUBufferBinding[] = [...first, ...slots.map((slot) => ({ buffer: memory[slot] }))]
    const key = [layout, ...resources.flatMap(({ buffer, offset = 0 }) => [buffer, offset])]
      .map((part) => (typeof part === 'number' ? part : idOf(part)))
      .join(' ')
    const known =
      bindings.get(key) ??
      held.session.device.createBindGroup({
        layout,
        entries: resources.map((resource, binding) => ({ binding, resource })),
      })
    bindings.set(key, known)
    return known
  }
  let next = 0
  return compiled.map((command): Step => {
    if (command.kind === 'put') {
      const { from, to, at, size } = command
      return copyStep(memory, from, to, at, size)
    }
    const slots = [...command.slots, command.to]
    const { pipeline } = command.pipeline
    if (command.kind === 'sweep') {
      return { pipeline, bindings: bind(command.pipeline, [], slots), groups: [command.rows, 1] }
    }
    const { offset, bytes, groups } = parameters.places[next++]
    const first = [{ buffer: parameters.buffer, offset, size: bytes }]
    return { pipeline, bindings: bind(command.pipeline, first, slots), groups }
  })
}

/** A copy of `size` elements to the `at`-th element of a slot. */
function copyStep(memory: readonly GPUBuffer[], from: Region, to: Slot, at: number, size: number): CopyStep {
  return {
    from: memory[from.slot],
    fromByte: from.offset * 4,
    to: memory[to],
    toByte: at * 4,
    bytes: size * 4,
  }
}

const ids = new WeakMap<object, number>()
let lastId = 0

function idOf(thing: object): number {
  const known = ids.get(thing) ?? ++lastId
  ids.set(thing, known)
  return known
}

/** The parameters of all launches in one buffer; equal ones share their place. */
function makeParameters(held: Held, launches: readonly Launch[]) {
  const { session } = held
  const { minUniformBufferOffsetAlignment: alignment, maxComputeWorkgroupsPerDimension: most } = session.device.limits
  const known = new Map<string, number>()
  const contents: Uint32Array[] = []
  let total = 0
  const places = launches.map(({ threads, numbers, pipeline: { parameterBytes, numberOffsets } }) => {
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
  const buffer = kept(held, session.uniforms(Math.max(alignment, total)))
  const whole = new Uint32Array(total / 4)
  let at = 0
  for (const words of contents) {
    whole.set(words, at)
    at += Math.ceil((words.length * 4) / alignment) * (alignment / 4)
  }
  session.upload(buffer, whole)
  return { buffer, places }
}
