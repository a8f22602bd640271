// Vectors of 256 bits: V8 (in Node from 24 on, on x64 with AVX2) joins pairs of 128-bit operations where its flag
// `--experimental-wasm-revectorize` is on. It is an experiment of V8's, so it is switched on only where that is asked for. Results stay the
// same to the bit: the sums are the same, two at a time.

import { BackendError, describeValue, OptionError } from '../../errors'
import { hasNode } from '../../host'

const flag = '--experimental-wasm-revectorize'

/** Whether the flag was set here. It holds for the whole process, with all its threads. */
let isSet = false

/** Why vectors are not joined any more, where results were found to differ. */
let distrust: string | undefined

/** @throws OptionError for what is neither a boolean nor 'auto'. */
export function checkWide(wide: unknown): asserts wide is boolean | 'auto' | undefined {
  if (wide === undefined || wide === 'auto' || typeof wide === 'boolean') return
  throw new OptionError(`backend wasm: wide: expected true, false or 'auto', got ${describeValue(wide)}`)
}

/**
 * Whether kernels that are compiled from here on are widened: with `'auto'` where the process was started with the flag, or
 * with `HORNBEAM_WIDE=1`; with `true` always.
 *
 * @throws BackendError that says what is missing, where it is asked for and cannot be had.
 */
export function widen(wide: boolean | 'auto'): boolean {
  if (distrust !== undefined) return false
  const isNode = hasNode()
  if (isSet || (isNode && process.execArgv.some((given) => given.replaceAll('_', '-') === flag))) return true
  if (wide === false || (wide === 'auto' && !(isNode && process.env.HORNBEAM_WIDE === '1'))) return false
  const got = whatIsMissing()
  if (got !== undefined)
    throw new BackendError(`backend wasm: wide: expected Node 24 or newer on an x64 processor, got ${got}`)
  setFlag(flag)
  isSet = true
  return true
}

/** What there is in place of a host that joins vectors; undefined where it does. */
function whatIsMissing(): string | undefined {
  if (!hasNode()) return 'another host'
  if (process.arch !== 'x64') return `a processor of the kind ${process.arch}`
  if (Number.parseInt(process.versions.node, 10) < 24) return `Node ${process.versions.node}`
  flagsAreTaken ??= takesFlags()
  return flagsAreTaken ? undefined : 'a host whose engine is not V8'
}

let flagsAreTaken: boolean | undefined

/** Whether flags of V8 do anything: others than V8 (as in Bun) take them without a word. Tried with one whose effect can be seen. */
function takesFlags(): boolean {
  // Set already, and to be left.
  if (typeof Reflect.get(globalThis, 'gc') === 'function') return true
  setFlag('--expose-gc')
  const isSeen = process.getBuiltinModule('node:vm').runInNewContext('typeof gc') === 'function'
  setFlag('--no-expose-gc')
  return isSeen
}

/** Not by an import, which bundlers for pages would have to be told of. */
function setFlag(text: string): void {
  process.getBuiltinModule('node:v8').setFlagsFromString(text)
}

/** Lets V8 join no vectors in what is compiled from here on. */
export function distrustWide(reason: string): void {
  if (whatIsMissing() === undefined) setFlag(flag.replace('--', '--no-'))
  isSet = false
  distrust = reason
}

/** What there is to tell of vectors: whether they are joined; where they are not, why, or that they could be. */
export function tellWide(isWide: boolean): { wide: boolean; whyNotWide?: string; canBeWide?: boolean } {
  if (isWide) return { wide: true }
  if (distrust !== undefined) return { wide: false, whyNotWide: distrust }
  return whatIsMissing() === undefined ? { wide: false, canBeWide: true } : { wide: false }
}

/** Whether the engine's code for a module is not to be used, because it has joined vectors in it. */
export function mustCompileAnew(): boolean {
  return distrust !== undefined
}
