// A plan run kernel by kernel: every slot is a handle, deleted when it has been read last.
import { BackendError } from '../../../errors'
import { sizeOf, type Tensor } from '../../../tensor'
import type { Executable } from '../../backend'
import { toDevice, toHost } from '../host'
import { copyCode, type Region } from '../kernels'
import { type Plan, readBy } from '../plan'
import type { HandleBuffer } from './buffer'
import type { Handle, HandleMachine } from './machine'

/** After so many kernels others get their turn: a page stays alive. */
const breath = 16

/** A Program on gpu.js' kernels. */
export class HandleExecutable implements Executable {
  /** Nothing is held between runs. */
  readonly bytes = 0
  readonly arenaBytes = 0
  private readonly machine: HandleMachine
  private readonly plan: Plan
  private readonly variables: ReadonlyMap<number, HandleBuffer>
  private readonly deletions: readonly (readonly number[])[]

  constructor(machine: HandleMachine, plan: Plan, variables: ReadonlyMap<number, HandleBuffer>) {
    this.machine = machine
    this.plan = plan
    this.variables = variables
    this.deletions = deletionsOf(plan)
  }

  async run(given: readonly Tensor[]): Promise<Tensor[]> {
    const { machine, plan } = this
    const handles = new Map<number, Handle>()
    try {
      for (const [i, { slot }] of plan.inputs.entries()) handles.set(slot, await machine.upload(toDevice(given[i])))
      for (const [i, command] of plan.commands.entries()) {
        if (command.kind !== 'launch') throw new BackendError('gpu: a plan for handles has launches only')
        const args: Handle[] = []
        for (const slot of command.slots) args.push(await this.handle(slot, handles))
        handles.set(command.to, await machine.call(command.code, args, command.threads, command.numbers))
        for (const slot of this.deletions[i]) this.drop(slot, handles)
        if (i % breath === breath - 1) await machine.keepPace()
      }
      const outputs: Tensor[] = []
      for (const port of plan.outputs) {
        const size = sizeOf(port.shape)
        const data = size === 0 ? new Float32Array(0) : await machine.download(await this.handle(port.slot, handles))
        outputs.push(toHost(data.slice(port.offset, port.offset + size), port.shape, port.dtype))
      }
      await this.update(handles)
      return outputs
    } finally {
      for (const slot of [...handles.keys()]) this.drop(slot, handles)
    }
  }

  /** The content of a slot; that of a variable is the variable's own. */
  private async handle(slot: number, handles: Map<number, Handle>): Promise<Handle> {
    const known = handles.get(slot)
    if (known !== undefined) return known
    const info = this.plan.slots[slot]
    if (info.kind === 'variable') {
      const variable = this.variables.get(info.storage)
      if (variable === undefined) throw new BackendError('gpu: a variable of the program has no buffer here')
      return variable.handle()
    }
    const made = await this.machine.upload(info.kind === 'constant' ? toDevice(info.data) : new Float32Array(info.size))
    handles.set(slot, made)
    return made
  }

  private drop(slot: number, handles: Map<number, Handle>): void {
    const handle = handles.get(slot)
    handles.delete(slot)
    if (handle !== undefined) this.machine.delete(handle)
  }

  /** Hands new content to the variables, each as a handle of its own. */
  private async update(handles: Map<number, Handle>): Promise<void> {
    const fresh: { variable: HandleBuffer; handle: Handle }[] = []
    try {
      for (const { from, to, size } of this.plan.updates) {
        const info = this.plan.slots[to]
        const variable = info.kind === 'variable' ? this.variables.get(info.storage) : undefined
        if (variable === undefined) throw new BackendError('gpu: a variable of the program has no buffer here')
        fresh.push({ variable, handle: await this.copy(from, size, handles) })
      }
    } catch (error) {
      for (const { handle } of fresh) this.machine.delete(handle)
      throw error
    }
    for (const { variable, handle } of fresh) variable.replace(handle)
  }

  /** A copy of what lies in a place. */
  private async copy(from: Region, size: number, handles: Map<number, Handle>): Promise<Handle> {
    const source = await this.handle(from.slot, handles)
    return this.machine.call(copyCode(from), [source], size, [])
  }

  dispose(): void {
    // There is nothing to give back.
  }
}

/** After each command, the slots that nobody reads any more. */
function deletionsOf({ slots, commands, outputs, updates }: Plan): number[][] {
  const lastUse = new Map<number, number>()
  commands.forEach((command, i) => {
    lastUse.set(command.to, i)
    for (const slot of readBy(command)) lastUse.set(slot, i)
  })
  for (const { slot } of outputs) lastUse.delete(slot)
  for (const { from } of updates) lastUse.delete(from.slot)
  const deletions = commands.map((): number[] => [])
  for (const [slot, at] of lastUse) if (slots[slot].kind !== 'variable') deletions[at].push(slot)
  return deletions
}
