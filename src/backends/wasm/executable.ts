// A Program translated for a machine, and places for variables. Both give their memory back when they are disposed of, or when the
// garbage collector finds that nobody holds them any more.
import { BackendError } from '../../errors'
import type { Program, Storage } from '../../graph'
import type { DType, Shape, Tensor } from '../../tensor'
import type { Lease } from '../arena'
import type { DeviceBuffer, Executable } from '../backend'
import type { Machine, Write } from './machine'
import { type Layout, type Translation, translate } from './translate'

/** Memory to give back. */
interface Held {
  readonly machine: Machine
  readonly addresses: readonly number[]
  readonly lease?: Lease<Translation>
}

function giveBack({ machine, addresses, lease }: Held): void {
  for (const address of addresses) machine.heap.free(address)
  if (lease !== undefined) machine.arena.release(lease)
}

const forgotten = new FinalizationRegistry<Held>(giveBack)

/** A variable's place in a machine's memory. */
export class WasmBuffer implements DeviceBuffer {
  readonly machine: Machine
  readonly address: number
  private readonly shape: Shape
  private readonly dtype: DType
  private readonly held: Held

  constructor(machine: Machine, { shape, dtype, size }: Tensor) {
    this.machine = machine
    this.shape = shape
    this.dtype = dtype
    this.address = machine.heap.allocate(size * 4)
    this.held = { machine, addresses: [this.address] }
    forgotten.register(this, this.held, this)
  }

  read(): Tensor | Promise<Tensor> {
    return this.machine.read({ at: this.address, shape: this.shape, dtype: this.dtype })
  }

  write(data: Tensor): void | Promise<void> {
    return this.machine.write({ at: this.address, dtype: this.dtype, data: data.data })
  }

  dispose(): void {
    if (forgotten.unregister(this)) giveBack(this.held)
  }
}

/** A Program in a machine's memory. */
class WasmExecutable implements Executable {
  readonly bytes: number
  readonly arenaBytes: number
  private readonly machine: Machine
  private readonly held: Held
  private readonly code: number
  private readonly lease: Lease<Translation>
  private readonly translated: (arena: number) => Translation
  /** The variables' places stay as long as something runs on them. */
  readonly variables: readonly DeviceBuffer[]

  constructor(loaded: Loaded) {
    this.machine = loaded.machine
    this.lease = loaded.lease
    this.held = { machine: loaded.machine, addresses: loaded.addresses, lease: loaded.lease }
    this.code = loaded.code
    this.translated = loaded.translated
    this.variables = loaded.variables
    this.bytes = loaded.bytes
    this.arenaBytes = loaded.lease.bytes
    forgotten.register(this, this.held, this)
  }

  run(given: readonly Tensor[]): Tensor[] | Promise<Tensor[]> {
    const { machine, code } = this
    const writes: Write[] = []
    const { inputs, reads, onAll } = this.lease.binding ?? this.bind(writes)
    for (let i = 0; i < given.length; i++) {
      const { address, dtype } = inputs[i]
      writes.push({ at: address, dtype, data: given[i].data })
    }
    const results = machine.run({ code, onAll, writes, reads })
    if (!(results instanceof Promise)) return results
    // While something runs in a worker, the garbage collector must find its memory in use.
    return results.finally(() => this.held)
  }

  /** Writes the instructions for where the arena lies now. */
  private bind(writes: Write[]): Translation {
    const translation = this.translated(this.machine.arena.block)
    writes.push({ at: this.code, dtype: 'int32', data: translation.code })
    this.lease.binding = translation
    return translation
  }

  dispose(): void {
    if (forgotten.unregister(this)) giveBack(this.held)
  }
}

/** What an executable is made of. */
interface Loaded extends Required<Held> {
  /** Where the instructions lie. */
  readonly code: number
  readonly translated: (arena: number) => Translation
  readonly variables: readonly DeviceBuffer[]
  /** Bytes of instructions and constants. */
  readonly bytes: number
}

/** Not known yet; nothing else lies there, so the instructions come out as long as they will be. */
const somewhere = 2 ** 40

/** Translates a Program and puts it into memory. */
export async function load(
  machine: Machine,
  program: Program,
  variables: ReadonlyMap<number, DeviceBuffer>,
): Promise<Executable> {
  const addresses: number[] = []
  const take = (bytes: number): number => {
    const address = machine.heap.allocate(bytes)
    addresses.push(address)
    return address
  }
  let bytes = 0
  let lease: Lease<Translation> | undefined
  try {
    const constants = new Map<Storage, number>()
    const writes: (void | Promise<void>)[] = []
    const places: Pick<Layout, 'constant' | 'variable'> = {
      constant: (storage) => {
        const known = constants.get(storage)
        if (known !== undefined) return known
        const { data, dtype, size } = storage.data
        const address = take(size * 4)
        bytes += size * 4
        constants.set(storage, address)
        writes.push(machine.write({ at: address, dtype, data }))
        return address
      },
      variable: (storage) => {
        const buffer = variables.get(storage)
        if (buffer instanceof WasmBuffer && buffer.machine === machine) return buffer.address
        throw new BackendError('wasm: a variable of the program has no buffer here')
      },
    }
    // The workspace lies behind the Program's own arena.
    const own = Math.ceil(program.arenaBytes / 64) * 64
    const translated = (arena: number): Translation =>
      translate(program, { ...places, arena, workspace: arena + own, threads: machine.threads }, machine.kernels)
    const { workspaceBytes, code, onAll } = translated(somewhere)
    const at = take(code.byteLength)
    bytes += code.byteLength
    lease = machine.arena.lease(own + workspaceBytes)
    await Promise.all([machine.ready(), ...writes])
    if (onAll) await machine.enlist()
    return new WasmExecutable({
      machine,
      addresses,
      lease,
      code: at,
      translated,
      variables: [...variables.values()],
      bytes,
    })
  } catch (error) {
    giveBack({ machine, addresses, ...(lease === undefined ? {} : { lease }) })
    throw error
  }
}
