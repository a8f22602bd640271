// Reading and adding by index.
import type { Varying } from '../../openLengths'
import { numberOf } from '../attributes'
import type { Rules, Use } from '../use'

/** Zeros of a shape. */
function zeros(use: Use, shape: readonly Varying[]): string {
  return use.expand(use.emitter.scalar(0, use.dtype), [], shape)
}

/** Adds along one axis: the indices have the shape of what is added. */
function scatterAlongAxis(use: Use): string {
  return use.emit('ScatterElements', [zeros(use, use.outputShape), use.inputs[1], use.inputs[0]], {
    axis: numberOf(use.node, 'axis'),
    reduction: 'add',
  })
}

/** The axes of the indices become one, and each index stands beside everything it moves. */
function scatterAdd(use: Use): string {
  const axis = numberOf(use.node, 'axis')
  const [updates, indices] = [use.shapeOf(0), use.shapeOf(1)]
  const one: Varying = updates[0].map(() => 1)
  const count = one.map((_, k) => indices.reduce((product, length) => product * length[k], 1))
  const flat = [...updates.slice(0, axis), count, ...updates.slice(axis + indices.length)]
  const beside = flat.map((length, i) => (i === axis ? length : one))
  const given = use.reshape(use.inputs[0], updates, flat)
  const places = use.expand(use.reshape(use.inputs[1], indices, beside), beside, flat)
  return use.emit('ScatterElements', [zeros(use, use.outputShape), places, given], { axis, reduction: 'add' })
}

export const indexingRules: Rules = {
  gather: (use) => use.emit('Gather', use.inputs, { axis: numberOf(use.node, 'axis') }),
  takeAlongAxis: (use) => use.emit('GatherElements', use.inputs, { axis: numberOf(use.node, 'axis') }),
  scatterAdd,
  scatterAlongAxis,
}
