// The state as the part of the address after `#`, and back. Only what differs from the defaults is written; texts and tables are
// compressed. What cannot be read is left at its default.
import {
  activationNames,
  backendNames,
  bounds,
  cellNames,
  clippings,
  defaults,
  mostCharacters,
  optimizerNames,
  type Poke,
  type State,
  starts,
  taskNames,
} from './state'

type Key = keyof State

const choices: Partial<Record<Key, readonly string[]>> = {
  task: taskNames,
  activation: activationNames,
  start: starts,
  optimizer: optimizerNames,
  clipping: clippings,
  backend: backendNames,
  cell: cellNames,
}

/** The state as `key=value&...`. */
export async function toAddress(state: State): Promise<string> {
  const parts: string[] = []
  for (const key of Object.keys(defaults) as Key[]) {
    const value = state[key]
    if (value === undefined || String(value) === String(defaults[key])) continue
    parts.push(`${key}=${await written(key, value)}`)
  }
  return parts.join('&')
}

async function written(key: Key, value: NonNullable<State[Key]>): Promise<string> {
  if (key === 'text' || key === 'table') return packed(String(value))
  if (typeof value === 'object' && 'unit' in value) {
    return [value.layer, value.step, value.unit, value.value].join(',')
  }
  return encodeURIComponent(String(value)).replaceAll('%2C', ',')
}

/** The state that an address says. */
export async function fromAddress(address: string): Promise<State> {
  const entries: [string, unknown][] = []
  for (const [key, text] of new URLSearchParams(address.replace(/^#/, ''))) {
    const value = await read(key, text).catch(() => undefined)
    if (value !== undefined) entries.push([key, value])
  }
  const state: State = { ...defaults, ...Object.fromEntries(entries) }
  return state.cells.includes(state.cell) ? state : { ...state, cell: state.cells[state.cells.length - 1] }
}

async function read(key: string, text: string): Promise<unknown> {
  if (!(key in defaults)) return undefined
  if (key === 'text' || key === 'table') return (await unpacked(text)).slice(0, mostCharacters)
  if (key === 'cells') {
    const named = text.split(',')
    const cells = cellNames.filter((name) => named.includes(name))
    return cells.length > 0 ? cells : undefined
  }
  if (key === 'poke') return pokeOf(text.split(',').map(Number))
  if (key === 'forgetBias') return text === 'true'
  const among = choices[key as Key]
  if (among !== undefined) return among.includes(text) ? text : undefined
  const range = (bounds as Partial<Record<string, readonly [number, number]>>)[key]
  if (range === undefined) return text
  const value = Number(text)
  return text === '' || !Number.isFinite(value) ? undefined : Math.min(Math.max(value, range[0]), range[1])
}

function pokeOf([layer, step, unit, value]: readonly number[]): Poke | undefined {
  const isWhole = [layer, step, unit].every((number) => Number.isInteger(number) && number >= 0)
  return isWhole && Number.isFinite(value) ? { layer, step, unit, value } : undefined
}

/** The last text that was packed: texts are long, and seldom change. */
let lastPacked = { text: '', as: '' }

async function packed(text: string): Promise<string> {
  if (lastPacked.text !== text) {
    const bytes = await through(new CompressionStream('deflate-raw'), new TextEncoder().encode(text))
    const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    lastPacked = { text, as: base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '') }
  }
  return lastPacked.as
}

async function unpacked(text: string): Promise<string> {
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
  return new TextDecoder().decode(await through(new DecompressionStream('deflate-raw'), bytes))
}

async function through(stream: CompressionStream | DecompressionStream, bytes: Uint8Array<ArrayBuffer>) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer())
}
