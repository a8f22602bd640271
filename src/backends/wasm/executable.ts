// A Program translated for a machine, and places for variables. Both give their memory back when they are disposed of, or when the
// garbage collector finds that nobody holds them any more.
import { BackendError } from '../../errors'
import type { Program, Storage } from '../../graph'
import type { DType, Shape, Tensor } from '../../tensor'
import type { DeviceBuffer, Executable } from '../backend'
import type { Operand } from './kernels'
import type { Machine } from './machine'
import { type Layout, type Translation, translate } from './translate'

/** Memory to give back. */
interface Held {
  readonly machine: Machine
  readonly addresses: readonly number[]
}

function giveBack({ machine, addresses }: Held): void {
  for (const address of addresses) machine.heap.free(address)
}

const forgotten = new FinalizationRegistry<Held>(giveBack)

/** Below this many cycles a Program runs on one thread: the others would take as long to wake. */
const worthThreads = 300_000

function sharesWork({ cycles }: Translation): boolean {
  return cycles >= worthThreads
}

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
  private readonly machine: Machine
  private readonly held: Held
  private readonly code: number
  private readonly inputs: readonly Operand[]
  private readonly outputs: readonly Operand[]
  private readonly onAll: boolean
  /** The variables' places stay as long as something runs on them. */
  readonly variables: readonly DeviceBuffer[]

  constructor(held: Held, code: number, translation: Translation, variables: readonly DeviceBuffer[], bytes: number) {
    this.machine = held.machine
    this.held = held
    this.code = code
    this.inputs = translation.inputs
    this.outputs = translation.outputs
    this.onAll = sharesWork(translation)
    this.variables = variables
    this.bytes = bytes
    forgotten.register(this, held, this)
  }

  run(given: readonly Tensor[]): Tensor[] | Promise<Tensor[]> {
    const { machine, inputs, outputs, code, onAll } = this
    const writes = given.map(({ data }, i) => ({ at: inputs[i].address, dtype: inputs[i].dtype, data }))
    const reads = outputs.map(({ address, shape, dtype }) => ({ at: address, shape, dtype }))
    const results = machine.run({ code, onAll, writes, reads })
    if (!(results instanceof Promise)) return results
    // While something runs in a worker, the garbage collector must find its memory in use.
    return results.finally(() => this.held)
  }

  dispose(): void {
    if (forgotten.unregister(this)) giveBack(this.held)
  }
}

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
  let bytes = program.arenaBytes
  try {
    const constants = new Map<Storage, number>()
    const writes: (void | Promise<void>)[] = []
    const layout: Layout = {
      arena: take(program.arenaBytes),
      // Not known yet; nothing else lies there, so the instructions come out as long as they will be.
      workspace: 2 ** 40,
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
    const { workspaceBytes, code } = translate(program, layout, machine.kernels)
    const translation = translate(program, { ...layout, workspace: take(workspaceBytes) }, machine.kernels)
    const at = take(code.byteLength)
    bytes += workspaceBytes + code.byteLength
    writes.push(machine.write({ at, dtype: 'int32', data: translation.code }))
    await Promise.all([machine.ready(), ...writes])
    if (sharesWork(translation)) await machine.enlist()
    return new WasmExecutable({ machine, addresses }, at, translation, [...variables.values()], bytes)
  } catch (error) {
    giveBack({ machine, addresses })
    throw error
  }
}
