// Vectors of 256 bits: V8 (in Node from 24 on, on x64 with AVX2) joins pairs of 128-bit operations where its flag
// `--experimental-wasm-revectorize` is on. It is an experiment of V8's, so it is switched on only where that is asked for. Results stay the
// same to the bit: the sums are the same, two at a time.

import { BackendError, describeValue, OptionError } from '../../errors'

const flag = '--experimental-wasm-revectorize'

/** Whether the flag was set here. It holds for the whole process, with all its threads. */
let isSet = false

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
  const isNode = typeof process === 'object' && typeof process.versions?.node === 'string'
  if (isSet || (isNode && process.execArgv.some((given) => given.replaceAll('_', '-') === flag))) return true
  if (wide === false || (wide === 'auto' && !(isNode && process.env.HORNBEAM_WIDE === '1'))) return false
  const refuse = (got: string): BackendError =>
    new BackendError(`backend wasm: wide: expected Node 24 or newer on an x64 processor, got ${got}`)
  if (!isNode) throw refuse('another host')
  if (process.arch !== 'x64') throw refuse(`a processor of the kind ${process.arch}`)
  if (Number.parseInt(process.versions.node, 10) < 24) throw refuse(`Node ${process.versions.node}`)
  // Not by an import, which bundlers for pages would have to be told of.
  process.getBuiltinModule('node:v8').setFlagsFromString(flag)
  isSet = true
  return true
}
