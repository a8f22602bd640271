// The shape behind an activation.
import type { Activation } from '../../activations'
import type { DType, PartialShape } from '../../tensor'
import { tracedShape } from '../base/tracedShape'

/**
 * The shape of one sample when the activation is done with it: few change it, as `glu` does, and what a function of one's own
 * does is seen by tracing it.
 */
export function activatedShape(activation: Activation, shape: PartialShape, dtype: DType): PartialShape {
  if (activation.outputShape !== undefined) return activation.outputShape([null, ...shape]).slice(1)
  if (activation.name !== undefined) return shape
  // One input and one output.
  return tracedShape([shape], dtype, ([x]) => activation.call(x)) as PartialShape
}
