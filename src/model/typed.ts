// What the compiler knows of a model: what it predicts, and which keys its logs have. Types only.

import type { Texts } from '../data'
import type { SymbolicTensor } from '../layers'
import type { MetricName } from '../metrics'
import type { NestedArray, Tensor } from '../tensor'

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

/** How many axes plain data have: nested arrays of a known depth; any number of what has a shape of its own. */
type AxesOf<X> = 0 extends 1 & X
  ? number // any
  : NestedArray extends X
    ? number
    : X extends Texts
      ? number
      : X extends number | boolean
        ? 0
        : X extends readonly (infer E)[]
          ? Deeper<AxesOf<E>>
          : number

type Deeper<Rank extends number> = number extends Rank ? number : [1, 2, 3, 4, 5, 6, 7, 8][Rank]

/**
 * Data for a model whose input has so many axes. In the place of nested arrays of another depth stands a text that says so. One axis does for two:
 * a number a sample. What has a shape of its own fits, and what is not known.
 */
export type Fed<X, In extends number> = number extends In | AxesOf<X>
  ? X
  : AxesOf<X> & (In extends 2 ? 1 | 2 : In) extends never
    ? `expected ${In} axes, the samples first, got nested arrays of ${AxesOf<X>}`
    : X
