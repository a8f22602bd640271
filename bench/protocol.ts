// The words between the benchmark and a contestant in a child process: one line of JSON a message, requests on standard
// input, answers on standard output behind a mark, because libraries print there too.
import type { InputFile } from './inputs'
import type { adam, sgd, Workload } from './workloads'

export const mark = '@bench '

/** What time is told by: the clock on the wall, or the processor's time of the whole process, with all its threads. */
export type Clock = 'wall' | 'cpu'

export type Request =
  /** Build the model and show what it computes. */
  | {
      readonly do: 'prepare'
      readonly contestant: string
      readonly workload: Workload
      readonly trains: boolean
      readonly adam: typeof adam
      readonly sgd: typeof sgd
      readonly threads: number
      readonly inputs: InputFile
    }
  /** Run for `seconds` that do not count. */
  | { readonly do: 'warm'; readonly seconds: number }
  /** Run for at least `seconds`, and time it. */
  | { readonly do: 'round'; readonly seconds: number; readonly clock: Clock }
  /** Say what the process has used, and end. */
  | { readonly do: 'end' }

/** What a model showed before it was timed. */
export interface Prepared {
  /** The losses of the first steps (the last is that after three updates), or a sample of the outputs. */
  readonly results: readonly number[]
  /** From the start of the process' work to a loaded library, and from there to the end of the first step. */
  readonly loadMs: number
  readonly firstMs: number
  /** What the contestant says of itself, such as its version. */
  readonly about: string
}

export interface Round {
  readonly runs: number
  readonly ms: number
}

export interface Used {
  readonly peakBytes: number
  /** The JavaScript it has parsed, the benchmark's own left out, as it is and by gzip; absent in other languages. */
  readonly scriptBytes?: number
  readonly compressedBytes?: number
}

export type Answer<T> = { readonly ok: T } | { readonly absent: string }

/** How many outputs of a prediction are compared, spread evenly over all of them. */
export const samples = 256
