// From a Program to a plan: a flat list of launches over slots. A slot is written once, so nothing is ever overwritten while
// it is still read; which memory a slot gets is decided later, by when it is read last.
import { BackendError } from '../../errors'
import type { Program, Storage } from '../../graph'
import { type DType, type Shape, sizeOf, type Tensor } from '../../tensor'
import { kernelOf } from '../kernelTable'
import {
  copyOf,
  joined,
  type Kernel,
  type KernelCode,
  kernels,
  type Operand,
  type Region,
  type Slot,
  type SweepCode,
  type Target,
} from './kernels'

/** What a slot holds, and how many elements. */
export type SlotKind =
  | { readonly kind: 'temporary' }
  | { readonly kind: 'stack'; readonly parts: number }
  | { readonly kind: 'input' }
  | { readonly kind: 'constant'; readonly data: Tensor }
  | { readonly kind: 'variable'; readonly storage: number }

export type SlotInfo = SlotKind & { readonly size: number }

/** One thing to do. */
export type Command =
  | {
      readonly kind: 'launch'
      readonly code: KernelCode
      readonly slots: readonly Slot[]
      readonly numbers: readonly number[]
      readonly threads: number
      /** Whether the same kernel is launched for each step of a loop. */
      readonly looped: boolean
      readonly to: Slot
    }
  | {
      readonly kind: 'sweep'
      readonly code: SweepCode
      readonly slots: readonly Slot[]
      /** Workgroups. */
      readonly rows: number
      readonly to: Slot
    }
  /** Copies `size` elements into a stack, from its element `at` on. */
  | { readonly kind: 'put'; readonly from: Region; readonly size: number; readonly to: Slot; readonly at: number }

/** Elements that are uploaded before a run, or read after one. */
export interface Port extends Region {
  readonly shape: Shape
  readonly dtype: DType
}

/** A Program as launches. */
export interface Plan {
  readonly slots: readonly SlotInfo[]
  readonly commands: readonly Command[]
  readonly inputs: readonly Port[]
  readonly outputs: readonly Port[]
  /** What variables hold after a run; it is copied there at the end, when outputs have been read. */
  readonly updates: readonly { readonly from: Region; readonly to: Slot; readonly size: number }[]
}

export interface PlanOptions {
  /** Whether memory can be filled part by part; else stacks are joined by launches when they are first read. */
  readonly canPut: boolean
  /** Whether there is workgroup memory for sweeps over whole sequences; else each step is a launch. */
  readonly canSweep: boolean
  /** Whether each result is a launch of its own where it can be: for a plan whose launches are merged. */
  readonly splits?: boolean
}

/** The slots that a command reads. */
export function readBy(command: Command): readonly Slot[] {
  return command.kind === 'put' ? [command.from.slot, command.to] : command.slots
}

/** Makes the plan of a Program. */
export function planProgram(program: Program, options: PlanOptions): Plan {
  const planner = options.canPut ? new Planner(options) : new JoiningPlanner(options)
  const inputs = program.inputs.map((id): Port => {
    const { shape, dtype } = program.buffers[id]
    return { shape, dtype, slot: planner.slot({ kind: 'input', size: sizeOf(shape) }), offset: 0 }
  })
  const frame = new Frame(program, planner, inputs)
  frame.run()
  const outputs = program.outputs.map((id): Port => planner.settled(frame.operand(id)))
  const updates = frame.updates()
  const { slots, commands } = planner
  return { slots, commands, inputs, outputs, updates }
}

/** Collects slots and commands. */
class Planner implements Target {
  readonly slots: SlotInfo[] = []
  readonly commands: Command[] = []
  readonly canSweep: boolean
  readonly splits: boolean
  private readonly constants = new Map<Tensor, Slot>()
  private loops = 0

  constructor({ canSweep, splits = false }: PlanOptions) {
    this.canSweep = canSweep
    this.splits = splits
  }

  slot(info: SlotInfo): Slot {
    this.slots.push(info)
    return this.slots.length - 1
  }

  constant(data: Tensor): Slot {
    const known = this.constants.get(data)
    if (known !== undefined) return known
    const made = this.slot({ kind: 'constant', data, size: data.size })
    this.constants.set(data, made)
    return made
  }

  launch(code: KernelCode, slots: readonly Slot[], threads: number, numbers: readonly number[] = []): Slot {
    const to = this.slot({ kind: 'temporary', size: threads * code.components })
    if (threads > 0) {
      const looped = this.loops > 0 || numbers.length > 0
      this.commands.push({ kind: 'launch', code, slots, numbers, threads, looped, to })
    }
    return to
  }

  sweep(code: SweepCode, slots: readonly Slot[], rows: number, size: number): Slot {
    const to = this.slot({ kind: 'temporary', size })
    this.commands.push({ kind: 'sweep', code, slots, rows, to })
    return to
  }

  stack(parts: number, size: number): Slot {
    return this.slot({ kind: 'stack', parts, size: parts * size })
  }

  put(stack: Slot, part: number, size: number, from: Region): void {
    if (size > 0) this.commands.push({ kind: 'put', from, size, to: stack, at: part * size })
  }

  run(program: Program, inputs: readonly Region[]): readonly Region[] {
    this.loops++
    const frame = new Frame(program, this, inputs)
    frame.run()
    this.loops--
    return program.outputs.map((id) => frame.operand(id))
  }

  /** A place that can be read as it stands. */
  settled<P extends Region>(place: P): P {
    return place
  }
}

/** A planner whose stacks are lists of parts until they are read. */
class JoiningPlanner extends Planner {
  private readonly parts = new Map<Slot, Operand[]>()
  private readonly joins = new Map<Slot, Region>()

  override stack(parts: number, size: number): Slot {
    const slot = super.stack(parts, size)
    this.parts.set(slot, [])
    return slot
  }

  override put(stack: Slot, part: number, size: number, from: Region): void {
    const parts = this.parts.get(stack)
    if (parts !== undefined) parts[part] = { ...this.settled(from), shape: [size], dtype: 'float32' }
  }

  override launch(code: KernelCode, slots: readonly Slot[], threads: number, numbers?: readonly number[]): Slot {
    const settled = slots.map((slot) => this.settled({ slot, offset: 0 }).slot)
    return super.launch(code, settled, threads, numbers)
  }

  override settled<P extends Region>(place: P): P {
    const parts = this.parts.get(place.slot)
    if (parts === undefined || parts.length === 0) return place
    const known = this.joins.get(place.slot) ?? this.join(place.slot, parts)
    return { ...place, slot: known.slot, offset: place.offset + known.offset }
  }

  private join(stack: Slot, parts: readonly Operand[]): Region {
    const made = this.whole(joined(parts, 0, [this.slots[stack].size], this), this.slots[stack].size)
    this.joins.set(stack, made)
    return made
  }

  /** A place that begins where its slot does: a launch reads a stack by its slot alone. */
  private whole(place: Region, size: number): Region {
    return place.offset === 0 ? place : copyOf(place, size, this)
  }
}

/** A Program that is being planned: where the present content of each of its storages lies. */
class Frame {
  private readonly program: Program
  private readonly planner: Planner
  private readonly places: (Region | undefined)[]
  private readonly variables = new Map<number, Slot>()

  constructor(program: Program, planner: Planner, inputs: readonly Region[]) {
    this.program = program
    this.planner = planner
    this.places = program.storages.map((storage, index) => this.start(storage, index))
    program.inputs.forEach((id, i) => {
      this.places[program.buffers[id].storage] = inputs[i]
    })
  }

  private start(storage: Storage, index: number): Region | undefined {
    if (storage.kind === 'arena') return undefined
    if (storage.kind === 'constant') return { slot: this.planner.constant(storage.data), offset: 0 }
    const slot = this.planner.slot({ kind: 'variable', storage: index, size: storage.bytes / 4 })
    this.variables.set(index, slot)
    return { slot, offset: 0 }
  }

  operand(id: number): Operand {
    const { shape, dtype, storage } = this.program.buffers[id]
    const place = this.places[storage]
    if (place === undefined) throw new BackendError('gpu: an instruction reads what nothing has written')
    return { shape, dtype, slot: place.slot, offset: place.offset }
  }

  run(): void {
    const { instructions, buffers } = this.program
    for (const { op, inputs, outputs, attributes } of instructions) {
      const kernel = kernelOf<Kernel>(kernels, op, 'gpu')
      const operands = inputs.map((id) => this.operand(id))
      const results = outputs.map((id) => {
        const { shape, dtype }: { shape: Shape; dtype: DType } = id < 0 ? { shape: [], dtype: 'float32' } : buffers[id]
        return { shape, dtype, wanted: id >= 0 }
      })
      const placed = kernel({ inputs: operands, outputs: results, attributes }, this.planner)
      outputs.forEach((id, i) => {
        const place = placed[i]
        if (id < 0) return
        if (place === undefined) throw new BackendError(`gpu: the kernel for ${op} left out result ${i}`)
        this.places[buffers[id].storage] = place
      })
    }
  }

  /** The variables whose content has changed. What lies in a variable that changes too is set aside. */
  updates(): Plan['updates'] {
    const changed = [...this.variables].filter(([storage, slot]) => this.places[storage]?.slot !== slot)
    const overwritten = new Set(changed.map(([, slot]) => slot))
    return changed.flatMap(([storage, to]) => {
      const place = this.places[storage]
      const { size } = this.planner.slots[to]
      if (place === undefined || size === 0) return []
      const isSafe = !overwritten.has(place.slot)
      return [{ from: this.planner.settled(isSafe ? place : copyOf(place, size, this.planner)), to, size }]
    })
  }
}
