// From the flag a user gives to the backend itself, loaded when first asked for.
import { simd } from 'wasm-feature-detect'
import type { Backend, BackendOption } from '../backends/backend'
import { BackendError } from '../errors'
import { type Graph, isGraph, nodesOf } from '../graph'
import { checkBackendOption } from './options'

const ready = new Map<string, Promise<Backend>>()

/** The backend a flag stands for; the same flag gives the same backend. */
export function selectBackend(option: BackendOption = 'auto'): Promise<Backend> {
  const record = checkBackendOption(option)
  // The same options in any order.
  const key = JSON.stringify(record, ['name', 'threads', 'relaxed', 'wide', 'mode'])
  const known = ready.get(key)
  if (known !== undefined) return known
  const made = load(record)
  ready.set(key, made)
  made.catch(() => ready.delete(key))
  return made
}

/** The backend a graph runs on: what computes in float64 runs on the cpu where the choice is ours. */
export function backendFor(graph: Graph, option: BackendOption = 'auto'): Promise<Backend> {
  const isOurs = checkBackendOption(option).name === 'auto'
  return selectBackend(isOurs && hasFloat64(graph) ? 'cpu' : option)
}

function hasFloat64(graph: Graph): boolean {
  return nodesOf(graph).some(
    ({ outputs, attributes }) =>
      outputs.some(({ dtype }) => dtype === 'float64') ||
      Object.values(attributes).some((attribute) => isGraph(attribute) && hasFloat64(attribute)),
  )
}

async function load(record: Exclude<BackendOption, string>): Promise<Backend> {
  switch (record.name) {
    case 'auto':
      return fastest()
    case 'cpu':
      return (await import('../backends/cpu')).cpuBackend
    case 'wasm':
      return (await import('../backends/wasm')).createWasmBackend(record, tryWide)
    case 'gpu':
      return (await import('../backends/gpu')).createGpuBackend(record)
  }
}

/** Vectors of 256 bits are held to those of 128 before anything else runs on them. */
const tryWide = async (backend: Backend) => (await import('./wideCheck')).whyNotTrusted(backend)

/** The wasm backend where this host lets it start, else the cpu backend, which then says why. */
async function fastest(): Promise<Backend> {
  if (typeof WebAssembly !== 'object' || !(await simd()))
    return cpuBecause('this engine has no WebAssembly with 128-bit SIMD')
  try {
    return await selectBackend('wasm')
  } catch (error) {
    if (!(error instanceof BackendError)) throw error
    return cpuBecause(error.message)
  }
}

async function cpuBecause(reason: string): Promise<Backend> {
  const backend = await selectBackend('cpu')
  return { ...backend, info: { ...backend.info, reason } }
}
