// What the three standard cells share: their weights, products gate by gate, dropout, and which activations are the
// standard ones that the fused primitives compute.

import type { Activation, ActivationName } from '../../../activations'
import { constant, type Value, type Variable } from '../../../graph'
import { broadcastTo, cast, concatenate, dropoutMask, matmul, mul, slice } from '../../../ops'
import { type PartialShape, type Shape, streamOf, zeros } from '../../../tensor'
import type { CallContext } from '../../base/context'
import { knownLength } from '../../options/checks'
import { addBias, addKernel } from '../../options/kernelOptions'
import { type CellOptions, cellOptions } from '../options'
import type { RecurrentCell } from './cell'

/** The weights of a cell: all gates side by side along the last axis. */
export interface GateWeights {
  /** [features, gates * units]. */
  readonly kernel: Variable
  /** [units, gates * units]. */
  readonly recurrentKernel: Variable
  readonly bias: Variable | undefined
}

/** Adds the weights of a cell with so many gates. */
export function addGateWeights(
  cell: RecurrentCell,
  inputShape: PartialShape,
  units: number,
  gates: number,
  options: CellOptions,
  biasShape: Shape,
): GateWeights {
  const features = knownLength(cell.name, 'features', inputShape, -1)
  return {
    kernel: addKernel(cell, [features, gates * units], options),
    recurrentKernel: cell.addWeight('recurrentKernel', [units, gates * units], {
      initializer: options.recurrentInitializer ?? cellOptions.defaults.recurrentInitializer,
      regularizer: options.recurrentRegularizer,
      constraint: options.recurrentConstraint,
      adapts: true,
    }),
    bias: options.useBias === false ? undefined : addBias(cell, biasShape, options),
  }
}

/** The bias, or zeros where there is none. */
export function biasOf({ bias }: GateWeights, shape: Shape, like: Value): Value {
  return bias === undefined ? constant(zeros(shape, like.dtype)) : bias.value
}

/** Whether it is the activation of that name with its default options. */
export function isStandard(activation: Activation, name: ActivationName): boolean {
  return activation.name === name && activation.isPlain === true
}

/** What is dropped: the inputs or the state. */
export type Dropped = 'dropout' | 'recurrentDropout'

/**
 * What dropout multiplies by, [batch, size]: nothing outside training, one mask for all gates, or (where the state is
 * dropped) one for each. They are drawn once a sequence: all its steps drop the same.
 */
export function gateMasks(
  context: CallContext,
  dropped: Dropped,
  options: CellOptions,
  gates: number,
  batch: number,
  size: number,
  dtype: string,
): readonly Value[] {
  const rate = options[dropped] ?? 0
  if (!context.training || rate === 0) return []
  const float = dtype === 'float64' ? 'float64' : 'float32'
  const count = (options.recurrentDropout ?? 0) === 0 ? 1 : gates
  return Array.from({ length: count }, (_, gate) => {
    if (rate === 1) return broadcastTo(cast(0, float), [batch, size])
    const seed = options.seed === undefined ? undefined : streamOf(`${options.seed} ${dropped} ${gate}`)
    const { state, stream } = context.random(seed)
    return dropoutMask(state, [batch, size], rate, { stream, dtype: float })
  })
}

/** x kernel, with the masks of {@link gateMasks} on x. */
export function gateProduct(x: Value, kernel: Value, masks: readonly Value[]): Value {
  if (masks.length === 0) return matmul(x, kernel)
  if (masks.length === 1) return matmul(mul(x, masks[0]), kernel)
  const [height, width] = kernel.shape
  const units = width / masks.length
  return concatenate(masks.map((mask, gate) => matmul(mul(x, mask), slice(kernel, [0, gate * units], [height, units]))))
}
