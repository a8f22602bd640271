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

/** Variables whose content is on its way: what is changed where it was would be lost. */
const leaving = new Set<Variable>()

/** The buffer a variable's present content is in, if it is on the backend and stays there. */
export function bufferOn(variable: Variable, backend: Backend): DeviceBuffer | undefined {
  const { storage } = variable
  if ((leaving.size > 0 && leaving.has(variable)) || !(storage instanceof DeviceStorage) || storage.owner !== backend)
    return undefined
  return storage.buffer
}

let last: Promise<unknown> = /* @__PURE__ */ Promise.resolve()

/** Does work that moves variables when nobody else moves any: two programs would take them from each other in turn for ever. */
export function alone<T>(work: () => Promise<T>): Promise<T> {
  const turn = last.then(work)
  last = turn.catch(() => undefined)
  return turn
}

/**
 * Moves a variable's content to a backend, if it is not there, and gives its buffer: the same until it is released. To be
 * called `alone`.
 */
export async function moveTo(variable: Variable, backend: Backend): Promise<DeviceBuffer> {
  const here = bufferOn(variable, backend)
  if (here !== undefined) return here
  leaving.add(variable)
  try {
    const content = await variable.storage.read()
    const known = placeOn(variable, backend)
    await known?.write(content)
    const place = known ?? (await makePlace(variable, backend, content))
    variable.storage = place
    return place.buffer
  } finally {
    leaving.delete(variable)
  }
}

async function makePlace(variable: Variable, backend: Backend, content: Tensor): Promise<DeviceStorage> {
  const made = new DeviceStorage(backend, await backend.allocate(variable.shape, variable.dtype, content))
  const all = places.get(variable) ?? new Map<Backend, DeviceStorage>()
  places.set(variable, all.set(backend, made))
  return made
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
export function release(variable: Variable): Promise<void> {
  return alone(async () => {
    const all = places.get(variable)
    if (all === undefined) return
    leaving.add(variable)
    try {
      variable.moveToHost(await variable.storage.read())
    } finally {
      leaving.delete(variable)
    }
    for (const { buffer } of all.values()) buffer.dispose()
    places.delete(variable)
  })
}
