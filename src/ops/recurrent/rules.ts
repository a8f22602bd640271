// What the fused recurrent primitives have in common: checks of shapes, masks, and the gradient of a decomposition.
import { ShapeError } from '../../errors'
import { gradients, type Spec, toValue, type Value } from '../../graph'
import { formatShape, type Shape, sameShape } from '../../tensor'
import { broadcastTo } from '../broadcast'
import { identity, where } from '../elementwise'
import { expandDims } from '../shape'

/** Throws a ShapeError unless every named input has the shape expected of it. */
export function checkShapes(where: string, expected: readonly (readonly [string, Spec | undefined, Shape])[]): void {
  for (const [name, given, shape] of expected) {
    if (given !== undefined && sameShape(given.shape, shape)) continue
    const got = given === undefined ? 'nothing' : formatShape(given.shape)
    throw new ShapeError(`${where}: expected ${name} of shape ${formatShape(shape)}, got ${got}`)
  }
}

/** The lengths of a time-major sequence. */
export function sequenceShape(
  where: string,
  { shape }: Spec,
): readonly [steps: number, batch: number, features: number] {
  if (shape.length === 3) return [shape[0], shape[1], shape[2]]
  throw new ShapeError(`${where}: expected a sequence of shape [time, batch, features], got ${formatShape(shape)}`)
}

/** The new state where the mask of this step is true (or there is none), else the state before. */
export function maskedState(mask: Value | undefined, next: Value, before: Value): Value {
  return mask === undefined ? next : where(mask, next, before)
}

/** The sequences of a scan: the projected inputs and, where there is one, the mask with an axis for the units. */
export function withMask(projected: Value, mask: Value | undefined): readonly Value[] {
  return mask === undefined ? [projected] : [projected, expandDims(mask, -1)]
}

/** The values that are there, in order: how optional inputs are listed. */
export function present(values: readonly (Value | undefined)[]): Value[] {
  return values.filter((value) => value !== undefined)
}

/** Puts listed optional inputs back in their places. */
export function unlisted(values: readonly Value[], isPresent: readonly boolean[]): (Value | undefined)[] {
  let at = 0
  return isPresent.map((here) => (here ? values[at++] : undefined))
}

/** The gradients of a decomposition for its first `count` inputs, zeros where none flows. */
export function decomposedGradients(
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
