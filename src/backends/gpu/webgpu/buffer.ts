// A variable's place on the device, and what is known of its content on the host should the device be lost.
import type { Tensor } from '../../../tensor'
import type { DeviceBuffer } from '../../backend'
import { toDevice, toHost } from '../host'
import type { Machine } from './machine'
import type { Session } from './session'

interface Held {
  session: Session | undefined
  memory: GPUBuffer | undefined
}

function giveBack(held: Held): void {
  if (held.memory !== undefined) held.session?.free(held.memory)
  held.memory = undefined
  held.session = undefined
}

const forgotten = new FinalizationRegistry<Held>(giveBack)

/** A variable's place; it follows the machine from a lost device to the next with the content it was last read with. */
export class GpuBuffer implements DeviceBuffer {
  private readonly machine: Machine
  private readonly held: Held = { session: undefined, memory: undefined }
  /** The content as it was last written or read. */
  private known: Tensor

  constructor(machine: Machine, data: Tensor) {
    this.machine = machine
    this.known = data
    forgotten.register(this, this.held, this)
  }

  /** The memory on a device, filled with the content last known if it is new. */
  on(session: Session): GPUBuffer {
    if (this.held.memory !== undefined && this.held.session === session) return this.held.memory
    giveBack(this.held)
    const memory = session.buffer(this.known.size)
    session.upload(memory, toDevice(this.known))
    this.held.session = session
    this.held.memory = memory
    return memory
  }

  async read(): Promise<Tensor> {
    const [content] = await readAll(this.machine, [this])
    return content
  }

  async write(data: Tensor): Promise<void> {
    this.known = data
    const session = await this.machine.session()
    session.upload(this.on(session), toDevice(data))
  }

  dispose(): void {
    forgotten.unregister(this)
    giveBack(this.held)
  }

  get size(): number {
    return this.known.size
  }

  /** Takes over what was read. */
  accept(data: Float32Array<ArrayBuffer>): Tensor {
    this.known = toHost(data, this.known.shape, this.known.dtype)
    return this.known
  }
}

/** The content of several buffers, read in one go. */
export async function readAll(machine: Machine, buffers: readonly GpuBuffer[]): Promise<Tensor[]> {
  const session = await machine.session()
  return machine.guard(session, async () => {
    const total = buffers.reduce((sum, { size }) => sum + size, 0)
    const staging = session.staging(total)
    try {
      const encoder = session.device.createCommandEncoder()
      let at = 0
      for (const buffer of buffers) {
        if (buffer.size > 0) encoder.copyBufferToBuffer(buffer.on(session), 0, staging, at * 4, buffer.size * 4)
        at += buffer.size
      }
      session.submit(encoder)
      const data = await session.download(staging, total)
      at = 0
      return buffers.map((buffer) => {
        const content = buffer.accept(data.slice(at, at + buffer.size))
        at += buffer.size
        return content
      })
    } finally {
      session.free(staging)
    }
  })
}
