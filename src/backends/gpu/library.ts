// gpu.js, an optional dependency that is loaded when it is first asked for, and what it needs in Node.
import type { GPU } from 'gpu.js'
import { BackendError, loadPackage, notFound } from '../../errors'
import { hasNode } from '../../host'

/** The modes of gpu.js. */
export type GpuMode = 'webgpu' | 'webgl2' | 'headlessgl' | 'webasm' | 'cpu'

/** What of gpu.js is used. */
export interface Library {
  readonly GPU: typeof GPU
}

const wanted = { where: 'backend gpu', name: 'gpu.js', entry: 'hornbeam/gpu' }

let given: (() => Promise<object>) | undefined

/** Says how gpu.js is loaded, for bundlers that must not look for it by themselves. */
export function useLibrary(load: () => Promise<object>): void {
  given = load
}

/** Loads gpu.js. @throws BackendError when it is not installed. */
export async function loadLibrary(): Promise<Library> {
  // A classic script of its own leaves it in the page.
  const found = libraryIn(globalThis)
  if (found !== undefined) return found
  const loaded = await (given?.() ?? loadPackage(wanted, import('#gpu').catch(notFound)))
  // A CommonJS module: bundlers and Node differ in where its exports are, and loaded by an import map it is left in the page.
  for (const place of [loaded, Reflect.get(loaded, 'default'), globalThis]) {
    const library = libraryIn(place)
    if (library !== undefined) return library
  }
  throw new BackendError('backend gpu: expected gpu.js to export GPU, which it does not')
}

function libraryIn(place: unknown): Library | undefined {
  const found: unknown = Reflect.get(Object(place), 'GPU')
  // The browser has a class of the same name, of WebGPU.
  return typeof found === 'function' && 'isWebGPUSupported' in found ? { GPU: found as typeof GPU } : undefined // gpu.js' own
}

/**
 * Puts WebGPU in its place where there is none, as in Node, and asks it for an adapter.
 *
 * @returns why there is no WebGPU; undefined where there is.
 */
export async function provideWebGpu(): Promise<string | undefined> {
  const missing = await putInPlace()
  if (missing !== undefined) return missing
  // Asked for here, since gpu.js takes one reason for all engines in which there is none.
  return (await navigator.gpu.requestAdapter()) === null ? 'this engine finds no adapter for WebGPU' : undefined
}

/** `navigator.gpu` and the globals, from the package `webgpu`; why that cannot be, or undefined. */
async function putInPlace(): Promise<string | undefined> {
  if (typeof navigator === 'object' && 'gpu' in navigator && navigator.gpu) return undefined
  if (!hasNode()) return 'navigator.gpu is missing'
  // Not written in the import, so that bundlers for the browser do not look for it.
  const name = 'webgpu'
  try {
    // What its own types say it exports.
    const { create, globals } = (await import(
      /* webpackIgnore: true */ /* @vite-ignore */ name
    )) as typeof import('webgpu')
    Object.assign(globalThis, globals)
    const host = typeof navigator === 'object' ? navigator : {}
    if (typeof navigator !== 'object')
      Object.defineProperty(globalThis, 'navigator', { value: host, configurable: true })
    Object.defineProperty(host, 'gpu', { value: create([]), configurable: true })
    return undefined
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    return `the package webgpu, which Node needs for it, does not load (${reason}); run 'npm install webgpu'`
  }
}
