// What a layer is told while its call is traced, and what it may ask for: mode, masks, states, random numbers, updates.
import { ShapeError } from '../../errors'
import { become, contentOf, originOf, type Update, type Value, type Variable } from '../../graph'
import { add, cast, mean, mul, stopGradient, sub } from '../../ops'
import { type DType, formatShape, isFloat, normalizeSeed, type Shape, sameShape } from '../../tensor'
import { type CallArguments, nothingGiven } from '../options/callOptions'
import type { Watch } from './watch'

/** A source of random numbers inside a traced call: the arguments of `ops.randomUniform` and its kin. */
export interface RandomKey {
  /** The random state: `[seed, step]`, int32. */
  readonly state: Value
  /** A number for this use, different for every use in a program. */
  readonly stream: number
}

/** The context of one call of a layer. */
export interface CallContext {
  /** Whether the layer behaves as in training (dropout drops, batch statistics count). */
  readonly training: boolean
  /** The mask of the (first) input, `bool` of shape [batch, time]; undefined where nothing is masked. */
  readonly mask?: Value | undefined
  /** The masks of all inputs, in order. */
  readonly masks: readonly (Value | undefined)[]
  /** The states to start from, where the caller gave them. */
  readonly initialState?: readonly Value[] | undefined
  /** What else the call was given: tensors such as `attentionMask`, settings such as `useCausalMask`. */
  readonly given: CallArguments<Value>
  /** A random source of its own, with new numbers in each run. With a `seed` they do not depend on `setSeed`. */
  random(seed?: number): RandomKey
  /**
   * Asks for a variable to be given a new value when the program has run; it is brought to the variable's type.
   *
   * @throws ShapeError where it has another shape.
   */
  update(variable: Variable, value: Value): void
  /**
   * Variables for what a layer carries from one run to the next, where the program is part of a stream or of training in
   * chunks; undefined elsewhere, where each run begins anew. They begin as zeros; the layer writes them with `update`.
   *
   * @param part - what they are, so that a layer can carry several things: `states`, ...
   */
  carry(layer: object, part: string, shapes: readonly Shape[], dtype: DType): readonly Variable[] | undefined
  /** How many steps a layer carries at most that carries steps. */
  readonly window: number
  /** A variable's content at this point: what an earlier call within the program will make of it counts. */
  current(variable: Variable): Value
  /** Adds a scalar to the loss, such as a regularisation of an output. */
  addLoss(value: Value): void
  /**
   * Shows a number in the logs and the history: its mean over the samples of an epoch, in training and in tests. A value with more than
   * one element counts as its mean; one that is added twice under a name counts as the last.
   */
  addMetric(name: string, value: Value): void
  /** What is asked of recurrent layers where someone looks into the model. */
  readonly watch?: Watch | undefined
  /** Whether the graph is to have one form for every length: sequences are loops then, not rounds or stretches as the length has them. */
  readonly anyLength: boolean
  /** Tells what a cell does in a step, such as its gates, by name: `model.inspect` shows it. Else it costs nothing. */
  note(values: Readonly<Record<string, Value>>): void
  /** The context for a layer inside this one. */
  inner(changes: Partial<Pick<CallContext, 'training' | 'masks' | 'initialState' | 'given' | 'watch'>>): CallContext
}

/** Where what layers carry is kept; see {@link CallContext.carry}. There is one for each traced program. */
export type Carrier = CallContext['carry']

/** The state that random numbers of a program follow, and what its calls ask of it: one for each traced program. */
export interface Trace {
  readonly training: boolean
  readonly randomState: Value
  readonly updates: Map<Variable, Update>
  readonly losses: Value[]
  /** What layers show in the logs, by name. */
  readonly metrics: Map<string, Value>
  readonly carrier: Carrier | undefined
  readonly watch: Watch | undefined
  readonly anyLength: boolean
  readonly window: number
  streams: number
}

/** How many steps are carried where nobody says. */
const defaultWindow = 512

/** Begins a trace. */
export function beginTrace(
  training: boolean,
  randomState: Value,
  given: Partial<Pick<Trace, 'carrier' | 'watch' | 'anyLength' | 'window'>> = {},
): Trace {
  const { carrier, watch, anyLength = false, window = defaultWindow } = given
  const made = { updates: new Map(), losses: [], metrics: new Map(), streams: 0 }
  return { training, randomState, carrier, watch, anyLength, window, ...made }
}

/** The context in which a layer is called within a trace. */
export function contextOf(
  trace: Trace,
  masks: readonly (Value | undefined)[] = [],
  initialState?: readonly Value[],
  training = trace.training,
  watch: Watch | null | undefined = trace.watch,
  given: CallArguments<Value> = nothingGiven,
): CallContext {
  return {
    training,
    mask: masks[0],
    masks,
    initialState,
    given,
    random(seed) {
      trace.streams++
      return { state: seed === undefined ? trace.randomState : seeded(trace.randomState, seed), stream: trace.streams }
    },
    update(variable, value) {
      if (!sameShape(value.shape, variable.shape)) {
        throw new ShapeError(
          `${variable.name}: expected a new value of shape ${formatShape(variable.shape)}, got ${formatShape(value.shape)}`,
        )
      }
      const typed = cast(value, variable.dtype)
      const before = variable.value
      trace.updates.set(variable, { variable: variable.source, value: typed })
      if (variable.trainable && isFloat(typed.dtype)) {
        become(variable, inPlaceOf(before, typed), originOf(before))
      } else {
        become(variable, typed)
      }
    },
    window: trace.window,
    carry: (layer, part, shapes, dtype) => trace.carrier?.(layer, part, shapes, dtype),
    // What an optimizer made of it since counts before what layers did.
    current: (variable) => contentOf(variable) ?? trace.updates.get(variable)?.value ?? variable.value,
    addLoss(value) {
      trace.losses.push(value)
    },
    addMetric(name, value) {
      trace.metrics.set(name, cast(value.rank === 0 ? value : mean(value), 'float32'))
    },
    watch: watch ?? undefined,
    anyLength: trace.anyLength,
    note() {
      // Nobody looks.
    },
    inner(changes) {
      const { masks: own = [], initialState: states, training: mode = training, given: further } = changes
      return contextOf(trace, own, states, mode, 'watch' in changes ? (changes.watch ?? null) : watch, further)
    },
  }
}

/** A value to go on with, where gradients flow to what it stands in the place of. */
export function inPlaceOf(before: Value, value: Value): Value {
  // The difference is zero.
  return add(stopGradient(value), sub(before, stopGradient(before)))
}

/** The same step of another seed. */
function seeded(state: Value, seed: number): Value {
  return add(mul(state, [0, 1]), [normalizeSeed(seed), 0])
}
