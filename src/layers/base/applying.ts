// A layer applied to values, inside the `call` of another or in a traced function: what is known there of the call that goes on.

import { describeValue, OptionError } from '../../errors'
import { constant, currentScope, inScope, Value } from '../../graph'
import { getSeed } from '../../tensor'
import { type FurtherOptions, readGiven } from '../options/callOptions'
import { beginTrace, type CallContext, contextOf } from './context'
import type { Called, Layer } from './layer'

/** How a layer is applied to values. */
export interface ApplyToValuesOptions extends FurtherOptions<Value> {
  /** Whether it behaves as in training; as the call around it does by default, and as in prediction where there is none. */
  readonly training?: boolean
  /** The states that a recurrent layer begins with. */
  readonly initialState?: Value | readonly Value[]
  /** Which steps count, `bool` of shape `[batch, time]`; the mask that the input brings by default. */
  readonly mask?: Value
}

/** A call of a layer while its mathematics is traced. */
interface Ongoing {
  /** The layer; undefined in a function of one's own, such as a training step. */
  readonly layer: Layer | undefined
  readonly context: CallContext
}

let ongoing: Ongoing | undefined

/** The masks that values carry from layer to layer. */
const masksOf = new WeakMap<Value, Value>()

/** Does what traces a call: layers applied in it are in its context. */
export function during<T>(layer: Layer | undefined, context: CallContext, work: () => T): T {
  const outer = ongoing
  ongoing = { layer, context }
  try {
    return work()
  } finally {
    ongoing = outer
  }
}

/** The context of the call that goes on; undefined outside of any. */
export function ongoingContext(): CallContext | undefined {
  return ongoing?.context
}

/** Takes note of the masks that values have. */
export function rememberMasks(values: readonly Value[], masks: readonly (Value | undefined)[]): void {
  for (const [i, value] of values.entries()) {
    const mask = masks[i]
    if (mask !== undefined) masksOf.set(value, mask)
  }
}

/** The mask that a value carries. */
export function maskOf(value: Value): Value | undefined {
  return masksOf.get(value)
}

/**
 * Applies a layer to values.
 *
 * @throws OptionError where the layer around does not know it: its weights would be neither trained nor saved.
 */
export function applyToValues(layer: Layer, inputs: readonly Value[], options: ApplyToValuesOptions): Called {
  const outer = ongoing
  if (outer?.layer !== undefined) requireInside(outer.layer, layer)
  const context = outer?.context ?? contextOf(beginTrace(false, constant([getSeed(), 0], 'int32')))
  const { training, initialState, mask } = options
  const given = readGiven(
    `${layer.name}.apply`,
    layer.callOptions,
    options,
    ['initialState', 'mask', 'training'],
    (name, value) => [value].flat().map((item) => asValue(item, name)),
  )
  const inner = context.inner({
    masks: mask === undefined ? inputs.map(maskOf) : [mask],
    initialState: initialState === undefined ? undefined : [initialState].flat().map((state) => asValue(state)),
    given,
    ...(training === undefined ? {} : { training }),
  })
  const scope = currentScope()
  const called = inScope(scope === undefined ? layer.name : `${scope}/${layer.name}`, () =>
    layer.callWith(inputs, inner),
  )
  rememberMasks(called.outputs, called.masks)
  return called
}

function asValue(state: unknown, option = 'initialState'): Value {
  if (state instanceof Value) return state
  throw new OptionError(`apply: ${option}: expected symbolic values, got ${describeValue(state)}`)
}

function requireInside(outer: Layer, layer: Layer): void {
  const holds = (holder: Layer): boolean =>
    holder === layer || holder.innerLayers.some((inner) => inner === layer || holds(inner))
  if (holds(outer)) return
  throw new OptionError(
    `${outer.name}: expected the layer ${layer.name}, which it applies, in one of its fields (not a #private one), so that its weights are trained and saved`,
  )
}
