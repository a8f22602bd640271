// Where a run of `fit` stands: what it takes, beside weights and the state of layers and optimizer, to go on with it as if it had
// not stopped.

import type { Logs } from '../../callbacks'
import { describeValue, FormatError } from '../../errors'
import type { Json } from '../../registry'

/** Which random order the samples of a run are visited in: each epoch has another one of it. */
export interface Shuffling {
  readonly seed: number
  readonly stream: number
}

/** A walk over the data, counted from 0, and how many of its batches were taken. */
export interface Taken {
  readonly walk: number
  readonly taken: number
}

/** Where a run stands. */
export interface RunPosition extends Taken {
  /** The epoch it is in, or about to begin, counted from 0. */
  readonly epoch: number
  /** How many batches of that epoch were trained on. */
  readonly step: number
  /** undefined where samples come in their own order, or a dataset brings one. */
  readonly shuffling: Shuffling | undefined
}

/** A position with what the epoch came to so far: as a file keeps it. */
export interface KeptPosition extends RunPosition {
  /** The losses and metrics of the epoch up to here; undefined at its beginning. */
  readonly logs: Logs | undefined
}

/** A position as JSON. Logs may be what JSON does not have. */
export function positionToJSON({ shuffling, logs, ...numbers }: KeptPosition): Json {
  return {
    ...numbers,
    ...(shuffling === undefined ? {} : { shuffling: { ...shuffling } }),
    ...(logs === undefined ? {} : { logs: Object.entries(logs).map(([key, value]) => [key, textsOf(value)]) }),
  }
}

/** The position that JSON says. @throws FormatError for what is none. */
export function positionFromJSON(json: unknown): KeptPosition {
  const count = (from: unknown, name: string): number => {
    const value: unknown = typeof from === 'object' && from !== null ? Reflect.get(from, name) : undefined
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
    throw new FormatError(`model: run: ${name}: expected a whole number from 0, got ${describeValue(value)}`)
  }
  const { shuffling, logs }: Readonly<Record<string, unknown>> = Object(json)
  return {
    epoch: count(json, 'epoch'),
    step: count(json, 'step'),
    walk: count(json, 'walk'),
    taken: count(json, 'taken'),
    shuffling:
      shuffling === undefined ? undefined : { seed: count(shuffling, 'seed'), stream: count(shuffling, 'stream') },
    logs: logs === undefined ? undefined : logsFrom(logs),
  }
}

function textsOf(value: unknown): Json {
  return Array.isArray(value) ? value.map(String) : String(value)
}

function logsFrom(json: unknown): Logs {
  const isPair = (item: unknown): item is [string, string | string[]] =>
    Array.isArray(item) && item.length === 2 && item.flat().every((part) => typeof part === 'string')
  if (!Array.isArray(json) || !json.every(isPair)) {
    throw new FormatError(`model: run: logs: expected pairs of texts, got ${describeValue(json)}`)
  }
  // What the compiler takes for numbers are lists where a metric has several, see Logs.
  const numbersOf = (value: string | string[]): number =>
    Array.isArray(value) ? (value.map(Number) as unknown as number) : Number(value)
  return Object.fromEntries(json.map(([key, value]) => [key, numbersOf(value)]))
}
