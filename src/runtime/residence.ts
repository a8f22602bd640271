// Where variables live: each backend that has used one keeps a buffer for it, and one place holds the present content.
import type { Backend, DeviceBuffer } from '../backends/backend'
import type { Variable, VariableStorage } from '../graph'
import type { Tensor } from '../tensor'

class DeviceStorage implements VariableStorage {
  readonly owner: Backend
  readonly buffer: DeviceBuffer

  constructor(owner: Backend, buffer: DeviceBuffer) {
    this.owner = owner
    this.buffer = buffer
  }

  read(): Tensor | Promise<Tensor> {
    return this.buffer.read()
  }

  write(data: Tensor): void | Promise<void> {
    return this.buffer.write(data)
  }
}

const places = new WeakMap<Variable, Map<Backend, DeviceStorage>>()

/** The place a variable has, or had, on a backend. */
function placeOn(variable: Variable, backend: Backend): DeviceStorage | undefined {
  return places.get(variable)?.get(backend)
}

/** Whether a variable's present content is on the backend. */
export function isOn(variable: Variable, backend: Backend): boolean {
  return variable.storage.owner === backend
}

/** Moves a variable's content to a backend, if it is not there, and gives its buffer, which stays the same for good. */
export async function moveTo(variable: Variable, backend: Backend): Promise<DeviceBuffer> {
  const known = placeOn(variable, backend)
  if (known !== undefined && variable.storage === known) return known.buffer
  const content = await variable.storage.read()
  if (known !== undefined) {
    await known.write(content)
    variable.storage = known
    return known.buffer
  }
  const made = new DeviceStorage(backend, await backend.allocate(variable.shape, variable.dtype, content))
  const all = places.get(variable) ?? new Map<Backend, DeviceStorage>()
  places.set(variable, all.set(backend, made))
  variable.storage = made
  return made.buffer
}

/** Has the backends remember what the variables hold now, should a device be lost. */
export async function keep(variables: Iterable<Variable>): Promise<void> {
  const buffers = new Map<Backend, DeviceBuffer[]>()
  for (const { storage } of variables) {
    if (!(storage instanceof DeviceStorage) || storage.owner.keep === undefined) continue
    const list = buffers.get(storage.owner) ?? []
    list.push(storage.buffer)
    buffers.set(storage.owner, list)
  }
  for (const [backend, list] of buffers) await backend.keep?.(list)
}

/** Brings a variable's content back to the host and frees its buffers on every backend. */
export async function release(variable: Variable): Promise<void> {
  const all = places.get(variable)
  if (all === undefined) return
  const content = await variable.storage.read()
  variable.moveToHost(content)
  for (const { buffer } of all.values()) buffer.dispose()
  places.delete(variable)
}
