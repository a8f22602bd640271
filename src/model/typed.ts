// What the compiler knows of a model: what it predicts, and which keys its logs have. Types only.
import type { SymbolicTensor } from '../layers'
import type { MetricName } from '../metrics'
import type { Tensor } from '../tensor'

/** The outputs of a graph, or its inputs: one, a list, or a record by name. */
export type Ends = SymbolicTensor | readonly SymbolicTensor[] | Readonly<Record<string, SymbolicTensor>>

/** What `predict` gives for the outputs of a graph: a tensor for one, as many as there are for several, by name where they have names. */
export type Predicted<O> = O extends readonly [SymbolicTensor] | SymbolicTensor
  ? Tensor
  : O extends readonly [SymbolicTensor, ...SymbolicTensor[]]
    ? { -readonly [index in keyof O]: Tensor }
    : O extends readonly SymbolicTensor[]
      ? Tensor | Tensor[]
      : { -readonly [name in keyof O]: Tensor }

/** The keys of the logs that `compile` tells: those of metrics given by name, for models with one output. */
export type LogKey<P, M> = 'loss' | (P extends Tensor ? (M extends readonly (infer One)[] ? KeyOf<One> : never) : never)

/** Where any name is possible, none is known. */
type KeyOf<One> = MetricName extends One
  ? never
  : One extends string
    ? One
    : One extends readonly (infer Inner)[]
      ? Extract<Inner, string>
      : never
