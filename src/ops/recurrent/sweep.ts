// What the fused recurrent primitives have in common: a layer over a whole sequence is declared by its weights, what of
// each step is kept for the gradient, and one step; the loop, the mask and the way back in time are the same for all.
import { ShapeError } from '../../errors'
import {
  type AttributesOf,
  gradients,
  type PrimitiveNamed,
  primitive,
  type Spec,
  toValue,
  type Value,
  type Work,
} from '../../graph'
import { formatShape, type Shape, sameShape, sizeOf } from '../../tensor'
import { broadcastTo } from '../elementwise/broadcast'
import { add, identity, where } from '../elementwise/elementwise'
import { matmul } from '../matmul'
import { scan } from '../scan'
import { expandDims } from '../shape'

type Sweep = 'lstm' | 'gru' | 'simpleRnn'

/** A recurrent layer over a sequence: F features and H units, whose kernels are `gates` times as wide. */
export interface SweepRule<A> {
  /** What its states are called; the first is also the result of each step. */
  readonly states: readonly string[]
  readonly gates: number
  /** The shape of the bias. */
  bias(units: number, attributes: A): Shape
  /** The bias that is added to the product with the inputs: all of it, unless it says otherwise. */
  inputBias?(bias: Value, attributes: A): Value
  /** The widths, in units, of what a step keeps for the gradient beside its first state. */
  readonly kept: readonly number[]
  /** From the states before a step and the gates' sums with its input: the states after it, whatever the mask says. */
  step(
    before: readonly Value[],
    input: Value,
    weights: { readonly recurrentKernel: Value; readonly bias: Value },
    attributes: A,
  ): {
    readonly after: readonly Value[]
    /** What is kept, given the states as they are with the mask. */
    readonly kept: (next: readonly Value[]) => readonly Value[]
  }
}

/** The primitive of a recurrent layer, and that of its gradient. Its inputs and results stand where it is declared. */
export function sweepPrimitive<N extends Sweep>(name: N, declared: SweepRule<AttributesOf<N>>): PrimitiveNamed<Sweep> {
  const rule = declared as SweepRule<AttributesOf<Sweep>> // the attributes that it is given are those of its own primitive
  const weights = 1 + rule.states.length + 3
  const decompose = (inputs: readonly Value[], attributes: AttributesOf<Sweep>): readonly Value[] =>
    looped(rule, inputs, attributes)

  const gradientPrimitive = primitive<`${Sweep}Gradient`>(`${name}Gradient`, {
    infer: (inputs) => inputs.slice(0, weights).map(({ shape, dtype }) => ({ shape, dtype })),
    decompose: (inputs, { upstreams, ...attributes }) => {
      const count = weights + Number(attributes.masked)
      const given = unlisted(inputs.slice(count + 1 + rule.kept.length), upstreams)
      return decomposedGradients((own) => decompose(own, attributes), inputs.slice(0, count), given, weights)
    },
    work: ({ inputs, outputs }) => workBack(rule, inputs, outputs),
  })

  return primitive<Sweep>(name, {
    infer: (inputs, attributes) => inferred(name, rule, inputs, attributes),
    decompose,
    gradient: ({ inputs, attributes, outputs, upstreams }) => {
      const [ofResults, ofKept] = [1 + rule.states.length, upstreams.slice(1 + rule.states.length)]
      if (ofKept.some((upstream) => upstream !== undefined)) {
        return decomposedGradients((own) => decompose(own, attributes), inputs, upstreams, weights)
      }
      const given = upstreams.slice(0, ofResults)
      const kept = [outputs[0], ...outputs.slice(ofResults)]
      return gradientPrimitive.apply([...inputs, ...kept, ...present(given)], {
        ...attributes,
        upstreams: given.map((upstream) => upstream !== undefined),
      })
    },
    work: ({ inputs }) => workOf(rule, inputs),
  })
}

// ---- the loop -------------------------------------------------------------------------------------------------

function looped<A>(rule: SweepRule<A>, [x, ...rest]: readonly Value[], attributes: A): readonly Value[] {
  const count = rule.states.length
  const [kernel, recurrentKernel, bias, mask] = rest.slice(count)
  const projected = add(matmul(x, kernel), rule.inputBias?.(bias, attributes) ?? bias)
  const [ends, [ys, ...kept]] = scan(
    (before, [input, isKept]) => {
      const made = rule.step(before, input, { recurrentKernel, bias }, attributes)
      // In a row where the mask is false the states stay.
      const next = made.after.map((value, i) => (isKept === undefined ? value : where(isKept, value, before[i])))
      return [next, [next[0], ...made.kept(next)]]
    },
    rest.slice(0, count),
    mask === undefined ? [projected] : [projected, expandDims(mask, -1)],
  )
  return [ys, ...ends, ...kept]
}

/** The gradients of a decomposition for its first `count` inputs, zeros where none flows. */
function decomposedGradients(
  decompose: (inputs: readonly Value[]) => readonly Value[],
  inputs: readonly Value[],
  upstreams: readonly (Value | undefined)[],
  count: number,
): Value[] {
  // Behind an identity each input is a value of its own, even where one depends on another.
  const own = inputs.map((input, i) => (i < count ? identity(input) : input))
  const found = gradients(decompose(own), upstreams, own.slice(0, count))
  return found.map((gradient, i) => gradient ?? broadcastTo(toValue(0, own[i].dtype), own[i].shape))
}

/** The values that are there, in order: how optional inputs are listed. */
function present(values: readonly (Value | undefined)[]): Value[] {
  return values.filter((value) => value !== undefined)
}

/** Puts listed optional inputs back in their places. */
function unlisted(values: readonly Value[], isPresent: readonly boolean[]): (Value | undefined)[] {
  let at = 0
  return isPresent.map((here) => (here ? values[at++] : undefined))
}

// ---- shapes ---------------------------------------------------------------------------------------------------

function inferred<A extends { readonly masked: boolean }>(
  where: string,
  { states, gates, bias, kept }: SweepRule<A>,
  [x, ...rest]: readonly Spec[],
  attributes: A,
): readonly Spec[] {
  const [steps, batch, features] = sequenceShape(where, x)
  const [kernel, recurrentKernel, ofBias, mask] = rest.slice(states.length)
  const units = recurrentKernel.shape[0]
  states.forEach((name, i) => {
    requireShape(where, `the first ${name}`, rest[i], [batch, units])
  })
  requireShape(where, 'a kernel', kernel, [features, gates * units])
  requireShape(where, 'a recurrent kernel', recurrentKernel, [units, gates * units])
  requireShape(where, 'a bias', ofBias, bias(units, attributes))
  if (attributes.masked) requireShape(where, 'a mask', mask, [steps, batch])
  const { dtype } = x
  const each = (width: number): Spec => ({ shape: [steps, batch, width * units], dtype })
  return [each(1), ...states.map(() => ({ shape: [batch, units], dtype })), ...kept.map(each)]
}

function requireShape(where: string, name: string, given: Spec | undefined, shape: Shape): void {
  if (given !== undefined && sameShape(given.shape, shape)) return
  const got = given === undefined ? 'nothing' : formatShape(given.shape)
  throw new ShapeError(`${where}: expected ${name} of shape ${formatShape(shape)}, got ${got}`)
}

/** The lengths of a time-major sequence. */
function sequenceShape(where: string, { shape }: Spec): readonly [steps: number, batch: number, features: number] {
  if (shape.length === 3) return [shape[0], shape[1], shape[2]]
  throw new ShapeError(`${where}: expected a sequence of shape [time, batch, features], got ${formatShape(shape)}`)
}

// ---- work -----------------------------------------------------------------------------------------------------

/** The arithmetic of a step for each gate of a unit, in multiply-adds. */
const gateWork = 16

interface Counts {
  /** How many gates are worked out in all. */
  readonly each: number
  readonly features: number
  readonly units: number
}

function counted<A>({ states, gates }: SweepRule<A>, inputs: readonly Spec[]): Counts {
  const [steps, batch, features] = inputs[0].shape
  const [units] = inputs[2 + states.length].shape
  return { each: sizeOf([steps, batch, gates, units]), features, units }
}

function workOf<A>(rule: SweepRule<A>, inputs: readonly Spec[]): Work {
  const { each, features, units } = counted(rule, inputs)
  return { multiplyAdds: each * (features + units), beside: each * gateWork }
}

/** The gradient of each state, then those of input, kernel and recurrent kernel that are wanted. */
function workBack<A>(rule: SweepRule<A>, inputs: readonly Spec[], outputs: readonly (Spec | undefined)[]): Work {
  const { each, features, units } = counted(rule, inputs)
  const [dx, ...rest] = outputs
  const [dKernel, dRecurrent] = rest.slice(rule.states.length)
  const depth = units + (dx ? features : 0) + (dKernel ? features : 0) + (dRecurrent ? units : 0)
  return { multiplyAdds: each * depth, beside: each * gateWork }
}
