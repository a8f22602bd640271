// What an engine is asked to do, and what it answers: plain data, which goes over HTTP.
import type { BackendOption } from 'hornbeam'

/** What an engine is asked to do. */
export interface Order {
  readonly runs: readonly {
    readonly name: string
    readonly backend: BackendOption
    readonly length: 'whole' | 'part' | 'small'
  }[]
  /** Where it keeps a model: a folder, or `indexeddb://`. */
  readonly place: string
}

/** What a run of training came to. */
export interface Run {
  /** What `model.backend` said. */
  readonly backend: Readonly<Record<string, unknown>>
  readonly losses: readonly number[]
  readonly predicted: readonly number[]
  /** The hash of the weights after 200 steps; left out of a shorter run. */
  readonly hash?: string
}

/** What an engine answers. */
export interface Report {
  /** What the engine says of itself; `processors` is 0 where it does not tell. */
  readonly host: { readonly isolated: boolean; readonly sharesMemory: boolean; readonly processors: number }
  /** The runs by their names; a text says why there is none. */
  readonly runs: Readonly<Record<string, Run | string>>
  /** What else was tried, by name: an empty text where it went well, else what was wrong. */
  readonly uses: Readonly<Record<string, string>>
}
