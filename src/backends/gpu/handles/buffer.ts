// A variable's place as a handle, and what is known of its content on the host should the device be lost.
import type { Tensor } from '../../../tensor'
import type { DeviceBuffer } from '../../backend'
import { toDevice, toHost } from '../host'
import type { Handle, HandleMachine } from './machine'

interface Held {
  readonly machine: HandleMachine
  handle: Handle | undefined
  generation: number
}

function giveBack(held: Held): void {
  if (held.handle !== undefined) held.machine.delete(held.handle)
  held.handle = undefined
}

const forgotten = new FinalizationRegistry<Held>(giveBack)

/** A variable's place; each update puts another handle into it. */
export class HandleBuffer implements DeviceBuffer {
  private readonly held: Held
  private known: Tensor

  constructor(machine: HandleMachine, data: Tensor) {
    this.held = { machine, handle: undefined, generation: machine.generation }
    this.known = data
    forgotten.register(this, this.held, this)
  }

  /** The content on the device; brought there when the device is new. */
  async handle(): Promise<Handle> {
    const { machine, handle, generation } = this.held
    if (handle !== undefined && generation === machine.generation) return handle
    const made = await machine.upload(toDevice(this.known))
    this.replace(made)
    return made
  }

  /** Takes over a handle as the content. */
  replace(handle: Handle): void {
    giveBack(this.held)
    this.held.handle = handle
    this.held.generation = this.held.machine.generation
  }

  async read(): Promise<Tensor> {
    const { shape, dtype, size } = this.known
    const data = await this.held.machine.download(await this.handle())
    this.known = toHost(data.slice(0, size), shape, dtype)
    return this.known
  }

  async write(data: Tensor): Promise<void> {
    this.known = data
    this.replace(await this.held.machine.upload(toDevice(data)))
  }

  dispose(): void {
    forgotten.unregister(this)
    giveBack(this.held)
  }
}
