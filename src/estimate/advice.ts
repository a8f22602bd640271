// Warnings of an estimate: when training would take hours, or more memory than there is, and what would help.
import type { BackendInfo } from '../backends/backend'
import { bytesText, secondsText } from './words'

/** What advice depends on. */
export interface Circumstances {
  readonly totalSeconds: number
  readonly peakBytes: number
  readonly batchSize: number
  readonly samples: number
  /** Steps of a sequence; undefined for models without sequences. */
  readonly sequenceLength: number | undefined
  /** Whether gradients are cut after so many steps already. */
  readonly truncate: number | undefined
  readonly backend: BackendInfo
  /** Layers by kind, and the share of a step that each takes. */
  readonly layers: readonly { readonly name: string; readonly kind: string; readonly share: number }[]
  /** Whether the backend could not make room for the programs. */
  readonly isTooLarge: boolean
}

/** From this many seconds on, training takes hours. */
const long = 3600
const wasmLimit = 4 * 2 ** 30

/** What may be had of a host with wider vectors that are off. */
export const wider =
  "vectors of 256 bits, { name: 'wasm', wide: true }, train recurrent models 1.2 to 1.4 times as fast"

/** The warnings, each with its advice; none where all is well. */
export function warningsFor(given: Circumstances): string[] {
  const warnings: string[] = []
  if (given.totalSeconds >= long) {
    warnings.push(`training would take ${secondsText(given.totalSeconds)}; it helps to ${joined(timeAdvice(given))}`)
  }
  const limit = given.backend.name === 'wasm' ? wasmLimit : undefined
  if (given.isTooLarge || (limit !== undefined && given.peakBytes > 0.9 * limit)) {
    const room = limit === undefined ? 'there is room for' : `the ${bytesText(limit)} that WebAssembly can address`
    const verb = given.isTooLarge ? 'does not fit into' : 'comes near'
    warnings.push(
      `training needs ${bytesText(given.peakBytes)} of memory, which ${limit === undefined ? 'is more than' : verb} ${room}; it helps to ${joined(memoryAdvice(given))}`,
    )
  }
  return warnings
}

function timeAdvice({ batchSize, samples, sequenceLength, truncate, backend, layers }: Circumstances): string[] {
  const advice: string[] = []
  if (backend.name === 'cpu') advice.push("use the 'wasm' backend, which is several times as fast")
  if (backend.name === 'wasm' && backend.threads === 1) advice.push('give the wasm backend more threads')
  if (backend.canBeWide === true) advice.push(`try ${wider}`)
  if (batchSize < 128 && samples >= 4 * batchSize) {
    advice.push(`take larger batches than ${batchSize} (with a higher learning rate): fewer steps, each better used`)
  }
  if (sequenceLength !== undefined && sequenceLength >= 100) {
    const cut = truncate === undefined ? ', or cut them with truncate, which lets weights learn after each part' : ''
    advice.push(`shorten the sequences of ${sequenceLength} steps${cut}`)
  }
  const slowest = layers.toSorted((a, b) => b.share - a.share).at(0)
  if (slowest !== undefined) {
    if (slowest.kind === 'lstm') advice.push(`replace ${slowest.name} by a gru, which has three quarters of its work`)
    advice.push(`give ${slowest.name} fewer units: half of them have about a quarter of its work`)
  }
  return advice
}

function memoryAdvice({ batchSize, sequenceLength, truncate }: Circumstances): string[] {
  const advice: string[] = []
  if (sequenceLength !== undefined && sequenceLength >= 100) {
    advice.push(truncate === undefined ? 'cut the sequences with truncate' : 'cut the sequences into shorter parts')
  }
  if (batchSize > 1) advice.push(`take smaller batches than ${batchSize}`)
  return [...advice, 'use fewer units']
}

function joined(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join('; ')}; or ${parts[parts.length - 1]}`
}
