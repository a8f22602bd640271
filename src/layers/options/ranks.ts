// What the compiler knows of the numbers of axes that layers take and give, so that those one after another go together. Types only.
// Where something is not known, they say nothing. A layer of one kind may stand wherever one of another does: what is known of it
// is in the parameters of its type alone, which nothing is made of.

import type { Tensor } from '../../tensor'
import type { Layer } from '../base/layer'
import type { Ran } from '../base/run'
import type { RecurrentLayer } from '../recurrent/recurrentLayer'

/** How many axes come out: so many, as many as came in, or one more. */
type Leaving = number | 'same' | 'more'

/**
 * A layer of which the compiler knows the kind, how many axes inputs have, the batch among them (`number` where any do), and how
 * many outputs have.
 */
export interface Ranked<_Kind extends string, _In extends number, _Out extends Leaving> extends Layer {}

/** The same of a layer that goes over sequences: all steps come out, or the last one; and the states behind it, or not. */
export interface OverSequence<_Kind extends string, _All extends boolean, _States extends boolean>
  extends RecurrentLayer {}

/** The kind, what it takes, and what it gives; never where that is not known. */
type Facts<L> =
  L extends OverSequence<infer Kind, infer All, boolean>
    ? string extends Kind
      ? FactsOfRanked<L>
      : [Kind, 3, boolean extends All ? number : All extends true ? 3 : 2]
    : FactsOfRanked<L>

type FactsOfRanked<L> =
  L extends Ranked<infer Kind, infer In, infer Out> ? (string extends Kind ? never : [Kind, In, Out]) : never

/** The layers, each of which has to take what the one before gives: where it does not, a text that says so stands in its place. */
export type Chain<Layers extends readonly unknown[], Rank extends number = number> = number extends Layers['length']
  ? unknown // a list of any length
  : Links<Layers, Rank>

type Links<Layers extends readonly unknown[], Rank extends number> = Layers extends readonly [
  infer First,
  ...infer Rest,
]
  ? readonly [Fitting<Facts<First>, Rank>, ...Links<Rest, RankAfter<Facts<First>, Rank>>]
  : readonly []

type Fitting<Known, Rank extends number> = [Known] extends [
  [infer Kind extends string, infer In extends number, Leaving],
]
  ? number extends In | Rank
    ? unknown
    : Rank extends In
      ? unknown
      : `${Kind}: expected ${Axes<In>}, got ${Axes<Rank>}${Hint<In, Rank>}`
  : unknown

type RankAfter<Known, Rank extends number> = [Known] extends [never]
  ? number
  : Known extends [string, number, infer Out]
    ? Out extends number
      ? Out
      : Out extends 'more'
        ? More<Rank>
        : Rank
    : number

/** One more; any number of any. */
type More<Rank extends number> = number extends Rank ? number : [1, 2, 3, 4, 5, 6, 7][Rank]

/** The number of axes that inputs of this shape have, with the batch. */
export type RankOf<Shape extends readonly unknown[]> = number extends Shape['length'] ? number : More<Shape['length']>

/** What is known of a wrapper that takes and gives what the layer inside does. */
export type Around<Kind extends string, Inner> = [StatesOf<Inner>] extends [true]
  ? Layer
  : Facts<Inner> extends [string, infer In extends number, infer Out extends Leaving]
    ? Ranked<Kind, In, Out>
    : Layer

/** Whether a layer gives its states behind its output. */
type StatesOf<L> = L extends OverSequence<string, boolean, infer States> ? States : boolean

/** What a layer gives for data: a tensor, or with its states a list; what can be used as either where that is not known. */
export type Given<L> =
  L extends OverSequence<infer Kind, boolean, infer States>
    ? string extends Kind
      ? GivenByRanked<L>
      : boolean extends States
        ? Ran
        : States extends false
          ? Tensor
          : Kind extends 'lstm'
            ? [output: Tensor, h: Tensor, c: Tensor]
            : [output: Tensor, h: Tensor]
    : GivenByRanked<L>

type GivenByRanked<L> = L extends Ranked<infer Kind, number, Leaving> ? (string extends Kind ? Ran : Tensor) : Ran

type Axes<Rank extends number> = Rank extends 2
  ? '[batch, features]'
  : Rank extends 3
    ? '[batch, time, features]'
    : Rank extends 4
      ? '[batch, height, width, channels]'
      : `${Rank} axes`

type Hint<In extends number, Rank extends number> = [In, Rank] extends [3, 2]
  ? '; returnSequences: true in the layer before gives all steps'
  : ''

/** How many axes the data for a list of layers have: as a shape says, else as the first layer takes. */
export type Taken<Layers extends readonly unknown[], Rank extends number> = number extends Layers['length']
  ? number
  : number extends Rank
    ? Layers extends readonly [infer First, ...unknown[]]
      ? Facts<First> extends [string, infer In extends number, Leaving]
        ? In
        : number
      : number
    : Rank
